// SPDX-License-Identifier: GPL-2.0-only
/* Attributes of entries while a target uses its memory; tables; levels. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"
#include "oracle/pages.h"
#include "oracle/pgtables.h"
#include "oracle/proc.h"
#include "stream/entries.h"
#include "stream/read.h"
#include "stream/runs.h"
#include "stream/text.h"
#include "target/shape.h"
#include "target/target.h"

#define PAGE	4096UL

/* What a table maps */
#define PTES	(2 * MIB)
#define PMDS	GIB
#define PUDS	(512 * GIB)

/* Single pages */

/* Return: bit N set if page N has the attribute, of at most 64. */
static __u64 pages_with(pid_t pid, const struct shape *shape, unsigned int attr)
{
	unsigned long start = (unsigned long)shape->start;
	struct stream *s = stream_get(pid, MMSCOPE_PART_PAGETABLE, start,
				      start + shape->size);
	__u64 with = 0;
	size_t i;

	for (i = 0; i < 64 && i < shape->size / PAGE; i++) {
		const struct run *run = run_at(s, start + i * PAGE);

		if (!run)
			die("page %zu is gone", i);
		if (run->attrs & attr)
			with |= 1ULL << i;
	}
	stream_free(s);
	return with;
}

/* Folios mapped with contiguous hints */

#ifdef __aarch64__
FIXTURE(folios)
{
	struct shape *shape;
	struct target target;
};

FIXTURE_VARIANT(folios)
{
	int map;			/* step of the target */
};

#define MAP_SMALL	1001
#define MAP_SPLIT	1002
#define FREE		1003

FIXTURE_VARIANT_ADD(folios, small) {
	.map = MAP_SMALL,
};

/* Four folios with frames in a row. */
FIXTURE_VARIANT_ADD(folios, of_one_split) {
	.map = MAP_SPLIT,
};

/* Step N reads the Nth page, -N writes to it. */
static void use_folios(void *arg, int step)
{
	struct shape *shape = arg;

	if (!step)
		return;
	if (step == MAP_SMALL) {
		shape_map_folios(shape, 4);
		return;
	}
	if (step == MAP_SPLIT) {
		shape_map_split(shape);
		return;
	}
	if (step == FREE) {
		madvise(shape->start, shape->size, MADV_FREE);
		return;
	}
	/* Flush the TLB, which remembers accessed pages. */
	mprotect(shape->start, shape->size, PROT_NONE);
	mprotect(shape->start, shape->size, PROT_READ | PROT_WRITE);
	if (step > 0)
		shape_look(shape, step, 1);
	else
		shape_touch(shape, -step, 1);
}

FIXTURE_SETUP(folios)
{
	module_need();
	kernel_stand_still();
	self->shape = target_share(sizeof(*self->shape));
	target_start(&self->target, use_folios, self->shape);
	target_step(&self->target, variant->map);
}

FIXTURE_TEARDOWN(folios)
{
	target_stop(&self->target);
}

static __u64 smaps_kb_of(pid_t pid, const struct shape *shape, const char *name)
{
	struct proc_maps *maps = proc_maps(pid, "smaps");
	__u64 kb = smaps_kb(proc_vma_at(maps, (unsigned long)shape->start), name);

	proc_maps_free(maps);
	return kb;
}

/* How many of the first 64 raw entries have the attribute. */
static size_t entries_with(pid_t pid, const struct shape *shape,
			   unsigned int attr)
{
	size_t i, with = 0;

	for (i = 0; i < 64; i++) {
		__u64 start = (unsigned long)shape->start + i * PAGE;
		struct stream *s = stream_get(pid, MMSCOPE_PART_PAGETABLE,
					      start, start + PAGE);

		with += !!(entry_attrs(run_at(s, start)->raw) & attr);
		stream_free(s);
	}
	return with;
}

/* A bit in one entry counts for the whole folio, and does not split its run. */
static size_t wrong_folio(pid_t pid, const struct shape *shape,
			  unsigned int attr)
{
	__u64 start = (unsigned long)shape->start;
	struct stream *s = stream_get(pid, MMSCOPE_PART_PAGETABLE, start,
				      start + shape->size);
	size_t i, wrong = pages_with(pid, shape, attr) != 0xffff0000;

	wrong += pages_with(pid, shape, MMSCOPE_ATTR_CONT) != ~0ULL;
	wrong += run_at(s, start + 16 * PAGE) != run_at(s, start + 31 * PAGE);
	for (i = 1; i < s->nr_runs; i++)
		wrong += runs_mergeable(s, &s->run[i - 1], &s->run[i]);
	note("set in %zu entries, %zu runs",
	     entries_with(pid, shape, attr), s->nr_runs);
	stream_free(s);
	return wrong;
}

