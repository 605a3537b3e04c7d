// SPDX-License-Identifier: GPL-2.0-only
/* Sums over the VMAs of a process, compared with smaps_rollup and status. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "target/crowd.h"
#include "target/target.h"

#define MAX_FIELDS	4
#define THREADS		5
#define TRIES		20

/* Pages of one kind of memory, and of enough to fill slices. */
#define SOME		30
#define MANY		20000

/**
 * struct pair - sums that have to be equal
 * @line: of smaps_rollup
 * @field: of struct mmscope_sums, in pages
 */
struct pair {
	const char *line[MAX_FIELDS];
	size_t field[MAX_FIELDS];
};

#define FIELD(name)	offsetof(struct mmscope_sums, name)

static const struct pair pairs[] = {
	{ { "Rss", "Private_Hugetlb", "Shared_Hugetlb" },
	  { FIELD(pte), FIELD(pmd), FIELD(pud) } },
	{ { "Rss" }, { FIELD(anon), FIELD(file), FIELD(shmem) } },
	{ { "Anonymous" }, { FIELD(anon) } },
	{ { "Private_Clean", "Private_Dirty", "Private_Hugetlb" },
	  { FIELD(exclusive) } },
	{ { "Private_Hugetlb" }, { FIELD(hugetlb_exclusive) } },
	{ { "Private_Hugetlb", "Shared_Hugetlb" }, { FIELD(hugetlb) } },
	{ { "Shared_Clean", "Shared_Dirty", "Shared_Hugetlb" },
	  { FIELD(shared) } },
	{ { "Swap" }, { FIELD(swapped) } },
};

/* The number after "NAME:" in the text of smaps_rollup. */
static __u64 rollup_kb(const char *text, const char *name)
{
	char line[64];
	const char *at;

	snprintf(line, sizeof(line), "\n%s:", name);
	at = strstr(text, line);
	if (!at)
		die("no %s in smaps_rollup", name);
	return strtoull(at + strlen(line), NULL, 10);
}

static size_t differ(const char *what, __u64 is, __u64 want)
{
	if (is == want)
		return 0;
	note("%s: sums %llu, /proc %llu", what, is, want);
	return 1;
}

static size_t compare_pair(const struct pair *pair, const char *text,
			   const struct mmscope_sums *sums)
{
	__u64 is = 0, want = 0;
	size_t i;

	for (i = 0; i < MAX_FIELDS && pair->line[i]; i++)
		want += rollup_kb(text, pair->line[i]);
	for (i = 0; i < MAX_FIELDS && pair->field[i]; i++)
		is += *(const __u64 *)((const char *)sums + pair->field[i]);
	return differ(pair->line[0], is * PAGE / KIB, want);
}

/* The number of VMAs and their size; maps knows both. */
static size_t compare_maps(pid_t pid, const struct mmscope_sums *sums)
{
	struct proc_maps *maps = proc_maps(pid, "maps");
	__u64 reserved = 0;
	size_t i, n;

	for (i = 0; i < maps->nr; i++)
		reserved += maps->vma[i].end - maps->vma[i].start;
	n = differ("VMAs", sums->vmas, maps->nr) +
	    differ("reserved", sums->reserved, reserved);
	proc_maps_free(maps);
	return n;
}

/* Return the number of sums that differ; the target sleeps, as do its relatives. */
static size_t compare_once(pid_t pid)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_SUMS, 0, 0);
	char *text = proc_read(pid, "smaps_rollup", NULL);
	const struct mmscope_sums *sums = s->sums;
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		n += compare_pair(&pairs[i], text, sums);
	n += differ("Pss", sums->pss_bytes / KIB, rollup_kb(text, "Pss"));
	n += differ("VmPTE", sums->pgtables_bytes / KIB,
		    proc_status(pid, "VmPTE"));
	n += differ("Threads", s->task->threads, proc_status(pid, "Threads"));
	n += differ("never", sums->pte + sums->pmd + sums->pud + sums->zero +
		    sums->special + sums->swapped + sums->other + sums->never,
		    sums->reserved / PAGE);
	n += compare_maps(pid, sums);
	stream_free(s);
	free(text);
	return n;
}

/*
 * This process and others map the same program or libraries, and may fault in pages,
 * start or end between the two readings: differences must stay.
 */
static size_t compare(pid_t pid)
{
	size_t n, tries = TRIES;

	do {
		n = compare_once(pid);
	} while (n && --tries);
	return n;
}

/* Kinds of memory */

static char *map(size_t pages, int flags, int fd)
{
	return target_map(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, fd);
}

static void add_anonymous(void)
{
	char *p = map(2 * SOME, MAP_PRIVATE, -1);

	target_touch(p, SOME * PAGE);
	target_look(p + SOME * PAGE, SOME / 2 * PAGE);
}

static void add_shared(void)
{
	target_touch(map(SOME, MAP_SHARED | MAP_ANONYMOUS, -1), SOME * PAGE);
}

