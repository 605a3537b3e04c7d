// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory in all shapes: everything mmscope reports of it, compared with
 * /proc/PID/pagemap, smaps, status, numa_maps, kpageflags, and with what the
 * target is known to have done.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shape_fixture.h"
#include "oracle/kcore.h"
#include "oracle/kpage.h"
#include "oracle/numa.h"
#include "oracle/pages.h"
#include "oracle/pgtables.h"
#include "oracle/proc.h"
#include "oracle/shot.h"
#include "oracle/smaps.h"
#include "oracle/walks.h"
#include "stream/ranges.h"
#include "stream/read.h"
#include "stream/runs.h"
#include "stream/text.h"
#include "target/shape.h"
#include "target/shapes.h"
#include "target/target.h"

static struct stream *stream_of_shape(pid_t pid, const struct shape *shape)
{
	unsigned long start = (unsigned long)shape->start;

	return stream_get(pid, MMSCOPE_PART_PAGETABLE, start,
			  start + shape->size);
}

/* Page tables */

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

static size_t differs_from_making(const struct shape *shape,
				  const struct stream *s)
{
	size_t differ = 0, i, page;

	for (i = 0; i < shape->nr_parts; i++) {
		const struct part *part = &shape->part[i];

		for (page = part->from; page < part->from + part->nr; page++)
			if (differ < 10)
				differ += differs_from_part(s, shape, part, page);
	}
	return differ;
}

/* Entries with frames in a row make one run, however many slices that takes. */
static size_t runs_too_many(const struct stream *s)
{
	size_t i, too_many = 0;

	for (i = 1; i < s->nr_runs; i++)
		too_many += runs_mergeable(s, &s->run[i - 1], &s->run[i]);
	return too_many;
}

/* Huge entries whose page lacks the flag in kpageflags, or is not aligned. */
static size_t wrong_huge(const struct stream *s, __u64 flag, bool *seen)
{
	size_t i, wrong = 0;

	for (i = 0; i < s->nr_runs; i++) {
		const struct run *run = &s->run[i];

		if (run->level == MMSCOPE_PTE)
			continue;
		*seen = true;
		wrong += run->frame % TABLE_ENTRIES != 0;
		/* kpageflags knows nothing of device pages. */
		if (kind_present(run->kind))
			wrong += !(kpage_flags(run->frame) & flag);
	}
	return wrong;
}

static bool made_huge(const struct shape *shape)
{
	size_t i;

	for (i = 0; i < shape->nr_parts; i++)
		if (shape->part[i].kind != MMSCOPE_NONE &&
		    shape->part[i].level != MMSCOPE_PTE)
			return true;
	return false;
}

/* A translation ends in a table: whether that one has the entry for @addr, too. */
static bool ends_in_table_of(const struct stream *walk, unsigned int level,
			     __u64 addr)
{
	const struct mmscope_walk *w = walk->walk;
	__u64 size = (__u64)table_entries() << walk->header->level_shift[level];

	return walk_step(w, w->nr - 1)->level == level &&
	       w->addr / size == addr / size;
}

/* Is the entry for @addr in memory the one that follows from its run? */
static size_t wrong_entry(const struct stream *s, const struct run *run,
			  __u64 addr, const struct stream *walk)
{
	struct mmscope_step step = *walk_step(walk->walk, walk->walk->nr - 1);
	__u64 raw;

	step.index = (addr >> s->header->level_shift[step.level]) %
		     table_entries();
	raw = walk_raw_in_kcore(walk, &step);
	if (run_raw(s, run, addr) == raw)
		return 0;
	note("%llx kind %u: raw %llx, in memory %llx", addr, run->kind,
	     run_raw(s, run, addr), raw);
	return 1;
}

/* The first and the last entry of runs. All entries of a table take one translation. */
static size_t wrong_entries(pid_t pid, __u64 start, __u64 end)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_PAGETABLE, start, end);
	struct stream *walk = NULL;
	size_t i, k, step = s->nr_runs / 200 + 1, wrong = 0;

	for (i = 0; i < s->nr_runs; i += step) {
		const struct run *run = &s->run[i];
		const __u64 addr[] = { run->start,
				       run_end(s, run) - run_size(s, run) };

		for (k = 0; k < (run->nr > 1 ? 2 : 1); k++) {
			if (!walk || !ends_in_table_of(walk, run->level, addr[k])) {
				stream_free(walk);
				walk = stream_get(pid, MMSCOPE_PART_WALK, addr[k], 0);
			}
			wrong += wrong_entry(s, run, addr[k], walk);
		}
	}
	stream_free(walk);
	stream_free(s);
	return wrong;
}

