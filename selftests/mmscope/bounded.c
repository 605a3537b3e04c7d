// SPDX-License-Identifier: GPL-2.0-only
/*
 * However large a target is: an open file takes bounded memory, reading drops the
 * lock between slices, and a change between slices is reported.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/giants.h"
#include "target/target.h"

/* What an open file may take, whatever it shows. */
#define BYTES_PER_FILE	(128 * KIB)
#define NR_FILES	40

FIXTURE(giant)
{
	struct giant *giant;
	struct target target;
	pid_t pid;
};

FIXTURE_VARIANT(giant)
{
	void (*make)(struct giant *giant);
	size_t least_vmas;
	unsigned int slices;		/* it takes at least */
	unsigned int slices_upper;	/* the same with more than two levels */
};

FIXTURE_VARIANT_ADD(giant, sparse) {
	.make = giant_sparse,
};

FIXTURE_VARIANT_ADD(giant, strewn) {
	.make = giant_strewn,
	.slices = 2,
};

/* Ten if its tables are of an upper level, whose entries cost more than PTEs. */
FIXTURE_VARIANT_ADD(giant, hollow) {
	.make = giant_hollow,
	.slices = 2,
	.slices_upper = 10,
};

FIXTURE_VARIANT_ADD(giant, many_vmas) {
	.make = giant_many,
	.least_vmas = MANY_VMAS,
	.slices = 2,
};

FIXTURE_VARIANT_ADD(giant, dense) {
	.make = giant_dense,
	.slices = 2,
};

FIXTURE_SETUP(giant)
{
	module_need();
	kernel_stand_still();
	self->giant = target_share(sizeof(*self->giant));
	self->giant->make = variant->make;
	target_start(&self->target, giant_live, self->giant);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(giant)
{
	target_stop(&self->target);
}

static size_t lines(const char *text)
{
	size_t nr = 0;

	for (; *text; text = strchr(text, '\n') + 1)
		nr += *text != '#';
	return nr;
}

static __u64 pages_of_giant(const struct stream *s, const struct giant *giant)
{
	__u64 start = (unsigned long)giant->start, pages = 0;
	size_t i;

	for (i = 0; i < s->nr_runs; i++)
		if (s->run[i].start >= start &&
		    s->run[i].start < start + giant->size)
			pages += s->run[i].nr;
	return pages;
}

/*
 * Read the stream and the text files of a target that sleeps. They are complete,
 * took several slices, and report no change. One target serves all checks: some
 * take long to make where every change of the VMAs is verified.
 */
TEST_F(giant, is_read_completely_in_slices)
{
	struct stream *s = stream_get(self->pid, PARTS_RANGED, 0, 0);
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	char *vmas = text_get(self->pid, "vmas");
	char *pagetable = text_get(self->pid, "pagetable");
	size_t i;

	EXPECT_LE(variant->least_vmas, s->nr_vmas);
	ASSERT_EQ(maps->nr, s->nr_vmas);
	for (i = 0; i < maps->nr; i++)
		ASSERT_EQ(maps->vma[i].end, s->vma[i]->end);
	EXPECT_EQ(self->giant->touched, pages_of_giant(s, self->giant));
	EXPECT_EQ(s->nr_vmas, lines(vmas));
	EXPECT_EQ(s->nr_runs, lines(pagetable));

	/* The mm takes one hold, VMAs and page tables at least one each. */
	EXPECT_LE(2 + variant->slices, s->end->holds);
	if (kernel_levels() > 2)
		EXPECT_LE(2 + variant->slices_upper, s->end->holds);
	EXPECT_LT(0, s->end->longest_ns);
	EXPECT_EQ(0, s->end->flags & MMSCOPE_END_CHANGED);
	EXPECT_EQ(NULL, strstr(pagetable, "# the mappings changed"));
	stream_free(s);
	if (variant->least_vmas) {
		s = stream_get(self->pid, MMSCOPE_PART_VMAS, 0, 0);
		EXPECT_LE(variant->least_vmas / 500, s->end->holds);
		stream_free(s);
	}
	proc_maps_free(maps);
	free(vmas);
	free(pagetable);
}

/* Read so little that the walk has begun, but not ended; then let the target do a step. */
static struct stream *read_around(int fd, struct target *target, int step)
{
	char begun[500];
	struct stream *s;

	if (query_ask(fd, target->pid, PARTS_RANGED, 0, 0))
		die("query: %s", strerror(errno));
	if (read(fd, begun, sizeof(begun)) != sizeof(begun))
		die("cannot begin to read");
	target_step(target, step);
	if (stream_finish(fd, begun, sizeof(begun), &s))
		die("cannot read on");
	return s;
}

/*
 * The target maps more between two slices: END reports it. A second query, after
 * that, has no change to report. Then the target replaces a mapping by one with other
 * permissions: the totals stay, but END reports it, unless there are so many VMAs that
 * the module has no digest. In text, a comment reports changes.
 */
TEST_F(giant, changes_are_reported)
{
	int query = query_open(), text_file;
	struct stream *s = read_around(query, &self->target, GIANT_CHANGE);
	char c, *text;

	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(0, s->end->status);
	/* If there is only one slice, all was read before the change. */
	if (variant->slices)
		EXPECT_EQ(MMSCOPE_END_CHANGED, s->end->flags);
	stream_free(s);

	ASSERT_EQ(0, query_ask(query, self->pid, PARTS_RANGED, 0, 0));
	ASSERT_EQ(0, stream_read(query, &s));
	EXPECT_EQ(0, s->end->flags);
	stream_free(s);

	s = read_around(query, &self->target, GIANT_REPLACE);
	ASSERT_STREQ("", s->wrong);
	if (variant->slices && !variant->least_vmas)
		EXPECT_EQ(MMSCOPE_END_CHANGED, s->end->flags);
	stream_free(s);

	text_file = folder_open(self->pid, variant->least_vmas ? "vmas" :
								 "pagetable");
	ASSERT_EQ(1, read(text_file, &c, 1));
	target_step(&self->target, GIANT_CHANGE);
	ASSERT_EQ(0, text_read(text_file, &text));
	if (variant->slices)
		EXPECT_TRUE(text_has_line(text, "# the mappings changed during the read"));
}

/* Free pages that a processor keeps for itself: they are not part of MemFree. */
static long kept_kb(void)
{
	FILE *file = fopen("/proc/zoneinfo", "r");
	char line[256];
	long pages, sum = 0;

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " count: %ld", &pages) == 1)
			sum += pages;
	fclose(file);
	return sum * PAGE / KIB;
}

