/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_FILTER_H
#define _MMSCOPE_FILTER_H

#include <linux/types.h>

struct mmscope_query;
struct mmscope_run;

/**
 * struct mmscope_filter - selects the entries to report
 * @on: false: report all
 * @facts: report page facts
 * @kinds: mask of 1 << enum mmscope_kind
 * @levels: mask of 1 << enum mmscope_level
 * @attrs_set: MMSCOPE_ATTR_* that have to be set
 * @attrs_clear: MMSCOPE_ATTR_* that have to be clear
 * @page_set: page facts that have to be set
 * @page_clear: page facts that have to be clear
 * @frame_start: first frame
 * @frame_end: end of the frames, exclusive; 0: any frame
 */
struct mmscope_filter {
	bool on;
	bool facts;
	u32 kinds;
	u32 levels;
	u32 attrs_set;
	u32 attrs_clear;
	u64 page_set;
	u64 page_clear;
	u64 frame_start;
	u64 frame_end;
};

bool mmscope_filter_valid(const struct mmscope_query *query);
void mmscope_filter_set(struct mmscope_filter *filter,
			const struct mmscope_query *query);
void mmscope_filter_run(const struct mmscope_filter *filter,
			struct mmscope_run *run);

#endif
