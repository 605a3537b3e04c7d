/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_RUNS_H
#define _MMSCOPE_RUNS_H

#include <linux/types.h>

#include "entry.h"
#include "page.h"
#include "pgwalk.h"
#include "record.h"

struct mmscope_query;

/**
 * struct mmscope_filter - which runs are told
 * @on: not all
 * @facts: page facts are looked up
 * @kinds: 1 << enum mmscope_kind each
 * @levels: 1 << enum mmscope_level each
 * @attrs_set: MMSCOPE_ATTR_* that have to be there
 * @attrs_clear: MMSCOPE_ATTR_* that must not
 * @page_set: page facts that have to be there
 * @page_clear: page facts that must not
 * @frame_start: first frame
 * @frame_end: first frame behind
 */
struct mmscope_filter {
	bool on;
	bool facts;
	u32 kinds;
	u32 levels;
	u16 attrs_set;
	u16 attrs_clear;
	u64 page_set;
	u64 page_clear;
	u64 frame_start;
	u64 frame_end;
};

/**
 * struct mmscope_memo - the last entry decoded whose like are told by raw values
 * @raw: its value
 * @mask: bits of it that hold the frame; those that differ in these alone are
 *	like it
 * @entry: what it is
 * @level: of it; 0: there is none
 */
struct mmscope_memo {
	u64 raw;
	u64 mask;
	struct mmscope_entry entry;
	u8 level;
};

/**
 * struct mmscope_gather - a walk that gathers runs
 * @walk: the walk
 * @filter: what of them is told
 * @buf: takes the runs
 * @run: being gathered; holes are runs of MMSCOPE_NONE, and not recorded
 * @memo: saves decoding
 * @facts: saves looking flags up
 * @expect: raw value that the run's next entry would have
 * @step: by which @expect grows from entry to entry
 * @runs: recorded
 * @entries: in these
 */
struct mmscope_gather {
	struct mmscope_pgwalk walk;
	struct mmscope_filter filter;
	struct mmscope_buf *buf;
	struct mmscope_run run;
	struct mmscope_memo memo;
	struct mmscope_facts facts;
	u64 expect;
	u64 step;
	u64 runs;
	u64 entries;
};

void mmscope_decode(struct mmscope_entry *entry,
		    const struct mmscope_pgwalk *walk,
		    enum mmscope_level level, void *entryp, u64 raw);
void mmscope_filter_set(struct mmscope_filter *filter,
			const struct mmscope_query *query);
void mmscope_gather_start(struct mmscope_gather *gather, struct mm_struct *mm,
			  unsigned long start, unsigned long end);
bool mmscope_gather_slice(struct mmscope_gather *gather,
			  struct mmscope_buf *buf);

#endif
