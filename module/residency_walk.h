/* SPDX-License-Identifier: GPL-2.0-only */
/* Counting the resident pages that entries map; residency.c makes records. */
#ifndef _MMSCOPE_RESIDENCY_WALK_H
#define _MMSCOPE_RESIDENCY_WALK_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/pgtable.h>
#include <linux/types.h>

#include "pgwalk.h"
#include "uapi/mmscope.h"

/* Classes of pages. */
#define ANON		BIT(0)
#define SWAPBACKED	BIT(1)
#define DIRTY		BIT(2)
#define ACCESSED	BIT(3)
#define SHARED		BIT(4)
#define HUGETLB		BIT(5)
#define CONT		BIT(6)

/* As in fs/proc: the rest of a division by the number of mappings is lost. */
#define PSS_SHIFT	12

/**
 * struct mmscope_like - what PTEs with equal bits come to
 * @bits: of the entries, without the frame; equal to the mask of the frame if
 *	there are none
 * @entry: class of their pages as far as the entry decides
 * @flags: of the single page seen last with such an entry
 * @kind: of that page, see mmscope_page_kind()
 * @class: of that page, but for how often it is mapped
 */
struct mmscope_like {
	u64 bits;
	unsigned int entry;
	unsigned long flags;
	unsigned int kind;
	unsigned int class;
};

/* Writable and read-only pages, for example, may take turns. */
#define MMSCOPE_LIKES	2

/**
 * struct mmscope_resident - a walk that counts resident pages, VMA by VMA
 * @walk: the walk; its budget is that of the whole slice
 * @begun: the last slice ended in the middle of a VMA, which has no record yet
 * @sum: what is counted so far, without @pending: the place of the record, or
 *	@kept between two slices
 * @kept: see @sum
 * @pss: of shared pages, in 1 << PSS_SHIFT of a byte
 * @class: of the pages counted last
 * @pending: the number of these that are not in @sum yet
 * @like: saves decoding
 * @oldest: the one of these to be replaced next
 * @zero: value of the PTE seen last that maps the page of zeroes; 0: none
 * @hugetlb_exclusive: pages of hugetlb that are mapped here alone, in all VMAs
 * @vmas: mmscope_resident_range(): number of VMAs so far
 * @reserved: mmscope_resident_range(): bytes of these
 * @seen: mmscope_resident_range(): exclusive end of the last one
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
	u64 zero;
	u64 hugetlb_exclusive;
	u64 vmas;
	u64 reserved;
	unsigned long seen;
};

static inline struct mmscope_resident *
mmscope_resident_of(struct mmscope_pgwalk *walk)
{
	return container_of(walk, struct mmscope_resident, walk);
}

static inline void mmscope_settle_hugetlb(struct mmscope_resident *res,
					  unsigned int class, u64 nr)
{
	res->sum->hugetlb += nr;
	if (!(class & SHARED))
		res->hugetlb_exclusive += nr;
}

/**
 * mmscope_resident_settle() - add the pages of the class counted last to the sums
 * @res: the walk
 *
 * Inline: it runs for each VMA.
 */
static __always_inline void mmscope_resident_settle(struct mmscope_resident *res)
{
	struct mmscope_residency *sum = res->sum;
	unsigned int class = res->class;
	u64 nr = res->pending;

	res->pending = 0;
	if (class & HUGETLB)
		mmscope_settle_hugetlb(res, class, nr);
	else if (class & ANON)
		sum->anon += nr;
	else if (class & SWAPBACKED)
		sum->shmem += nr;
	else
		sum->file += nr;
	if (class & SHARED)
		sum->shared += nr;
	else
		sum->exclusive += nr;
	if (class & DIRTY)
		sum->dirty += nr;
	if (class & ACCESSED)
		sum->accessed += nr;
	if (class & CONT)
		sum->cont += nr;
}

void mmscope_resident_forget(struct mmscope_resident *res);
int mmscope_resident_leaf(struct mmscope_pgwalk *walk,
			  const struct mmscope_leaf *leaf);
int mmscope_resident_ptes(struct mmscope_pgwalk *walk, pte_t *ptep,
			  unsigned long addr, unsigned long end);

#endif
