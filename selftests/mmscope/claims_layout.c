// SPDX-License-Identifier: GPL-2.0-only
/*
 * What courses claim about the layout of a process, seen in a small program. Each
 * claim is checked in what mmscope, /proc and the program itself report of it. With
 * BROKEN in the environment, the program breaks the claim, and every test fails.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <unistd.h>

#include "test.h"
#include "oracle/fields.h"
#include "oracle/place.h"
#include "oracle/proc.h"
#include "oracle/walks.h"
#include "stream/read.h"
#include "target/example.h"

#define STACK_LIMIT	MIB

/* The last step of the program ended with this signal, at this address. */
#define EXPECT_SEGV(why, addr)						\
	do {								\
		EXPECT_EQ(SIGSEGV, self->see->signal);			\
		EXPECT_EQ(why, self->see->code);			\
		EXPECT_EQ(addr, self->see->fault);			\
	} while (0)

static __u64 page_up(__u64 addr)
{
	return (addr + PAGE - 1) & -(__u64)PAGE;
}

static void start(struct example_run *run, const char *file, const char *claim)
{
	const struct example_setup setup = {
		.file = file,
		.stack = STACK_LIMIT,
		.claim = claim,
	};

	module_need();
	kernel_stand_still();
	example_start(run, &setup);
}

/* The segments that come from the file of a program */

FIXTURE(program)
{
	struct example_run run;
	struct example *see;
	pid_t pid;
};

FIXTURE_VARIANT(program)
{
	const char *file;
};

FIXTURE_VARIANT_ADD(program, pie) {
	.file = "example_pie",
};

FIXTURE_VARIANT_ADD(program, fixed) {
	.file = "example_fixed",
};

FIXTURE_SETUP(program)
{
	start(&self->run, variant->file, _metadata->name);
	self->see = self->run.see;
	self->pid = self->run.target.pid;
}

FIXTURE_TEARDOWN(program)
{
	example_stop(&self->run);
}

/* The program writes to the first byte of one of its functions. */
TEST_F(program, text_is_read_only)
{
	struct place text = place_at(self->pid, self->see->function);

	EXPECT_EQ(MMSCOPE_PRIVATE_FILE, text.kind);
	EXPECT_STREQ("r-xp", text.perms);
	EXPECT_FALSE(place_writable(self->pid, self->see->function));
	example_do(&self->run, EXAMPLE_WRITE, self->see->function, 1);
	EXPECT_SEGV(SEGV_ACCERR, self->see->function);
}

/* The program runs twice, at other addresses if it is position independent. */
TEST_F(program, text_is_shared_by_two_runs)
{
	struct example_run other;

	start(&other, variant->file, "");
	example_do(&self->run, EXAMPLE_READ, self->see->function, 1);
	example_do(&other, EXAMPLE_READ, other.see->function, 1);
	EXPECT_TRUE(place_shared(self->pid, self->see->function,
				 other.target.pid, other.see->function));
	EXPECT_FALSE(place_at(self->pid, self->see->function).anon);
	example_stop(&other);
}

/* Map the page of the file that the program has at an address, and read it. */
static const char *map_page_of_file(pid_t pid, __u64 addr)
{
	struct proc_maps *maps = proc_maps(pid, "maps");
	const struct proc_vma *vma = proc_vma_at(maps, addr);
	int fd = proc_open(pid, "exe", O_RDONLY);
	char *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd,
			  vma->offset + addr - vma->start);

	if (page == MAP_FAILED)
		die("cannot map the file of %d", pid);
	target_look(page, PAGE);
	close(fd);
	proc_maps_free(maps);
	return page;
}

