// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translations of single addresses, against /proc/PID/pagemap, maps and the
 * page tables themselves, read through /proc/kcore.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"
#include "oracle/kcore.h"
#include "oracle/kpage.h"
#include "oracle/pages.h"
#include "oracle/proc.h"
#include "stream/entries.h"
#include "stream/read.h"
#include "target/target.h"

#define PAGE	4096UL
#define HUGE	(2 * MIB)

/**
 * struct ground - what the target maps; shared with it
 * @small: 16 pages, of which the first 8 are touched, 8 to 11 looked at
 * @denied: 4 touched pages without any permission
 * @swapped: 16 pages put out to swap, NULL if that cannot be
 * @thp: a transparent huge page, NULL if the kernel gave none
 * @hugetlb: a page of hugetlb, NULL if there is none
 * @shared: 4 touched pages of shared memory
 * @distant: nothing is mapped within 4 GiB around this touched page
 * @inside: two touched pages around an unmapped one
 */
struct ground {
	char *small;
	char *denied;
	char *swapped;
	char *thp;
	char *hugetlb;
	char *shared;
	char *distant;
	char *inside;
};

static char *map(size_t pages, int flags)
{
	char *p = target_map(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags,
			     -1);

	madvise(p, pages * PAGE, MADV_NOHUGEPAGE);
	return p;
}

static char *map_touched(size_t pages, int flags)
{
	char *p = map(pages, flags);

	target_touch(p, pages * PAGE);
	return p;
}

static char *map_swapped(void)
{
	char *p = map_touched(16, MAP_PRIVATE);

	return target_page_out(p, 16 * PAGE) ? p : NULL;
}

static char *map_thp(void)
{
	char *p = target_map(NULL, 2 * HUGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE, -1);
	__u64 entry;

	p = (char *)(((unsigned long)p + HUGE - 1) & -HUGE);
	madvise(p, HUGE, MADV_HUGEPAGE);
	target_touch(p, PAGE);
	entry = proc_page(getpid(), (unsigned long)p + 300 * PAGE);
	return entry & PM_PRESENT ? p : NULL;
}

static char *map_hugetlb(void)
{
	char *p;

	if (file_number("/proc/sys/vm/nr_hugepages", 0) < 1)
		file_write("/proc/sys/vm/nr_hugepages", "1");
	p = mmap(NULL, HUGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	target_touch(p, PAGE);
	return p;
}

static char *map_distant(void)
{
	char *p = target_map(NULL, 8 * GIB, PROT_NONE,
			     MAP_PRIVATE | MAP_NORESERVE, -1);

	munmap(p, 8 * GIB);
	p = target_map(p + 4 * GIB, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_FIXED, -1);
	target_touch(p, PAGE);
	return p;
}

static void make_ground(void *arg, int step)
{
	struct ground *ground = arg;

	ground->distant = map_distant();
	ground->small = map(16, MAP_PRIVATE);
	target_touch(ground->small, 8 * PAGE);
	target_look(ground->small + 8 * PAGE, 4 * PAGE);
	ground->denied = map_touched(4, MAP_PRIVATE);
	mprotect(ground->denied, 4 * PAGE, PROT_NONE);
	ground->swapped = map_swapped();
	ground->thp = map_thp();
	ground->hugetlb = map_hugetlb();
	ground->shared = map_touched(4, MAP_SHARED);
	ground->inside = map_touched(3, MAP_PRIVATE);
	munmap(ground->inside + PAGE, PAGE);
}

FIXTURE(translate)
{
	struct ground *ground;
	struct target target;
	pid_t pid;
};

FIXTURE_SETUP(translate)
{
	module_need();
	kernel_stand_still();
	self->ground = target_share(sizeof(*self->ground));
	target_start(&self->target, make_ground, self->ground);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(translate)
{
	target_stop(&self->target);
}

static struct stream *walk(pid_t pid, __u64 addr)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_WALK, addr, 0);

	if (s->walk->addr != addr)
		die("asked for %llx, got %llx", addr, s->walk->addr);
	return s;
}

/* Index of an address in the tables of one level. */
static __u64 index_at(const struct stream *s, unsigned int level, __u64 addr)
{
	return (addr >> s->header->level_shift[level]) % table_entries();
}

