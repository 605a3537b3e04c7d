/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_TARGET_H
#define _MMSCOPE_TARGET_H

#include <linux/sched.h>
#include <linux/types.h>

struct file;
struct mm_struct;
struct pid;

/**
 * struct mmscope_target - a task at one moment, and its address space
 * @mm: pinned by mm_count; NULL for a kernel thread
 * @opener: pid of the caller of mmscope_target_pin(); pins its pid namespace
 * @pid: thread id in the pid namespace of that caller
 * @tgid: process id, likewise
 * @flags: MMSCOPE_TASK_*
 * @personality: of the task
 * @start_ns: CLOCK_BOOTTIME of its start
 * @rlimit_stack: soft RLIMIT_STACK in bytes, RLIM_INFINITY for none
 * @comm: the thread's name
 * @threads: number of threads of its process
 */
struct mmscope_target {
	struct mm_struct *mm;
	struct pid *opener;
	pid_t pid;
	pid_t tgid;
	u32 flags;
	u32 personality;
	u64 start_ns;
	u64 rlimit_stack;
	char comm[TASK_COMM_LEN];
	u32 threads;
};

bool mmscope_may_look(const struct file *file);
struct pid *mmscope_pid_get(pid_t nr);
bool mmscope_pid_alive(struct pid *pid);
int mmscope_target_pin(struct mmscope_target *target, struct pid *pid,
		       const struct file *file);
void mmscope_target_unpin(struct mmscope_target *target);

#endif
