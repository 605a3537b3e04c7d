// SPDX-License-Identifier: GPL-2.0-only
/* Residency of VMAs of which more is known than smaps reports. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "oracle/smaps.h"
#include "target/shape.h"
#include "target/target.h"

/* Memory that fork() shares */

/**
 * struct ground - memory of three processes
 * @start: of a mapping that all of them have
 * @pages: number of its pages
 */
struct ground {
	char *start;
	size_t pages;
};

#define GROUND_PAGES	24

/* The target alone has the first 8 pages, with one child the last 8, with two the rest. */
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

/*
 * A target forks two children and writes in between, so that pages have one, two
 * or three users: exclusive, shared and PSS are right for each.
 */
TEST(pss_divides_shared_pages)
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
	/* Eight pages, eight thirds, eight halves; thirds are rounded down. */
	EXPECT_LE(8 * PAGE + 8 * (PAGE / 3) + 8 * PAGE / 2, r.pss_bytes);
	EXPECT_GE(8 * PAGE + 8 * PAGE / 3 + 8 * PAGE / 2 + 1, r.pss_bytes);
	target_stop(&target);
}

/* What the target itself learns of its memory */

struct sparse {
	struct shape shape;
	size_t resident;
	size_t touched;
};

static void ask_mincore(void *arg, int step)
{
	static unsigned char in_memory[2048];
	struct sparse *sparse = arg;
	size_t i;

	shape_map(&sparse->shape, sizeof(in_memory), PROT_READ | PROT_WRITE,
		  MAP_PRIVATE, -1);
	for (i = 0; i < sizeof(in_memory); i += 3) {
		shape_touch(&sparse->shape, i, 1);
		sparse->touched++;
	}
	if (mincore(sparse->shape.start, sparse->shape.size, in_memory))
		die("no mincore");
	for (i = 0; i < sizeof(in_memory); i++)
		sparse->resident += in_memory[i] & 1;
}

/* A target touches every third page, and calls mincore(). */
TEST(agrees_with_mincore)
{
	struct sparse *sparse = target_share(sizeof(*sparse));
	struct mmscope_residency r;
	struct target target;
	__u64 start;

	module_need();
	target_start(&target, ask_mincore, sparse);
	start = (unsigned long)sparse->shape.start;
	r = residency_in(target.pid, start, start + PAGE);
	ASSERT_EQ(sparse->touched, sparse->resident);
	EXPECT_EQ(sparse->resident, r.pte);
	EXPECT_EQ((r.end - r.start) / PAGE - sparse->resident, r.never);
	target_stop(&target);
}

TEST_HARNESS_MAIN
