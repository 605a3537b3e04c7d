// SPDX-License-Identifier: GPL-2.0-only
/*
 * What courses claim about the heap and malloc(): seen in a small program that moves brk
 * and allocates, and in what mmscope and /proc report of it.
 */
#include <signal.h>
#include <string.h>

#include "example_fixture.h"
#include "oracle/fields.h"
#include "oracle/place.h"
#include "oracle/proc.h"

static __u64 page_up(__u64 addr)
{
	return (addr + PAGE - 1) & -(__u64)PAGE;
}

/* The program moves brk up, and down again. */
TEST_F(program, heap_grows_by_brk)
{
	struct mmscope_mm mm = fields_of(self->pid);
	__u64 old = self->see->brk, first = page_up(old);
	struct place heap;

	EXPECT_EQ(old, mm.brk);
	EXPECT_LE(mm.start_brk, old);
	EXPECT_EQ(0, place_at(self->pid, first).kind);

	example_do(&self->run, EXAMPLE_BRK, 0, 4 * PAGE);
	heap = place_at(self->pid, first);
	EXPECT_EQ(old + 4 * PAGE, self->see->brk);
	EXPECT_EQ(self->see->brk, fields_of(self->pid).brk);
	EXPECT_EQ(mm.start_brk, fields_of(self->pid).start_brk);
	EXPECT_EQ(MMSCOPE_PRIVATE_ANON, heap.kind);
	EXPECT_STREQ("[heap]", heap.name);
	EXPECT_EQ(page_up(self->see->brk), heap.end);

	example_do(&self->run, EXAMPLE_BRK, 0, -4 * PAGE);
	EXPECT_EQ(old, fields_of(self->pid).brk);
	EXPECT_EQ(0, place_at(self->pid, first).kind);
}

/* Does the heap hold all of that memory? */
static bool in_heap(pid_t pid, __u64 addr, __u64 size)
{
	struct mmscope_mm mm = fields_of(pid);

	return mm.start_brk <= addr && addr + size <= mm.brk &&
	       !strcmp(place_at(pid, addr).name, "[heap]");
}

/* The program calls malloc() twice: at least one call finds no room in the heap. */
TEST_F(program, small_malloc_grows_the_heap)
{
	__u64 size = 127 * KIB, old = self->see->brk;
	int i;

	for (i = 0; i < 2; i++) {
		example_do(&self->run, EXAMPLE_MALLOC, 0, size);
		EXPECT_TRUE(in_heap(self->pid, self->see->result, size));
	}
	EXPECT_LT(old, self->see->brk);
	EXPECT_EQ(self->see->brk, fields_of(self->pid).brk);
}

/*
 * When malloc() grows the heap, it takes 128 KiB more than it needs. Use up so much
 * of these that a request of 127 KiB does not fit.
 */
static void fill_heap(struct example_run *run)
{
	unsigned long old = run->see->brk;

	while (run->see->brk == old)
		example_do(run, EXAMPLE_MALLOC, 0, 16 * KIB);
	old = run->see->brk;
	example_do(run, EXAMPLE_MALLOC, 0, 96 * KIB);
	if (run->see->brk != old)
		die("malloc() takes less memory in advance than expected");
}

/* The program calls malloc() for the smallest size that gets its own mapping. */
TEST_F(program, malloc_of_128_KiB_maps)
{
	__u64 size = 128 * KIB, reserved, before;
	struct place place;

	fill_heap(&self->run);
	before = self->see->brk;
	reserved = fields_of(self->pid).total_vm;
	EXPECT_EQ(proc_statm(self->pid, 0), reserved);
	example_do(&self->run, EXAMPLE_MALLOC, 0, size);
	place = place_at(self->pid, self->see->result);
	EXPECT_EQ(MMSCOPE_PRIVATE_ANON, place.kind);
	EXPECT_STRNE("[heap]", place.name);
	EXPECT_LE(self->see->result + size, place.end);
	EXPECT_EQ(before, self->see->brk);
	EXPECT_EQ(before, fields_of(self->pid).brk);
	/* Its size is in front of the memory that malloc() returns. */
	reserved += page_up(size + 1) / PAGE;
	EXPECT_EQ(reserved, fields_of(self->pid).total_vm);
	EXPECT_EQ(reserved, proc_statm(self->pid, 0));
}

/* The first call of malloc() also starts the heap. Return: the pages mapped then. */
static __u64 start_heap(struct example_run *run)
{
	example_do(run, EXAMPLE_MALLOC, 0, 1);
	return fields_of(run->target.pid).total_vm;
}

/* The program reads memory after it freed it. */
TEST_F(program, free_unmaps)
{
	__u64 reserved = start_heap(&self->run), addr;

	example_do(&self->run, EXAMPLE_MALLOC, 0, MIB);
	addr = self->see->result;
	EXPECT_NE(0, place_at(self->pid, addr).kind);
	example_do(&self->run, EXAMPLE_FREE, addr, 0);
	EXPECT_EQ(0, place_at(self->pid, addr).kind);
	EXPECT_EQ(reserved, fields_of(self->pid).total_vm);
	EXPECT_EQ(reserved, proc_statm(self->pid, 0));
	example_do(&self->run, EXAMPLE_READ, addr, 1);
	EXPECT_SEGV(SEGV_MAPERR, addr);
}

/* The program calls mallopt() to lower and to raise the limit. */
TEST_F(program, M_MMAP_THRESHOLD_moves_the_limit)
{
	fill_heap(&self->run);
	example_do(&self->run, EXAMPLE_THRESHOLD, 0, 64 * KIB);
	example_do(&self->run, EXAMPLE_MALLOC, 0, 127 * KIB);
	EXPECT_FALSE(in_heap(self->pid, self->see->result, 127 * KIB));
	example_do(&self->run, EXAMPLE_THRESHOLD, 0, MIB);
	example_do(&self->run, EXAMPLE_MALLOC, 0, 256 * KIB);
	EXPECT_TRUE(in_heap(self->pid, self->see->result, 256 * KIB));
}

/* The program writes to four pages of a megabyte from malloc(). */
TEST_F(program, malloc_reserves_and_touching_makes_resident)
{
	__u64 reserved = start_heap(&self->run), start;

	example_do(&self->run, EXAMPLE_MALLOC, 0, MIB);
	reserved += page_up(MIB + 1) / PAGE;
	EXPECT_EQ(reserved, fields_of(self->pid).total_vm);
	EXPECT_EQ(reserved, proc_statm(self->pid, 0));
	start = page_up(self->see->result);
	EXPECT_EQ(0, place_count(self->pid, start, 8));
	example_do(&self->run, EXAMPLE_WRITE, start, 4 * PAGE);
	EXPECT_LE(4, self->see->faults);
	EXPECT_EQ(4, place_count(self->pid, start, 8));
	EXPECT_EQ(reserved, fields_of(self->pid).total_vm);
}

TEST_HARNESS_MAIN
