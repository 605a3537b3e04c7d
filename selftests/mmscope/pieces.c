// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMAs that merge, split or go between two slices: the page tables of each are
 * counted once, whatever VMA they belong to then.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"
#include "stream/read.h"
#include "target/target.h"

#define RW	(PROT_READ | PROT_WRITE)
#define PIECES	300

/**
 * struct pieces - shared with the target
 * @start: of a mapping whose pieces have page tables of their own
 * @size: of a piece
 */
struct pieces {
	char *start;
	size_t size;
};

static size_t table_size(void)
{
	size_t page = PAGE;

	return page * (page / sizeof(__u64));
}

static void map_pieces(struct pieces *pieces)
{
	char *p;
	size_t i;

	pieces->size = 2 * table_size();
	p = target_map(NULL, (PIECES + 1) * pieces->size, RW,
		       MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(p, (PIECES + 1) * pieces->size, MADV_NOHUGEPAGE);
	pieces->start = p + (-(unsigned long)p & (pieces->size - 1));
	for (i = 0; i < PIECES; i++)
		pieces->start[i * pieces->size] = 1;
}

static char *piece(const struct pieces *pieces, size_t i)
{
	return pieces->start + i * pieces->size;
}

/* Neighbours with different permissions are VMAs of their own. */
static void split_pieces(const struct pieces *pieces)
{
	size_t i;

	for (i = 1; i < PIECES; i += 2)
		if (mprotect(piece(pieces, i), pieces->size, PROT_READ))
			die("mprotect: %s", strerror(errno));
}

static void merge_pieces(const struct pieces *pieces)
{
	if (mprotect(pieces->start, PIECES * pieces->size, RW))
		die("mprotect: %s", strerror(errno));
}

static void unmap_pieces(const struct pieces *pieces)
{
	size_t i;

	for (i = 0; i < PIECES; i += 3)
		munmap(piece(pieces, i) + pieces->size / 4, pieces->size);
}

static void replace_pieces(const struct pieces *pieces)
{
	target_map(piece(pieces, 10), (PIECES - 20) * pieces->size, PROT_READ,
		   MAP_SHARED | MAP_FIXED | MAP_NORESERVE, -1);
}

FIXTURE(pieces)
{
	struct pieces *pieces;
	struct target target;
};

/* Of @before and @after, the first is done before the read begins. */
FIXTURE_VARIANT(pieces)
{
	void (*before)(const struct pieces *pieces);
	void (*after)(const struct pieces *pieces);
};

FIXTURE_VARIANT_ADD(pieces, merged) {
	.before = split_pieces,
	.after = merge_pieces,
};

FIXTURE_VARIANT_ADD(pieces, split) {
	.before = merge_pieces,
	.after = split_pieces,
};

FIXTURE_VARIANT_ADD(pieces, unmapped) {
	.before = merge_pieces,
	.after = unmap_pieces,
};

FIXTURE_VARIANT_ADD(pieces, unmapped_each) {
	.before = split_pieces,
	.after = unmap_pieces,
};

FIXTURE_VARIANT_ADD(pieces, replaced) {
	.before = split_pieces,
	.after = replace_pieces,
};

struct cutting {
	struct pieces *pieces;
	void (*before)(const struct pieces *pieces);
	void (*after)(const struct pieces *pieces);
};

static void cut_pieces(void *arg, int step)
{
	const struct cutting *cutting = arg;

	if (step) {
		cutting->after(cutting->pieces);
		return;
	}
	map_pieces(cutting->pieces);
	cutting->before(cutting->pieces);
}

FIXTURE_SETUP(pieces)
{
	struct cutting cutting = {
		.pieces = target_share(sizeof(*self->pieces)),
		.before = variant->before,
		.after = variant->after,
	};

	module_need();
	self->pieces = cutting.pieces;
	target_start(&self->target, cut_pieces, &cutting);
}

FIXTURE_TEARDOWN(pieces)
{
	target_stop(&self->target);
}

/*
 * A reader has read the first bytes, so that the first slice is made, and the
 * target changes its VMAs. TABLES records ascend and do not overlap all the same,
 * which is one of the rules that a stream is checked by.
 */
TEST_F(pieces, have_tables_that_do_not_overlap)
{
	int fd = query_open();
	__u64 pages = 0;
	struct stream *s;
	char first[64];
	size_t i;

	ASSERT_EQ(0, query_ask(fd, self->target.pid, MMSCOPE_PART_TABLES, 0, 0));
	ASSERT_EQ(sizeof(first), read(fd, first, sizeof(first)));
	target_step(&self->target, 1);
	ASSERT_EQ(0, stream_finish(fd, first, sizeof(first), &s));
	close(fd);
	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(0, s->end->status);
	EXPECT_LT(1, s->end->holds);
	for (i = 0; i < s->nr_tables; i++)
		pages += s->tables[i]->pages[MMSCOPE_PTE];
	EXPECT_EQ(s->sum->pages[MMSCOPE_PTE], pages);
	stream_free(s);
}

TEST_HARNESS_MAIN
