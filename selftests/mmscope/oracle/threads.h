/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads of a process, as /proc/PID/task reports them. */
#ifndef THREADS_H
#define THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "stream/stream.h"

/**
 * struct thread_stat - fields of /proc/PID/task/TID/stat
 * @comm: name
 * @state: as printed
 * @start: when it started, in clock ticks
 */
struct thread_stat {
	char comm[64];
	char state;
	unsigned long long start;
};

struct thread_stat proc_thread_stat(pid_t pid, pid_t tid);
/* The ids of all threads of a process, in ascending order; free() them. */
pid_t *proc_thread_ids(pid_t pid, size_t *nr);
/* Does that thread sleep? One that has ended does not. */
bool proc_thread_sleeps(pid_t pid, pid_t tid);
/* Is that thread on a CPU, or does it wait for one? */
bool proc_thread_runs(pid_t pid, pid_t tid);
/* Registers of user mode; dies if the thread runs. */
void proc_thread_registers(pid_t pid, pid_t tid, unsigned long *sp,
			   unsigned long *ip);
/* The states of threads that sleep or are stopped begin while they are on a CPU. */
void threads_await_off_cpu(pid_t pid);

/* Return: how many of the threads of a process are not as in /proc. */
size_t threads_compare_ids(const struct stream *s, pid_t pid);
/* The same for ids, names, states and registers; the process has to be stopped. */
size_t threads_compare(pid_t pid);

#endif
