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

#endif
