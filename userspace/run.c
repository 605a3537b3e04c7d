// SPDX-License-Identifier: GPL-2.0-only
#include "run.h"

/* Differences of frames may be negative: all of it is modulo 2^64. */
static uint64_t raw_behind(uint64_t raw, int shift, uint64_t frames)
{
	if (!shift)
		return raw;
	return shift > 0 ? raw + (frames << shift) : raw - (frames << -shift);
}

/* With a contiguous hint, the processor sets bits in any one entry. */
static bool follows(const struct run *run)
{
	return !(run->attrs & MMSCOPE_ATTR_CONT);
}

/**
 * unpack_next - the next run of a record
 * @u: @h and @rec are set, @at is 0 for the first one
 * @run: the run
 *
 * Return: false if there is none
 */
bool unpack_next(struct unpack *u, struct run *run)
{
	const struct mmscope_runs *runs = &u->rec->runs;
	uint64_t word, first;

	if (u->at >= runs->nr)
		return false;
	word = record_word(u->rec, u->at);
	first = MMSCOPE_RUN_FRAME(record_word(u->rec, 0));
	*run = (struct run){
		.start = runs->start + (MMSCOPE_RUN_INDEX(word)
				       << u->h->level_shift[runs->level]),
		.frame = MMSCOPE_RUN_FRAME(word),
		.page = runs->page,
		.nr = 1,
		.attrs = runs->attrs,
		.level = runs->level,
		.kind = runs->kind,
		.raw_shift = runs->raw_shift,
	};
	run->raw = raw_behind(runs->raw, runs->raw_shift,
			      run->frame - first);
	run->has_raw = !u->at || follows(run);
	u->at++;
	if (word & MMSCOPE_RUN_LONG)
		run->nr = record_word(u->rec, u->at++);
	return true;
}

/**
 * run_last - last address a run maps
 * @h: the stream's header
 * @run: a run
 *
 * Return: the address; inclusive, as a run may end with the address space
 */
uint64_t run_last(const struct mmscope_header *h, const struct run *run)
{
	return run->start + (run->nr << h->level_shift[run->level]) - 1;
}

/**
 * run_frames - by how much the frame grows from entry to entry
 * @h: the stream's header
 * @run: a run
 *
 * Return: base pages, 0 if all entries have the same frame
 */
uint64_t run_frames(const struct mmscope_header *h, const struct run *run)
{
	if (!run->raw_shift)
		return 0;
	return 1ULL << (h->level_shift[run->level] - h->page_shift);
}

/**
 * run_part - some entries of a run
 * @h: the stream's header
 * @run: the run
 * @index: first entry, below @run->nr
 * @nr: how many, no more than there are
 *
 * Return: them, as a run
 */
struct run run_part(const struct mmscope_header *h, const struct run *run,
		    uint64_t index, uint64_t nr)
{
	uint64_t frames = index * run_frames(h, run);
	struct run part = *run;

	part.start += index << h->level_shift[run->level];
	part.frame += frames;
	part.raw = raw_behind(run->raw, run->raw_shift, frames);
	part.has_raw = run->has_raw && (!index || follows(run));
	part.nr = nr;
	return part;
}

/**
 * run_clip - the entries of a run that map something of a range
 * @h: the stream's header
 * @run: the run
 * @start: first address
 * @end: first address behind, 0 for no bound
 *
 * Return: them, as a run; its @nr is 0 if there are none
 */
struct run run_clip(const struct mmscope_header *h, const struct run *run,
		    uint64_t start, uint64_t end)
{
	unsigned int shift = h->level_shift[run->level];
	uint64_t first = 0, behind = run->nr;

	if (start > run->start)
		first = (start - run->start) >> shift;
	if (end && end <= run_last(h, run))
		behind = end <= run->start ?
			 0 : ((end - run->start - 1) >> shift) + 1;
	if (first >= behind)
		return (struct run){ 0 };
	return run_part(h, run, first, behind - first);
}