static void add_file(void)
{
	int fd = target_file("/tmp/sums", SOME * PAGE);
	char *p = map(SOME, MAP_PRIVATE, fd);

	unlink("/tmp/sums");
	target_look(p, SOME * PAGE);
	target_touch(p, SOME / 3 * PAGE);
	close(fd);
}

static void add_huge(void)
{
	char *p = map(4 * HUGE / PAGE, MAP_PRIVATE, -1);

	madvise(p, 4 * HUGE, MADV_HUGEPAGE);
	target_touch(p, 4 * HUGE);
}

static void add_hugetlb(void)
{
	size_t size = 2 * kernel_hugetlb_size();
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (p != MAP_FAILED)
		target_touch(p, size);
}

static void add_forbidden(void)
{
	char *p = map(SOME, MAP_PRIVATE, -1);

	target_touch(p, SOME * PAGE);
	mprotect(p, SOME * PAGE, PROT_NONE);
}

static void add_swapped(void)
{
	char *p = map(SOME, MAP_PRIVATE, -1);

	target_touch(p, SOME * PAGE);
	target_page_out(p, SOME / 2 * PAGE);
}

static void have_child(void)
{
	pid_t parent = getpid(), child = fork();

	if (!child) {
		die_with(parent);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(child, NULL, WUNTRACED);
}

static void add_all(void *arg, int step)
{
	add_anonymous();
	add_shared();
	add_file();
	add_huge();
	add_hugetlb();
	add_forbidden();
	add_swapped();
	have_child();
	add_anonymous();
	have_child();
	add_anonymous();
	add_hugetlb();
}

/* A target has memory of all kinds, alone, with one child and with two. */
TEST(equal_smaps_rollup)
{
	struct target target;

	module_need();
	kernel_stand_still();
	target_start(&target, add_all, NULL);
	EXPECT_EQ(0, compare(target.pid));
	target_stop(&target);
}

/* Every fourth page is missing, so that there are many runs. */
static void add_many(void *arg, int step)
{
	char *p = map(MANY, MAP_PRIVATE, -1);
	size_t i;

	madvise(p, MANY * PAGE, MADV_NOHUGEPAGE);
	for (i = 0; i < MANY; i++)
		if (i % 4)
			target_touch(p + i * PAGE, PAGE);
	have_child();
	add_all(arg, step);
}

/* So many pages that one slice cannot count them all. */
TEST(slices_add_up)
{
	struct target target;
	struct stream *s;

	module_need();
	kernel_stand_still();
	target_start(&target, add_many, NULL);
	EXPECT_EQ(0, compare(target.pid));
	s = stream_get(target.pid, MMSCOPE_PART_SUMS, 0, 0);
	EXPECT_LT(1, s->end->holds);
	stream_free(s);
	target_stop(&target);
}

static void add_page(void *arg, int step)
{
	char **p = arg;

	*p = target_map_alone(SOME, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	madvise(*p, SOME * PAGE, MADV_NOHUGEPAGE);
	target_touch(*p + 2 * PAGE, 5 * PAGE);
}

/* A query that asks for a part of a mapping. */
TEST(range)
{
	char **p = target_share(sizeof(*p));
	const struct mmscope_sums *sums;
	struct target target;
	struct stream *s;
	__u64 start;

	module_need();
	target_start(&target, add_page, p);
	start = (unsigned long)*p;
	s = stream_get(target.pid, MMSCOPE_PART_SUMS, start + 4 * PAGE,
		       start + 12 * PAGE);
	sums = s->sums;
	EXPECT_EQ(1, sums->vmas);
	EXPECT_EQ(8 * PAGE, sums->reserved);
	EXPECT_EQ(3, sums->pte);
	EXPECT_EQ(3, sums->exclusive);
	EXPECT_EQ(5, sums->never);
	EXPECT_EQ(3 * PAGE, sums->pss_bytes);
	stream_free(s);
	target_stop(&target);
}

static void start_threads(void *arg, int step)
{
	crowd_start(THREADS);
}

/* The number of threads is in the TASK record, whichever thread is asked for. */
TEST(threads)
{
	struct target target;

	module_need();
	target_start(&target, start_threads, NULL);
	EXPECT_EQ(THREADS + 1, proc_status(target.pid, "Threads"));
	EXPECT_EQ(0, compare(target.pid));
	target_stop(&target);
}

/* Kernel threads have no sums. The daemon that reaps them is process 2. */
TEST(kernel_thread)
{
	struct stream *s;

	module_need();
	s = stream_get(2, MMSCOPE_PART_SUMS, 0, 0);
	EXPECT_EQ(MMSCOPE_TASK_KTHREAD, s->task->flags & MMSCOPE_TASK_KTHREAD);
	EXPECT_EQ(NULL, s->sums);
	stream_free(s);
}

TEST_HARNESS_MAIN
