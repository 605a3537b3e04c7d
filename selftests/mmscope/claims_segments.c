// SPDX-License-Identifier: GPL-2.0-only
/*
 * What courses claim about the segments that come from the file of a program: seen in
 * a small program, position independent and at fixed addresses. Each claim is checked
 * in what mmscope, /proc and the program itself report of it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "example_fixture.h"
#include "oracle/fields.h"
#include "oracle/place.h"
#include "oracle/proc.h"
#include "target/target.h"

FIXTURE_VARIANT_ADD(program, fixed) {
	.file = "example_fixed",
};

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

TEST_HARNESS_MAIN
