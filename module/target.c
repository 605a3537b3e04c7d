// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a number to a pid, from a pid to a task, from a task to its mm; and who
 * may ask.
 */
#include <linux/capability.h>
#include <linux/compiler.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>

#include "target.h"
#include "uapi/mmscope.h"

/**
 * mmscope_may_look() - may the opener of a file see other tasks' memory layout?
 * @file: as it was opened
 *
 * It is the opener's right that counts, not that of whoever uses the
 * descriptor, so that neither passing one on nor tricking a privileged program
 * into using one gains anything.
 *
 * Return: whether it may.
 */
bool mmscope_may_look(const struct file *file)
{
	return file_ns_capable(file, &init_user_ns, CAP_SYS_ADMIN);
}

/**
 * mmscope_pid_get() - find a pid by its number
 * @nr: in the caller's pid namespace
 *
 * Return: the pid with a reference for put_pid(), or an ERR_PTR: -EINVAL for a
 * number that can be none, -ESRCH if there is no such task.
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
 * mmscope_pid_alive() - is there still a task behind a pid?
 * @pid: with a reference
 *
 * Context: may be called anywhere.
 * Return: whether there is; a zombie is one.
 */
bool mmscope_pid_alive(struct pid *pid)
{
	bool alive;

	rcu_read_lock();
	alive = pid_task(pid, PIDTYPE_PID);
	rcu_read_unlock();
	return alive;
}

/* A main thread may have exited, and left its mm to the others. */
static struct mm_struct *group_mm(struct task_struct *task)
{
	/* Of flags that the task changes, it looks at one that stays. */
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
	/* Changed by the task itself, with no lock. */
	unsigned int flags = data_race(task->flags);

	target->pid = task_pid_vnr(task);
	target->tgid = task_tgid_vnr(task);
	target->start_ns = task->start_boottime;
	/* So is this, ... */
	target->personality = data_race(task->personality);
	/* ... this is one word, old or new, ... */
	target->rlimit_stack = data_race(task_rlimit(task, RLIMIT_STACK));
	/* ... and a name may be seen half changed, as in /proc. */
	data_race(get_task_comm(target->comm, task));

	target->flags = 0;
	if (flags & PF_KTHREAD)
		target->flags |= MMSCOPE_TASK_KTHREAD;
	if (flags & PF_RANDOMIZE)
		target->flags |= MMSCOPE_TASK_RANDOMIZED;
	if (file_ns_capable(file, &init_user_ns, CAP_SYSLOG))
		target->flags |= MMSCOPE_TASK_ADDRESSES;
}

/**
 * mmscope_target_pin() - take down who a task is, and pin its address space
 * @target: filled in
 * @pid: of the task
 * @file: being opened or written; its opener decides on kernel addresses
 *
 * Only mm_count is taken: the address space may die while it is pinned, and
 * does not outlive its users for our sake.
 *
 * Context: may sleep.
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

	target->mm = mm;
	if (mm) {
		mmgrab(mm);
		mmput(mm);
		return 0;
	}
	return target->flags & MMSCOPE_TASK_KTHREAD ? 0 : -ESRCH;
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
}
