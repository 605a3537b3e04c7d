/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_PGWALK_H
#define _MMSCOPE_PGWALK_H

#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/types.h>

#include "uapi/mmscope.h"

struct file;
struct mm_struct;
struct mmscope_pgwalk;
struct vm_area_struct;

/*
 * Return values of callbacks. STOP ends the slice. REREAD: the entry changed, the
 * walk reads it again.
 */
enum { MMSCOPE_GO_ON, MMSCOPE_STOP, MMSCOPE_REREAD };

/**
 * struct mmscope_leaf - an entry above the PTEs that leads to no table
 * @addr: first address of the range asked for that it maps
 * @end: end of the range asked for that it maps, exclusive
 * @level: at which it was tested; see mmscope_shown_level()
 * @entryp: its place in the table
 * @raw: its value, read once
 * @bad: not a valid entry of that level
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
 * struct mmscope_pgwalk_ops - callbacks of a walk
 * @vma: a VMA begins, or is resumed at an address; may be NULL
 * @table: an entry leads to a table, which is entered; may be NULL. Called once
 *	for each VMA the table maps, and again if a slice ended in the table
 * @hole: an empty entry above the PTEs; may be NULL
 * @leaf: any other entry above the PTEs that leads to no table
 * @more: return how many of @nr PMDs, each wanted as a whole, continue what was
 *	reported before, by their raw values; may be NULL
 * @ptes: PTEs of one table
 *
 * A callback that returns MMSCOPE_STOP sets the cursor to where the next slice
 * has to resume. Only @leaf may return MMSCOPE_REREAD.
 *
 * Locking: mmap_lock is held in all of them. @table, if @level is MMSCOPE_PMD,
 * and @ptes run in an RCU section, and under the table's lock if the walk is
 * @locked. The others may sleep.
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
 * @ops: callbacks; they find their own data around this struct
 * @mm: owner of the tables
 * @vma: the VMA being walked, while mmap_lock is held
 * @cursor: address at which the next slice resumes
 * @end: address at which the walk ends, exclusive
 * @budget: instructions this slice may still spend, roughly; callbacks charge
 *	for their work
 * @digest: sum of mmscope_vma_digest() over the VMAs that are complete
 * @locked: take the lock of each table of PTEs
 * @blocked: file whose i_mmap lock stopped the slice, with a reference; see
 *	mmscope_pgwalk_wait()
 * @pmds: the table of PMDs walked last, while mmap_lock is held and @ops has no
 *	@table; or NULL
 * @pmds_start: first address that table maps
 * @pmd: the last entry that led to a table of PTEs
 * @ptes: that table; derived from @pmd alone
 * @block: the contiguous block decoded last in this slice, see mmscope_decode()
 * @block_attrs: attributes of that block
 */
struct mmscope_pgwalk {
	const struct mmscope_pgwalk_ops *ops;
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	unsigned long cursor;
	unsigned long end;
	long budget;
	u64 digest;
	bool locked;
	struct file *blocked;
	pmd_t *pmds;
	unsigned long pmds_start;
	u64 pmd;
	pte_t *ptes;
	const u64 *block;
	u32 block_attrs;
};

/* Work of a slice, in instructions. Callbacks charge for entries they read. */
#define MMSCOPE_SLICE_BUDGET	100000

/**
 * mmscope_pgwalk_over() - is this slice over?
 * @walk: the walk
 *
 * A slice yields to waiters for mmap_lock only after half of its budget, so
 * that the walk makes progress even if there is always a waiter.
 *
 * Context: mmap_lock held.
 * Return: true if the slice has to end.
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
int __must_check mmscope_pgwalk_wait(struct mmscope_pgwalk *walk);

#endif
