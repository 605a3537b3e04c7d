// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selecting runs, and parts of runs, by a query.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/mm.h>

#include "entry.h"
#include "filter.h"
#include "record.h"

static bool has_filter(const struct mmscope_query *query)
{
	return query->kinds || query->levels || query->attrs_set ||
	       query->attrs_clear || query->page_set || query->page_clear ||
	       query->frame_end;
}

/**
 * mmscope_filter_valid() - validate the filter of a query
 * @query: the query
 *
 * A filter by undefined bits would select nothing, without an error.
 *
 * Return: true if the filter is valid.
 */
bool mmscope_filter_valid(const struct mmscope_query *query)
{
	const u32 kinds = GENMASK(MMSCOPE_UFFD_RWP, MMSCOPE_PRESENT);
	const u32 levels = GENMASK(MMSCOPE_PGD, MMSCOPE_PTE);
	const u32 attrs = GENMASK(ilog2(MMSCOPE_ATTR_KERNEL_EXEC), 0);
	const u64 facts = MMSCOPE_PAGE_FLAGS | MMSCOPE_PAGE_EXCLUSIVE |
			  MMSCOPE_PAGE_SHARED | MMSCOPE_PAGE_KNOWN |
			  (u64)MMSCOPE_PAGE_NODE(~0ULL) << MMSCOPE_PAGE_NODE_SHIFT;
	u64 page = query->page_set | query->page_clear;

	if (query->kinds & ~kinds || query->levels & ~levels ||
	    (query->attrs_set | query->attrs_clear) & ~attrs)
		return false;
	if ((query->frame_start || query->frame_end) &&
	    query->frame_start >= query->frame_end)
		return false;
	if (page & ~facts ||
	    (page && !(query->flags & MMSCOPE_QUERY_FACTS)))
		return false;
	return query->parts & MMSCOPE_PART_PAGETABLE || !has_filter(query);
}

/**
 * mmscope_filter_set() - set a filter from a query
 * @filter: filled in
 * @query: valid, see mmscope_filter_valid()
 *
 * Where nothing is known of a page, no fact is known to be absent either.
 */
void mmscope_filter_set(struct mmscope_filter *filter,
			const struct mmscope_query *query)
{
	*filter = (struct mmscope_filter){
		.on = has_filter(query),
		.facts = query->flags & MMSCOPE_QUERY_FACTS,
		.kinds = query->kinds ?: U32_MAX,
		.levels = query->levels ?: U32_MAX,
		.attrs_set = query->attrs_set,
		.attrs_clear = query->attrs_clear,
		.page_set = query->page_set |
			    (query->page_clear ? MMSCOPE_PAGE_KNOWN : 0),
		.page_clear = query->page_clear,
		.frame_start = query->frame_start,
		.frame_end = query->frame_end,
	};
}

static u64 pages_of_entry(const struct mmscope_run *run)
{
	return 1ULL << (mmscope_entry_shift(run->level) - PAGE_SHIFT);
}

/* Cut a run down to the entries with a frame in the range of the filter. */
static void cut_frames(const struct mmscope_filter *filter,
		       struct mmscope_run *run)
{
	u64 each = pages_of_entry(run), first = 0, last;

	if (!mmscope_kind_names_frame(run->kind) ||
	    run->frame >= filter->frame_end) {
		run->nr = 0;
		return;
	}
	/* All entries of these runs map one frame. */
	if (!run->raw_shift) {
		if (run->frame + each <= filter->frame_start)
			run->nr = 0;
		return;
	}
	if (filter->frame_start > run->frame)
		first = (filter->frame_start - run->frame) / each;
	/* Rounded up; the end may be any number. */
	last = (filter->frame_end - 1 - run->frame) / each + 1;
	last = min(last, run->nr);
	if (first >= last) {
		run->nr = 0;
		return;
	}
	run->start += first << mmscope_entry_shift(run->level);
	run->frame += first * each;
	run->raw += mmscope_raw_delta(first * each, run->raw_shift);
	run->nr = last - first;
}

/**
 * mmscope_filter_run() - cut a run down to the entries selected
 * @filter: selects them
 * @run: its @nr is 0 if no entry is left
 */
void mmscope_filter_run(const struct mmscope_filter *filter,
			struct mmscope_run *run)
{
	if (!(filter->kinds & BIT(run->kind)) ||
	    !(filter->levels & BIT(run->level)) ||
	    (run->attrs & filter->attrs_set) != filter->attrs_set ||
	    run->attrs & filter->attrs_clear ||
	    (run->page & filter->page_set) != filter->page_set ||
	    run->page & filter->page_clear)
		run->nr = 0;
	else if (filter->frame_end)
		cut_frames(filter, run);
}
