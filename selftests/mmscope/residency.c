// SPDX-License-Identifier: GPL-2.0-only
/* What of each VMA is in memory, against smaps, pagemap and mincore. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shape_fixture.h"
#include "shot.h"
#include "smaps.h"
#include "stream.h"

#define PAGE	4096UL

TEST_F(shape, is_resident_as_smaps_says)
{
	NEED_SHAPE();
	EXPECT_EQ(0, smaps_compare(self->target.pid));
}

static struct mmscope_residency residency_in(pid_t pid, __u64 start, __u64 end)
{
	struct stream *s = stream_of((struct mmscope_query){
		.pid = pid,
		.parts = MMSCOPE_PART_VMAS,
		.flags = MMSCOPE_QUERY_RESIDENCY,
		.start = start,
		.end = end,
	});
	struct mmscope_residency r;

	if (s->nr_residencies != 1)
		die("%zu VMAs in %llx-%llx", s->nr_residencies, start, end);
	r = *s->residency[0];
	stream_free(s);
	return r;
}

/* A VMA is looked at as a whole, whatever was asked for of it. */
TEST_F(shape, is_the_same_in_any_range)
{
	struct proc_maps *maps = proc_maps(self->target.pid, "maps");
	__u64 start = (unsigned long)self->shape->start;
	const struct proc_vma *vma;
	struct mmscope_residency whole, part;

	NEED_SHAPE();
	vma = proc_vma_at(maps, start);
	whole = residency_in(self->target.pid, vma->start, vma->end);
	part = residency_in(self->target.pid, start + PAGE, start + 2 * PAGE);
	EXPECT_EQ(0, memcmp(&whole, &part, sizeof(whole)));
	part = residency_in(self->target.pid, vma->end - 1, vma->end);
	EXPECT_EQ(0, memcmp(&whole, &part, sizeof(whole)));
	proc_maps_free(maps);
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

/* Flags of pages may move by themselves: then all is taken again. */
TEST_F(shape, is_the_same_in_every_stream)
{
	__u64 start = (unsigned long)self->shape->start;
	struct mmscope_residency alone, again, whole;
	pid_t pid = self->target.pid;
	int attempt;

	NEED_SHAPE();
	for (attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		alone = residency_in(pid, start, start + PAGE);
		whole = residency_in_snapshot(pid, alone.start);
		again = residency_in(pid, start, start + PAGE);
		if (!memcmp(&alone, &again, sizeof(alone)))
			break;
	}
	EXPECT_LT(attempt, MAX_ATTEMPTS);
	EXPECT_EQ(0, memcmp(&alone, &whole, sizeof(alone)));
}

/* Shared memory, and what fork() shares */

/**
 * struct ground - shared by three targets
 * @start: of a mapping that all have
 * @pages: of it
 */
struct ground {
	char *start;
	size_t pages;
};

#define GROUND_PAGES	24

/* One process alone has the first pages, two have the next, three the last. */
static void fork_twice(void *arg, int step)
{
	struct ground *ground = arg;
	pid_t parent = getpid();

	ground->pages = GROUND_PAGES;
	ground->start = target_map_alone(GROUND_PAGES, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE, -1);
	madvise(ground->start, GROUND_PAGES * PAGE, MADV_NOHUGEPAGE);
	target_touch(ground->start, GROUND_PAGES * PAGE);
	if (!fork()) {
		die_with(parent);
		pause();
	}
	target_touch(ground->start + 16 * PAGE, 8 * PAGE);
	if (!fork()) {
		die_with(parent);
		pause();
	}
	target_touch(ground->start, 8 * PAGE);
}

TEST(shares_are_divided)
{
	struct ground *ground = target_share(sizeof(*ground));
	struct mmscope_residency r;
	struct target target;
	__u64 start;

	module_need();
	kernel_stand_still();
	target_start(&target, fork_twice, ground);
	start = (unsigned long)ground->start;
	EXPECT_EQ(0, smaps_compare(target.pid));
	r = residency_in(target.pid, start, start + PAGE);
	EXPECT_EQ(GROUND_PAGES, r.pte);
	EXPECT_EQ(GROUND_PAGES, r.anon);
	EXPECT_EQ(8, r.exclusive);
	EXPECT_EQ(16, r.shared);
	/* Eight pages, eight thirds and eight halves; a third is cut off. */
	EXPECT_LE(8 * PAGE + 8 * (PAGE / 3) + 8 * PAGE / 2, r.pss_bytes);
	EXPECT_GE(8 * PAGE + 8 * PAGE / 3 + 8 * PAGE / 2 + 1, r.pss_bytes);
	target_stop(&target);
}

/* What the target itself is told of its memory */

struct told {
	struct shape shape;
	size_t resident;
	size_t touched;
};

static void ask_mincore(void *arg, int step)
{
	static unsigned char in_memory[2048];
	struct told *told = arg;
	size_t i;

	shape_map(&told->shape, sizeof(in_memory), PROT_READ | PROT_WRITE,
		  MAP_PRIVATE, -1);
	for (i = 0; i < sizeof(in_memory); i += 3) {
		shape_touch(&told->shape, i, 1);
		told->touched++;
	}
	if (mincore(told->shape.start, told->shape.size, in_memory))
		die("no mincore");
	for (i = 0; i < sizeof(in_memory); i++)
		told->resident += in_memory[i] & 1;
}

TEST(is_resident_as_mincore_says)
{
	struct told *told = target_share(sizeof(*told));
	struct mmscope_residency r;
	struct target target;
	__u64 start;

	module_need();
	target_start(&target, ask_mincore, told);
	start = (unsigned long)told->shape.start;
	r = residency_in(target.pid, start, start + PAGE);
	ASSERT_EQ(told->touched, told->resident);
	EXPECT_EQ(told->resident, r.pte);
	EXPECT_EQ((r.end - r.start) / PAGE - told->resident, r.never);
	target_stop(&target);
}

TEST_HARNESS_MAIN
