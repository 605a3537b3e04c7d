// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "stream/runs.h"
#include "stream/unpack.h"

/* What all runs of a record have in common */

/*
 * A huge page that is being split keeps its frame, but cannot be read; x86 stores
 * the frame inverted then.
 */
static bool is_split(const struct mmscope_runs *runs)
{
	return runs->level != MMSCOPE_PTE &&
	       !(runs->attrs & MMSCOPE_ATTR_READ);
}

static bool wrong_common(struct stream *s, const struct mmscope_runs *runs)
{
	size_t shifts = sizeof(s->header->level_shift);

	if (runs->head.size < sizeof(*runs) || !runs->nr ||
	    runs->fixed != sizeof(*runs) ||
	    runs->head.size != sizeof(*runs) + runs->nr * sizeof(__u64))
		return !wrong(s, "runs: size %u, %u words, fixed %u",
			      runs->head.size, runs->nr, runs->fixed);
	if (runs->level >= shifts || !s->header->level_shift[runs->level])
		return !wrong(s, "runs: %llx: level %u", runs->start,
			      runs->level);
	if (runs->start & ((1ULL << s->header->level_shift[runs->level]) - 1))
		return !wrong(s, "runs: %llx, level %u", runs->start,
			      runs->level);
	if (runs->kind <= MMSCOPE_TABLE || runs->kind >= KINDS_END)
		return !wrong(s, "runs: %llx: kind %u", runs->start, runs->kind);
	if (!runs->raw || abs(runs->raw_shift) > 63)
		return !wrong(s, "runs: %llx: raw %llx, shift %d", runs->start,
			      runs->raw, runs->raw_shift);
	if (runs->kind == MMSCOPE_PRESENT && s->header->page_shift !=
	    (is_split(runs) ? abs(runs->raw_shift) : runs->raw_shift))
		return !wrong(s, "runs: %llx: raw_shift %d", runs->start,
			      runs->raw_shift);
	if (MMSCOPE_RUN_INDEX(runs_words(runs)[0]))
		return !wrong(s, "runs: %llx begins at index %llu", runs->start,
			      MMSCOPE_RUN_INDEX(runs_words(runs)[0]));
	return false;
}

static bool wrong_facts(struct stream *s, const struct mmscope_runs *runs)
{
	__u64 named = MMSCOPE_PAGE_FLAGS | MMSCOPE_PAGE_EXCLUSIVE |
		      MMSCOPE_PAGE_SHARED |
		      MMSCOPE_PAGE_KNOWN | 0x3ffULL << MMSCOPE_PAGE_NODE_SHIFT;

	if (!runs->page)
		return false;
	if (!(s->header->flags & MMSCOPE_QUERY_FACTS))
		return !wrong(s, "runs: %llx: facts without the flag in the query",
			      runs->start);
	if (!(runs->page & MMSCOPE_PAGE_KNOWN) || runs->page & ~named ||
	    !kind_has_frame(runs->kind))
		return !wrong(s, "runs: %llx: facts %llx of kind %u",
			      runs->start, runs->page, runs->kind);
	return false;
}

/* One run of a record */

static struct run unpack(const struct stream *s, const struct mmscope_runs *runs,
			 size_t word)
{
	__u64 size = 1ULL << s->header->level_shift[runs->level];
	struct run run = {
		.start = runs->start,
		.frame = MMSCOPE_RUN_FRAME(runs_words(runs)[0]),
		.raw = runs->raw,
		.page = runs->page,
		.nr = 1,
		.attrs = runs->attrs,
		.level = runs->level,
		.kind = runs->kind,
		.raw_shift = runs->raw_shift,
	};
	__u64 first = run.frame;

	run.frame = MMSCOPE_RUN_FRAME(runs_words(runs)[word]);
	run.start += MMSCOPE_RUN_INDEX(runs_words(runs)[word]) * size;
	run.raw = run_raw_grown(&run, run.frame - first);
	if (runs_words(runs)[word] & MMSCOPE_RUN_LONG)
		run.nr = runs_words(runs)[word + 1];
	return run;
}

/* @last: the previous run or NULL; @alike: that one is in the same record */
static bool wrong_run(struct stream *s, const struct run *run,
		      const struct run *last, bool alike)
{
	__u64 most = ~0ULL >> s->header->level_shift[run->level];

	if (!run->nr || run->nr > most || run_end(s, run) < run->start)
		return !wrong(s, "run: %llx +%llu", run->start, run->nr);
	if (!run->raw)
		return !wrong(s, "run: %llx: raw 0", run->start);
	/* If raw entries do not change, frames cannot either. */
	if (!run->raw_shift && !run_frame_stays(run) && (run->nr > 1 || alike))
		return !wrong(s, "run: %llx: raw_shift 0", run->start);
	if (!last)
		return false;
	if (run_end(s, last) > run->start) {
		/* A huge page may replace a table of which half has been reported. */
		if (run->level == MMSCOPE_PTE || run_end(s, run) <= run_end(s, last))
			return !wrong(s, "run: %llx is out of order", run->start);
		s->overlaps++;
	}
	if (!alike)
		return false;
	if (!run->raw_shift && run->frame != last->frame)
		return !wrong(s, "run: %llx: another frame", run->start);
	return false;
}

bool runs_expand(struct stream *s, const struct mmscope_runs *runs)
{
	size_t word = 0;

	if (wrong_common(s, runs) || wrong_facts(s, runs))
		return false;
	s->run = realloc(s->run, (s->nr_runs + runs->nr) * sizeof(*s->run));
	while (word < runs->nr) {
		bool is_long = runs_words(runs)[word] & MMSCOPE_RUN_LONG;
		struct run *run = &s->run[s->nr_runs];

		if (is_long && (word + 1 == runs->nr || runs_words(runs)[word + 1] < 2))
			return wrong(s, "runs: %llx: word %zu has no number",
				     runs->start, word);
		*run = unpack(s, runs, word);
		if (wrong_run(s, run, s->nr_runs ? run - 1 : NULL, word))
			return false;
		s->nr_runs++;
		word += 1 + is_long;
	}
	return true;
}
