// SPDX-License-Identifier: GPL-2.0-only
/* What "query" takes and refuses, and how its streams are read. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "stream/read.h"
#include "target/target.h"

#define PAGE		4096UL
#define PID_MAX_LIMIT	4194304

/* Queries that are refused */

FIXTURE(bad_query)
{
	struct target target;
	int fd;
};

FIXTURE_VARIANT(bad_query)
{
	struct mmscope_query query;
	size_t count;			/* default: query.size */
	size_t nonzero_at;		/* a byte behind the query */
	bool dead;			/* of a task that is no more */
	int err;
};

#define QUERY_SIZE	sizeof(struct mmscope_query)

/* A query that would be answered, but for what follows. */
#define GOOD_QUERY							\
	.query.size = QUERY_SIZE, .query.abi = MMSCOPE_ABI,		\
	.query.parts = MMSCOPE_PART_VMAS, .query.pid = 1

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"

FIXTURE_VARIANT_ADD(bad_query, abi_0) {
	GOOD_QUERY,
	.query.abi = 0,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, abi_next) {
	GOOD_QUERY,
	.query.abi = MMSCOPE_ABI + 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, flags) {
	GOOD_QUERY,
	.query.flags = QUERY_FLAGS_ALL + 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, flags_high) {
	GOOD_QUERY,
	.query.flags = 1u << 31,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, no_parts) {
	GOOD_QUERY,
	.query.parts = 0,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, unknown_part) {
	GOOD_QUERY,
	.query.parts = PARTS_ALL + 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, unknown_among_known) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_MM | 1u << 31,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, reserved) {
	GOOD_QUERY,
	.query.__reserved = 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, size_too_small) {
	GOOD_QUERY,
	.query.size = MMSCOPE_QUERY_SIZE_MIN - 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, size_of_half) {
	GOOD_QUERY,
	.query.size = 24,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, size_0) {
	GOOD_QUERY,
	.query.size = 0,
	.count = QUERY_SIZE,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, count_too_small) {
	GOOD_QUERY,
	.count = QUERY_SIZE - 8,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, count_of_size_alone) {
	GOOD_QUERY,
	.count = 4,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, count_1) {
	GOOD_QUERY,
	.count = 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, count_beyond_size) {
	GOOD_QUERY,
	.count = QUERY_SIZE + 8,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, size_beyond_count) {
	GOOD_QUERY,
	.query.size = QUERY_SIZE + 8,
	.count = QUERY_SIZE,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, tail) {
	GOOD_QUERY,
	.query.size = QUERY_SIZE + 8,
	.nonzero_at = QUERY_SIZE,
	.err = E2BIG,
};

FIXTURE_VARIANT_ADD(bad_query, tail_far) {
	GOOD_QUERY,
	.query.size = 4096,
	.nonzero_at = 4095,
	.err = E2BIG,
};

FIXTURE_VARIANT_ADD(bad_query, beyond_a_page) {
	GOOD_QUERY,
	.query.size = 4096 + 8,
	.err = E2BIG,
};

FIXTURE_VARIANT_ADD(bad_query, end_before_start) {
	GOOD_QUERY,
	.query.start = 8192,
	.query.end = 4096,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, end_at_start) {
	GOOD_QUERY,
	.query.start = 4096,
	.query.end = 4096,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, walk_with_end) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_WALK,
	.query.end = 4096,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, walk_with_vmas) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_WALK | MMSCOPE_PART_VMAS,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, walk_with_pagetable) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_WALK | MMSCOPE_PART_PAGETABLE,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, residency_without_vmas) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.flags = MMSCOPE_QUERY_RESIDENCY,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, residency_with_walk) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_WALK,
	.query.flags = MMSCOPE_QUERY_RESIDENCY,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, consistent_without_vmas) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.flags = MMSCOPE_QUERY_CONSISTENT,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, consistent_with_residency) {
	GOOD_QUERY,
	.query.flags = MMSCOPE_QUERY_CONSISTENT |
		       MMSCOPE_QUERY_RESIDENCY,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, facts_without_pagetable) {
	GOOD_QUERY,
	.query.flags = MMSCOPE_QUERY_FACTS,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, facts_with_walk) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_WALK,
	.query.flags = MMSCOPE_QUERY_FACTS,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, walk_with_tables) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_WALK | MMSCOPE_PART_TABLES,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, unknown_kind) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.kinds = 1u << KINDS_END,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, unknown_kind_among_known) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.kinds = 1u << MMSCOPE_PRESENT | 1u << 31,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, unknown_level) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.levels = 1u << LEVELS_END,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, level_0) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.levels = 1u | 1u << MMSCOPE_PTE,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, unknown_attr_set) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.attrs_set = ATTRS_ALL + 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, unknown_attr_clear) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.attrs_clear = ATTRS_ALL + 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, page_set_without_facts) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.page_set = 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, page_clear_without_facts) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.page_clear = 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, unknown_page_set) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.flags = MMSCOPE_QUERY_FACTS,
	.query.page_set = 1ULL << 60,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, unknown_page_clear) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.flags = MMSCOPE_QUERY_FACTS,
	.query.page_clear = 1ULL << 60,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, frame_end_at_start) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.frame_start = 4096,
	.query.frame_end = 4096,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, frame_end_before_start) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.frame_start = 4096,
	.query.frame_end = 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, frame_start_alone) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_PAGETABLE,
	.query.frame_start = 4096,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, kinds_without_pagetable) {
	GOOD_QUERY,
	.query.kinds = 1u << MMSCOPE_PRESENT,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, levels_without_pagetable) {
	GOOD_QUERY,
	.query.levels = 1u << MMSCOPE_PTE,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, attrs_set_without_pagetable) {
	GOOD_QUERY,
	.query.attrs_set = MMSCOPE_ATTR_WRITE,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, attrs_clear_without_pagetable) {
	GOOD_QUERY,
	.query.attrs_clear = MMSCOPE_ATTR_WRITE,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, frames_without_pagetable) {
	GOOD_QUERY,
	.query.frame_end = 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, kinds_with_walk) {
	GOOD_QUERY,
	.query.parts = MMSCOPE_PART_WALK,
	.query.kinds = 1u << MMSCOPE_PRESENT,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, pid_0) {
	GOOD_QUERY,
	.query.pid = 0,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, pid_negative) {
	GOOD_QUERY,
	.query.pid = -1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, pid_out_of_range) {
	GOOD_QUERY,
	.query.pid = PID_MAX_LIMIT + 1,
	.err = EINVAL,
};

