/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_RESIDENCY_H
#define _MMSCOPE_RESIDENCY_H

#include <linux/types.h>

#include "pgwalk.h"

struct mmscope_buf;
struct vm_area_struct;

/**
 * struct mmscope_resident - a walk that counts what of a VMA is resident
 * @walk: the walk; its budget is that of the whole slice
 * @begun: a VMA is being counted, and has no record yet
 * @sum: what is counted so far, but for @pending
 * @pss: of pages that are shared, in 1 << PSS_SHIFT of a byte
 * @class: of the pages counted last
 * @pending: how many of them are not in @sum yet
 * @raw: entry of the page counted last, if that is a single one of its own; 0:
 *	it is not
 * @flags: of that page
 * @kind: of that page, see mmscope_page_kind()
 */
struct mmscope_resident {
	struct mmscope_pgwalk walk;
	bool begun;
	struct mmscope_residency sum;
	u64 pss;
	unsigned int class;
	u64 pending;
	u64 raw;
	unsigned long flags;
	unsigned int kind;
};

bool mmscope_resident_vma(struct mmscope_resident *res, struct mmscope_buf *buf,
			  struct vm_area_struct *vma, unsigned long start);
bool mmscope_resident_rest(struct mmscope_resident *res,
			   struct mmscope_buf *buf);

#endif