/* Residency */

/*
 * Residency is that of the whole VMA, whatever range the query has. Flags of pages
 * may change by themselves: it is wrong if it differs each time.
 */
static bool residency_differs_by_range(pid_t pid, __u64 start)
{
	struct proc_maps *maps = proc_maps(pid, "maps");
	const struct proc_vma *vma = proc_vma_at(maps, start);
	struct mmscope_residency whole, page, byte;
	bool differs = true;
	int attempt;

	for (attempt = 0; differs && attempt < MAX_ATTEMPTS; attempt++) {
		whole = residency_in(pid, vma->start, vma->end);
		page = residency_in(pid, start + PAGE, start + 2 * PAGE);
		byte = residency_in(pid, vma->end - 1, vma->end);
		differs = memcmp(&whole, &page, sizeof(whole)) ||
			  memcmp(&whole, &byte, sizeof(whole));
	}
	proc_maps_free(maps);
	return differs;
}

static struct mmscope_residency residency_in_snapshot(pid_t pid, __u64 start)
{
	struct mmscope_residency r = { };
	int fd = folder_open(pid, "snapshot");
	struct stream *s;
	size_t i;

	if (stream_read(fd, &s) || *s->wrong)
		die("wrong snapshot");
	for (i = 0; i < s->nr_residencies; i++)
		if (s->residency[i]->start == start)
			r = *s->residency[i];
	stream_free(s);
	close(fd);
	return r;
}

/* If flags of pages change by themselves, the comparison starts again. */
static bool residency_differs_by_stream(pid_t pid, __u64 start)
{
	struct mmscope_residency alone, again, whole;
	int attempt;

	for (attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		alone = residency_in(pid, start, start + PAGE);
		whole = residency_in_snapshot(pid, alone.start);
		again = residency_in(pid, start, start + PAGE);
		if (!memcmp(&alone, &again, sizeof(alone)))
			return memcmp(&alone, &whole, sizeof(alone));
	}
	die("the residency of %d never keeps still", pid);
}

/*
 * The target gets its memory into a shape, and sleeps. Compare everything with what
 * the target did, then with /proc. One target serves all checks: some shapes take
 * long to make.
 */
TEST_F(shape, agrees_with_proc)
{
	bool hugetlb = variant->make == make_hugetlb ||
		       variant->make == make_hugetlb_pmds ||
		       variant->make == make_hugetlb_1g;
	struct shape *shape = self->shape;
	__u64 start = (unsigned long)shape->start;
	pid_t pid = self->target.pid;
	bool huge = false;
	struct stream *s;

	NEED_SHAPE();
	s = stream_of_shape(pid, shape);
	ASSERT_NE(0, shape->nr_parts);
	EXPECT_EQ(0, differs_from_making(shape, s));
	EXPECT_EQ(0, runs_too_many(s));
	if (variant->make == make_pfnmap || variant->make == make_pfnmap_high) {
		EXPECT_EQ(1, s->nr_runs);
		EXPECT_EQ(shape->size / PAGE, s->end->entries);
	}
	EXPECT_EQ(0, wrong_huge(s, hugetlb ? KPF_HUGE : KPF_THP, &huge));
	EXPECT_EQ(made_huge(shape), huge);
	EXPECT_EQ(0, pages_compare_all(pid));
	/* All targets have the other mappings. */
	EXPECT_EQ(0, wrong_entries(pid, start, start + shape->size));
	if (variant->make == make_anon)
		EXPECT_EQ(0, wrong_entries(pid, 0, 0));
	EXPECT_EQ(0, ranges_compare(pid, start, shape->size));
	EXPECT_EQ(0, kpage_compare(pid, 0, 0));
	EXPECT_EQ(0, numa_compare(pid));
	if (variant->make == make_two_nodes) {
		EXPECT_NE(0, numa_kb(pid, start, 0));
		EXPECT_NE(0, numa_kb(pid, start, 1));
	}
	EXPECT_EQ(0, smaps_compare(pid));
	EXPECT_FALSE(residency_differs_by_range(pid, start));
	EXPECT_FALSE(residency_differs_by_stream(pid, start));
	EXPECT_EQ(0, pgtables_compare(pid));
	EXPECT_EQ(0, text_compare(pid, "pagetable"));
	EXPECT_EQ(0, text_compare(pid, "tables"));
	/* At the end, because this clears accessed bits. */
	EXPECT_FALSE(pages_changed_by(pid, pages_look_at_all));
	stream_free(s);
}

TEST_HARNESS_MAIN