FIXTURE_VARIANT_ADD(bad_query, pid_unused) {
	GOOD_QUERY,
	.query.pid = PID_MAX_LIMIT,
	.err = ESRCH,
};

FIXTURE_VARIANT_ADD(bad_query, pid_dead) {
	GOOD_QUERY,
	.dead = true,
	.err = ESRCH,
};

#pragma GCC diagnostic pop

FIXTURE_SETUP(bad_query)
{
	module_need();
	target_start(&self->target, target_sit, NULL);
	self->fd = query_open();
}

FIXTURE_TEARDOWN(bad_query)
{
	close(self->fd);
	target_stop(&self->target);
}

static int ask_raw(int fd, const void *query, size_t count)
{
	ssize_t ret = write(fd, query, count);

	if (ret >= 0 && ret != count)
		die("query took %zd of %zu bytes", ret, count);
	return ret < 0 ? errno : 0;
}

/* Put a part of a stream that was read before in front of the rest. */
static const char *read_on(int fd, const void *begun, size_t len, __u32 *pid)
{
	static char message[160];
	char *data = malloc(16 * MIB);
	struct stream *s;
	int memory = memfd_create("stream", 0);
	ssize_t ret;

	memcpy(data, begun, len);
	while ((ret = read(fd, data + len, 16 * MIB - len)) > 0)
		len += ret;
	if (ret < 0)
		return strerror(errno);
	if (write(memory, data, len) != len)
		return "memfd";
	lseek(memory, 0, SEEK_SET);
	free(data);
	if (stream_read(memory, &s))
		return "cannot read the memfd";
	close(memory);
	strcpy(message, s->wrong);
	if (!*message && s->end->status)
		strcpy(message, "cut short");
	if (!*message)
		*pid = s->task->pid;
	stream_free(s);
	return message;
}

TEST_F(bad_query, is_refused_and_leaves_the_last_one)
{
	struct mmscope_query query = variant->query;
	char buffer[2 * 4096] = { }, begun[300];
	size_t count = variant->count ? variant->count : query.size;
	__u32 pid = 0;

	ASSERT_EQ(0, query_ask(self->fd, self->target.pid, MMSCOPE_PART_MM |
			       PARTS_RANGED, 0, 0));
	ASSERT_EQ(sizeof(begun), read(self->fd, begun, sizeof(begun)));

	if (variant->dead)
		query.pid = target_dead_pid();
	memcpy(buffer, &query, sizeof(query));
	if (variant->nonzero_at)
		buffer[variant->nonzero_at] = 1;
	EXPECT_EQ(variant->err, ask_raw(self->fd, buffer, count));

	EXPECT_STREQ("", read_on(self->fd, begun, sizeof(begun), &pid));
	EXPECT_EQ(self->target.pid, pid);
}

TEST_F(bad_query, is_refused_as_the_first_one)
{
	struct mmscope_query query = variant->query;
	size_t count = variant->count ? variant->count : query.size;
	char buffer[2 * 4096] = { };

	if (variant->dead)
		query.pid = target_dead_pid();
	memcpy(buffer, &query, sizeof(query));
	if (variant->nonzero_at)
		buffer[variant->nonzero_at] = 1;
	EXPECT_EQ(variant->err, ask_raw(self->fd, buffer, count));
	EXPECT_EQ(-1, read(self->fd, buffer, sizeof(buffer)));
	EXPECT_EQ(EINVAL, errno);
}

