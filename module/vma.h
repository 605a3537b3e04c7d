/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_VMA_H
#define _MMSCOPE_VMA_H

#include <linux/types.h>

#include "residency.h"

struct mm_struct;

/**
 * struct mmscope_vma_list - the VMAs of an address space, between two slices
 * @cursor: address at which the next slice resumes
 * @end: VMAs that begin at this address or above are left out
 * @residency: also count what of each VMA is resident
 * @consistent: record all VMAs in one slice, as long as there is room
 * @count: VMAs recorded
 * @digest: sum of mmscope_vma_digest() over the VMAs recorded
 * @resident: counts
 */
struct mmscope_vma_list {
	unsigned long cursor;
	unsigned long end;
	bool residency;
	bool consistent;
	u64 count;
	u64 digest;
	struct mmscope_resident resident;
};

#endif
