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

TEST_F(tags, are_ignored_in_ranges_of_vmas)
{
	__u64 addr = (unsigned long)*self->start, entry;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tag); i++) {
		__u64 tagged = addr | tag[i] << 56;
		struct stream *s = stream_get(self->pid, MMSCOPE_PART_VMAS,
					      tagged, tagged + PAGE);

		EXPECT_EQ(in_pagemap(self->pid, tagged, &entry), s->nr_vmas);
		if (s->nr_vmas)
			EXPECT_EQ(addr, s->vma[0]->start);
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