/* The program reads its data: the page is that of the file's page cache. */
TEST_F(program, data_is_a_private_file_mapping)
{
	__u64 addr = self->see->data;
	struct place data = place_at(self->pid, addr);
	char *file = proc_link(self->pid, "exe");
	const char *page;

	ASSERT_EQ(MMSCOPE_PRIVATE_FILE, data.kind);
	EXPECT_STREQ("rw-p", data.perms);
	EXPECT_STREQ(file, data.name);
	page = map_page_of_file(self->pid, addr);
	example_do(&self->run, EXAMPLE_READ, addr, PAGE);
	EXPECT_EQ(EXAMPLE_DATA, self->see->result);
	EXPECT_EQ(EXAMPLE_DATA, *page);
	EXPECT_TRUE(place_shared(self->pid, addr, getpid(),
				 (unsigned long)page));
	EXPECT_FALSE(place_writable(self->pid, addr));
	free(file);
}

/*
 * The program writes to a page of its data. It gets a copy of that page; the file,
 * and the page after it, stay as they were.
 */
TEST_F(program, written_data_parts_from_the_file)
{
	__u64 addr = self->see->data;
	const char *page = map_page_of_file(self->pid, addr);

	example_do(&self->run, EXAMPLE_READ, addr, 2 * PAGE);
	EXPECT_TRUE(place_shared(self->pid, addr, getpid(),
				 (unsigned long)page));
	example_do(&self->run, EXAMPLE_WRITE, addr, PAGE);
	EXPECT_LE(1, self->see->faults);
	EXPECT_FALSE(place_shared(self->pid, addr, getpid(),
				  (unsigned long)page));
	EXPECT_TRUE(place_at(self->pid, addr).anon);
	EXPECT_TRUE(place_writable(self->pid, addr));
	EXPECT_FALSE(place_at(self->pid, addr + PAGE).anon);
	EXPECT_EQ(EXAMPLE_DATA, *page);
	example_do(&self->run, EXAMPLE_READ, addr, PAGE);
	EXPECT_EQ(EXAMPLE_WRITTEN, self->see->result);
}

/* The program writes to a page of bss that it did not use before. */
TEST_F(program, bss_is_anonymous)
{
	struct place bss = place_at(self->pid, self->see->bss);

	EXPECT_EQ(MMSCOPE_PRIVATE_ANON, bss.kind);
	EXPECT_STREQ("rw-p", bss.perms);
	EXPECT_FALSE(bss.present);
	example_do(&self->run, EXAMPLE_WRITE, self->see->bss, 1);
	EXPECT_TRUE(place_at(self->pid, self->see->bss).anon);
}

/* The program reads two pages of bss: neither it nor the file has set them. */
TEST_F(program, bss_is_zero)
{
	struct mmscope_mm mm = fields_of(self->pid);

	EXPECT_LE(mm.end_data, self->see->bss);
	example_do(&self->run, EXAMPLE_READ, self->see->bss, 2 * PAGE);
	EXPECT_EQ(0, self->see->result);
	EXPECT_TRUE(place_at(self->pid, self->see->bss).zero);
	EXPECT_TRUE(place_at(self->pid, self->see->bss + PAGE).zero);
}

/* The program writes to a string literal. */
TEST_F(program, string_literals_lie_in_rodata)
{
	struct place literal = place_at(self->pid, self->see->literal);

	EXPECT_EQ(MMSCOPE_PRIVATE_FILE, literal.kind);
	EXPECT_STREQ("r--p", literal.perms);
	example_do(&self->run, EXAMPLE_WRITE, self->see->literal, 1);
	EXPECT_SEGV(SEGV_ACCERR, self->see->literal);
}

/* The program writes to a variable that points to a literal. */
TEST_F(program, pointers_to_literals_lie_in_data)
{
	struct mmscope_mm mm = fields_of(self->pid);

	EXPECT_STREQ("rw-p", place_at(self->pid, self->see->pointer).perms);
	EXPECT_LE(mm.start_data, self->see->pointer);
	EXPECT_GT(mm.end_data, self->see->pointer);
	example_do(&self->run, EXAMPLE_WRITE, self->see->pointer, sizeof(char *));
	EXPECT_EQ(0, self->see->signal);
}

/* The fields of the mm, and what nm and readelf show: as the program sees it */

