// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmap_lock, held for one slice at a time.
 */
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/sched/mm.h>

#include "compat/mm.h"
#include "hold.h"

/**
 * mmscope_hold_take() - take mmap_lock for reading
 * @hold: counts it
 * @mm: pinned by mm_count
 *
 * Context: may sleep.
 * Return: 0; -ESRCH if the address space is gone; -EINTR if the reader was
 * killed while it waited.
 */
int mmscope_hold_take(struct mmscope_hold *hold, struct mm_struct *mm)
{
	if (!mmget_not_zero(mm))
		return -ESRCH;
	if (mmap_read_lock_killable(mm)) {
		mmput(mm);
		return -EINTR;
	}
	hold->ns = ktime_get_ns();

	if (!hold->count++)
		mmscope_hold_rebase(hold, mm);
	hold->written |= hold->writes != mmscope_mm_writes(mm);
	hold->changed |= hold->totals != mmscope_mm_totals(mm);
	return 0;
}

/**
 * mmscope_hold_rebase() - forget the changes that were seen so far
 * @hold: of mmap_lock
 * @mm: whose lock it is
 *
 * Context: mmap_lock held.
 */
void mmscope_hold_rebase(struct mmscope_hold *hold, struct mm_struct *mm)
{
	hold->writes = mmscope_mm_writes(mm);
	hold->totals = mmscope_mm_totals(mm);
	hold->written = false;
	hold->changed = false;
}

/**
 * mmscope_hold_drop() - drop mmap_lock
 * @hold: records how long it was held
 * @mm: whose lock it is
 *
 * Context: may sleep: the last user of an address space frees it.
 */
void mmscope_hold_drop(struct mmscope_hold *hold, struct mm_struct *mm)
{
	u64 ns = ktime_get_ns() - hold->ns;

	mmap_read_unlock(mm);
	mmput(mm);
	if (ns > hold->longest_ns)
		hold->longest_ns = ns;
}