/* The attributes of a valid leaf, from what kcore reads. */
static unsigned int attrs_in_kcore(const struct stream *s,
				   const struct mmscope_step *step)
{
	__u32 nr = entry_block(s, step->level), first = step->index & -nr, i;
	unsigned int attrs = entry_attrs(step->raw);

	for (i = 0; attrs & MMSCOPE_ATTR_CONT && i < nr; i++)
		attrs |= ENTRY_BLOCK_ATTRS &
			 entry_attrs(kcore_phys(step->table + 8 * (first + i)));
	return attrs;
}

/*
 * The way down: levels without a gap, each table where the entry above says,
 * each entry what kcore reads there. Returns the number of steps that differ.
 * That the first one is in the right table is a test of its own.
 */
static size_t wrong_steps(const struct stream *s)
{
	const struct mmscope_walk *w = s->walk;
	unsigned int level = MMSCOPE_PGD;
	size_t i, wrong = 0;

	for (i = 0; i < w->nr; i++, level--) {
		const struct mmscope_step *step = walk_step(w, i);
		const char *what = NULL;

		while (!s->header->level_shift[level])
			level--;
		if (step->level != level)
			what = "level";
		else if (step->index != index_at(s, level, w->addr))
			what = "index";
		else if (i && step->table != entry_phys(s, walk_step(w, i - 1)->raw))
			what = "table of the entry above";
		else if (kcore_phys(step->table + 8 * step->index) != step->raw)
			what = "entry in kcore";
		else if (i + 1 < w->nr && (step->kind != MMSCOPE_TABLE ||
					   !entry_valid(step->raw) ||
					   !entry_leads_on(step->raw)))
			what = "entry that leads on";
		else if (i + 1 == w->nr && step->kind == MMSCOPE_TABLE)
			what = "end at a table";
		else if (i + 1 == w->nr && entry_valid(step->raw) &&
			 (step->attrs ^ attrs_in_kcore(s, step)) &
			 entry_attrs_known())
			what = "attributes";
		if (!what)
			continue;
		note("%llx: step %zu, level %u: wrong %s (table %llx, raw %llx, attrs %x)",
		     w->addr, i, step->level, what, step->table, step->raw,
		     step->attrs);
		wrong++;
	}
	return wrong;
}

/* A walk that has to find a page: everything about it. */
static size_t wrong_page(pid_t pid, __u64 addr, unsigned int kind,
			 unsigned int level)
{
	struct stream *s = walk(pid, addr);
	const struct mmscope_walk *w = s->walk;
	const struct mmscope_step *last = walk_step(w, w->nr - 1);
	__u64 entry = proc_page(pid, addr);
	unsigned int shift = s->header->level_shift[level];
	size_t wrong = wrong_steps(s);
	const char *what = NULL;

	if (w->stop != MMSCOPE_STOP_ENTRY || !w->nr)
		what = "stop";
	else if (last->kind != kind || last->level != level)
		what = "kind or level";
	else if (!(entry & PM_PRESENT))
		what = "presence in pagemap";
	else if (w->frame != PM_FRAME(entry))
		what = "frame";
	else if (w->phys != PM_FRAME(entry) * PAGE + addr % PAGE)
		what = "phys";
	else if (w->page_shift != shift)
		what = "page_shift";
	else if (w->gap_start || w->gap_end)
		what = "gap";
	else if (w->nr != s->header->levels - (level - MMSCOPE_PTE))
		what = "number of steps";
	else if (s->nr_vmas != 1 || s->vma[0]->start > addr ||
		 s->vma[0]->end <= addr)
		what = "VMA";
	else if (kind == MMSCOPE_PRESENT && entry_valid(last->raw) &&
		 (entry_phys(s, last->raw) & -(1ULL << shift)) !=
		 (w->phys & -(1ULL << shift)))
		what = "raw";
	if (what) {
		note("%llx: wrong %s: nr %u stop %u frame %llx phys %llx shift %u, pagemap %llx",
		     addr, what, w->nr, w->stop, w->frame, w->phys,
		     w->page_shift, entry);
		wrong++;
	}
	stream_free(s);
	return wrong;
}

TEST_F(translate, finds_small_pages)
{
	__u64 start = (unsigned long)self->ground->small;
	int i;

	for (i = 0; i < 8; i++)
		EXPECT_EQ(0, wrong_page(self->pid, start + i * (PAGE + 1),
					MMSCOPE_PRESENT, MMSCOPE_PTE));
	EXPECT_EQ(0, wrong_page(self->pid, start + 8 * PAGE - 1,
				MMSCOPE_PRESENT, MMSCOPE_PTE));
	EXPECT_EQ(0, wrong_page(self->pid, (unsigned long)self->ground->distant,
				MMSCOPE_PRESENT, MMSCOPE_PTE));
}

