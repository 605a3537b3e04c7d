/* SPDX-License-Identifier: GPL-2.0-only */
/* A walk that gathers page-table entries into runs. */
#ifndef _MMSCOPE_GATHER_H
#define _MMSCOPE_GATHER_H

#include <linux/pgtable.h>
#include <linux/types.h>

#include "entry.h"
#include "filter.h"
#include "page.h"
#include "pgwalk.h"
#include "record.h"

/* In instructions, see struct mmscope_pgwalk. */
#define COST_EMPTY	2
#define COST_ALIKE_FACTS 20

/**
 * struct memo - an entry decoded earlier, for others that mean the same
 * @raw: its value
 * @mask: bits of the frame: entries that differ in these alone mean the same
 * @entry: the decoded entry
 * @level: of it; 0: there is none
 */
struct memo {
	u64 raw;
	u64 mask;
	struct mmscope_entry entry;
	u8 level;
};

/* Writable and read-only entries, for example, may take turns. */
#define MEMOS	2

/**
 * struct gather - a walk that gathers runs
 * @walk: the walk
 * @filter: selects the entries to report
 * @buf: takes the runs
 * @run: the current run; its kind is MMSCOPE_NONE if there is none
 * @memo: saves decoding
 * @oldest: the memo to be replaced next
 * @facts: saves the lookup of flags
 * @expect: raw value with which the next entry continues the run
 * @step: by which @expect grows from entry to entry
 * @runs: number of runs recorded
 * @entries: number of entries in them
 */
struct gather {
	struct mmscope_pgwalk walk;
	struct mmscope_filter filter;
	struct mmscope_buf *buf;
	struct mmscope_run run;
	struct memo memo[MEMOS];
	unsigned int oldest;
	struct mmscope_facts facts;
	u64 expect;
	u64 step;
	u64 runs;
	u64 entries;
};

/* The frame, unless the entry holds some bits of it elsewhere. */
static inline u64 frame_in_place(u64 raw)
{
	return (raw & MMSCOPE_FRAME_MASK) >> PAGE_SHIFT;
}

unsigned long mmscope_gather_singles(struct gather *gather, pte_t *ptep,
				     unsigned long addr, unsigned long nr,
				     u64 raw);

#endif
