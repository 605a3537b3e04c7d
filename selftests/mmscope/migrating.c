// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that are migrated from one node to the other, compared with what pagemap
 * shows at that moment.
 */
#include <errno.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "test.h"
#include "oracle/kpage.h"
#include "oracle/numa.h"
#include "oracle/pages.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/runs.h"
#include "target/shape.h"
#include "target/target.h"

#define RW		(PROT_READ | PROT_WRITE)

/* That many small pages, or one huge page: that many pages at most. */
#define SMALL_PAGES	512
#define MAX_PAGES	8192

/* So many looks of each kind of query have to meet a migrating page. */
#define SIGHTS		20

/**
 * struct moving - shared with the target
 * @shape: its pages
 * @turn: number of the migration, odd while it goes on
 * @at: entries of pagemap before this migration
 * @stop: the test has finished
 */
struct moving {
	struct shape shape;
	unsigned long turn;
	__u64 at[MAX_PAGES];
	bool stop;
};

/* Pages to migrate */

static void map_small(struct shape *shape)
{
	shape_map(shape, SMALL_PAGES, RW, MAP_PRIVATE, -1);
	shape_touch(shape, 0, SMALL_PAGES);
}

static void map_read_only(struct shape *shape)
{
	map_small(shape);
	mprotect(shape->start, shape->size, PROT_READ);
}

static void map_shared(struct shape *shape)
{
	shape_map(shape, SMALL_PAGES, RW, MAP_SHARED, -1);
	shape_touch(shape, 0, SMALL_PAGES);
	mprotect(shape->start, shape->size, PROT_READ);
}

static void map_thp(struct shape *shape)
{
	if (!shape_map_huge(shape, 1))
		return;
	shape_touch(shape, 0, 1);
	shape_need_thp(shape, TABLE_ENTRIES);
}

static void map_hugetlb(struct shape *shape)
{
	const char *file = "/proc/sys/vm/nr_hugepages";

	if (file_number(file, 0) < 4)
		file_write(file, "4");
	shape->size = kernel_hugetlb_size();
	shape->start = mmap(NULL, shape->size, RW, MAP_PRIVATE | MAP_ANONYMOUS |
			    MAP_HUGETLB, -1, 0);
	if (shape->start == MAP_FAILED)
		strcpy(shape->skip, "no hugetlb page could be reserved");
	else
		shape_touch(shape, 0, 1);
}

/* The target */

struct mover {
	void (*map)(struct shape *shape);
	size_t step;			/* bytes of each page */
	struct moving *moving;
};

/* Migrate all pages. Return: whether all are on @node then. */
static bool move_to(const struct shape *shape, size_t step, int node)
{
	int nodes[MAX_PAGES], status[MAX_PAGES];
	void *page[MAX_PAGES];
	size_t nr, there = 0;

	for (nr = 0; nr * step < shape->size; nr++) {
		page[nr] = shape->start + nr * step;
		nodes[nr] = node;
	}
	if (syscall(SYS_move_pages, 0, nr, page, nodes, status,
		    MPOL_MF_MOVE) < 0)
		die("move_pages to node %d: %s", node, strerror(errno));
	while (there < nr && status[there] == node)
		there++;
	return there == nr;
}

/* Pages with an extra reference do not migrate: try again. */
static bool can_move(const struct shape *shape, size_t step)
{
	int attempt, node = 1;

	for (attempt = 0; node >= 0 && attempt < 500; attempt++) {
		if (move_to(shape, step, node))
			node--;
		else
			usleep(1000);
	}
	return node < 0;
}

static void make(const struct mover *mover)
{
	struct shape *shape = &mover->moving->shape;

	if (access("/sys/devices/system/node/node1", F_OK)) {
		strcpy(shape->skip, "the machine has no second node");
		return;
	}
	mover->map(shape);
	if (!*shape->skip && !can_move(shape, mover->step))
		strcpy(shape->skip, "the kernel does not migrate such pages");
	/* If the node has no free huge page, the kernel splits this one. */
	if (!*shape->skip && mover->map == map_thp &&
	    !shape_is_thp(shape, TABLE_ENTRIES))
		strcpy(shape->skip, "the kernel does not migrate huge pages");
}