TEST_F(translate, finds_the_zero_page)
{
	__u64 start = (unsigned long)self->ground->small;
	__u64 frame = PM_FRAME(proc_page(self->pid, start + 9 * PAGE));

	ASSERT_TRUE(kpage_flags(frame) & KPF_ZERO_PAGE);
	EXPECT_EQ(0, wrong_page(self->pid, start + 8 * PAGE, MMSCOPE_ZERO,
				MMSCOPE_PTE));
	EXPECT_EQ(0, wrong_page(self->pid, start + 11 * PAGE + 77, MMSCOPE_ZERO,
				MMSCOPE_PTE));
}

TEST_F(translate, finds_pages_without_permission)
{
	__u64 start = (unsigned long)self->ground->denied;

	EXPECT_EQ(0, wrong_page(self->pid, start, MMSCOPE_PROTNONE, MMSCOPE_PTE));
	EXPECT_EQ(0, wrong_page(self->pid, start + 3 * PAGE + 5,
				MMSCOPE_PROTNONE, MMSCOPE_PTE));
}

TEST_F(translate, finds_shared_pages)
{
	EXPECT_EQ(0, wrong_page(self->pid,
				(unsigned long)self->ground->shared + 2 * PAGE,
				MMSCOPE_PRESENT, MMSCOPE_PTE));
}

static size_t wrong_huge_page(pid_t pid, char *start)
{
	static const unsigned long offset[] = {
		0, 1, PAGE - 1, PAGE, 77 * PAGE + 77, HUGE / 2, HUGE - PAGE,
		HUGE - 1,
	};
	size_t i, wrong = 0;

	for (i = 0; i < ARRAY_SIZE(offset); i++)
		wrong += wrong_page(pid, (unsigned long)start + offset[i],
				    MMSCOPE_PRESENT, MMSCOPE_PMD);
	return wrong;
}

TEST_F(translate, finds_transparent_huge_pages)
{
	if (!self->ground->thp)
		SKIP(return, "the kernel gave no huge page");
	EXPECT_EQ(0, wrong_huge_page(self->pid, self->ground->thp));
}

/* The first half of a huge page, mapped as one, is no longer its child's. */
static void share_half(void *arg, int step)
{
	struct ground *ground = arg;
	pid_t parent = getpid();
	int done[2];
	char c = 0;

	ground->thp = map_thp();
	if (!ground->thp)
		return;
	if (pipe(done))
		die("no pipe");
	if (!fork()) {
		die_with(parent);
		if (madvise(ground->thp, HUGE / 2, MADV_DONTNEED) ||
		    write(done[1], &c, 1) != 1)
			_exit(1);
		pause();
	}
	close(done[1]);
	if (read(done[0], &c, 1) != 1)
		die("the child could not give its half back");
}

TEST(tells_of_the_page_of_the_address)
{
	static const unsigned long offset[] = {
		0, HUGE / 2 - PAGE, HUGE / 2, HUGE - PAGE,
	};
	struct ground *ground = target_share(sizeof(*ground));
	struct target target;
	size_t i;

	module_need();
	target_start(&target, share_half, ground);
	if (!ground->thp)
		SKIP(return, "the kernel gave no huge page");
	for (i = 0; i < ARRAY_SIZE(offset); i++) {
		struct stream *s = walk(target.pid, (unsigned long)ground->thp +
					offset[i]);

		EXPECT_EQ(HUGE, 1UL << s->walk->page_shift);
		EXPECT_EQ(kpage_count(s->walk->frame) > 1,
			  !!(s->walk->page & MMSCOPE_PAGE_SHARED));
		stream_free(s);
	}
	target_stop(&target);
}

TEST_F(translate, finds_pages_of_hugetlb)
{
	if (!self->ground->hugetlb)
		SKIP(return, "no hugetlb page could be reserved");
	EXPECT_EQ(0, wrong_huge_page(self->pid, self->ground->hugetlb));
}

