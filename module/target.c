// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a number to a pid, from a pid to a task, from a task to its mm; and the
 * rights that this needs.
 */
#include <linux/capability.h>
#include <linux/compiler.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "target.h"
#include "uapi/mmscope.h"

/* Do the opener of @file and the current task both have the capability? */
static bool both_capable(const struct file *file, int cap)
{
	return file_ns_capable(file, &init_user_ns, cap) && capable(cap);
}

/**
 * mmscope_may_look() - may a file be used to pick a process to look at?
 * @file: being opened or written
 *
 * Both the opener and the current task need CAP_SYS_ADMIN. Without the check of
 * the opener, a privileged program could be tricked into writing to a file
 * that was opened for it; without that of the current task, a descriptor that
 * was passed on or kept over setuid() would give power over every process.
 *
 * Context: process context; to be called at open and at each write that picks
 * a process.
 * Return: true if the opener and the current task may.
 */
bool mmscope_may_look(const struct file *file)
{
	return both_capable(file, CAP_SYS_ADMIN);
}

/*
 * The sysctl kptr_restrict is not exported, but %pK obeys it: with 2 it prints
 * zeros for every reader, with 1 for set-user-ID programs and those without
 * CAP_SYSLOG. In other cases it prints the value: that of an error is no secret,
 * and not hashed. Its first digit suffices.
 */
static bool kptr_restricted(void)
{
	char text[2];

	scnprintf(text, sizeof(text), "%pK", ERR_PTR(-EPERM));
	return text[0] == '0';
}

/*
 * The order matters: security_locked_down() logs what it refuses. No lockdown
 * reason is about addresses alone; that of /proc/kcore, which shows them too, is
 * refused at the same level.
 */
static bool may_see_addresses(const struct file *file)
{
	return both_capable(file, CAP_SYSLOG) && !kptr_restricted() &&
	       !security_locked_down(LOCKDOWN_KCORE);
}

/**
 * mmscope_pid_get() - find a pid by its number
 * @nr: in the caller's pid namespace
 *
 * Return: the pid with a reference for put_pid(), or an ERR_PTR: -EINVAL for a
 * number that no pid can have, -ESRCH if there is no such task.
 */
struct pid *mmscope_pid_get(pid_t nr)
{
	struct pid *pid;

	if (nr <= 0 || nr > PID_MAX_LIMIT)
		return ERR_PTR(-EINVAL);
	pid = find_get_pid(nr);
	if (!pid)
		return ERR_PTR(-ESRCH);
	if (mmscope_pid_alive(pid))
		return pid;
	put_pid(pid);
	return ERR_PTR(-ESRCH);
}

/**
 * mmscope_pid_alive() - does a pid still have a task?
 * @pid: with a reference
 *
 * Context: any.
 * Return: true if it does; a zombie counts.
 */
bool mmscope_pid_alive(struct pid *pid)
{
	bool alive;

	rcu_read_lock();
	alive = pid_task(pid, PIDTYPE_PID);
	rcu_read_unlock();
	return alive;
}

/* The main thread may have exited while other threads still use the mm. */
static struct mm_struct *group_mm(struct task_struct *task)
{
	/* Races with changes of task->flags; the tested flag does not change. */
	struct mm_struct *mm = data_race(get_task_mm(task));
	struct task_struct *t;

	if (mm)
		return mm;

	rcu_read_lock();
	for_each_thread(task, t) {
		mm = data_race(get_task_mm(t)); /* as above */
		if (mm)
			break;
	}
	rcu_read_unlock();
	return mm;
}

static void describe(struct mmscope_target *target, struct task_struct *task,
		     const struct file *file)
{
	/* Changed by the task itself, without a lock. */
	unsigned int flags = data_race(task->flags);

	target->pid = task_pid_vnr(task);
	target->tgid = task_tgid_vnr(task);
	target->start_ns = task->start_boottime;
	/* Likewise. */
	target->personality = data_race(task->personality);
	/* One word: the old limit or the new one. */
	target->rlimit_stack = data_race(task_rlimit(task, RLIMIT_STACK));
	/* As in /proc, the name may be half changed. */
	data_race(get_task_comm(target->comm, task));
	/* A reference to the task keeps its signal_struct. */
	target->threads = data_race(get_nr_threads(task));

	target->flags = 0;
	if (flags & PF_KTHREAD)
		target->flags |= MMSCOPE_TASK_KTHREAD;
	if (flags & PF_RANDOMIZE)
		target->flags |= MMSCOPE_TASK_RANDOMIZED;
	if (may_see_addresses(file))
		target->flags |= MMSCOPE_TASK_ADDRESSES;
}

/**
 * mmscope_target_pin() - describe a task and pin its address space
 * @target: filled in
 * @pid: of the task
 * @file: being opened or written; its opener and the current task both need
 *	CAP_SYSLOG to be shown kernel addresses
 *
 * Takes a reference on mm_count only: the address space may die while it is
 * pinned, and does not outlive its users because of mmscope.
 *
 * Context: process context; may sleep.
 * Return: 0; -ESRCH if the task is gone or has given up its mm.
 */
int mmscope_target_pin(struct mmscope_target *target, struct pid *pid,
		       const struct file *file)
{
	struct task_struct *task = get_pid_task(pid, PIDTYPE_PID);
	struct mm_struct *mm = NULL;

	if (!task)
		return -ESRCH;

	describe(target, task, file);
	if (!(target->flags & MMSCOPE_TASK_KTHREAD))
		mm = group_mm(task);
	put_task_struct(task);

	if (!mm && !(target->flags & MMSCOPE_TASK_KTHREAD))
		return -ESRCH;
	target->mm = mm;
	target->opener = get_task_pid(current, PIDTYPE_PID);
	if (mm) {
		mmgrab(mm);
		mmput(mm);
	}
	return 0;
}

/**
 * mmscope_target_unpin() - undo mmscope_target_pin()
 * @target: pinned, or zeroed
 *
 * Context: may sleep.
 */
void mmscope_target_unpin(struct mmscope_target *target)
{
	if (target->mm)
		mmdrop(target->mm);
	target->mm = NULL;
	put_pid(target->opener);
	target->opener = NULL;
}
