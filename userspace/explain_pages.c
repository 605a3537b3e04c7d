// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "entry.h"
#include "explain_pages.h"
#include "run.h"

/**
 * pages_init - start without pages
 * @pages: the pages; call pages_free() when done
 * @sp: their address space; must stay until then
 */
void pages_init(struct pages *pages, const struct space *sp)
{
	*pages = (struct pages){ .sp = sp };
}

/* What a mapping is decides what a fault does, but not whose stack it is. */
static void prepare(struct pages *pages)
{
	if (pages->classes.sp)
		return;
	classify(&pages->classes, pages->sp);
	fault_rules_init(&pages->rules, &pages->classes);
}

/* Tallies of one mapping are next to each other, and few. */
static void count(struct pages *pages, const struct tally *one)
{
	for (size_t i = pages->nr; i-- > 0 && pages->tally[i].map == one->map;) {
		struct tally *tally = &pages->tally[i];

		if (tally->state == one->state &&
		    !memcmp(&tally->faults, &one->faults,
			    sizeof(one->faults))) {
			tally->bytes += one->bytes;
			return;
		}
	}
	pages->tally = more(pages->tally, pages->nr, &pages->room,
			    sizeof(*pages->tally));
	pages->tally[pages->nr++] = *one;
}

static uint8_t state_of(const struct run *run)
{
	const struct entry_kind *kind = entry_kind(run->kind);
	unsigned int state = 0;

	if (run->kind == MMSCOPE_ZERO)
		state |= PAGES_ZERO;
	if (kind->swapped)
		state |= PAGES_SWAPPED;
	if (!kind->resident || run->attrs & MMSCOPE_ATTR_SPECIAL)
		return (uint8_t)state;
	state |= PAGES_RESIDENT;
	if (run->level > MMSCOPE_PTE)
		state |= PAGES_HUGE;
	if (run->page & MMSCOPE_PAGE_EXCLUSIVE)
		state |= PAGES_ONCE;
	if (run->page & MMSCOPE_PAGE_SHARED)
		state |= PAGES_OFTEN;
	return (uint8_t)state;
}

/* Runs ascend as mappings do; what two runs have in common counts once. */
static void count_run(struct pages *pages, const struct run *run)
{
	const struct space *sp = pages->sp;
	uint64_t last = run_last(&sp->header, run), start = run->start;
	const struct fault_entry entry = {
		run->kind, run->level, run->attrs, run->page,
	};

	if (start < pages->counted)
		start = pages->counted;
	if (last < start)
		return;
	pages->counted = last + 1;
	while (pages->cursor < sp->nr &&
	       sp->map[pages->cursor].vma.end <= start)
		pages->cursor++;
	for (size_t i = pages->cursor; i < sp->nr; i++) {
		const struct mapping *map = &sp->map[i];
		struct tally one = { .map = i, .state = state_of(run) };
		uint64_t from, to;

		if (map->start > last)
			break;
		from = map->start > start ? map->start : start;
		to = map->vma.end - 1 < last ? map->vma.end - 1 : last;
		one.bytes = to - from + 1;
		one.faults = faults_at(&pages->rules, map, &entry);
		count(pages, &one);
	}
}

/**
 * pages_add - count the pages of a record
 * @pages: the pages
 * @rec: a record from stream_next(), after the mappings
 */
void pages_add(struct pages *pages, const struct record *rec)
{
	struct unpack u = { .h = &pages->sp->header, .rec = rec };
	struct run run;

	if (rec->head.type != MMSCOPE_REC_RUNS)
		return;
	prepare(pages);
	while (unpack_next(&u, &run))
		count_run(pages, &run);
}

/**
 * pages_end - count what no entry maps, when all runs were added
 * @pages: the pages
 */
void pages_end(struct pages *pages)
{
	static const struct fault_entry none = { .kind = MMSCOPE_NONE };
	const struct space *sp = pages->sp;
	const size_t counted = pages->nr;
	size_t at = 0;

	prepare(pages);
	for (size_t i = 0; i < sp->nr; i++) {
		const struct mapping *map = &sp->map[i];
		struct tally rest = {
			.map = i, .bytes = map->vma.end - map->start,
		};

		while (at < counted && pages->tally[at].map == i)
			rest.bytes -= pages->tally[at++].bytes;
		if (!rest.bytes)
			continue;
		rest.faults = faults_at(&pages->rules, map, &none);
		count(pages, &rest);
	}
}

/**
 * pages_free - free the memory
 * @pages: the pages
 */
void pages_free(struct pages *pages)
{
	if (pages->classes.sp)
		classes_free(&pages->classes);
	free(pages->tally);
	*pages = (struct pages){ 0 };
}
