// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of page-table entries, against /proc/PID/pagemap, kpageflags and smaps,
 * and against what the target is known to have done.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shape_fixture.h"
#include "entries.h"
#include "kcore.h"
#include "kpage.h"
#include "pages.h"
#include "proc.h"
#include "ranges.h"
#include "shapes.h"
#include "stream.h"
#include "target.h"
#include "text.h"

#define PAGE	4096UL

static size_t differs_from_part(const struct stream *s, const struct shape *shape,
				const struct part *part, size_t page)
{
	__u64 addr = (unsigned long)shape->start + page * PAGE;
	const struct run *run = run_at(s, addr);
	unsigned int kind = run ? run->kind : MMSCOPE_NONE;

	if (kind != part->kind)
		note("page %zu: kind %u, made as %u", page, kind, part->kind);
	else if (run && run->level != part->level)
		note("page %zu: level %u, made as %u", page, run->level,
		     part->level);
	else if (run && ((run->attrs & part->with) != part->with ||
			 run->attrs & part->without))
		note("page %zu: attrs %x, made with %x, without %x", page,
		     run->attrs, part->with, part->without);
	else if (part->frame &&
		 run_frame(s, run, addr) != part->frame + page - part->from)
		note("page %zu: frame %llx", page, run_frame(s, run, addr));
	else
		return 0;
	return 1;
}

TEST_F(shape, is_as_it_was_made)
{
	struct shape *shape = self->shape;
	unsigned long start = (unsigned long)shape->start;
	size_t differ = 0, i, page;
	struct stream *s;

	NEED_SHAPE();
	s = stream_get(self->target.pid, MMSCOPE_PART_PAGETABLE, start,
		       start + shape->size);
	ASSERT_NE(0, shape->nr_parts);
	for (i = 0; i < shape->nr_parts; i++) {
		const struct part *part = &shape->part[i];

		for (page = part->from; page < part->from + part->nr; page++)
			if (differ < 10)
				differ += differs_from_part(s, shape, part, page);
	}
	EXPECT_EQ(0, differ);
	stream_free(s);
}

/* Frames that follow each other make one run, however many slices it takes. */
TEST_F(shape, has_as_few_runs_as_possible)
{
	unsigned long start = (unsigned long)self->shape->start;
	struct stream *s;
	size_t i;

	NEED_SHAPE();
	s = stream_get(self->target.pid, MMSCOPE_PART_PAGETABLE, start,
		       start + self->shape->size);
	for (i = 1; i < s->nr_runs; i++)
		EXPECT_FALSE(runs_mergeable(s, &s->run[i - 1], &s->run[i]));
	if (variant->make == make_pfnmap || variant->make == make_pfnmap_high) {
		EXPECT_EQ(1, s->nr_runs);
		EXPECT_EQ(self->shape->size / PAGE, s->end->entries);
	}
	stream_free(s);
}

TEST_F(shape, agrees_with_pagemap)
{
	NEED_SHAPE();
	EXPECT_EQ(0, pages_compare_all(self->target.pid));
}

TEST_F(shape, has_huge_entries_where_the_kernel_says_so)
{
	struct shape *shape = self->shape;
	bool hugetlb = variant->make == make_hugetlb ||
		       variant->make == make_hugetlb_pmds ||
		       variant->make == make_hugetlb_1g;
	bool seen = false;
	struct stream *s;
	size_t i;

	NEED_SHAPE();
	s = stream_get(self->target.pid, MMSCOPE_PART_PAGETABLE,
		       (unsigned long)shape->start,
		       (unsigned long)shape->start + shape->size);
	for (i = 0; i < s->nr_runs; i++) {
		const struct run *run = &s->run[i];

		if (run->level == MMSCOPE_PTE)
			continue;
		seen = true;
		EXPECT_TRUE(kpage_flags(run->frame) &
			    (hugetlb ? KPF_HUGE : KPF_THP));
		EXPECT_EQ(0, run->frame % 512);
	}
	EXPECT_EQ(variant->make == make_thp || variant->make == make_thp_split ||
		  variant->make == make_huge_zero || hugetlb ||
		  variant->make == make_protnone_thp, seen);
	stream_free(s);
}

