// SPDX-License-Identifier: GPL-2.0-only
/* Queries, and how their answers are read. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "target/target.h"

#define QUERY_SIZE	sizeof(struct mmscope_query)

FIXTURE(query)
{
	struct target target;
	pid_t pid;
	int fd;
};

FIXTURE_SETUP(query)
{
	module_need();
	kernel_stand_still();
	target_start(&self->target, target_sit, NULL);
	self->pid = self->target.pid;
	self->fd = query_open();
}

FIXTURE_TEARDOWN(query)
{
	close(self->fd);
	target_stop(&self->target);
}

/* Ask with records from the minimum size to a page, zeroes after the fields. */
TEST_F(query, may_be_shorter_or_longer)
{
	struct {
		struct mmscope_query query;
		char rest[4096 - QUERY_SIZE];
	} longer = {
		.query = {
			.abi = MMSCOPE_ABI,
			.parts = MMSCOPE_PART_MM,
			.pid = self->pid,
		},
	};
	static const size_t size[] = {
		MMSCOPE_QUERY_SIZE_MIN, MMSCOPE_QUERY_SIZE_MIN + 4, 64,
		QUERY_SIZE - 1, QUERY_SIZE, QUERY_SIZE + 8, 100, 4096,
	};
	struct stream *s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		longer.query.size = size[i];
		EXPECT_EQ(0, query_put_raw(self->fd, &longer, size[i]));
		ASSERT_EQ(0, stream_read(self->fd, &s));
		ASSERT_STREQ("", s->wrong);
		EXPECT_EQ(self->pid, s->task->pid);
		stream_free(s);
	}
}