/* Queries that are not */

FIXTURE(query)
{
	struct target target;
	pid_t pid;
	int fd;
};

FIXTURE_SETUP(query)
{
	module_need();
	target_start(&self->target, target_sit, NULL);
	self->pid = self->target.pid;
	self->fd = query_open();
}

FIXTURE_TEARDOWN(query)
{
	close(self->fd);
	target_stop(&self->target);
}

TEST_F(query, may_be_shorter_or_have_zeroes_behind)
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
		EXPECT_EQ(0, ask_raw(self->fd, &longer, size[i]));
		ASSERT_EQ(0, stream_read(self->fd, &s));
		ASSERT_STREQ("", s->wrong);
		EXPECT_EQ(self->pid, s->task->pid);
		stream_free(s);
	}
}

/* What lies behind the end of a short one has no say. */
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

	ASSERT_EQ(0, ask_raw(self->fd, &query, query.size));
	ASSERT_EQ(0, stream_read(self->fd, &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_LT(0, s->nr_runs);
	stream_free(s);
}

/* Each flag, and what belongs to it, comes if it was asked for, and only then. */
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
		EXPECT_EQ(!!(ask[i].flags & MMSCOPE_QUERY_FACTS), !!known);
		EXPECT_EQ(ask[i].flags & MMSCOPE_QUERY_RESIDENCY ? s->nr_vmas : 0,
			  s->nr_residencies);
		EXPECT_EQ(!!(ask[i].flags & MMSCOPE_QUERY_CONSISTENT),
			  !!(s->end->flags & MMSCOPE_END_CONSISTENT));
		stream_free(s);
	}
}

TEST_F(query, has_to_come_first)
{
	char c;

	EXPECT_EQ(-1, read(self->fd, &c, 1));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(query, begins_anew_each_time)
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
	/* At its end it stays, until the next one. */
	EXPECT_EQ(0, read(self->fd, some, sizeof(some)));
	EXPECT_EQ(0, read(self->fd, some, sizeof(some)));
	stream_free(s);
	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	ASSERT_EQ(0, stream_read(self->fd, &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(self->pid, s->task->pid);
	stream_free(s);
}

TEST_F(query, is_each_open_files_own)
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

TEST_F(query, cannot_be_sought_in)
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

TEST_F(query, from_bad_pointers)
{
	struct mmscope_query query = {
		.size = 4096,
		.abi = MMSCOPE_ABI,
		.parts = MMSCOPE_PART_MM,
		.pid = self->pid,
	};
	char *edge = target_map(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE, -1);

	EXPECT_EQ(EFAULT, ask_raw(self->fd, target_bad_pointer(),
				  sizeof(query)));
	/* The rest is not there. */
	munmap(edge + PAGE, PAGE);
	memcpy(edge + PAGE - sizeof(query), &query, sizeof(query));
	EXPECT_EQ(EFAULT, ask_raw(self->fd, edge + PAGE - sizeof(query), 4096));
	/* Nor is the second half. */
	query.size = sizeof(query);
	memcpy(edge + PAGE - 16, &query, 16);
	EXPECT_EQ(EFAULT, ask_raw(self->fd, edge + PAGE - 16, sizeof(query)));
}

TEST_F(query, to_bad_pointers)
{
	char begun[200];
	__u32 pid = 0;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, PARTS_RANGED, 0, 0));
	EXPECT_EQ(-1, read(self->fd, target_bad_pointer(), 4096));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(sizeof(begun), read(self->fd, begun, sizeof(begun)));
	EXPECT_EQ(-1, read(self->fd, target_bad_pointer(), 4096));
	EXPECT_EQ(EFAULT, errno);
	/* What was not given is not lost. */
	EXPECT_STREQ("", read_on(self->fd, begun, sizeof(begun), &pid));
	EXPECT_EQ(self->pid, pid);
}

TEST_F(query, gives_the_same_in_steps_of_any_size)
{
	static const size_t step[] = { 1, 7, 4096, 65536, MIB };
	/* Not what depends on flags of pages: these move by themselves. */
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
		/* Times differ: in the header, and in the last field of END. */
		memset(next + offsetof(struct mmscope_header, time_ns), 0, 8);
		memset(next + len - 8, 0, 8);
		if (!i)
			memcpy(first, next, len);
		EXPECT_EQ(0, memcmp(first, next, len));
	}
}

TEST_F(query, reads_nothing_into_nothing)
{
	struct stream *s;
	char c;

	ASSERT_EQ(0, query_ask(self->fd, self->pid, MMSCOPE_PART_MM, 0, 0));
	EXPECT_EQ(0, read(self->fd, &c, 0));
	ASSERT_EQ(0, stream_read(self->fd, &s));
	ASSERT_STREQ("", s->wrong);
}

/* Of one open file, two readers get each byte once. */
TEST_F(query, read_by_two)
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