/* Is the entry for @addr in memory what follows from its run? */
static size_t wrong_entry(pid_t pid, const struct stream *s,
			  const struct run *run, __u64 addr)
{
	struct stream *walk = stream_get(pid, MMSCOPE_PART_WALK, addr, 0);
	const struct mmscope_step *step = &walk->walk->step[walk->walk->nr - 1];
	__u64 raw = kcore_phys(step->table + 8 * step->index);
	bool wrong = run_raw(s, run, addr) != raw;

	if (wrong)
		note("%llx kind %u: raw %llx, in memory %llx", addr, run->kind,
		     run_raw(s, run, addr), raw);
	stream_free(walk);
	return wrong;
}

TEST_F(shape, has_raw_entries_as_in_memory)
{
	pid_t pid = self->target.pid;
	size_t i, step, wrong = 0;
	struct stream *s;

	NEED_SHAPE();
	s = stream_get(pid, MMSCOPE_PART_PAGETABLE, 0, 0);
	step = s->nr_runs / 200 + 1;
	for (i = 0; i < s->nr_runs; i += step) {
		const struct run *run = &s->run[i];

		/* Of these, what is accessed is told of all of a block. */
		if (run->attrs & MMSCOPE_ATTR_CONT)
			continue;
		wrong += wrong_entry(pid, s, run, run->start);
		wrong += wrong_entry(pid, s, run,
				     run_end(s, run) - run_size(s, run));
	}
	EXPECT_EQ(0, wrong);
	stream_free(s);
}

TEST_F(shape, is_not_changed_by_looking)
{
	NEED_SHAPE();
	EXPECT_FALSE(pages_changed_by(self->target.pid, pages_look_at_all));
}

TEST_F(shape, is_the_same_as_text)
{
	struct stream *s;
	char *text;

	NEED_SHAPE();
	text = text_get(self->target.pid, "pagetable");
	s = stream_get(self->target.pid, MMSCOPE_PART_PAGETABLE, 0, 0);
	EXPECT_EQ(0, text_compare_runs(text, s));
	EXPECT_EQ(0, strncmp(text, "# mmscope pagetable, abi ", 25));
	stream_free(s);
	free(text);
}

TEST_F(shape, in_ranges_is_part_of_the_whole)
{
	NEED_SHAPE();
	EXPECT_EQ(0, ranges_compare(self->target.pid,
				    (unsigned long)self->shape->start,
				    self->shape->size));
}

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

/* Folios that are mapped with contiguous hints */

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

/* Their frames follow each other. */
FIXTURE_VARIANT_ADD(folios, of_one_split) {
	.map = MAP_SPLIT,
};

/* Step N looks at the Nth page, -N writes to it. */
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
	/* The TLB remembers accessed pages. */
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

/* How many entries of the first 64 have the attribute themselves. */
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

/* What was noted in one entry counts for the folio, and does not cut its run. */
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
	note("noted in %zu entries, %zu runs",
	     entries_with(pid, shape, attr), s->nr_runs);
	stream_free(s);
	return wrong;
}

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

/* Bits that the kernel clears on demand */

FIXTURE(bits)
{
	struct shape *shape;
	struct target target;
};

#define BITS_PAGES	32

/* Step N touches every Nth page, -N looks at it. */
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
	/* clear_refs leaves the TLB alone, and that remembers accessed pages. */
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

TEST_F(bits, accessed)
{
	pid_t pid = self->target.pid;

	EXPECT_EQ(0xffffffff, pages_with(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	proc_clear_refs(pid, 1);
	EXPECT_EQ(0, pages_with(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	target_step(&self->target, -4);
	EXPECT_EQ(0x11111111, pages_with(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	EXPECT_EQ(0xffffffff, pages_with(pid, self->shape, MMSCOPE_ATTR_DIRTY));
}

TEST_F(bits, soft_dirty)
{
	pid_t pid = self->target.pid;
	__u64 start = (unsigned long)self->shape->start;
	__u64 entry[BITS_PAGES], oracle = 0;
	int i;

	/* Pages of a new mapping are, in kernels that know of it. */
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

/* More than four levels, or not: what processor and system calls say. */
FIXTURE(levels) {
};

FIXTURE_SETUP(levels)
{
	module_need();
}

FIXTURE_TEARDOWN(levels)
{
}

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
