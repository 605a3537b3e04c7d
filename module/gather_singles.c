// SPDX-License-Identifier: GPL-2.0-only
/*
 * Single entries, which differ from the entry before by their frame alone:
 * written straight to the last record, a word each.
 */
#include <linux/compiler.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include "gather.h"
#include "ptes.h"

/* In instructions; copying it to the reader is included. */
#define COST_SINGLE	24
#define COST_SKIP	60	/* a call of mmscope_ptes_skip() */

/* Can single entries be written straight to the last record, from @raw on? */
static bool takes_singles(const struct gather *gather, u64 raw)
{
	const struct mmscope_runs *rec = gather->buf->runs;
	const u64 *words = mmscope_record_tail(rec);

	return rec && rec->kind == MMSCOPE_PRESENT &&
	       (!raw || !((raw ^ rec->raw) & ~MMSCOPE_FRAME_MASK)) &&
	       rec->level == MMSCOPE_PTE && !(rec->attrs & MMSCOPE_ATTR_CONT) &&
	       !gather->filter.on &&
	       (!gather->filter.facts ||
		(gather->facts.single && rec->page == gather->facts.page)) &&
	       MMSCOPE_RUN_FRAME(words[0]) == frame_in_place(rec->raw);
}

/* Is the current run such an entry? */
static bool run_is_single(const struct gather *gather)
{
	const struct mmscope_run *run = &gather->run;

	return run->nr == 1 && run->kind == MMSCOPE_PRESENT &&
	       run->level == MMSCOPE_PTE &&
	       run->page == gather->buf->runs->page &&
	       !((run->raw ^ gather->buf->runs->raw) &
		 ~MMSCOPE_FRAME_MASK);
}

static unsigned long words_left(const struct mmscope_buf *buf)
{
	return (buf->size - buf->len) / sizeof(u64);
}

/* Can the last record hold @nr entries from @addr on, and one before? */
static bool record_spans(const struct mmscope_runs *rec, unsigned long addr,
			 unsigned long nr)
{
	unsigned long index = (addr - rec->start) >> PAGE_SHIFT;

	return index + nr <= MMSCOPE_RUN_INDEX_MAX && rec->nr + nr < U16_MAX;
}

/* Make the last word written the current run again: it may continue. */
static void resume_run(struct gather *gather, u64 word, u64 raw)
{
	const struct mmscope_runs *rec = gather->buf->runs;

	gather->run = (struct mmscope_run){
		.start = rec->start + (MMSCOPE_RUN_INDEX(word) << PAGE_SHIFT),
		.frame = MMSCOPE_RUN_FRAME(word),
		.raw = raw,
		.page = rec->page,
		.nr = 1,
		.attrs = rec->attrs,
		.level = MMSCOPE_PTE,
		.kind = MMSCOPE_PRESENT,
		.raw_shift = rec->raw_shift,
	};
	gather->step = PAGE_SIZE;
	gather->expect = raw + PAGE_SIZE;
}

static u64 index_bits(const struct mmscope_runs *rec, unsigned long addr)
{
	return (u64)((addr - rec->start) >> PAGE_SHIFT) <<
	       MMSCOPE_RUN_INDEX_SHIFT;
}

/*
 * Of @entries, @singles are recorded, and the others are empty. Holes of one or two are
 * skipped without a call; they are not counted, so as many empty entries as can lie in
 * such holes are taken to do so. In a call, an entry costs half of an instruction less
 * than COST_EMPTY, so long holes pay for their calls.
 */
static long cost_of(long singles, long entries)
{
	long calls = clamp(entries - 3 * singles, 0L, singles);

	return singles * COST_SINGLE + entries * COST_EMPTY +
	       max(calls * COST_SKIP - entries / 2, 0L);
}

/*
 * Record entries that differ by their frames alone, until one continues the
 * entry before, or differs otherwise. The current run is empty, or is such an
 * entry. @facts: their pages have to have the facts of the page before. @bounded:
 * there may be less room than for @nr entries, and one before.
 * Return: how many entries are done, empty ones included.
 */
