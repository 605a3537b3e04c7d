// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>

#include "die.h"
#include "sizes.h"
#include "stream/ranges.h"
#include "stream/read.h"
#include "stream/runs.h"

struct piece {
	__u64 start;
	__u64 frame;
	__u64 nr;
};

/* The part of a run that is in a range: whole entries that overlap it. */
static struct piece clip(const struct stream *s, const struct run *run,
			 __u64 start, __u64 end)
{
	__u64 size = run_size(s, run), first = 0, last = run->nr;

	if (start > run->start)
		first = (start - run->start) / size;
	if (end < run_end(s, run))
		last = (end - run->start + size - 1) / size;
	return (struct piece){
		run->start + first * size,
		run_frame(s, run, run->start + first * size),
		last - first,
	};
}

static size_t compare_range(const struct stream *whole, pid_t pid, __u64 start,
			    __u64 end)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_PAGETABLE, start, end);
	size_t i, k = 0, differ = 0;

	for (i = 0; i < whole->nr_runs; i++) {
		const struct run *run = &whole->run[i], *is = &s->run[k];
		struct piece piece;

		if (run_end(whole, run) <= start || run->start >= end)
			continue;
		piece = clip(whole, run, start, end);
		if (k++ >= s->nr_runs)
			continue;
		/* For swap, run_frame() adds to the swap offset, which is right. */
		if (is->start != piece.start || is->nr != piece.nr ||
		    is->kind != run->kind || is->level != run->level ||
		    is->attrs != run->attrs ||
		    (is->kind < MMSCOPE_MARKER_UFFD_WP &&
		     is->frame != piece.frame) ||
		    (piece.start == run->start && is->raw != run->raw)) {
			note("%llx-%llx: %llx +%llu frame %llx (%x), not %llx +%llu frame %llx (%x)",
			     start, end, is->start, is->nr, is->frame, is->attrs,
			     piece.start, piece.nr, piece.frame, run->attrs);
			differ++;
		}
	}
	if (k != s->nr_runs) {
		note("%llx-%llx: %zu runs instead of %zu", start, end,
		     s->nr_runs, k);
		differ++;
	}
	stream_free(s);
	return differ;
}

size_t ranges_compare(pid_t pid, __u64 start, __u64 size)
{
	struct stream *whole = stream_get(pid, MMSCOPE_PART_PAGETABLE, 0, 0);
	/* In eighths of the mapping, plus pages, plus bytes. */
	static const struct {
		int eighth, pages, bytes;
	} bound[] = {
		{ 0, -1, 0 }, { 0, 0, 0 }, { 0, 0, 1 }, { 0, 1, 0 },
		{ 1, 0, 0 }, { 1, 1, 904 }, { 3, 0, 0 }, { 3, 0, -1 },
		{ 4, 2, 0 }, { 6, 1, -1 }, { 8, -1, 0 }, { 8, 0, -1 },
		{ 8, 0, 0 }, { 8, 1, 0 },
	};
	/* Each bound begins and ends ranges: the shortest, longer and nearly all. */
	static const size_t apart[] = { 1, 4, 11 };
	__u64 at[ARRAY_SIZE(bound)];
	size_t i, k, differ = 0;

	for (i = 0; i < ARRAY_SIZE(bound); i++)
		at[i] = start + size / 8 * bound[i].eighth +
			bound[i].pages * PAGE + bound[i].bytes;
	for (k = 0; k < ARRAY_SIZE(apart); k++)
		for (i = 0; i + apart[k] < ARRAY_SIZE(bound); i++)
			if (at[i] < at[i + apart[k]])
				differ += compare_range(whole, pid, at[i],
							at[i + apart[k]]);
	stream_free(whole);
	return differ;
}
