/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_PGWALK_H
#define _MMSCOPE_PGWALK_H

#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/types.h>

#include "uapi/mmscope.h"

struct mm_struct;
struct mmscope_pgwalk;
struct vm_area_struct;

/* What whoever looks answers: STOP ends the slice. */
enum { MMSCOPE_GO_ON, MMSCOPE_STOP };

/**
 * struct mmscope_leaf - an entry above the PTEs that leads to no table
 * @addr: first address asked for that it maps
 * @end: first address behind these
 * @level: at which it was tested
 * @entryp: where it stands
 * @raw: its value, read once
 * @bad: it is not what an entry of that level can be
 */
struct mmscope_leaf {
	unsigned long addr;
	unsigned long end;
	enum mmscope_level level;
	void *entryp;
	u64 raw;
	bool bad;
};

/**
 * struct mmscope_pgwalk_ops - who looks at what a walk comes by
 * @vma: a VMA begins, or goes on at an address; may be NULL
 * @table: an entry leads to a table that is entered; may be NULL. A table is
 *	entered once for each VMA it maps, and once more if a slice ended in it
 * @hole: an empty entry above the PTEs; may be NULL
 * @leaf: any other entry above the PTEs
 * @more: how many of some PMDs, each asked for as a whole, are but more of what
 *	came before, by their raw values; may be NULL
 * @ptes: PTEs of one table. In an RCU section, and under the lock of the table
 *	if the walk is @locked
 *
 * Whoever stops sets the walk's cursor to where the next slice goes on.
 */
struct mmscope_pgwalk_ops {
	int (*vma)(struct mmscope_pgwalk *walk, struct vm_area_struct *vma,
		   unsigned long addr);
	void (*table)(struct mmscope_pgwalk *walk, enum mmscope_level level,
		      void *entryp, u64 raw);
	int (*hole)(struct mmscope_pgwalk *walk,
		    const struct mmscope_leaf *none);
	int (*leaf)(struct mmscope_pgwalk *walk,
		    const struct mmscope_leaf *leaf);
	unsigned long (*more)(struct mmscope_pgwalk *walk, const pmd_t *pmdp,
			      unsigned long nr);
	int (*ptes)(struct mmscope_pgwalk *walk, pte_t *ptep,
		    unsigned long addr, unsigned long end);
};

/**
 * struct mmscope_pgwalk - a walk over page tables, in slices
 * @ops: who looks; finds its own data around this struct
 * @mm: whose tables
 * @vma: the VMA being walked, while mmap_lock is held
 * @cursor: address at which the next slice goes on
 * @end: address at which the walk ends
 * @budget: instructions this slice may still spend, roughly; @ops charge for
 *	what they do
 * @locked: take the lock of each table of PTEs
 * @pmds: of the table of PMDs that the walk was in last, while mmap_lock is held
 *	and nobody looks at tables; or NULL
 * @pmds_start: first address that table maps
 * @pmd: the last that led to a table of PTEs
 * @ptes: the first of these; follows from @pmd alone, as does that there are some
 */
struct mmscope_pgwalk {
	const struct mmscope_pgwalk_ops *ops;
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	unsigned long cursor;
	unsigned long end;
	long budget;
	bool locked;
	pmd_t *pmds;
	unsigned long pmds_start;
	u64 pmd;
	pte_t *ptes;
};

/*
 * Work of a slice, in instructions as far as these can be told before. What
 * looks at entries charges for it.
 */
#define MMSCOPE_SLICE_BUDGET	100000

/**
 * mmscope_pgwalk_over() - is this slice over?
 * @walk: the walk
 *
 * It gives way to others only when half done: where somebody always waits it has
 * to get on all the same.
 *
 * Context: mmap_lock held.
 * Return: whether it is.
 */
static inline bool mmscope_pgwalk_over(const struct mmscope_pgwalk *walk)
{
	return walk->budget <= MMSCOPE_SLICE_BUDGET / 2 &&
	       (walk->budget <= 0 || mmap_lock_is_contended(walk->mm));
}

void mmscope_pgwalk_start(struct mmscope_pgwalk *walk,
			  const struct mmscope_pgwalk_ops *ops,
			  struct mm_struct *mm, unsigned long start,
			  unsigned long end);
void mmscope_pgwalk_refill(struct mmscope_pgwalk *walk);
bool mmscope_pgwalk_slice(struct mmscope_pgwalk *walk);
int mmscope_pgwalk_vma(struct mmscope_pgwalk *walk, struct vm_area_struct *vma,
		       unsigned long addr, unsigned long end);
enum mmscope_level mmscope_pgwalk_level(const struct mmscope_pgwalk *walk,
					enum mmscope_level level);
void mmscope_levels(struct mm_struct *mm, struct mmscope_header *header);

#endif
