/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_RUNS_H
#define _MMSCOPE_RUNS_H

#include <linux/types.h>

#include "entry.h"
#include "filter.h"
#include "page.h"
#include "pgwalk.h"
#include "record.h"

/**
 * struct mmscope_memo - an entry decoded earlier, for others that mean the same
 * @raw: its value
 * @mask: bits of the frame: entries that differ in these alone mean the same
 * @entry: the decoded entry
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
 * @filter: selects the entries to report
 * @buf: takes the runs
 * @run: the current run; its kind is MMSCOPE_NONE if there is none
 * @memo: saves decoding
 * @facts: saves the lookup of flags
 * @expect: raw value with which the next entry continues the run
 * @step: by which @expect grows from entry to entry
 * @runs: number of runs recorded
 * @entries: number of entries in them
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

#endif
