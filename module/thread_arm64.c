// SPDX-License-Identifier: GPL-2.0-only
/*
 * What arm64 keeps of a thread. A running thread may change all of it meanwhile:
 * the caller finds out whether it did.
 */
#include <linux/compiler.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>

#include <asm/processor.h>
#include <asm/sysreg.h>

#include "thread.h"

/**
 * mmscope_thread_is_32bit() - does a thread run 32-bit code?
 * @task: runs user code, and its kernel stack is pinned
 *
 * Context: any.
 * Return: true if it did at its last entry into the kernel.
 */
bool mmscope_thread_is_32bit(struct task_struct *task)
{
	return mmscope_racy(compat_user_mode(task_pt_regs(task)));
}

/**
 * mmscope_thread_tls() - base of a thread's TLS
 * @task: its kernel stack is pinned
 *
 * The register of 32-bit code is written by the kernel only, from the same field.
 *
 * Context: any.
 * Return: the base; if the thread runs, that of when it was last off a CPU.
 */
unsigned long mmscope_thread_tls(struct task_struct *task)
{
	if (task == current && !mmscope_thread_is_32bit(task))
		return read_sysreg(tpidr_el0);
	return mmscope_racy(task->thread.uw.tp_value);
}

/**
 * mmscope_thread_kernel_sp() - kernel stack pointer of a thread off a CPU
 * @task: the thread
 *
 * Context: any.
 * Return: the stack pointer that the next switch to the thread loads.
 */
unsigned long mmscope_thread_kernel_sp(struct task_struct *task)
{
	return mmscope_racy(thread_saved_sp(task));
}
