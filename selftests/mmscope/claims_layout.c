// SPDX-License-Identifier: GPL-2.0-only
/*
 * What courses claim about the layout of a process: what moves between two runs of a
 * small program, and where new mappings go. What the program sees must be what mmscope
 * reports.
 */
#include <sys/personality.h>
#include <sys/resource.h>

#include "test.h"
#include "oracle/fields.h"
#include "oracle/place.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "target/example.h"

/* Places whose addresses the kernel chooses. */
enum { CODE, DATA, HEAP, STACK, MMAP, VDSO, NR_SPOTS };

/**
 * struct layout - where these places are in one run
 * @seen: by the program
 * @shown: by mmscope
 */
struct layout {
	__u64 seen[NR_SPOTS];
	__u64 shown[NR_SPOTS];
};

static struct layout layout_of(const struct example_setup *setup, bool randomized)
{
	struct example_run run;
	struct layout layout;
	struct stream *s;

	example_start(&run, setup);
	s = stream_get(run.target.pid, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS, 0, 0);
	if (randomized != !!(s->task->flags & MMSCOPE_TASK_RANDOMIZED))
		die("mmscope finds that the layout is %srandomized",
		    randomized ? "not " : "");
	layout = (struct layout){
		.seen = { run.see->function, run.see->data, run.see->brk,
			  run.see->local, run.see->loader, run.see->vdso },
		.shown = { s->mm->start_code, s->mm->start_data, s->mm->start_brk,
			   s->mm->start_stack, s->mm->mmap_base,
			   vma_at(s, run.see->vdso)->start },
	};
	stream_free(s);
	example_stop(&run);
	return layout;
}

/*
 * Run the program until the places from @first on have moved: two runs may have some
 * of them in common by chance. Return the number of other places that moved, and of
 * these that did not, as the program and as mmscope see them.
 */
static size_t wrong_moves(const struct example_setup *setup, int first)
{
	struct layout one = layout_of(setup, first < NR_SPOTS), next;
	bool seen[NR_SPOTS] = { false }, shown[NR_SPOTS] = { false };
	size_t wrong = NR_SPOTS;
	int run, i;

	for (run = 0; run < 8 && wrong; run++) {
		next = layout_of(setup, first < NR_SPOTS);
		for (i = 0, wrong = 0; i < NR_SPOTS; i++) {
			seen[i] |= one.seen[i] != next.seen[i];
			shown[i] |= one.shown[i] != next.shown[i];
			wrong += seen[i] != (i >= first);
			wrong += shown[i] != (i >= first);
		}
	}
	return wrong;
}

FIXTURE(layout)
{
};

FIXTURE_VARIANT(layout)
{
	const char *file;
	int first;			/* place that moves */
};

FIXTURE_VARIANT_ADD(layout, pie) {
	.file = "example_pie",
	.first = CODE,
};

FIXTURE_VARIANT_ADD(layout, fixed) {
	.file = "example_fixed",
	.first = HEAP,
};

FIXTURE_SETUP(layout)
{
	module_need();
}

FIXTURE_TEARDOWN(layout)
{
}

/* A program runs several times. */
TEST_F(layout, moves_between_runs)
{
	const struct example_setup setup = {
		.file = variant->file,
		.stack = MIB,
		.claim = _metadata->name,
	};

	if (file_number("/proc/sys/kernel/randomize_va_space", 0) < 2)
		SKIP(return, "this machine does not randomize all of a layout");
	EXPECT_EQ(0, wrong_moves(&setup, variant->first));
}

/* A program runs several times, as setarch -R would start it. */
TEST_F(layout, stays_without_randomization)
{
	const struct example_setup setup = {
		.file = variant->file,
		.personality = ADDR_NO_RANDOMIZE,
		.stack = MIB,
		.claim = _metadata->name,
	};

	EXPECT_EQ(0, wrong_moves(&setup, NR_SPOTS));
}

#define AREA_SIZE	(64 * MIB)

/**
 * struct area - the mmap area of a run
 * @mm: its fields
 * @loader: the first mapping in it
 * @first: a new mapping, larger than any hole between others
 * @second: one more
 */
struct area {
	struct mmscope_mm mm;
	__u64 loader, first, second;
};

static __u64 map_more(struct example_run *run)
{
	example_do(run, EXAMPLE_MAP, 0, AREA_SIZE);
	if (place_at(run->target.pid, run->see->result).kind != MMSCOPE_PRIVATE_ANON)
		die("nothing is mapped at %lx", run->see->result);
	return run->see->result;
}

static struct area area_of(unsigned long personality, unsigned long stack,
			   const char *claim)
{
	const struct example_setup setup = {
		.file = "example_pie",
		.personality = personality,
		.stack = stack,
		.claim = claim,
	};
	struct example_run run;
	struct area area;

	module_need();
	example_start(&run, &setup);
	area.mm = fields_of(run.target.pid);
	area.loader = run.see->loader;
	area.first = map_more(&run);
	area.second = map_more(&run);
	example_stop(&run);
	return area;
}

static void note_area(const struct area *area)
{
	note("layout %u: mmap_base %llx, loader %llx, then %llx and %llx",
	     area->mm.layout, area->mm.mmap_base, area->loader, area->first,
	     area->second);
}

/* Is each mapping higher than the one before, from mmap_base on? */
static bool grows_up(const struct area *area)
{
	bool up = area->mm.layout == MMSCOPE_LAYOUT_CLASSIC &&
		  area->mm.mmap_base == area->loader &&
		  area->loader < area->first && area->first < area->second;

	if (!up)
		note_area(area);
	return up;
}

/* Is each mapping lower than the one before, from mmap_base on? */
static bool grows_down(const struct area *area)
{
	bool down = area->mm.layout == MMSCOPE_LAYOUT_FLEXIBLE &&
		    area->mm.mmap_base > area->loader &&
		    area->loader > area->first && area->first > area->second;

	if (!down)
		note_area(area);
	return down;
}

/* A program maps memory twice, in the usual layout. */
TEST(flexible_layout_grows_down)
{
	struct area area = area_of(0, 8 * MIB, _metadata->name);

	EXPECT_TRUE(grows_down(&area));
}

/* The same, in the layout that ADDR_COMPAT_LAYOUT selects. */
TEST(classic_layout_grows_up)
{
	struct area area = area_of(ADDR_COMPAT_LAYOUT, 8 * MIB, _metadata->name);

	EXPECT_TRUE(grows_up(&area));
}

/* The same, with a stack that may grow without a limit. x86 ignores that. */
#ifdef __x86_64__
TEST(unlimited_stack_keeps_the_layout_flexible)
{
	struct area area = area_of(0, RLIM_INFINITY, _metadata->name);

	EXPECT_TRUE(grows_down(&area));
}
#else
TEST(unlimited_stack_makes_the_layout_classic)
{
	struct area area = area_of(0, RLIM_INFINITY, _metadata->name);

	EXPECT_TRUE(grows_up(&area));
}
#endif

TEST_HARNESS_MAIN
