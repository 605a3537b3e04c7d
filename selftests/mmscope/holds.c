// SPDX-License-Identifier: GPL-2.0-only
/* How often and how long mmap_lock is held, and what one hold guarantees. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"
#include "oracle/holds.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/giants.h"
#include "target/target.h"

#define RW		(PROT_READ | PROT_WRITE)

/* VMAs of one moment */

/**
 * struct hopper - shared with the target
 * @at: where a mapping is in turn: before many VMAs, and after them
 * @hops: how often it has moved
 */
struct hopper {
	char *at[2];
	unsigned long hops;
};

#define HOP_VMAS	2000
#define HOP_ROUNDS	20

/* mremap() moves a mapping under one lock: it is never in both places. */
static void *hop(void *arg)
{
	struct hopper *hopper = arg;
	unsigned long i;

	for (i = 0;; i++) {
		if (mremap(hopper->at[i % 2], PAGE, PAGE,
			   MREMAP_MAYMOVE | MREMAP_FIXED,
			   hopper->at[(i + 1) % 2]) == MAP_FAILED)
			_exit(2);
		__atomic_add_fetch(&hopper->hops, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void map_hopper(struct hopper *hopper)
{
	size_t size = (HOP_VMAS + 8) * PAGE, at;
	char *p = target_map(NULL, size, PROT_NONE, MAP_PRIVATE, -1);

	for (at = 0; at < size; at += 2 * PAGE)
		target_map(p + at, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, -1);
	hopper->at[0] = p + PAGE;
	hopper->at[1] = p + size - PAGE;
	munmap(hopper->at[0], PAGE);
	munmap(hopper->at[1], PAGE);
	target_map(hopper->at[0], PAGE, RW, MAP_SHARED | MAP_FIXED, -1);
}

static void start_hopper(void *arg, int step)
{
	pthread_t thread;

	if (!step)
		map_hopper(arg);
	else if (pthread_create(&thread, NULL, hop, arg))
		die("cannot start a thread");
}

/* Wait until the mapping has moved at least once more. */
static void await_hop(struct hopper *hopper)
{
	unsigned long hops = __atomic_load_n(&hopper->hops, __ATOMIC_SEQ_CST);

	while (__atomic_load_n(&hopper->hops, __ATOMIC_SEQ_CST) == hops)
		usleep(100);
}

/*
 * A thread of the target moves a mapping from before many VMAs to after them, and
 * back. A consistent query has it exactly once, and reports no change: what changed
 * before a discarded attempt does not count.
 */
TEST(consistent_vmas_are_of_one_moment)
{
	struct hopper *hopper = target_share(sizeof(*hopper));
	struct target target;
	int i;

	module_need();
	target_start(&target, start_hopper, hopper);
	target_leave(&target, 1);
	for (i = 0; i < HOP_ROUNDS; i++) {
		struct stream *s;

		await_hop(hopper);
		s = stream_of((struct mmscope_query){
			.pid = target.pid,
			.parts = MMSCOPE_PART_VMAS,
			.flags = MMSCOPE_QUERY_CONSISTENT,
		});
		EXPECT_LE(HOP_VMAS, s->nr_vmas);
		EXPECT_LE(1, s->end->holds);
		EXPECT_EQ(MMSCOPE_END_CONSISTENT, s->end->flags);
		EXPECT_EQ(1, !!vma_at(s, (unsigned long)hopper->at[0]) +
			     !!vma_at(s, (unsigned long)hopper->at[1]));
		stream_free(s);
	}
	target_stop(&target);
}

/* Holds of mmap_lock */

#define NO_TRACE	"this kernel does not trace mmap_lock"

FIXTURE(holds)
{
	struct giant *giant;
	struct target target;
};

FIXTURE_VARIANT(holds)
{
	void (*make)(struct giant *giant);
	__u32 parts;
	__u32 flags;
};

FIXTURE_VARIANT_ADD(holds, vmas) {
	.make = giant_many,
	.parts = MMSCOPE_PART_VMAS,
};

FIXTURE_VARIANT_ADD(holds, vmas_of_one_moment) {
	.make = giant_many,
	.parts = MMSCOPE_PART_VMAS,
	.flags = MMSCOPE_QUERY_CONSISTENT,
};

FIXTURE_VARIANT_ADD(holds, residency) {
	.make = giant_many,
	.parts = MMSCOPE_PART_VMAS,
	.flags = MMSCOPE_QUERY_RESIDENCY,
};

FIXTURE_VARIANT_ADD(holds, pagetable) {
	.make = giant_dense,
	.parts = MMSCOPE_PART_PAGETABLE,
};

FIXTURE_VARIANT_ADD(holds, tables) {
	.make = giant_hollow,
	.parts = MMSCOPE_PART_TABLES,
};

FIXTURE_VARIANT_ADD(holds, sums) {
	.make = giant_many,
	.parts = MMSCOPE_PART_SUMS,
};

/* None at all. */
FIXTURE_VARIANT_ADD(holds, threads) {
	.make = giant_many,
	.parts = MMSCOPE_PART_THREADS,
};

FIXTURE_VARIANT_ADD(holds, usual) {
	.make = giant_many,
	.parts = PARTS_USUAL,
	.flags = FLAGS_USUAL,
};

FIXTURE_SETUP(holds)
{
	module_need();
	self->giant = target_share(sizeof(*self->giant));
	self->giant->make = variant->make;
	target_start(&self->target, giant_live, self->giant);
}

FIXTURE_TEARDOWN(holds)
{
	target_stop(&self->target);
}

static struct stream *trace_stream(struct mmscope_query query,
				   struct holds *traced)
{
	struct stream *s;

	holds_start();
	s = stream_of(query);
	*traced = holds_stop();
	return s;
}

#define TRACED_ROUNDS	3
#define MOST_ROUNDS	1000

/*
 * Trace the lock while a stream is read: the number of holds is the same. A traced
 * hold begins before the module reads the clock, and ends after, so it is longer,
 * but not by much, unless something interrupts the module just there. That can
 * happen in many rounds on a busy machine, but not in all of them.
 */
TEST_F(holds, are_as_traced)
{
	const struct mmscope_query query = {
		.pid = self->target.pid,
		.parts = variant->parts,
		.flags = variant->flags,
	};
	int round, close = 0;

	if (!holds_traceable())
		SKIP(return, NO_TRACE);
	holds_open();
	for (round = 0; round < TRACED_ROUNDS ||
	     (!close && round < MOST_ROUNDS); round++) {
		struct holds traced;
		struct stream *s = trace_stream(query, &traced);
		__u64 longest_ns = s->end->longest_ns;

		note("%llu holds, longest %llu ns; END has %llu, %llu ns",
		     traced.nr, traced.longest_ns, s->end->holds, longest_ns);
		EXPECT_EQ(traced.nr, s->end->holds);
		EXPECT_LE(longest_ns, traced.longest_ns + HOLDS_STEP_NS);
		close += longest_ns + HOLDS_STEP_NS >= traced.longest_ns / 4 * 3;
		stream_free(s);
	}
	EXPECT_LT(0, close);
	holds_close();
}

/* The numbers in the last line of a text file. */
static void read_end(const char *text, struct holds *holds)
{
	const char *line = strstr(text, "; mmap_lock held ");
	__u64 us;

	if (!line || sscanf(line, "; mmap_lock held %llu times, at most %llu us",
			    &holds->nr, &us) != 2)
		die("no line about mmap_lock");
	holds->longest_ns = us * 1000;
}

/* Trace the lock while each text file is read: its last line has these numbers. */
TEST(holds_in_text_are_as_traced)
{
	static const char * const file[] = { "mm", "vmas", "pagetable",
					     "tables" };
	struct giant *giant = target_share(sizeof(*giant));
	struct holds shown, traced;
	struct target target;
	size_t i;

	if (!holds_traceable())
		SKIP(return, NO_TRACE);
	module_need();
	giant->make = giant_many;
	target_start(&target, giant_live, giant);
	holds_open();
	for (i = 0; i < ARRAY_SIZE(file); i++) {
		int fd = folder_open(target.pid, file[i]);
		char *text;

		holds_start();
		ASSERT_EQ(0, text_read(fd, &text));
		traced = holds_stop();
		read_end(text, &shown);
		EXPECT_EQ(traced.nr, shown.nr);
		EXPECT_LE(shown.longest_ns, traced.longest_ns + HOLDS_STEP_NS);
		free(text);
		close(fd);
	}
	holds_close();
	target_stop(&target);
}

/* Locks of a file of hugetlb */

#define HUGE_MAPPINGS	400
#define LEAST_WAITS	20
#define MOST_READS	200

/**
 * struct punched - shared with the target
 * @fd: a file of hugetlb, one huge page long
 * @start: of one of its mappings
 * @failed: there is no huge page
 */
struct punched {
	int fd;
	char *start;
	bool failed;
};

static size_t huge_size(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	unsigned long kb = 0;
	char line[128];

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Hugepagesize: %lu", &kb) == 1)
			break;
	fclose(file);
	return kb * KIB;
}

static void map_punched(void *arg, int step)
{
	struct punched *punched = arg;
	size_t size = huge_size();
	int i;

	for (i = 0; i < HUGE_MAPPINGS && !punched->failed; i++) {
		punched->start = mmap(NULL, size, RW, MAP_SHARED, punched->fd, 0);
		punched->failed = punched->start == MAP_FAILED;
	}
}

/* The lock of the file's mappings is taken to write, and each is visited. */
static pid_t start_puncher(const struct punched *punched)
{
	pid_t parent = getpid(), pid = fork();

	if (pid)
		return pid;
	die_with(parent);
	for (;;)
		fallocate(punched->fd, FALLOC_FL_PUNCH_HOLE |
			  FALLOC_FL_KEEP_SIZE, 0, huge_size());
}

static struct holds read_punched(const struct punched *punched, pid_t pid, int i)
{
	static const __u32 parts[] = {
		MMSCOPE_PART_PAGETABLE, MMSCOPE_PART_TABLES,
		MMSCOPE_PART_VMAS, MMSCOPE_PART_WALK, MMSCOPE_PART_SUMS,
	};
	struct mmscope_query query = {
		.pid = pid, .parts = parts[i % ARRAY_SIZE(parts)],
	};
	struct holds holds;

	if (query.parts == MMSCOPE_PART_VMAS)
		query.flags = MMSCOPE_QUERY_RESIDENCY;
	if (query.parts == MMSCOPE_PART_WALK)
		query.start = (unsigned long)punched->start;
	stream_free(trace_stream(query, &holds));
	return holds;
}

/*
 * One process punches holes into a file of hugetlb that another one has mapped
 * many times: the lock that a walk over such mappings needs is nearly always
 * taken. A reader may wait for it, but not while it holds mmap_lock.
 */
TEST(waits_for_no_lock_inside_mmap_lock)
{
	struct punched *punched = target_share(sizeof(*punched));
	struct holds sum = { }, holds;
	struct target target;
	pid_t puncher;
	int i;

	if (!holds_waits_traceable())
		SKIP(return, NO_TRACE);
	module_need();
	if (file_number("/proc/sys/vm/nr_hugepages", 0) < 1)
		file_write("/proc/sys/vm/nr_hugepages", "1");
	punched->fd = memfd_create("huge", MFD_HUGETLB);
	ASSERT_LE(0, punched->fd);
	ASSERT_EQ(0, ftruncate(punched->fd, huge_size()));
	target_start(&target, map_punched, punched);
	ASSERT_FALSE(punched->failed);
	puncher = start_puncher(punched);
	holds_open();
	for (i = 0; i < MOST_READS && sum.waits < LEAST_WAITS; i++) {
		holds = read_punched(punched, target.pid, i);
		sum.waits += holds.waits;
		sum.waits_inside += holds.waits_inside;
	}
	holds_close();
	note("%llu waits outside mmap_lock, %llu inside", sum.waits,
	     sum.waits_inside);
	EXPECT_EQ(0, sum.waits_inside);
	target_kill(puncher);
	target_stop(&target);
}

TEST_HARNESS_MAIN
