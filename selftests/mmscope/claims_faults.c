// SPDX-License-Identifier: GPL-2.0-only
/*
 * What courses claim about page faults: in a small program, they give a page its frame,
 * make the stack grow, or end with SIGSEGV. Each claim is checked in what mmscope, /proc
 * and the program itself report of it.
 */
#include <signal.h>

#include "example_fixture.h"
#include "oracle/fields.h"
#include "oracle/place.h"
#include "oracle/proc.h"
#include "oracle/walks.h"

/* Memory without a page */

/* The program reads two pages of new memory. */
TEST_F(program, first_read_maps_the_zero_page)
{
	__u64 addr;

	example_do(&self->run, EXAMPLE_MAP, 0, 4 * PAGE);
	addr = self->see->result;
	EXPECT_EQ(0, place_count(self->pid, addr, 4));
	example_do(&self->run, EXAMPLE_READ, addr, 2 * PAGE);
	EXPECT_EQ(0, self->see->result);
	EXPECT_LE(2, self->see->faults);
	EXPECT_EQ(2, place_count(self->pid, addr, 4));
	EXPECT_TRUE(place_at(self->pid, addr).zero);
	EXPECT_TRUE(place_shared(self->pid, addr, self->pid, addr + PAGE));
	EXPECT_FALSE(place_writable(self->pid, addr));
}

/* The program writes to two pages that it has read before. */
TEST_F(program, first_write_gets_a_frame_of_its_own)
{
	struct place before, after;
	__u64 addr;

	example_do(&self->run, EXAMPLE_MAP, 0, 2 * PAGE);
	addr = self->see->result;
	example_do(&self->run, EXAMPLE_READ, addr, 2 * PAGE);
	before = place_at(self->pid, addr);
	EXPECT_TRUE(before.zero);
	example_do(&self->run, EXAMPLE_WRITE, addr, 2 * PAGE);
	EXPECT_LE(2, self->see->faults);
	after = place_at(self->pid, addr);
	EXPECT_TRUE(after.anon);
	EXPECT_FALSE(after.zero);
	EXPECT_NE(before.frame, after.frame);
	EXPECT_FALSE(place_shared(self->pid, addr, self->pid, addr + PAGE));
	EXPECT_TRUE(place_writable(self->pid, addr));
}

/* Addresses without memory */

/* mmscope finds the gap between two mappings of /proc/PID/maps. */
static bool gap_is(pid_t pid, __u64 addr, __u64 start, __u64 end)
{
	return !place_at(pid, addr).kind && !walk_wrong_gap(pid, addr, start, end);
}

/* The program reads what a NULL pointer points to. */
TEST_F(program, null_pointer_faults)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");

	EXPECT_TRUE(gap_is(self->pid, 0, 0, maps->vma[0].start));
	example_do(&self->run, EXAMPLE_READ, 0, 1);
	EXPECT_SEGV(SEGV_MAPERR, 0);
	proc_maps_free(maps);
}

/* The program maps three pages, unmaps the second one, and reads it. */
TEST_F(program, unmapped_address_faults)
{
	__u64 addr;

	example_do(&self->run, EXAMPLE_MAP, 0, 3 * PAGE);
	addr = self->see->result + PAGE;
	example_do(&self->run, EXAMPLE_UNMAP, addr, PAGE);
	EXPECT_TRUE(gap_is(self->pid, addr, addr, addr + PAGE));
	example_do(&self->run, EXAMPLE_READ, addr + 1, 1);
	EXPECT_SEGV(SEGV_MAPERR, addr + 1);
}

/* The stack */

static struct place stack_of(struct example_run *run)
{
	return place_at(run->target.pid, run->see->local);
}

/* The program calls a function that calls itself, deeper than the stack is now. */
TEST_F(program, stack_grows_by_faults)
{
	struct place before = stack_of(&self->run), after;
	__u64 pages = fields_of(self->pid).stack_vm, grown;

	EXPECT_EQ(0, place_at(self->pid, before.start - 1).kind);
	example_do(&self->run, EXAMPLE_CALL, 0,
		   self->see->local - before.start + 4 * PAGE);
	EXPECT_EQ(0, self->see->signal);
	after = stack_of(&self->run);
	grown = (before.start - after.start) / PAGE;
	EXPECT_LE(4, grown);
	EXPECT_LE(grown, self->see->faults);
	EXPECT_EQ(pages + grown, fields_of(self->pid).stack_vm);
	EXPECT_EQ(grown, place_count(self->pid, after.start, grown));
	EXPECT_EQ(before.end, after.end);
}

/* The program calls a function that calls itself without an end. */
TEST_F(program, stack_ends_at_RLIMIT_STACK)
{
	__u64 lowest = stack_of(&self->run).end - STACK_LIMIT;

	EXPECT_EQ(STACK_LIMIT, fields_of(self->pid).rlimit_stack);
	example_do(&self->run, EXAMPLE_CALL, 0, 3 * STACK_LIMIT / 2);
	EXPECT_EQ(SIGSEGV, self->see->signal);
	EXPECT_EQ(SEGV_MAPERR, self->see->code);
	EXPECT_GT(lowest, self->see->fault);
	EXPECT_LE(lowest - PAGE, self->see->fault);
	EXPECT_EQ(lowest, stack_of(&self->run).start);
}

/* The program returns from a function deep in the stack, and calls it again. */
TEST_F(program, stack_does_not_shrink)
{
	struct place before = stack_of(&self->run), after;
	__u64 size = STACK_LIMIT / 2;

	example_do(&self->run, EXAMPLE_CALL, 0, size);
	after = stack_of(&self->run);
	EXPECT_GT(before.start, after.start);
	EXPECT_GE(self->see->local - size, after.start);
	EXPECT_EQ(4, place_count(self->pid, after.start, 4));
	example_do(&self->run, EXAMPLE_CALL, 0, size);
	EXPECT_GT(4, self->see->faults);
	EXPECT_EQ(after.start, stack_of(&self->run).start);
}

TEST_HARNESS_MAIN