/* Clear all accessed bits, then read one page of the second folio. */
TEST_F(folios, are_accessed_as_a_whole)
{
	pid_t pid = self->target.pid;

	if (*self->shape->skip)
		SKIP(return, "%s", self->shape->skip);
	EXPECT_EQ(~0ULL, pages_with(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	proc_clear_refs(pid, 1);
	EXPECT_EQ(0, pages_with(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	target_step(&self->target, 21);
	ASSERT_EQ(64, smaps_kb_of(pid, self->shape, "Referenced"));
	EXPECT_EQ(0, wrong_folio(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	EXPECT_EQ(0, pages_compare_all(pid));
}

/* Clear all dirty bits with MADV_FREE, then write to one page of the second folio. */
TEST_F(folios, are_dirty_as_a_whole)
{
	pid_t pid = self->target.pid;

	if (*self->shape->skip)
		SKIP(return, "%s", self->shape->skip);
	EXPECT_EQ(~0ULL, pages_with(pid, self->shape, MMSCOPE_ATTR_DIRTY));
	target_step(&self->target, FREE);
	EXPECT_EQ(0, pages_with(pid, self->shape, MMSCOPE_ATTR_DIRTY));
	target_step(&self->target, -21);
	ASSERT_EQ(64, smaps_kb_of(pid, self->shape, "Private_Dirty"));
	EXPECT_EQ(0, wrong_folio(pid, self->shape, MMSCOPE_ATTR_DIRTY));
	EXPECT_EQ(0, pages_compare_all(pid));
}
#endif

/* Bits that clear_refs clears */

FIXTURE(bits)
{
	struct shape *shape;
	struct target target;
};

#define BITS_PAGES	32

/* Step N writes to every Nth page, -N reads it. */
static void touch_some(void *arg, int step)
{
	struct shape *shape = arg;
	int i;

	if (!step) {
		shape_map(shape, BITS_PAGES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE, -1);
		shape_touch(shape, 0, BITS_PAGES);
		return;
	}
	/* Flush the TLB, which remembers accessed pages: clear_refs does not. */
	mprotect(shape->start, shape->size, PROT_NONE);
	mprotect(shape->start, shape->size, PROT_READ | PROT_WRITE);
	for (i = 0; i < BITS_PAGES; i += abs(step)) {
		if (step > 0)
			shape_touch(shape, i, 1);
		else
			shape_look(shape, i, 1);
	}
}

FIXTURE_SETUP(bits)
{
	module_need();
	kernel_stand_still();
	self->shape = target_share(sizeof(*self->shape));
	target_start(&self->target, touch_some, self->shape);
}

FIXTURE_TEARDOWN(bits)
{
	target_stop(&self->target);
}

/* Clear the accessed bits of all pages, then read every fourth one. */
TEST_F(bits, accessed_is_set_by_reading)
{
	pid_t pid = self->target.pid;

	EXPECT_EQ(0xffffffff, pages_with(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	proc_clear_refs(pid, 1);
	EXPECT_EQ(0, pages_with(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	target_step(&self->target, -4);
	EXPECT_EQ(0x11111111, pages_with(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	EXPECT_EQ(0xffffffff, pages_with(pid, self->shape, MMSCOPE_ATTR_DIRTY));
}

/* Clear the soft-dirty bits of all pages, then write to every eighth one. */
TEST_F(bits, soft_dirty_is_set_by_writing)
{
	pid_t pid = self->target.pid;
	__u64 start = (unsigned long)self->shape->start;
	__u64 entry[BITS_PAGES], oracle = 0;
	int i;

	/* In kernels that have the bit, pages of a new mapping are soft-dirty. */
	if (!(proc_page(pid, start) & PM_SOFT_DIRTY)) {
		EXPECT_EQ(0, pages_with(pid, self->shape,
					MMSCOPE_ATTR_SOFT_DIRTY));
		SKIP(return, "this kernel keeps no soft-dirty bits");
	}
	proc_clear_refs(pid, 4);
	EXPECT_EQ(0, pages_with(pid, self->shape, MMSCOPE_ATTR_SOFT_DIRTY));
	EXPECT_EQ(0, pages_with(pid, self->shape, MMSCOPE_ATTR_WRITE));
	target_step(&self->target, 8);
	proc_pagemap(pid, start, BITS_PAGES, entry);
	for (i = 0; i < BITS_PAGES; i++)
		if (entry[i] & PM_SOFT_DIRTY)
			oracle |= 1ULL << i;
	ASSERT_EQ(0x01010101, oracle);
	EXPECT_EQ(oracle, pages_with(pid, self->shape, MMSCOPE_ATTR_SOFT_DIRTY));
	EXPECT_EQ(0, pages_compare_all(pid));
}

/* Tables that VMAs share or own */

#define ABOVE	MMSCOPE_P4D		/* the level above PUD: P4D or PGD */

/**
 * struct neighbour - a mapping of the target, by ascending address
 * @from: its offset from an address at which a PUD table begins
 * @pages: number of pages
 * @touched: how many of them are touched
 * @has: tables that no earlier mapping needs, by level
 * @used: entries; those that lead to tables count only if @has counts the table
 */
struct neighbour {
	__u64 from;
	size_t pages;
	size_t touched;
	__u64 has[ABOVE + 1];
	__u64 used[ABOVE + 1];
};

#define BY_LEVEL(pte, pmd, pud, above)					\
	{ [MMSCOPE_PTE] = (pte), [MMSCOPE_PMD] = (pmd),			\
	  [MMSCOPE_PUD] = (pud), [ABOVE] = (above) }

static const struct neighbour neighbours[] = {
	/* It needs all tables first, except those above PUD. */
	{
		.from = 0, .pages = 4, .touched = 2,
		.has = BY_LEVEL(1, 1, 1, 0),
		.used = BY_LEVEL(2, 1, 1, 1),
	},
	/* In the same PTE table. */
	{ .from = 8 * PAGE, .pages = 4, .touched = 3 },
	/* Half in the same PTE table, half in the next. */
	{
		.from = PTES - 2 * PAGE, .pages = 4, .touched = 4,
		.has = BY_LEVEL(1, 0, 0, 0),
		.used = BY_LEVEL(4, 1, 0, 0),
	},
	/* Not touched, but the next one is, in the same PTE table. */
	{
		.from = 2 * PTES, .pages = 1, .touched = 0,
		.has = BY_LEVEL(1, 0, 0, 0),
		.used = BY_LEVEL(0, 1, 0, 0),
	},
	{ .from = 2 * PTES + 8 * PAGE, .pages = 2, .touched = 2 },
	/* All of two PTE tables. */
	{
		.from = 4 * PTES, .pages = 1024, .touched = 1024,
		.has = BY_LEVEL(2, 0, 0, 0),
		.used = BY_LEVEL(1024, 2, 0, 0),
	},
	/* Not touched, and nothing near it is. */
	{ .from = 9 * PTES, .pages = 8, .touched = 0 },
	/* In another PMD table. */
	{
		.from = PMDS, .pages = 2, .touched = 2,
		.has = BY_LEVEL(1, 1, 0, 0),
		.used = BY_LEVEL(2, 1, 1, 0),
	},
	{
		.from = PMDS + PTES, .pages = 2, .touched = 1,
		.has = BY_LEVEL(1, 0, 0, 0),
		.used = BY_LEVEL(1, 1, 0, 0),
	},
	/* Half at the end of a PUD table, half in the next. */
	{
		.from = PUDS - PAGE, .pages = 2, .touched = 2,
		.has = BY_LEVEL(2, 2, 1, 0),
		.used = BY_LEVEL(2, 2, 2, 1),
	},
	{ .from = PUDS + 8 * PAGE, .pages = 4, .touched = 4 },
	{
		.from = PUDS + 5 * PMDS, .pages = 4, .touched = 4,
		.has = BY_LEVEL(1, 1, 0, 0),
		.used = BY_LEVEL(4, 1, 1, 0),
	},
};

FIXTURE(neighbours)
{
	char **start;			/* shared with the target */
	struct target target;
};

/* Make the mappings where nothing else is, as far as two PUD tables map. */
static void settle(void *arg, int step)
{
	char **start = arg;
	char *room = target_map(NULL, 4 * PUDS, PROT_NONE,
				MAP_PRIVATE | MAP_NORESERVE, -1);
	size_t i;

	munmap(room, 4 * PUDS);
	*start = (char *)(((unsigned long)room + PUDS) & -PUDS);
	for (i = 0; i < ARRAY_SIZE(neighbours); i++) {
		size_t size = neighbours[i].pages * PAGE;
		char *p = target_map(*start + neighbours[i].from, size,
				     PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_FIXED, -1);

		madvise(p, size, MADV_NOHUGEPAGE);
		target_touch(p, neighbours[i].touched * PAGE);
	}
}

FIXTURE_SETUP(neighbours)
{
	module_need();
	kernel_stand_still();
	self->start = target_share(sizeof(*self->start));
	target_start(&self->target, settle, self->start);
}

FIXTURE_TEARDOWN(neighbours)
{
	target_stop(&self->target);
}

static const struct mmscope_tables *tables_at(const struct stream *s,
					      __u64 start)
{
	size_t i;

	for (i = 0; i < s->nr_tables; i++)
		if (s->tables[i]->start == start)
			return s->tables[i];
	return NULL;
}

static size_t wrong_neighbour(const struct stream *s, __u64 base,
			      const struct neighbour *neighbour)
{
	/* The stream has no record for a VMA without tables of its own. */
	static const struct mmscope_tables none;
	const struct mmscope_tables *is = tables_at(s, base + neighbour->from);
	unsigned int above = s->header->level_shift[ABOVE] ? ABOVE :
							     MMSCOPE_PGD;
	size_t wrong = 0;
	unsigned int level;

	if (!is)
		is = &none;
	for (level = MMSCOPE_PTE; level < ABOVE; level++) {
		wrong += is->pages[level] != neighbour->has[level];
		wrong += is->used[level] != neighbour->used[level];
	}
	wrong += is->used[above] != neighbour->used[ABOVE];
	for (level = ABOVE; level <= MMSCOPE_PGD; level++)
		wrong += is->pages[level];
	if (wrong)
		note("at %llx: tables %u %u %u, used %llu %llu %llu %llu",
		     neighbour->from, is->pages[MMSCOPE_PTE],
		     is->pages[MMSCOPE_PMD], is->pages[MMSCOPE_PUD],
		     is->used[MMSCOPE_PTE], is->used[MMSCOPE_PMD],
		     is->used[MMSCOPE_PUD], is->used[above]);
	return wrong;
}

/*
 * A target maps neighbours that share tables of several levels: each table counts
 * for the first mapping that needs it.
 */
TEST_F(neighbours, have_the_tables_they_need_first)
{
	pid_t pid = self->target.pid;
	struct stream *s = stream_get(pid, MMSCOPE_PART_TABLES, 0, 0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(neighbours); i++)
		EXPECT_EQ(0, wrong_neighbour(s, (unsigned long)*self->start,
					     &neighbours[i]));
	EXPECT_EQ(0, pgtables_compare(pid));
	EXPECT_EQ(0, pages_compare_all(pid));
	EXPECT_EQ(0, text_compare(pid, "tables"));
	stream_free(s);
}

/* Levels */
FIXTURE(levels) {
};

FIXTURE_SETUP(levels)
{
	module_need();
}

FIXTURE_TEARDOWN(levels)
{
}

/* The number of levels and their shifts, by the processor or a system call. */
TEST_F(levels, are_those_of_the_machine)
{
	struct stream *s = stream_get(getpid(), MMSCOPE_PART_PAGETABLE, 0, 0);
	unsigned int levels = kernel_levels();

	EXPECT_EQ(levels, s->header->levels);
	EXPECT_EQ(12, s->header->level_shift[MMSCOPE_PTE]);
	EXPECT_EQ(21, s->header->level_shift[MMSCOPE_PMD]);
	EXPECT_EQ(30, s->header->level_shift[MMSCOPE_PUD]);
	EXPECT_EQ(levels == 5 ? 39 : 0, s->header->level_shift[MMSCOPE_P4D]);
	EXPECT_EQ(levels == 5 ? 48 : 39, s->header->level_shift[MMSCOPE_PGD]);
	stream_free(s);
}

TEST_HARNESS_MAIN