static void begin_or_end_turn(struct moving *moving)
{
	__atomic_add_fetch(&moving->turn, 1, __ATOMIC_SEQ_CST);
}

/*
 * Let every other process preempt this one: when the test wakes up, the target
 * stops, perhaps in the middle of a migration, until the test sleeps again.
 */
static void yield_to_all(void)
{
	const struct sched_param param = { };

	if (sched_setscheduler(0, SCHED_IDLE, &param))
		die("SCHED_IDLE: %s", strerror(errno));
}

static void keep_moving(void *arg, int step)
{
	const struct mover *mover = arg;
	struct moving *moving = mover->moving;
	struct shape *shape = &moving->shape;
	int node = 0;

	if (!step) {
		make(mover);
		return;
	}
	yield_to_all();
	while (!__atomic_load_n(&moving->stop, __ATOMIC_SEQ_CST)) {
		node = !node;
		proc_pagemap(getpid(), (unsigned long)shape->start, shape->size / PAGE,
			     moving->at);
		begin_or_end_turn(moving);
		move_to(shape, mover->step, node);
		begin_or_end_turn(moving);
	}
}

FIXTURE(migrating)
{
	struct moving *moving;
	struct mover mover;
	struct target target;
	struct proc_maps *maps;		/* smaps of it, before it moves */
};

FIXTURE_VARIANT(migrating)
{
	void (*map)(struct shape *shape);
	unsigned int level;
	bool hugetlb;
};

FIXTURE_VARIANT_ADD(migrating, small) {
	.map = map_small,
	.level = MMSCOPE_PTE,
};

FIXTURE_VARIANT_ADD(migrating, read_only) {
	.map = map_read_only,
	.level = MMSCOPE_PTE,
};

FIXTURE_VARIANT_ADD(migrating, shared) {
	.map = map_shared,
	.level = MMSCOPE_PTE,
};

FIXTURE_VARIANT_ADD(migrating, thp) {
	.map = map_thp,
	.level = MMSCOPE_PMD,
};

FIXTURE_VARIANT_ADD(migrating, hugetlb) {
	.map = map_hugetlb,
	.level = MMSCOPE_PMD,
	.hugetlb = true,
};

/* The test and the target run on one processor. */
static void share_processor(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		die("sched_setaffinity: %s", strerror(errno));
}

FIXTURE_SETUP(migrating)
{
	module_need();
	kernel_stand_still();
	self->moving = target_share(sizeof(*self->moving));
	self->mover.map = variant->map;
	self->mover.step = variant->level == MMSCOPE_PTE ? PAGE : HUGE;
	self->mover.moving = self->moving;
	share_processor();
	target_start(&self->target, keep_moving, &self->mover);
	self->maps = proc_maps(self->target.pid, "smaps");
}

FIXTURE_TEARDOWN(migrating)
{
	target_stop(&self->target);
	proc_maps_free(self->maps);
}

/* Looks */

/**
 * struct look - pagemap and a stream in the same migration
 * @vma: of the pages, as in smaps
 * @level: of their entries
 * @hugetlb: pagemap shows nothing for migrating pages of hugetlb
 * @nr: number of pages
 * @all: the query has no filter for migration entries
 * @at: pagemap before the migration
 * @before: pagemap before the stream
 * @after: pagemap after the stream
 * @s: the stream
 */
struct look {
	const struct proc_vma *vma;
	unsigned int level;
	bool hugetlb;
	size_t nr;
	bool all;
	__u64 at[MAX_PAGES];
	__u64 before[MAX_PAGES];
	__u64 after[MAX_PAGES];
	struct stream *s;
};

/* Return: whether all of it is from one migration. */
static bool take(struct look *look, const struct moving *moving, pid_t pid)
{
	const __u64 start = (unsigned long)moving->shape.start;
	const struct mmscope_query query = {
		.pid = pid,
		.parts = MMSCOPE_PART_PAGETABLE,
		.start = start,
		.end = start + moving->shape.size,
		.kinds = look->all ? 0 : 1u << MMSCOPE_MIGRATION,
	};
	unsigned long turn = __atomic_load_n(&moving->turn, __ATOMIC_SEQ_CST);

	memcpy(look->at, moving->at, look->nr * sizeof(*look->at));
	proc_pagemap(pid, start, look->nr, look->before);
	look->s = stream_of(query);
	proc_pagemap(pid, start, look->nr, look->after);
	return turn % 2 &&
	       turn == __atomic_load_n(&moving->turn, __ATOMIC_SEQ_CST);
}

