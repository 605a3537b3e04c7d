/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_RESIDENCY_H
#define _MMSCOPE_RESIDENCY_H

#include <linux/types.h>

#include "pgwalk.h"

struct mmscope_buf;
struct vm_area_struct;

/**
 * struct mmscope_like - single pages that are counted alike
 * @bits: of their entries, but for the frame; if these are of the frame, there
 *	are none
 * @flags: of the pages
 * @kind: of the pages, see mmscope_page_kind()
 * @class: as which they are counted
 */
struct mmscope_like {
	u64 bits;
	unsigned long flags;
	unsigned int kind;
	unsigned int class;
};

/* Neighbours take turns: what may be written to, and what may not. */
#define MMSCOPE_LIKES	2

/**
 * struct mmscope_resident - a walk that counts what of a VMA is resident
 * @walk: the walk; its budget is that of the whole slice
 * @begun: the last slice ended amid a VMA, which has no record yet
 * @sum: what is counted so far, but for @pending: where the record is to be,
 *	or between two slices in @kept
 * @kept: the same
 * @pss: of pages that are shared, in 1 << PSS_SHIFT of a byte
 * @class: of the pages counted last
 * @pending: how many of them are not in @sum yet
 * @like: saves decoding
 * @oldest: of these, the one to be replaced
 */
struct mmscope_resident {
	struct mmscope_pgwalk walk;
	bool begun;
	struct mmscope_residency *sum;
	struct mmscope_residency kept;
	u64 pss;
	unsigned int class;
	u64 pending;
	struct mmscope_like like[MMSCOPE_LIKES];
	unsigned int oldest;
};

bool mmscope_resident_slice(struct mmscope_resident *res,
			    struct mmscope_buf *buf, struct mm_struct *mm);
bool mmscope_resident_vma(struct mmscope_resident *res, struct mmscope_buf *buf,
			  struct vm_area_struct *vma, unsigned long start);

#endif