/* Every present page of every mapping that pagemap looks into. */
TEST_F(translate, finds_every_page)
{
	struct proc_maps *maps = proc_maps(self->pid, "smaps");
	size_t i, wrong = 0, pages = 0;

	for (i = 0; i < maps->nr; i++) {
		const struct proc_vma *vma = &maps->vma[i];
		__u64 addr;

		if (smaps_flag(vma, "pf") || vma->end - vma->start > 4 * MIB)
			continue;
		for (addr = vma->start; addr < vma->end; addr += PAGE) {
			__u64 entry = proc_page(self->pid, addr);
			struct stream *s = walk(self->pid, addr);
			__u64 phys = entry & PM_PRESENT ?
				     PM_FRAME(entry) * PAGE : 0;

			pages++;
			wrong += wrong_steps(s);
			if (s->walk->phys == phys)
				phys = 0;
			else
				note("%llx: phys %llx, pagemap %llx", addr,
				     s->walk->phys, entry);
			wrong += !!phys;
			stream_free(s);
		}
	}
	EXPECT_LT(100, pages);
	EXPECT_EQ(0, wrong);
	proc_maps_free(maps);
}

/* One address space has one top table, and mm->pgd is its address. */
TEST_F(translate, begins_at_pgd)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	struct stream *mm = stream_get(self->pid, MMSCOPE_PART_MM, 0, 0);
	size_t i;

	ASSERT_TRUE(mm->task->flags & MMSCOPE_TASK_ADDRESSES);
	for (i = 0; i < maps->nr; i++) {
		struct stream *s = walk(self->pid, maps->vma[i].start);
		const struct mmscope_step *top = walk_step(s->walk, 0);

		EXPECT_EQ(MMSCOPE_PGD, top->level);
		EXPECT_EQ(mm->mm->pgd, kcore_map(top->table));
		EXPECT_EQ(top->raw, kcore_virt(mm->mm->pgd + 8 * top->index));
		stream_free(s);
	}
	stream_free(mm);
	proc_maps_free(maps);
}

/* Walks that find no page */

TEST_F(translate, stops_at_nothing)
{
	struct stream *s = walk(self->pid,
				(unsigned long)self->ground->small + 13 * PAGE + 3);
	const struct mmscope_walk *w = s->walk;

	EXPECT_EQ(MMSCOPE_STOP_ENTRY, w->stop);
	EXPECT_EQ(s->header->levels, w->nr);
	EXPECT_EQ(MMSCOPE_NONE, walk_step(w, w->nr - 1)->kind);
	EXPECT_EQ(0, walk_step(w, w->nr - 1)->raw);
	EXPECT_EQ(0, w->phys);
	EXPECT_EQ(0, w->frame);
	EXPECT_EQ(0, w->page_shift);
	EXPECT_EQ(0, wrong_steps(s));
	EXPECT_EQ(1, s->nr_vmas);
	stream_free(s);
}

/* Where nothing was touched far and wide there are no lower tables, either. */
static void map_empty(void *arg, int step)
{
	char **start = arg;

	*start = target_map(NULL, 2UL << 40, PROT_READ,
			    MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(*start, 2UL << 40, MADV_NOHUGEPAGE);
	if (step)
		target_look(*start + (1UL << 40), PAGE);
}

TEST_F(translate, stops_at_missing_tables)
{
	char **start = target_share(sizeof(*start));
	struct target target;
	struct stream *s;
	__u64 addr;

	target_start(&target, map_empty, start);
	addr = (unsigned long)*start + (1UL << 40);
	s = walk(target.pid, addr);
	EXPECT_EQ(MMSCOPE_STOP_ENTRY, s->walk->stop);
	/* In 2 TiB there is at least one whole entry of the top two levels. */
	EXPECT_LE(s->walk->nr, s->header->levels - 2);
	EXPECT_GE(s->walk->nr, 1);
	EXPECT_EQ(MMSCOPE_NONE, walk_step(s->walk, s->walk->nr - 1)->kind);
	EXPECT_EQ(0, s->walk->page_shift);
	EXPECT_EQ(0, wrong_steps(s));
	stream_free(s);
	target_stop(&target);
}

TEST_F(translate, stops_at_swap)
{
	unsigned long addr;
	const struct mmscope_walk *w;
	struct stream *s;
	__u64 entry;

	if (!self->ground->swapped)
		SKIP(return, "there is no swap space");
	addr = (unsigned long)self->ground->swapped + 5 * PAGE;
	entry = proc_page(self->pid, addr);
	ASSERT_TRUE(entry & PM_SWAP);
	s = walk(self->pid, addr + 9);
	w = s->walk;
	EXPECT_EQ(MMSCOPE_STOP_ENTRY, w->stop);
	EXPECT_EQ(MMSCOPE_SWAP, walk_step(w, w->nr - 1)->kind);
	EXPECT_EQ(PM_SWAP_TYPE(entry), MMSCOPE_SWAP_DEVICE(w->frame));
	EXPECT_EQ(PM_SWAP_OFFSET(entry), MMSCOPE_SWAP_OFFSET(w->frame));
	EXPECT_EQ(0, w->phys);
	EXPECT_EQ(0, w->page_shift);
	EXPECT_EQ(0, wrong_steps(s));
	stream_free(s);
}

/* The last address of the user half: mmap() takes it, but nothing behind. */
static __u64 task_size(pid_t pid)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_MM, 0, 0);
	__u64 size = s->mm->task_size;

	stream_free(s);
	return size;
}

