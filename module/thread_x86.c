// SPDX-License-Identifier: GPL-2.0-only
/*
 * What x86 keeps of a thread. A running thread may change all of it meanwhile: the
 * caller finds out whether it did.
 */
#include <linux/compiler.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>

#include <asm/desc.h>
#include <asm/fsgsbase.h>
#include <asm/processor.h>
#include <asm/segment.h>

#include "thread.h"

/* Bits of a selector below the number of the descriptor. */
#define SELECTOR_SHIFT	3

/**
 * mmscope_thread_is_32bit() - does a thread run 32-bit code?
 * @task: runs user code, and its kernel stack is pinned
 *
 * 64-bit code has one selector only; that of 32-bit code may be in an LDT.
 *
 * Context: any.
 * Return: true if it did at its last entry into the kernel.
 */
bool mmscope_thread_is_32bit(struct task_struct *task)
{
	return mmscope_racy(task_pt_regs(task)->cs) != __USER_CS;
}

/* Is it the selector of a descriptor that set_thread_area() sets? */
static bool selects_tls(unsigned int selector)
{
	unsigned int nr = selector >> SELECTOR_SHIFT;

	return !(selector & SEGMENT_TI_MASK) && nr >= GDT_ENTRY_TLS_MIN &&
	       nr <= GDT_ENTRY_TLS_MAX;
}

static unsigned long selected_base(struct task_struct *task,
				   unsigned int selector)
{
	unsigned int nr = (selector >> SELECTOR_SHIFT) - GDT_ENTRY_TLS_MIN;

	return mmscope_racy(get_desc_base(&task->thread.tls_array[nr]));
}

/* The i386 ABI has the selector in GS. */
static unsigned long tls_32bit(struct task_struct *task)
{
	unsigned int selector = mmscope_racy(task->thread.gsindex);

	if (task == current)
		savesegment(gs, selector);
	return selects_tls(selector) ? selected_base(task, selector) : 0;
}

/**
 * mmscope_thread_tls() - base of a thread's TLS
 * @task: its kernel stack is pinned
 *
 * Context: any.
 * Return: the base; if the thread runs, that of when it was last off a CPU.
 */
unsigned long mmscope_thread_tls(struct task_struct *task)
{
	unsigned int selector = mmscope_racy(task->thread.fsindex);

	if (mmscope_thread_is_32bit(task))
		return tls_32bit(task);
	if (task == current)
		return x86_fsbase_read_cpu();
	if (selects_tls(selector))
		return selected_base(task, selector);
	return mmscope_racy(task->thread.fsbase);
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
	return mmscope_racy(task->thread.sp);
}
