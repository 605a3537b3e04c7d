// SPDX-License-Identifier: GPL-2.0-only
/* Queries that have to be refused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"
#include "stream/read.h"
#include "target/target.h"

#define PID_MAX_LIMIT	4194304

FIXTURE(bad_query)
{
	struct target target;
	int fd;
};

FIXTURE_VARIANT(bad_query)
{
	struct mmscope_query query;
	size_t count;			/* default: query.size */
	size_t nonzero_at;		/* offset of a byte after the query */
	size_t after_page;		/* query.size is a page, and that much */
	bool dead;			/* the PID is free */
	int err;
};

#define QUERY_SIZE	sizeof(struct mmscope_query)

/* A valid query; what follows makes it invalid. */
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
	.after_page = 8,
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

/* Write a query, and zeroes after it. Return: errno, or 0. */
static int put_query(int fd, struct mmscope_query query, size_t after_page,
		     size_t count, size_t nonzero_at)
{
	char *buffer = calloc(2, PAGE);
	int err;

	if (after_page)
		query.size = PAGE + after_page;
	memcpy(buffer, &query, sizeof(query));
	if (nonzero_at)
		buffer[nonzero_at] = 1;
	err = query_put_raw(fd, buffer, count ? count : query.size);
	free(buffer);
	return err;
}

/*
 * Begin to read the answer to a valid query, then write an invalid one: that
 * fails, and the rest of the first answer can still be read.
 */
TEST_F(bad_query, is_refused_and_keeps_the_last_answer)
{
	struct mmscope_query query = variant->query;
	char begun[300];
	struct stream *s;

	ASSERT_EQ(0, query_ask(self->fd, self->target.pid, MMSCOPE_PART_MM |
			       PARTS_RANGED, 0, 0));
	ASSERT_EQ(sizeof(begun), read(self->fd, begun, sizeof(begun)));

	if (variant->dead)
		query.pid = target_dead_pid();
	EXPECT_EQ(variant->err, put_query(self->fd, query, variant->after_page,
					  variant->count, variant->nonzero_at));

	ASSERT_EQ(0, stream_finish(self->fd, begun, sizeof(begun), &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(0, s->end->status);
	EXPECT_EQ(self->target.pid, s->task->pid);
	stream_free(s);
}

/* Write an invalid query to a new file: there is no answer to read after it. */
TEST_F(bad_query, is_refused_as_the_first_query)
{
	struct mmscope_query query = variant->query;
	char buffer[100];

	if (variant->dead)
		query.pid = target_dead_pid();
	EXPECT_EQ(variant->err, put_query(self->fd, query, variant->after_page,
					  variant->count, variant->nonzero_at));
	EXPECT_EQ(-1, read(self->fd, buffer, sizeof(buffer)));
	EXPECT_EQ(EINVAL, errno);
}

TEST_HARNESS_MAIN
