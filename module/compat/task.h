/* SPDX-License-Identifier: GPL-2.0-only */
/* What older kernels lack of struct task_struct, under its newest names. */
#ifndef _MMSCOPE_COMPAT_TASK_H
#define _MMSCOPE_COMPAT_TASK_H

#include <linux/idr.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>

#ifndef PF_USER_WORKER		/* since 6.4; before, only io_uring had such */
#define PF_USER_WORKER		PF_IO_WORKER
#endif

/* The shadow stack that the kernel allocated for a thread. */
#if defined(CONFIG_X86_USER_SHADOW_STACK)	/* since 6.6 */
#define mmscope_shadow_start(task)	((task)->thread.shstk.base)
#define mmscope_shadow_size(task)	((task)->thread.shstk.size)
#elif defined(CONFIG_ARM64_GCS)			/* since 6.13 */
#define mmscope_shadow_start(task)	((task)->thread.gcs_base)
#define mmscope_shadow_size(task)	((task)->thread.gcs_size)
#else
#define mmscope_shadow_start(task)	0
#define mmscope_shadow_size(task)	0
#endif

/*
 * Is the task on a CPU? If not, the registers that it saved are visible. On a
 * machine with one CPU, only the current task can be.
 */
static inline bool mmscope_on_cpu(const struct task_struct *task)
{
#ifdef CONFIG_SMP
	/* Pairs with the release after the registers were saved. */
	return smp_load_acquire(&task->on_cpu);
#else
	return task == current;
#endif
}

/*
 * The first pid from @nr up, or NULL; sets @nr to its number. As find_ge_pid(),
 * which is exported since 5.12.
 */
static inline struct pid *mmscope_next_pid(struct pid_namespace *ns, int *nr)
{
	return idr_get_next(&ns->idr, nr);
}

#endif