/* A query of the minimum size has no filters: fields after its end are ignored. */
TEST_F(query, may_end_before_its_filters)
{
	struct mmscope_query query = {
		.size = MMSCOPE_QUERY_SIZE_MIN,
		.abi = MMSCOPE_ABI,
		.parts = MMSCOPE_PART_PAGETABLE,
		.pid = self->pid,
		.kinds = 1u << MMSCOPE_DEVICE_PRIVATE,
	};
	struct stream *s;

	ASSERT_EQ(0, query_put_raw(self->fd, &query, query.size));
	ASSERT_EQ(0, stream_read(self->fd, &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_LT(0, s->nr_runs);
	stream_free(s);
}

/* For each set of parts and flags, the stream has these records and no others. */
TEST_F(query, brings_what_its_flags_ask_for)
{
	static const struct {
		__u32 parts, flags;
	} ask[] = {
		{ MMSCOPE_PART_VMAS, 0 },
		{ MMSCOPE_PART_VMAS, MMSCOPE_QUERY_RESIDENCY },
		{ MMSCOPE_PART_VMAS, MMSCOPE_QUERY_CONSISTENT },
		{ MMSCOPE_PART_PAGETABLE, 0 },
		{ MMSCOPE_PART_PAGETABLE, MMSCOPE_QUERY_FACTS },
		{ MMSCOPE_PART_TABLES, 0 },
		{ MMSCOPE_PART_THREADS, 0 },
		{ MMSCOPE_PART_SUMS, 0 },
		{ PARTS_USUAL, FLAGS_USUAL },
		{ PARTS_USUAL, MMSCOPE_QUERY_FACTS | MMSCOPE_QUERY_CONSISTENT },
	};
	struct mmscope_query query = { .pid = self->pid };
	struct stream *s;
	size_t i, k, known;

	for (i = 0; i < ARRAY_SIZE(ask); i++) {
		query.parts = ask[i].parts;
		query.flags = ask[i].flags;
		s = stream_of(query);
		for (k = known = 0; k < s->nr_runs; k++)
			known += !!s->run[k].page;
		EXPECT_EQ(!!(ask[i].parts & MMSCOPE_PART_VMAS), !!s->nr_vmas);
		EXPECT_EQ(!!(ask[i].parts & MMSCOPE_PART_PAGETABLE),
			  !!s->nr_runs);
		EXPECT_EQ(!!(ask[i].parts & MMSCOPE_PART_TABLES), !!s->sum);
		EXPECT_EQ(!!(ask[i].parts & MMSCOPE_PART_THREADS), s->nr_threads);
		EXPECT_EQ(!!(ask[i].parts & MMSCOPE_PART_SUMS), !!s->sums);
		EXPECT_EQ(!!(ask[i].flags & MMSCOPE_QUERY_FACTS), !!known);
		EXPECT_EQ(ask[i].flags & MMSCOPE_QUERY_RESIDENCY ? s->nr_vmas : 0,
			  s->nr_residencies);
		EXPECT_EQ(!!(ask[i].flags & MMSCOPE_QUERY_CONSISTENT),
			  !!(s->end->flags & MMSCOPE_END_CONSISTENT));
		stream_free(s);
	}
}

/* Read from a file to which no query was written. */
TEST_F(query, has_to_come_first)
{
	char c;

	EXPECT_EQ(-1, read(self->fd, &c, 1));
	EXPECT_EQ(EINVAL, errno);
}

/*
 * Write a second query when only some of the first answer has been read, read the
 * second answer to its end and beyond, and write a third query.
 */
TEST_F(query, replaces_the_last_one)
{
	char some[1000];
	struct stream *s;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	ASSERT_EQ(sizeof(some), read(self->fd, some, sizeof(some)));
	ASSERT_EQ(0, query_ask(self->fd, getpid(), MMSCOPE_PART_MM, 0, 0));
	ASSERT_EQ(0, stream_read(self->fd, &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(getpid(), s->task->pid);
	EXPECT_EQ(MMSCOPE_PART_MM, s->header->parts);
	/* Reads at the end return nothing until the next query. */
	EXPECT_EQ(0, read(self->fd, some, sizeof(some)));
	EXPECT_EQ(0, read(self->fd, some, sizeof(some)));
	stream_free(s);
	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	ASSERT_EQ(0, stream_read(self->fd, &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(self->pid, s->task->pid);
	stream_free(s);
}

/* Open the file twice: each descriptor has a query of its own. */
TEST_F(query, belongs_to_one_open_file)
{
	int other = query_open();
	struct stream *s;
	char c;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	EXPECT_EQ(-1, read(other, &c, 1));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(0, query_ask(other, getpid(), MMSCOPE_PART_MM, 0, 0));
	ASSERT_EQ(0, stream_read(self->fd, &s));
	EXPECT_EQ(self->pid, s->task->pid);
	ASSERT_EQ(0, stream_read(other, &s));
	EXPECT_EQ(getpid(), s->task->pid);
	close(other);
}

/* lseek() and pread() fail, for "query" and "snapshot". */
TEST_F(query, cannot_seek)
{
	int snapshot = folder_open(self->pid, "snapshot");
	char c;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	EXPECT_EQ(-1, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(self->fd, &c, 1, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, lseek(snapshot, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
}

TEST_F(query, has_no_ioctl_and_no_mmap)
{
	EXPECT_EQ(-1, ioctl(self->fd, 0x12345678, 0));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd,
				   0));
	EXPECT_EQ(ENODEV, errno);
}

/* Write from memory of which all, the tail, or the second half is unmapped. */
TEST_F(query, from_bad_pointers_is_refused)
{
	struct mmscope_query query = {
		.size = 4096,
		.abi = MMSCOPE_ABI,
		.parts = MMSCOPE_PART_MM,
		.pid = self->pid,
	};
	char *edge = target_map(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE, -1);

	EXPECT_EQ(EFAULT, query_put_raw(self->fd, target_bad_pointer(),
					sizeof(query)));
	/* The zeroes after the query are unmapped. */
	munmap(edge + PAGE, PAGE);
	memcpy(edge + PAGE - sizeof(query), &query, sizeof(query));
	EXPECT_EQ(EFAULT, query_put_raw(self->fd, edge + PAGE - sizeof(query), 4096));
	/* The second half of the query is unmapped. */
	query.size = sizeof(query);
	memcpy(edge + PAGE - 16, &query, 16);
	EXPECT_EQ(EFAULT, query_put_raw(self->fd, edge + PAGE - 16, sizeof(query)));
}

/* Reads to a bad pointer fail, and the next read() goes on where they began. */
TEST_F(query, loses_nothing_at_bad_pointers)
{
	char begun[200];
	struct stream *s;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	EXPECT_EQ(-1, read(self->fd, target_bad_pointer(), 4096));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(sizeof(begun), read(self->fd, begun, sizeof(begun)));
	EXPECT_EQ(-1, read(self->fd, target_bad_pointer(), 4096));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(0, stream_finish(self->fd, begun, sizeof(begun), &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(0, s->end->status);
	EXPECT_EQ(self->pid, s->task->pid);
	stream_free(s);
}

/* Read the same answer with read()s of 1 byte up to 1 MiB. */
TEST_F(query, reads_the_same_in_steps_of_any_size)
{
	static const size_t step[] = { 1, 7, 4096, 65536, MIB };
	/* Without page facts and residency: flags of pages change by themselves. */
	const struct mmscope_query query = {
		.pid = self->pid,
		.parts = PARTS_USUAL & ~MMSCOPE_PART_MM,
	};
	char *first = malloc(MIB), *next = malloc(MIB);
	size_t i, len, of_first = 0;

	for (i = 0; i < ARRAY_SIZE(step); i++) {
		ASSERT_EQ(0, query_put(self->fd, query));
		len = file_read_in_steps(self->fd, next, step[i]);
		if (!i)
			of_first = len;
		ASSERT_EQ(of_first, len);
		/* Times differ: in the header, and in END. */
		memset(next + offsetof(struct mmscope_header, time_ns), 0, 8);
		memset(next + len - sizeof(struct mmscope_end) +
		       offsetof(struct mmscope_end, longest_ns), 0, 8);
		if (!i)
			memcpy(first, next, len);
		EXPECT_EQ(0, memcmp(first, next, len));
	}
}

/* read() of 0 bytes before the real one. */
TEST_F(query, survives_an_empty_read)
{
	struct stream *s;
	char c;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, MMSCOPE_PART_MM, 0, 0));
	EXPECT_EQ(0, read(self->fd, &c, 0));
	ASSERT_EQ(0, stream_read(self->fd, &s));
	ASSERT_STREQ("", s->wrong);
}

/* Two processes read from one open file at once: each byte goes to one of them. */
TEST_F(query, gives_each_byte_to_one_reader)
{
	size_t *count = target_share(3 * sizeof(*count));
	char buffer[64];
	ssize_t ret;
	pid_t child;
	int status;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	count[2] = file_read_in_steps(self->fd, malloc(MIB), MIB);
	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	child = fork();
	while ((ret = read(self->fd, buffer, sizeof(buffer))) > 0)
		count[!!child] += ret;
	if (!child)
		_exit(ret < 0);
	EXPECT_EQ(0, ret);
	waitpid(child, &status, 0);
	EXPECT_EQ(0, status);
	EXPECT_EQ(count[2], count[0] + count[1]);
}

TEST_HARNESS_MAIN
