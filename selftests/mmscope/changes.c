// SPDX-License-Identifier: GPL-2.0-only
/*
 * MMSCOPE_END_CHANGED: set if VMAs changed while they were read, and not if
 * somebody merely took mmap_lock for writing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "target/target.h"

#define MANY		3000		/* VMAs: several slices */
#define NR_READS	20

/* Below all else that a program maps: in the first slice. */
#define FIRST		((char *)0x10000000UL)

static int file_a, file_b;

static void *map_first(size_t page, int prot, int fd, off_t offset)
{
	void *p = mmap(FIRST + page * PAGE, PAGE, prot, MAP_PRIVATE | MAP_FIXED,
		       fd, offset);

	if (p == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	return p;
}

/* One VMA for each of two pages, with a hole after each, and then many others. */
static void map_many(void)
{
	char *p = target_map(NULL, MANY * PAGE, PROT_READ,
			     MAP_PRIVATE | MAP_NORESERVE, -1);
	size_t i;

	file_a = memfd_create("a", 0);
	file_b = memfd_create("b", 0);
	if (ftruncate(file_a, 4 * PAGE) || ftruncate(file_b, 4 * PAGE))
		die("ftruncate: %s", strerror(errno));
	map_first(0, PROT_READ, file_a, 0);
	map_first(2, PROT_NONE, file_b, 0);
	for (i = 0; i < MANY; i += 2)
		mprotect(p + i * PAGE, PAGE, PROT_NONE);
}

/* What changes: in each case, totals and the number of VMAs stay the same. */

static void other_file(void)
{
	munmap(FIRST, PAGE);
	map_first(0, PROT_READ, file_b, 0);
}

static void other_permissions(void)
{
	munmap(FIRST, PAGE);
	map_first(0, PROT_NONE, file_a, 0);
}

static void other_offset(void)
{
	munmap(FIRST, PAGE);
	map_first(0, PROT_READ, file_a, 2 * PAGE);
}

static void other_place(void)
{
	munmap(FIRST, PAGE);
	map_first(1, PROT_READ, file_a, 0);
}

static void swapped_files(void)
{
	map_first(0, PROT_READ, file_b, 0);
	map_first(2, PROT_NONE, file_a, 0);
}

static void swapped_permissions(void)
{
	mprotect(FIRST, PAGE, PROT_NONE);
	mprotect(FIRST + 2 * PAGE, PAGE, PROT_READ);
}

static void take_change(void *arg, int step)
{
	void (**change)(void) = arg;

	if (step)
		(*change)();
	else
		map_many();
}

FIXTURE(changes)
{
	void (*change)(void);
	struct target target;
};

FIXTURE_VARIANT(changes)
{
	void (*change)(void);
};

FIXTURE_VARIANT_ADD(changes, file) {
	.change = other_file,
};

FIXTURE_VARIANT_ADD(changes, permissions) {
	.change = other_permissions,
};

FIXTURE_VARIANT_ADD(changes, offset) {
	.change = other_offset,
};

FIXTURE_VARIANT_ADD(changes, place) {
	.change = other_place,
};

FIXTURE_VARIANT_ADD(changes, swapped_files) {
	.change = swapped_files,
};

FIXTURE_VARIANT_ADD(changes, swapped_permissions) {
	.change = swapped_permissions,
};

FIXTURE_SETUP(changes)
{
	module_need();
	self->change = variant->change;
	target_start(&self->target, take_change, &self->change);
}

FIXTURE_TEARDOWN(changes)
{
	target_stop(&self->target);
}

/* The VMAs are recorded in part when the target changes the first one. */
TEST_F(changes, are_reported)
{
	int memory = memfd_create("stream", 0), fd = query_open();
	char buffer[65536];
	struct stream *s;
	ssize_t ret;

	ASSERT_EQ(0, query_ask(fd, self->target.pid, MMSCOPE_PART_VMAS, 0, 0));
	ASSERT_EQ(500, read(fd, buffer, 500));
	ASSERT_EQ(500, write(memory, buffer, 500));
	target_step(&self->target, 1);
	while ((ret = read(fd, buffer, sizeof(buffer))) > 0)
		ASSERT_EQ(ret, write(memory, buffer, ret));
	ASSERT_EQ(0, ret);
	lseek(memory, 0, SEEK_SET);
	ASSERT_EQ(0, stream_read(memory, &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_LT(2, s->end->holds);
	EXPECT_TRUE(s->end->flags & MMSCOPE_END_CHANGED);
	stream_free(s);
}

/* What takes mmap_lock for writing, but leaves the VMAs alone */

static void fork_on(void *arg, int step)
{
	if (!step) {
		map_many();
		return;
	}
	for (;;) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
}

static void sit_with_many(void *arg, int step)
{
	if (!step)
		map_many();
}

static pid_t start_clearing(pid_t target)
{
	pid_t parent = getpid(), pid = fork();

	if (pid)
		return pid;
	die_with(parent);
	for (;;)
		proc_clear_refs(target, 4);
}

FIXTURE(stays)
{
	struct target target;
	pid_t clearing;
};

FIXTURE_VARIANT(stays)
{
	target_fn target;
	bool clear;			/* soft-dirty bits */
};

FIXTURE_VARIANT_ADD(stays, while_it_forks) {
	.target = fork_on,
};

FIXTURE_VARIANT_ADD(stays, while_bits_are_cleared) {
	.target = sit_with_many,
	.clear = true,
};

FIXTURE_SETUP(stays)
{
	module_need();
	target_start(&self->target, variant->target, NULL);
	if (variant->clear)
		self->clearing = start_clearing(self->target.pid);
	else
		target_leave(&self->target, 1);
}

FIXTURE_TEARDOWN(stays)
{
	if (self->clearing)
		target_kill(self->clearing);
	target_stop(&self->target);
}

TEST_F(stays, unchanged)
{
	int i;

	for (i = 0; i < NR_READS; i++) {
		struct stream *s = stream_get(self->target.pid, PARTS_RANGED, 0,
					      0);

		EXPECT_LT(2, s->end->holds);
		EXPECT_EQ(0, s->end->flags & MMSCOPE_END_CHANGED);
		stream_free(s);
	}
}

TEST_HARNESS_MAIN
