/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_HOLD_H
#define _MMSCOPE_HOLD_H

#include <linux/compiler.h>
#include <linux/types.h>

struct mm_struct;

/**
 * struct mmscope_hold - mmap_lock of one mm, from slice to slice
 * @count: how often it was taken
 * @longest_ns: the longest time it was held
 * @ns: when it was taken last
 * @totals: of the mm when it was first taken
 * @changed: the totals were others since
 * @writes: how often others had taken it for writing when it was first taken
 * @written: others took it for writing since, or may have
 */
struct mmscope_hold {
	u64 count;
	u64 longest_ns;
	u64 ns;
	u64 totals;
	bool changed;
	u64 writes;
	bool written;
};

int __must_check mmscope_hold_take(struct mmscope_hold *hold,
				   struct mm_struct *mm);
void mmscope_hold_rebase(struct mmscope_hold *hold, struct mm_struct *mm);
void mmscope_hold_drop(struct mmscope_hold *hold, struct mm_struct *mm);

#endif