static size_t wrong_gap(pid_t pid, __u64 addr, __u64 start, __u64 end)
{
	struct stream *s = walk(pid, addr);
	const struct mmscope_walk *w = s->walk;
	bool wrong = w->stop != MMSCOPE_STOP_GAP || w->gap_start != start ||
		     w->gap_end != end || w->nr || w->phys || w->frame ||
		     w->page_shift || s->nr_vmas;

	if (wrong)
		note("%llx: stop %u, gap %llx-%llx, want %llx-%llx", addr,
		     w->stop, w->gap_start, w->gap_end, start, end);
	stream_free(s);
	return wrong;
}

TEST_F(translate, knows_every_gap)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	__u64 end = task_size(self->pid), last = 0;
	size_t i, wrong = 0, gaps = 0;

	for (i = 0; i <= maps->nr; i++) {
		__u64 start = i < maps->nr ? maps->vma[i].start : end;

		if (last < start) {
			wrong += wrong_gap(self->pid, last, last, start);
			wrong += wrong_gap(self->pid, start - 1, last, start);
			wrong += wrong_gap(self->pid, (last + start) / 2, last,
					   start);
			gaps++;
		}
		last = i < maps->nr ? maps->vma[i].end : 0;
	}
	EXPECT_LT(5, gaps);
	EXPECT_EQ(0, wrong);
	proc_maps_free(maps);
}

TEST_F(translate, stops_outside_the_user_half)
{
	__u64 page = proc_page(self->pid, (unsigned long)self->ground->small);
	__u64 end = task_size(self->pid);
	const __u64 outside[] = {
		end, end + 1, end + PAGE, ~0ULL, ~0ULL - PAGE,
#ifndef __aarch64__	/* there, a tagged address */
		1ULL << 63, 0x0123456789abcdefULL,
#endif
		0xffff800000000000ULL, 0xffffffff81000000ULL,
		kcore_map(PM_FRAME(page) * PAGE),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(outside); i++) {
		struct stream *s = walk(self->pid, outside[i]);

		EXPECT_EQ(MMSCOPE_STOP_KERNEL, s->walk->stop);
		EXPECT_EQ(0, s->walk->nr);
		EXPECT_EQ(0, s->walk->phys);
		EXPECT_EQ(0, s->walk->frame);
		EXPECT_EQ(0, s->walk->gap_start);
		EXPECT_EQ(0, s->walk->gap_end);
		EXPECT_EQ(0, s->nr_vmas);
		stream_free(s);
	}
}

/* What is not mapped any more between two pages is a gap, though their table stays. */
TEST_F(translate, walks_no_table_in_a_gap)
{
	__u64 start = (unsigned long)self->ground->inside;

	EXPECT_EQ(0, wrong_page(self->pid, start, MMSCOPE_PRESENT, MMSCOPE_PTE));
	EXPECT_EQ(0, wrong_gap(self->pid, start + PAGE, start + PAGE,
			       start + 2 * PAGE));
	EXPECT_EQ(0, wrong_page(self->pid, start + 2 * PAGE, MMSCOPE_PRESENT,
				MMSCOPE_PTE));
}

/* The VMA that comes with a walk is the one of maps. */
TEST_F(translate, brings_the_vma)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	size_t i;

	for (i = 0; i < maps->nr; i++) {
		struct stream *s = walk(self->pid, maps->vma[i].end - 1);

		ASSERT_EQ(1, s->nr_vmas);
		EXPECT_EQ(maps->vma[i].start, s->vma[0]->start);
		EXPECT_EQ(maps->vma[i].end, s->vma[0]->end);
		EXPECT_EQ(1, s->end->vmas);
		stream_free(s);
	}
	proc_maps_free(maps);
}

TEST_HARNESS_MAIN
