// SPDX-License-Identifier: GPL-2.0-only
/* What of a VMA is in memory, where more is known of it than smaps says. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "oracle/smaps.h"
#include "target/shape.h"
#include "target/target.h"

#define PAGE	4096UL

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
