// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses with a tag in the top byte, as programs with MTE or HWASan print
 * them: against pagemap, which removes tags where the processor ignores them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/runs.h"
#include "target/target.h"

#define RW	(PROT_READ | PROT_WRITE)

FIXTURE(tags)
{
	char **start;
	struct target target;
	pid_t pid;
};

static void map_page(void *arg, int step)
{
	char **start = arg;

	*start = target_map_alone(1, RW, MAP_PRIVATE, -1);
	**start = 't';
#ifdef __aarch64__
	/* The program itself can use the tagged address. */
	if (*(volatile char *)((unsigned long)*start | 0x0bUL << 56) != 't')
		die("wrong page");
#endif
}

FIXTURE_SETUP(tags)
{
	module_need();
	self->start = target_share(sizeof(*self->start));
	target_start(&self->target, map_page, self->start);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(tags)
{
	target_stop(&self->target);
}

static const __u64 tag[] = { 0x0b, 0x01, 0x7f, 0x80, 0xff };

/* Has pagemap an entry of a tagged address? */
static bool in_pagemap(pid_t pid, __u64 addr, __u64 *entry)
{
	int fd = proc_open(pid, "pagemap", 0);
	bool got = pread(fd, entry, 8, addr / PAGE * 8) == 8;

	close(fd);
	return got;
}

TEST_F(tags, are_ignored_as_in_pagemap)
{
	__u64 addr = (unsigned long)*self->start, entry;
	size_t i, ignored = 0;

	for (i = 0; i < ARRAY_SIZE(tag); i++) {
		__u64 tagged = (addr + 0x123) | tag[i] << 56;
		struct stream *s = stream_get(self->pid, MMSCOPE_PART_WALK,
					      tagged, 0);

		if (in_pagemap(self->pid, tagged, &entry)) {
			EXPECT_EQ(addr + 0x123, s->walk->addr);
			EXPECT_EQ(MMSCOPE_STOP_ENTRY, s->walk->stop);
			EXPECT_EQ(PM_FRAME(entry) * PAGE + 0x123, s->walk->phys);
			ASSERT_EQ(1, s->nr_vmas);
			EXPECT_EQ(addr, s->vma[0]->start);
			ignored++;
		} else {
			EXPECT_EQ(tagged, s->walk->addr);
			EXPECT_EQ(MMSCOPE_STOP_KERNEL, s->walk->stop);
			EXPECT_EQ(0, s->nr_vmas);
		}
		stream_free(s);
	}
#ifdef __aarch64__
	EXPECT_EQ(ARRAY_SIZE(tag), ignored);
#else
	EXPECT_EQ(0, ignored);
#endif
}

/* All parts that have a range find the mapping, and nothing else, or nothing. */
TEST_F(tags, are_ignored_in_ranges)
{
	__u64 addr = (unsigned long)*self->start, entry;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tag); i++) {
		__u64 tagged = addr | tag[i] << 56;
		bool ignored = in_pagemap(self->pid, tagged, &entry);
		struct stream *s = stream_get(self->pid, PARTS_USUAL, tagged,
					      tagged + PAGE);

		EXPECT_EQ(ignored, s->nr_vmas);
		EXPECT_EQ(ignored, s->nr_runs);
		EXPECT_EQ(ignored, s->nr_tables);
		if (ignored) {
			EXPECT_EQ(addr, s->vma[0]->start);
			EXPECT_EQ(addr, s->run[0].start);
			EXPECT_EQ(PM_FRAME(entry), s->run[0].frame);
			EXPECT_EQ(addr, s->tables[0]->start);
		}
		EXPECT_FALSE(s->end->flags & MMSCOPE_END_CHANGED);
		stream_free(s);
	}
}

/*
 * The end is exclusive: it may be the first address of the next tag. From one tag
 * to another one are all addresses.
 */
TEST_F(tags, are_ignored_in_ends_of_ranges)
{
	__u64 addr = (unsigned long)*self->start, entry;
	const struct {
		__u64 start, end;
	} range[] = {
		{ addr, 0x80ULL << 56 },
		{ 0, 0x80ULL << 56 },
		{ addr, addr | 0x0bULL << 56 },
		{ 0x0bULL << 56 | addr, 0x0cULL << 56 },
		{ 0x0bULL << 56 | addr, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(range); i++) {
		__u64 start = range[i].start;
		bool found = in_pagemap(self->pid, start | addr, &entry);
		struct stream *s = stream_get(self->pid, PARTS_USUAL, start,
					      range[i].end);

		EXPECT_EQ(found, !!vma_at(s, addr));
		EXPECT_EQ(found, !!run_at(s, addr));
		stream_free(s);
	}
}

/* An address of the kernel half has the same bits in its top byte, but no tag. */
TEST_F(tags, are_not_removed_from_kernel_addresses)
{
	__u64 addr = 0xffff800000000000ULL | (unsigned long)*self->start;
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_WALK, addr, 0);

	EXPECT_EQ(addr, s->walk->addr);
	EXPECT_EQ(MMSCOPE_STOP_KERNEL, s->walk->stop);
	stream_free(s);
}

TEST_HARNESS_MAIN
