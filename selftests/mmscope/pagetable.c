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

/* Single pages */

/* Return: bit N set if page N * @step has the attribute, of at most 64. */
static __u64 every_with(pid_t pid, const struct shape *shape, unsigned int attr,
			size_t step)
{
	unsigned long start = (unsigned long)shape->start;
	struct stream *s = stream_get(pid, MMSCOPE_PART_PAGETABLE, start,
				      start + shape->size);
	__u64 with = 0;
	size_t i;

	for (i = 0; i < 64 && i * step < shape->size / PAGE; i++) {
		const struct run *run = run_at(s, start + i * step * PAGE);

		if (!run)
			die("page %zu is gone", i * step);
		if (run->attrs & attr)
			with |= 1ULL << i;
	}
	stream_free(s);
	return with;
}

static __u64 pages_with(pid_t pid, const struct shape *shape, unsigned int attr)
{
	return every_with(pid, shape, attr, 1);
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

/* Sixteen pages of each folio are looked at: all there are, or every Nth. */
static __u64 sixteenths_with(pid_t pid, const struct shape *shape,
			     unsigned int attr)
{
	return every_with(pid, shape, attr, shape_block() / 16);
}

/*
 * The raw entry of a page is the same whether a range begins there or before. Only
 * those of the second folio have the attribute.
 */
static size_t wrong_raw(pid_t pid, const struct stream *whole, __u64 start,
			unsigned int attr)
{
	size_t i, wrong = 0;

	for (i = 0; i < 4 * shape_block(); i++, start += PAGE) {
		struct stream *s = stream_get(pid, MMSCOPE_PART_PAGETABLE,
					      start, start + PAGE);
		__u64 raw = run_at(s, start)->raw;

		wrong += raw != run_raw(whole, run_at(whole, start), start);
		wrong += !(entry_attrs(raw) & attr) != (i / shape_block() != 1);
		stream_free(s);
	}
	return wrong;
}

/* A bit in one entry counts for the whole folio, and does not split its run. */
static size_t wrong_folio(pid_t pid, const struct shape *shape,
			  unsigned int attr)
{
	__u64 start = (unsigned long)shape->start, folio = shape_block() * PAGE;
	struct stream *s = stream_get(pid, MMSCOPE_PART_PAGETABLE, start,
				      start + shape->size);
	size_t i, wrong = sixteenths_with(pid, shape, attr) != 0xffff0000;

	wrong += sixteenths_with(pid, shape, MMSCOPE_ATTR_CONT) != ~0ULL;
	wrong += run_at(s, start + folio) != run_at(s, start + 2 * folio - PAGE);
	for (i = 1; i < s->nr_runs; i++)
		wrong += runs_mergeable(s, &s->run[i - 1], &s->run[i]);
	wrong += wrong_raw(pid, s, start, attr);
	stream_free(s);
	return wrong;
}

/* Clear all accessed bits, then read one page of the second folio. */
TEST_F(folios, are_accessed_as_a_whole)
{
	pid_t pid = self->target.pid;

	if (*self->shape->skip)
		SKIP(return, "%s", self->shape->skip);
	EXPECT_EQ(~0ULL, sixteenths_with(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	proc_clear_refs(pid, 1);
	EXPECT_EQ(0, sixteenths_with(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	target_step(&self->target, shape_block() + 5);
	ASSERT_EQ(shape_block() * PAGE / KIB,
		  smaps_kb_of(pid, self->shape, "Referenced"));
	EXPECT_EQ(0, wrong_folio(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	EXPECT_EQ(0, pages_compare_all(pid));
}

/* Clear all dirty bits with MADV_FREE, then write to one page of the second folio. */
TEST_F(folios, are_dirty_as_a_whole)
{
	pid_t pid = self->target.pid;

	if (*self->shape->skip)
		SKIP(return, "%s", self->shape->skip);
	EXPECT_EQ(~0ULL, sixteenths_with(pid, self->shape, MMSCOPE_ATTR_DIRTY));
	target_step(&self->target, FREE);
	EXPECT_EQ(0, sixteenths_with(pid, self->shape, MMSCOPE_ATTR_DIRTY));
	target_step(&self->target, -(int)shape_block() - 5);
	ASSERT_EQ(shape_block() * PAGE / KIB,
		  smaps_kb_of(pid, self->shape, "Private_Dirty"));
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

/* Levels of tables that the neighbours need, and the one that leads there. */
#define LOWER	4

/**
 * struct neighbour - a mapping of the target, by ascending address
 * @at: its offset from an address at which a PUD table begins: what so many
 *	tables of each level map, from PTEs up
 * @page: and so many pages
 * @tables: it has all pages of so many tables of PTEs, and all are touched; or
 * @pages: number of pages
 * @touched: how many of them are touched
 * @has: tables that no earlier mapping needs, by level
 * @used: entries; those that lead to tables count only if @has counts the table
 */
struct neighbour {
	unsigned int at[LOWER - 1];
	long page;
	size_t tables;
	size_t pages;
	size_t touched;
	__u64 has[LOWER];
	__u64 used[LOWER];
};

static const struct neighbour neighbours[] = {
	/* It needs all tables first, except those above PUD. */
	{ .pages = 4, .touched = 2, .has = { 1, 1, 1 }, .used = { 2, 1, 1, 1 } },
	/* In the same PTE table. */
	{ .page = 8, .pages = 4, .touched = 3 },
	/* Half in the same PTE table, half in the next. */
	{
		.at = { 1 }, .page = -2, .pages = 4, .touched = 4,
		.has = { 1 }, .used = { 4, 1 },
	},
	/* Not touched, but the next one is, in the same PTE table. */
	{ .at = { 2 }, .pages = 1, .has = { 1 }, .used = { 0, 1 } },
	{ .at = { 2 }, .page = 8, .pages = 2, .touched = 2 },
	/* All of two PTE tables. */
	{ .at = { 4 }, .tables = 2, .has = { 2 }, .used = { 0, 2 } },
	/* Not touched, and nothing near it is. */
	{ .at = { 9 }, .pages = 8 },
	/* In another PMD table. */
	{
		.at = { 0, 1 }, .pages = 2, .touched = 2,
		.has = { 1, 1 }, .used = { 2, 1, 1 },
	},
	{
		.at = { 1, 1 }, .pages = 2, .touched = 1,
		.has = { 1 }, .used = { 1, 1 },
	},
	/* Half at the end of a PUD table, half in the next. */
	{
		.at = { 0, 0, 1 }, .page = -1, .pages = 2, .touched = 2,
		.has = { 2, 2, 1 }, .used = { 2, 2, 2, 1 },
	},
	{ .at = { 0, 0, 1 }, .page = 8, .pages = 4, .touched = 4 },
	{
		.at = { 0, 5, 1 }, .pages = 4, .touched = 4,
		.has = { 1, 1 }, .used = { 4, 1, 1 },
	},
};

/* What a table maps, of the level that is @above levels above PTEs. */
static __u64 table_maps(unsigned int above)
{
	__u64 size = HUGE;

	while (above--)
		size *= TABLE_ENTRIES;
	return size;
}

/* The number of levels that neighbours need below the top one. */
static unsigned int lower_levels(void)
{
	unsigned int levels = kernel_levels() - 1;

	return levels < LOWER - 1 ? levels : LOWER - 1;
}

/* With fewer levels there are no tables as far away as some neighbours. */
static bool has_place(const struct neighbour *neighbour)
{
	unsigned int i;

	for (i = lower_levels(); i < LOWER - 1; i++)
		if (neighbour->at[i])
			return false;
	return true;
}

/* The offset of a neighbour. */
static __u64 place_of(const struct neighbour *neighbour)
{
	__u64 place = neighbour->page * PAGE;
	unsigned int i;

	for (i = 0; i < lower_levels(); i++)
		place += neighbour->at[i] * table_maps(i);
	return place;
}

static size_t pages_of(const struct neighbour *neighbour)
{
	return neighbour->tables ? neighbour->tables * TABLE_ENTRIES :
				   neighbour->pages;
}

static size_t touched_of(const struct neighbour *neighbour)
{
	return neighbour->tables ? pages_of(neighbour) : neighbour->touched;
}

FIXTURE(neighbours)
{
	char **start;			/* shared with the target */
	struct target target;
};

/*
 * Make the mappings where nothing else is: as far as two PUD tables map, or with
 * two levels sixteen PTE tables.
 */
static void settle(void *arg, int step)
{
	const __u64 size = table_maps(lower_levels() - 1);
	const __u64 room = lower_levels() > 1 ? 4 * size : 16 * size;
	char **start = arg;
	char *p = target_map(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE,
			     -1);
	size_t i;

	munmap(p, room);
	*start = (char *)(((unsigned long)p + size) & -size);
	for (i = 0; i < ARRAY_SIZE(neighbours); i++) {
		const struct neighbour *neighbour = &neighbours[i];

		if (!has_place(neighbour))
			continue;
		p = target_map(*start + place_of(neighbour),
			       pages_of(neighbour) * PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_FIXED, -1);
		madvise(p, pages_of(neighbour) * PAGE, MADV_NOHUGEPAGE);
		target_touch(p, touched_of(neighbour) * PAGE);
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
	const struct mmscope_tables *is = tables_at(s, base + place_of(neighbour));
	unsigned int level, i = 0;
	size_t wrong = 0;

	if (!is)
		is = &none;
	for (level = MMSCOPE_PTE; level <= MMSCOPE_PGD; level++) {
		__u64 used = i < LOWER ? neighbour->used[i] : 0;

		if (!s->header->level_shift[level]) {
			wrong += is->pages[level] || is->used[level];
			continue;
		}
		if (!i && neighbour->tables)
			used = touched_of(neighbour);
		wrong += is->pages[level] !=
			 (i < lower_levels() ? neighbour->has[i] : 0);
		wrong += i < LOWER && is->used[level] != used;
		i++;
	}
	for (level = MMSCOPE_PTE; wrong && level <= MMSCOPE_PGD; level++)
		note("at %llx: level %u: %u tables, %llu used",
		     place_of(neighbour), level, is->pages[level],
		     is->used[level]);
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
		if (has_place(&neighbours[i]))
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

/* The levels by their number, from PTEs up. */
static const unsigned char levels_of[6][5] = {
	[2] = { MMSCOPE_PTE, MMSCOPE_PGD },
	[3] = { MMSCOPE_PTE, MMSCOPE_PMD, MMSCOPE_PGD },
	[4] = { MMSCOPE_PTE, MMSCOPE_PMD, MMSCOPE_PUD, MMSCOPE_PGD },
	[5] = { MMSCOPE_PTE, MMSCOPE_PMD, MMSCOPE_PUD, MMSCOPE_P4D, MMSCOPE_PGD },
};

/* The number of levels and their shifts, by the processor or a system call. */
TEST_F(levels, are_those_of_the_machine)
{
	struct stream *s = stream_get(getpid(), MMSCOPE_PART_PAGETABLE, 0, 0);
	unsigned int levels = kernel_levels(), shift = __builtin_ctzl(PAGE), i;
	unsigned int bits = __builtin_ctzl(TABLE_ENTRIES);
	unsigned int want[MMSCOPE_PGD + 1] = { };

	for (i = 0; i < levels; i++)
		want[levels_of[levels][i]] = shift + i * bits;
	EXPECT_EQ(levels, s->header->levels);
	for (i = MMSCOPE_PTE; i <= MMSCOPE_PGD; i++)
		EXPECT_EQ(want[i], s->header->level_shift[i]);
	stream_free(s);
}

TEST_HARNESS_MAIN
