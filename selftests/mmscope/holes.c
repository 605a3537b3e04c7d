// SPDX-License-Identifier: GPL-2.0-only
/* Translations of addresses that have no page. */
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"
#include "oracle/kcore.h"
#include "oracle/proc.h"
#include "oracle/walks.h"
#include "stream/read.h"
#include "target/places.h"
#include "target/target.h"

FIXTURE(hole)
{
	struct places *places;
	struct target target;
	pid_t pid;
};

FIXTURE_SETUP(hole)
{
	module_need();
	kernel_stand_still();
	self->places = target_share(sizeof(*self->places));
	target_start(&self->target, make_places, self->places);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(hole)
{
	target_stop(&self->target);
}

/* Translate an untouched page next to touched ones: its table has an empty entry. */
TEST_F(hole, ends_at_an_empty_entry)
{
	struct stream *s = walk_of(self->pid,
				(unsigned long)self->places->small + 13 * PAGE + 3);
	const struct mmscope_walk *w = s->walk;

	EXPECT_EQ(MMSCOPE_STOP_ENTRY, w->stop);
	EXPECT_EQ(s->header->levels, w->nr);
	EXPECT_EQ(MMSCOPE_NONE, walk_step(w, w->nr - 1)->kind);
	EXPECT_EQ(0, walk_step(w, w->nr - 1)->raw);
	EXPECT_EQ(0, w->phys);
	EXPECT_EQ(0, w->frame);
	EXPECT_EQ(0, w->page_shift);
	EXPECT_EQ(0, walk_wrong_steps(s));
	EXPECT_EQ(1, s->nr_vmas);
	stream_free(s);
}

/* 2 TiB, or as much as fits well into the address space. */
static unsigned long empty_size(void)
{
	unsigned int bits = kernel_user_bits() - 6;

	return 1UL << (bits < 41 ? bits : 41);
}

/* Nothing in there is touched: there are no lower tables either. */
static void map_empty(void *arg, int step)
{
	char **start = arg;

	*start = target_map(NULL, empty_size(), PROT_READ,
			    MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(*start, empty_size(), MADV_NOHUGEPAGE);
	if (step)
		target_look(*start + empty_size() / 2, PAGE);
}

/* Translate an address in the middle of it. */
TEST_F(hole, ends_at_a_missing_table)
{
	char **start = target_share(sizeof(*start));
	struct target target;
	struct stream *s;
	__u64 addr;

	target_start(&target, map_empty, start);
	addr = (unsigned long)*start + empty_size() / 2;
	s = walk_of(target.pid, addr);
	EXPECT_EQ(MMSCOPE_STOP_ENTRY, s->walk->stop);
	/* There is at least one whole entry of the top level, or of the top two. */
	EXPECT_LE(s->walk->nr, s->header->levels > 3 ? s->header->levels - 2 : 1);
	EXPECT_GE(s->walk->nr, 1);
	EXPECT_EQ(MMSCOPE_NONE, walk_step(s->walk, s->walk->nr - 1)->kind);
	EXPECT_EQ(0, s->walk->page_shift);
	EXPECT_EQ(0, walk_wrong_steps(s));
	stream_free(s);
	target_stop(&target);
}

/* Translate a swapped page: the walk reports the swap device and offset. */
TEST_F(hole, ends_at_a_swap_entry)
{
	unsigned long addr;
	const struct mmscope_walk *w;
	struct stream *s;
	__u64 entry;

	if (!self->places->swapped)
		SKIP(return, "there is no swap space");
	addr = (unsigned long)self->places->swapped + 5 * PAGE;
	entry = proc_page(self->pid, addr);
	ASSERT_TRUE(entry & PM_SWAP);
	s = walk_of(self->pid, addr + 9);
	w = s->walk;
	EXPECT_EQ(MMSCOPE_STOP_ENTRY, w->stop);
	EXPECT_EQ(MMSCOPE_SWAP, walk_step(w, w->nr - 1)->kind);
	EXPECT_EQ(PM_SWAP_TYPE(entry), MMSCOPE_SWAP_DEVICE(w->frame));
	EXPECT_EQ(PM_SWAP_OFFSET(entry), MMSCOPE_SWAP_OFFSET(w->frame));
	EXPECT_EQ(0, w->phys);
	EXPECT_EQ(0, w->page_shift);
	EXPECT_EQ(0, walk_wrong_steps(s));
	stream_free(s);
}

/* The exclusive end of the user half. */
static __u64 task_size(pid_t pid)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_MM, 0, 0);
	__u64 size = s->mm->task_size;

	stream_free(s);
	return size;
}

/* Translate the ends and the middle of each gap between two mappings. */
TEST_F(hole, is_a_gap_between_two_mappings)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	__u64 end = task_size(self->pid), last = 0;
	size_t i, wrong = 0, gaps = 0;

	for (i = 0; i <= maps->nr; i++) {
		__u64 start = i < maps->nr ? maps->vma[i].start : end;

		if (last < start) {
			wrong += walk_wrong_gap(self->pid, last, last, start);
			wrong += walk_wrong_gap(self->pid, start - 1, last, start);
			wrong += walk_wrong_gap(self->pid, (last + start) / 2, last,
						start);
			gaps++;
		}
		last = i < maps->nr ? maps->vma[i].end : 0;
	}
	EXPECT_LT(5, gaps);
	EXPECT_EQ(0, wrong);
	proc_maps_free(maps);
}

/*
 * arm64 ignores the top byte of an address whose bit 55 is clear, as the processor
 * does: such an address is one of the user half.
 */
static __u64 without_tag(__u64 addr)
{
#ifdef __aarch64__
	return addr & 1ULL << 55 ? addr : addr & ~(0xffULL << 56);
#else
	return addr;
#endif
}

/* Translate addresses of the kernel half and non-canonical ones: nothing is walked. */
TEST_F(hole, ends_outside_the_user_half)
{
	__u64 page = proc_page(self->pid, (unsigned long)self->places->small);
	__u64 end = task_size(self->pid);
	const __u64 outside[] = {
		end, end + 1, end + PAGE, 1ULL << 63 | 1ULL << 55, ~0ULL, ~0ULL - PAGE,
		0xffff800000000000ULL, 0xffffffff81000000ULL,
		without_tag(0x0123456789abcdefULL), kcore_map(PM_FRAME(page) * PAGE),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(outside); i++) {
		struct stream *s = walk_of(self->pid, outside[i]);

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

/*
 * A page was unmapped between two others, so that its table still exists: the
 * walk does not enter that table.
 */
TEST_F(hole, is_a_gap_though_its_table_exists)
{
	__u64 start = (unsigned long)self->places->inside;

	EXPECT_EQ(0, walk_wrong_page(self->pid, start, MMSCOPE_PRESENT, MMSCOPE_PTE));
	EXPECT_EQ(0, walk_wrong_gap(self->pid, start + PAGE, start + PAGE,
				    start + 2 * PAGE));
	EXPECT_EQ(0, walk_wrong_page(self->pid, start + 2 * PAGE, MMSCOPE_PRESENT,
				     MMSCOPE_PTE));
}

TEST_HARNESS_MAIN
