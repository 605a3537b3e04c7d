// SPDX-License-Identifier: GPL-2.0-only
#include "run.h"

/* The difference of two frames may be negative: all is modulo 2^64. */
static uint64_t raw_after(uint64_t raw, int shift, uint64_t frames)
{
	if (!shift)
		return raw;
	return shift > 0 ? raw + (frames << shift) : raw - (frames << -shift);
}

/**
 * unpack_next - unpack the next run of a record
 * @u: position; set @h and @rec, and @at to 0 for the first run
 * @run: the run
 *
 * Return: false if there is no more
 */
bool unpack_next(struct unpack *u, struct run *run)
{
	const struct mmscope_runs *runs = &u->rec->runs;
	unsigned int shift = u->h->level_shift[runs->level];
	uint64_t word, first;

	if (u->at >= runs->nr)
		return false;
	word = record_word(u->rec, u->at);
	first = MMSCOPE_RUN_FRAME(record_word(u->rec, 0));
	*run = (struct run){
		.start = runs->start + (MMSCOPE_RUN_INDEX(word) << shift),
		.frame = MMSCOPE_RUN_FRAME(word),
		.page = runs->page,
		.nr = 1,
		.attrs = runs->attrs,
		.level = runs->level,
		.kind = runs->kind,
		.raw_shift = runs->raw_shift,
		.has_raw = true,
	};
	run->raw = raw_after(runs->raw, runs->raw_shift, run->frame - first);
	u->at++;
	if (word & MMSCOPE_RUN_LONG)
		run->nr = record_word(u->rec, u->at++);
	return true;
}

/**
 * run_last - last address that a run maps
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
 * run_frames - how much the frame grows from entry to entry
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
 * @index: number of the first entry, below @run->nr
 * @nr: number of entries, at most up to the end of the run
 *
 * Return: these entries, as a run
 */
struct run run_part(const struct mmscope_header *h, const struct run *run,
		    uint64_t index, uint64_t nr)
{
	uint64_t frames = index * run_frames(h, run);
	struct run part = *run;

	part.start += index << h->level_shift[run->level];
	part.frame += frames;
	part.raw = raw_after(run->raw, run->raw_shift, frames);
	part.nr = nr;
	return part;
}

/**
 * run_clip - the entries of a run that map something of a range
 * @h: the stream's header
 * @run: the run
 * @start: first address
 * @end: exclusive, 0 for no bound
 *
 * Return: these entries, as a run; its @nr is 0 if there are none
 */
struct run run_clip(const struct mmscope_header *h, const struct run *run,
		    uint64_t start, uint64_t end)
{
	unsigned int shift = h->level_shift[run->level];
	uint64_t first = 0, past = run->nr;

	if (start > run->start)
		first = (start - run->start) >> shift;
	if (end && end <= run_last(h, run))
		past = end <= run->start ?
			 0 : ((end - run->start - 1) >> shift) + 1;
	if (first >= past)
		return (struct run){ 0 };
	return run_part(h, run, first, past - first);
}
