// SPDX-License-Identifier: GPL-2.0-only
#include "stream/runs.h"

bool kind_present(unsigned int kind)
{
	return kind == MMSCOPE_PRESENT || kind == MMSCOPE_ZERO ||
	       kind == MMSCOPE_PROTNONE || kind == MMSCOPE_NUMA_HINT ||
	       kind == MMSCOPE_UFFD_RWP;
}

static bool kind_is_marker(unsigned int kind)
{
	return kind >= MMSCOPE_MARKER_UFFD_WP && kind <= MMSCOPE_MARKER;
}

bool kind_has_frame(unsigned int kind)
{
	return kind != MMSCOPE_SWAP && !kind_is_marker(kind) &&
	       kind != MMSCOPE_UNKNOWN;
}

bool run_frame_stays(const struct run *run)
{
	return run->kind == MMSCOPE_ZERO || kind_is_marker(run->kind);
}

__u64 run_size(const struct stream *stream, const struct run *run)
{
	return 1ULL << stream->header->level_shift[run->level];
}

__u64 run_end(const struct stream *stream, const struct run *run)
{
	return run->start + run->nr * run_size(stream, run);
}

__u64 run_frame(const struct stream *stream, const struct run *run, __u64 addr)
{
	__u64 pages = (addr - run->start) >> stream->header->page_shift;

	if (run_frame_stays(run))
		pages &= (run_size(stream, run) >> stream->header->page_shift) - 1;
	return run->frame + pages;
}

__u64 run_raw_grown(const struct run *run, __u64 frames)
{
	if (!run->raw_shift)
		return run->raw;
	if (run->raw_shift < 0)
		return run->raw - (frames << -run->raw_shift);
	return run->raw + (frames << run->raw_shift);
}

__u64 run_raw(const struct stream *stream, const struct run *run, __u64 addr)
{
	__u64 first = addr & -run_size(stream, run);

	return run_raw_grown(run, run_frame(stream, run, first) - run->frame);
}

const struct run *run_at(const struct stream *stream, __u64 addr)
{
	size_t low = 0, high = stream->nr_runs;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (run_end(stream, &stream->run[mid]) <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < stream->nr_runs && stream->run[low].start <= addr)
		return &stream->run[low];
	return NULL;
}

bool runs_mergeable(const struct stream *stream, const struct run *run,
		    const struct run *next)
{
	__u64 pages = run->nr * run_size(stream, run) >>
		      stream->header->page_shift;

	if (run_frame_stays(run))
		pages = 0;
	return run_end(stream, run) == next->start && run->kind == next->kind &&
	       run->level == next->level && run->attrs == next->attrs &&
	       run->page == next->page && run->frame + pages == next->frame;
}