/* Free memory, and caches that can be freed at once. */
static long free_kb(void)
{
	static const char * const name[] = { "MemFree:", "Buffers:", "Cached:",
					     "SReclaimable:" };
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128], word[64];
	long kb, sum = kept_kb();
	size_t i;

	while (fgets(line, sizeof(line), file))
		for (i = 0; i < ARRAY_SIZE(name); i++)
			if (sscanf(line, "%63s %ld", word, &kb) == 2 &&
			    !strcmp(word, name[i]))
				sum += kb;
	fclose(file);
	return sum;
}

/* One read() returns one slice at most. */
static void read_on(int fd, size_t len)
{
	char buffer[4096];
	ssize_t ret = 1;

	for (; len && ret; len -= ret) {
		ret = read(fd, buffer, len < sizeof(buffer) ? len :
							      sizeof(buffer));
		if (ret < 0)
			die("read: %s", strerror(errno));
	}
}

/* From the first byte to well after the buffer has reached its full size. */
static size_t how_far(int i)
{
	return 1 + i % 20 * 1000;
}

static void open_queries(pid_t pid, int *fd)
{
	int i;

	for (i = 0; i < NR_FILES; i++) {
		fd[i] = query_open();
		if (query_ask_usual(fd[i], pid))
			die("query %d failed", i);
		read_on(fd[i], how_far(i));
	}
}

static void open_texts(pid_t pid, int *fd)
{
	int i;

	for (i = 0; i < NR_FILES; i++) {
		fd[i] = folder_open(pid, i % 2 ? "vmas" : "pagetable");
		read_on(fd[i], how_far(i));
	}
}

static int by_value(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * What open files cost, in KiB. Other processes allocate and free memory, too, so
 * the result is a median. The first round fills caches and does not count.
 */
static long cost_of_files(void (*open_all)(pid_t pid, int *fd), pid_t pid)
{
	int fd[NR_FILES], round, i;
	long kb[1 + 3];

	for (round = 0; round < (int)ARRAY_SIZE(kb); round++) {
		kb[round] = free_kb();
		open_all(pid, fd);
		kb[round] -= free_kb();
		for (i = 0; i < NR_FILES; i++)
			close(fd[i]);
	}
	qsort(kb + 1, 3, sizeof(*kb), by_value);
	note("%ld KiB for %d files", kb[2], NR_FILES);
	return kb[2];
}

/*
 * Open 40 queries, then 40 text files, and read each to another place. If they took
 * less than 4 KiB each, nothing would have been measured.
 */
TEST_F(giant, takes_no_more_than_128_kib_a_file)
{
	void (*const open_all[])(pid_t pid, int *fd) = { open_queries, open_texts };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(open_all); i++) {
		long kb = cost_of_files(open_all[i], self->pid);

		EXPECT_GT(NR_FILES * BYTES_PER_FILE / KIB, kb);
		EXPECT_LT(NR_FILES * 4, kb);
	}
}

/* Close a query after reading nothing, a little, or more. */
TEST_F(giant, can_be_closed_at_any_time)
{
	char buffer[5000];
	int i;

	for (i = 0; i < 50; i++) {
		int fd = query_open();

		ASSERT_EQ(0, query_ask(fd, self->pid, PARTS_RANGED, 0, 0));
		ASSERT_LE(0, read(fd, buffer, i * 100));
		ASSERT_EQ(0, close(fd));
	}
}

/* Nearly as many VMAs as a process can have: all of them are in the stream. */
TEST(most_vmas_are_read_completely)
{
	struct giant *giant = target_share(sizeof(*giant));
	struct target target;
	struct proc_maps *maps;
	struct stream *s;

	module_need();
	giant->make = giant_most;
	target_start(&target, giant_live, giant);
	s = stream_get(target.pid, MMSCOPE_PART_VMAS, 0, 0);
	maps = proc_maps(target.pid, "maps");
	EXPECT_LE(giant_most_vmas(), s->nr_vmas);
	EXPECT_EQ(maps->nr, s->nr_vmas);
	EXPECT_LE(giant_most_vmas() / 500, s->end->holds);
	target_stop(&target);
}

TEST_HARNESS_MAIN
