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
 * @digest: sum over the VMAs recorded, as in struct mmscope_vma_digest
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

/**
 * struct mmscope_vma_digest - a digest of VMAs in the making
 * @cursor: address at which the next slice resumes; at first, the range's start
 * @end: VMAs that begin at this address or above are left out
 * @sum: of bounds, flags, files and offsets; 0 at first. Flags that do not
 *	describe the mapping are left out: VM_SOFTDIRTY, VM_MAYBE_GUARD
 */
struct mmscope_vma_digest {
	unsigned long cursor;
	unsigned long end;
	u64 sum;
};

bool mmscope_vmas_digest_slice(struct mm_struct *mm,
			       struct mmscope_vma_digest *digest);

#endif
