/* SPDX-License-Identifier: GPL-2.0-only */
/* What the architecture keeps of a thread: thread_x86.c, thread_arm64.c */
#ifndef _MMSCOPE_THREAD_H
#define _MMSCOPE_THREAD_H

#include <linux/compiler.h>
#include <linux/types.h>

struct task_struct;

/* A field that the thread changes itself, without a lock, while it runs. */
#define mmscope_racy(field)	data_race(field) /* see above */

bool mmscope_thread_is_32bit(struct task_struct *task);
unsigned long mmscope_thread_tls(struct task_struct *task);
unsigned long mmscope_thread_kernel_sp(struct task_struct *task);

#endif