TEST_F(program, start_code_and_end_code_bound_the_text)
{
	struct mmscope_mm mm = fields_of(self->pid);

	EXPECT_EQ(self->see->text_start, mm.start_code);
	EXPECT_EQ(self->see->text_end, mm.end_code);
	EXPECT_LE(mm.start_code, self->see->function);
	EXPECT_GT(self->see->etext, self->see->function);
	EXPECT_GE(mm.end_code, self->see->etext);
}

TEST_F(program, start_data_and_end_data_bound_the_data)
{
	struct mmscope_mm mm = fields_of(self->pid);

	EXPECT_EQ(self->see->data_start, mm.start_data);
	EXPECT_EQ(self->see->edata, mm.end_data);
	EXPECT_LE(mm.start_data, self->see->data);
	EXPECT_GT(mm.end_data, self->see->data);
	/* bss follows, then the heap. */
	EXPECT_LE(mm.end_data, self->see->bss);
	EXPECT_GT(self->see->end, self->see->bss);
	EXPECT_LE(self->see->end, mm.start_brk);
}

TEST_F(program, start_stack_is_the_address_of_argc)
{
	struct mmscope_mm mm = fields_of(self->pid);
	struct place stack = place_at(self->pid, self->see->argc);

	EXPECT_EQ(self->see->argc, mm.start_stack);
	EXPECT_STREQ("[stack]", stack.name);
	EXPECT_STREQ("rw-p", stack.perms);
	/* Frames of functions are below it. */
	EXPECT_LT(self->see->local, mm.start_stack);
	EXPECT_LE(stack.start, self->see->local);
}

TEST_F(program, bounds_of_arguments_and_environment)
{
	struct mmscope_mm mm = fields_of(self->pid);

	EXPECT_EQ(self->see->arg_start, mm.arg_start);
	EXPECT_EQ(self->see->arg_end, mm.arg_end);
	EXPECT_EQ(self->see->env_start, mm.env_start);
	EXPECT_EQ(self->see->env_end, mm.env_end);
	EXPECT_LT(mm.start_stack, mm.arg_start);
	EXPECT_GT(place_at(self->pid, self->see->argc).end, mm.env_end);
}

/* Memory that a program gets while it runs */

FIXTURE(memory)
{
	struct example_run run;
	struct example *see;
	pid_t pid;
};

FIXTURE_SETUP(memory)
{
	start(&self->run, "example_pie", _metadata->name);
	self->see = self->run.see;
	self->pid = self->run.target.pid;
}

FIXTURE_TEARDOWN(memory)
{
	example_stop(&self->run);
}

/* The program moves brk up, and down again. */
TEST_F(memory, heap_grows_by_brk)
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
TEST_F(memory, small_malloc_grows_the_heap)
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
TEST_F(memory, malloc_of_128_KiB_maps)
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
TEST_F(memory, free_unmaps)
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
TEST_F(memory, M_MMAP_THRESHOLD_moves_the_limit)
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
TEST_F(memory, malloc_reserves_and_touching_makes_resident)
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

/* The program reads two pages of new memory. */
TEST_F(memory, first_read_maps_the_zero_page)
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
TEST_F(memory, first_write_gets_a_frame_of_its_own)
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
TEST_F(memory, null_pointer_faults)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");

	EXPECT_TRUE(gap_is(self->pid, 0, 0, maps->vma[0].start));
	example_do(&self->run, EXAMPLE_READ, 0, 1);
	EXPECT_SEGV(SEGV_MAPERR, 0);
	proc_maps_free(maps);
}

/* The program maps three pages, unmaps the second one, and reads it. */
TEST_F(memory, unmapped_address_faults)
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
TEST_F(memory, stack_grows_by_faults)
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
TEST_F(memory, stack_ends_at_RLIMIT_STACK)
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
TEST_F(memory, stack_does_not_shrink)
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

/* Layouts */

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
		.stack = STACK_LIMIT,
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
		.stack = STACK_LIMIT,
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