static __always_inline unsigned long
record_singles(struct gather *gather, pte_t *ptep, unsigned long addr,
	       unsigned long nr, bool facts, bool bounded)
{
	const u64 mask = MMSCOPE_FRAME_MASK;
	const struct mmscope_runs *rec = gather->buf->runs;
	const u64 like = rec->raw & ~mask;
	u64 *first = gather->buf->data + gather->buf->len, *word = first;
	const u64 *last = first + words_left(gather->buf);
	pte_t *begin = ptep, *end = ptep + nr;
	/* The place of the record's first entry, if one table held them all. */
	const void *base = (void *)begin - ((addr - rec->start) >> PAGE_SHIFT) *
					   sizeof(*begin);
	u64 raw, expect = 0;

	if (!record_spans(rec, addr, nr) || (bounded && first == last))
		return 0;
	if (gather->run.kind != MMSCOPE_NONE) {
		*word++ = gather->run.frame |
			  index_bits(rec, gather->run.start);
		expect = gather->expect ^ like;
	}
	while (ptep < end) {
		raw = mmscope_pte_raw(ptep);
		if (!raw) {
			expect = 0;
			ptep = ptes_next(ptep, end);
			continue;
		}
		/* Now only bits of the frame may be left. */
		raw ^= like;
		if (raw & ~mask || raw == expect ||
		    is_zero_pfn(raw >> PAGE_SHIFT))
			break;
		if (facts &&
		    !mmscope_page_is_like_facts(pfn_to_page(raw >> PAGE_SHIFT),
						&gather->facts))
			break;
		if (bounded && word == last)
			break;
		*word++ = raw >> PAGE_SHIFT |
			  (u64)((const void *)ptep - base) <<
			  (MMSCOPE_RUN_INDEX_SHIFT - ilog2(sizeof(*ptep)));
		expect = raw + PAGE_SIZE;
		ptep++;
	}
	if (ptep == begin)
		return 0;

	/* The last one may continue, unless a hole follows it. */
	gather->run.kind = MMSCOPE_NONE;
	gather->expect = 0;
	gather->step = 0;
	if (expect) {
		word--;
		resume_run(gather, *word,
			   like | MMSCOPE_RUN_FRAME(*word) << PAGE_SHIFT);
	}
	mmscope_record_words(gather->buf, word);
	gather->runs += word - first;
	gather->entries += word - first;
	gather->walk.budget -= cost_of(word - first, ptep - begin);
	return ptep - begin;
}

/* The same with facts, or with little room left. */
static noinline unsigned long
record_singles_slowly(struct gather *gather, pte_t *ptep, unsigned long addr,
		      unsigned long nr)
{
	if (!gather->filter.facts)
		return record_singles(gather, ptep, addr, nr, false, true);
	nr = record_singles(gather, ptep, addr, nr, true, true);
	gather->walk.budget -= nr * COST_ALIKE_FACTS;
	return nr;
}

/* Out of line, so that the loop has all registers. */
static noinline unsigned long record_singles_fast(struct gather *gather,
						  pte_t *ptep,
						  unsigned long addr,
						  unsigned long nr)
{
	return record_singles(gather, ptep, addr, nr, false, false);
}

/**
 * mmscope_gather_singles() - record entries that differ by their frames alone
 * @gather: the walk
 * @ptep: first entry
 * @addr: that it maps
 * @nr: number of entries in the table
 * @raw: value of the first one
 *
 * The current run goes first, so it must be such an entry, or there is none:
 * otherwise nothing is recorded.
 *
 * Context: entries are mapped. Does not sleep.
 * Return: how many entries are done, empty ones included; 0 if the first one
 * needs another way.
 */
unsigned long mmscope_gather_singles(struct gather *gather, pte_t *ptep,
				     unsigned long addr, unsigned long nr,
				     u64 raw)
{
	if (!takes_singles(gather, raw) ||
	    (gather->run.kind != MMSCOPE_NONE && !run_is_single(gather)))
		return 0;
	if (gather->filter.facts || words_left(gather->buf) <= nr)
		return record_singles_slowly(gather, ptep, addr, nr);
	return record_singles_fast(gather, ptep, addr, nr);
}