/* Was the page migrating all the time, by pagemap? */
static bool is_migrating(const struct look *look, size_t page)
{
	__u64 entry = look->before[page];

	if (entry != look->after[page])
		return false;
	return look->hugetlb ? !(entry & PM_PRESENT) : pm_is_away(entry);
}

/* Return: what is wrong with a page in the stream, NULL if nothing is. */
static const char *wrong_page(const struct look *look, const struct run *run,
			      __u64 addr, size_t page)
{
	if (is_migrating(look, page)) {
		if (!run || run->kind != MMSCOPE_MIGRATION)
			return "not migrating";
		return pages_wrong_page(look->s, look->vma, addr,
					look->before[page]);
	}
	if (run && run->kind != MMSCOPE_MIGRATION &&
	    (!look->all || run->kind != MMSCOPE_PRESENT))
		return "kind";
	return NULL;
}

static const char *wrong_run(const struct look *look, const struct run *run,
			     __u64 addr, size_t page)
{
	if (run->level != look->level)
		return "level";
	if (run->kind == MMSCOPE_MIGRATION &&
	    run_frame(look->s, run, addr) != PM_FRAME(look->at[page]))
		return "frame is not that before the migration";
	return NULL;
}

/* Return: the number of wrong pages. */
static size_t wrong_look(const struct look *look, __u64 start, bool *seen)
{
	size_t page, wrong = 0;

	for (page = 0; page < look->nr; page++) {
		__u64 addr = start + page * PAGE;
		const struct run *run = run_at(look->s, addr);
		const char *what = wrong_page(look, run, addr, page);

		*seen |= is_migrating(look, page);
		if (!what && run)
			what = wrong_run(look, run, addr, page);
		if (!what)
			continue;
		if (!wrong++)
			note("page %zu: %s: pagemap %llx, %llx, before the migration %llx, run kind %u level %u frame %llx",
			     page, what, look->before[page], look->after[page],
			     look->at[page], run ? run->kind : 0,
			     run ? run->level : 0,
			     run ? run_frame(look->s, run, addr) : 0);
	}
	return wrong;
}

/* Look until enough looks met a migrating page. Return: the number of wrong pages. */
static size_t watch(const struct moving *moving, pid_t pid, struct look *look)
{
	__u64 start = (unsigned long)moving->shape.start;
	size_t wrong = 0, sights = 0;

	while (sights < SIGHTS && !wrong) {
		bool seen = false;

		/* At a random moment of a migration. */
		usleep(rand() % 1000);
		if (take(look, moving, pid))
			wrong = wrong_look(look, start, &seen);
		sights += seen;
		stream_free(look->s);
	}
	return wrong;
}

/*
 * The target migrates its pages from node to node. Look at random moments, with a
 * filter for migration entries, then without. At the end all pages are in memory,
 * and agree with pagemap, kpageflags and numa_maps.
 */
TEST_F(migrating, pages_agree_with_pagemap)
{
	struct moving *moving = self->moving;
	pid_t pid = self->target.pid;
	struct look look = {
		.level = variant->level,
		.hugetlb = variant->hugetlb,
		.nr = moving->shape.size / PAGE,
	};

	if (*moving->shape.skip)
		SKIP(return, "%s", moving->shape.skip);
	look.vma = proc_vma_at(self->maps, (unsigned long)moving->shape.start);
	target_leave(&self->target, 1);
	EXPECT_EQ(0, watch(moving, pid, &look));
	look.all = true;
	EXPECT_EQ(0, watch(moving, pid, &look));
	__atomic_store_n(&moving->stop, true, __ATOMIC_SEQ_CST);
	target_await(&self->target);
	EXPECT_EQ(0, pages_compare_all(pid));
	EXPECT_EQ(0, kpage_compare(pid, 0, 0));
	EXPECT_EQ(0, numa_compare(pid));
}

TEST_HARNESS_MAIN
