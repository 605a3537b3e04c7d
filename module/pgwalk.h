/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_PGWALK_H
#define _MMSCOPE_PGWALK_H

#include <linux/types.h>

#include "uapi/mmscope.h"

struct mm_struct;
struct mmscope_buf;
struct vm_area_struct;

/**
 * struct mmscope_pgwalk - a walk over page tables, in slices
 * @mm: whose tables
 * @buf: takes the runs
 * @trace: takes the steps down to one address, or NULL
 * @vma: the VMA being walked, while mmap_lock is held
 * @cursor: address at which the next slice goes on
 * @end: address at which the walk ends
 * @budget: work this slice may still do, in entries looked at
 * @run: being gathered; holes are runs of MMSCOPE_NONE, and not recorded
 * @expect: raw value that the run's next entry would have
 * @step: by which @expect grows from entry to entry
 * @runs: recorded
 * @entries: in these
 */
struct mmscope_pgwalk {
	struct mm_struct *mm;
	struct mmscope_buf *buf;
	struct mmscope_walk *trace;
	struct vm_area_struct *vma;
	unsigned long cursor;
	unsigned long end;
	long budget;
	struct mmscope_run run;
	u64 expect;
	u64 step;
	u64 runs;
	u64 entries;
};

void mmscope_pgwalk_start(struct mmscope_pgwalk *walk, struct mm_struct *mm,
			  unsigned long start, unsigned long end);
bool mmscope_pgwalk_slice(struct mmscope_pgwalk *walk, struct mmscope_buf *buf);
void mmscope_translate(struct mmscope_walk *rec, struct vm_area_struct *vma,
		       unsigned long addr);
void mmscope_levels(struct mm_struct *mm, struct mmscope_header *header);

#endif
