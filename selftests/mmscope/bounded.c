// SPDX-License-Identifier: GPL-2.0-only
/*
 * However large a target: memory per open file is bounded, locks are dropped in
 * between, and what changed meanwhile is told.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "oracle/holds.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/target.h"

#define PAGE		4096UL
#define RW		(PROT_READ | PROT_WRITE)

/* What an open file may cost, whatever it shows. */
#define BYTES_PER_FILE	(128 * KIB)
#define NR_FILES	200

/**
 * struct giant - shared with the target
 * @start: of its mapping
 * @size: of that
 * @touched: pages of it that are touched
 */
struct giant {
	char *start;
	size_t size;
	size_t touched;
};

/* Steps of a target: it maps more, or the same again. */
#define CHANGE	1
#define REPLACE	2
#define NR_REPLACED	500

static void touch(struct giant *giant, size_t at)
{
	giant->start[at] = 1;
	giant->touched++;
}

/* 64 GiB of which three pages are touched. */
static void make_sparse(void *arg, int step)
{
	struct giant *giant = arg;

	giant->size = 64 * GIB;
	giant->start = target_map(NULL, giant->size, RW,
				  MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(giant->start, giant->size, MADV_NOHUGEPAGE);
	touch(giant, 0);
	touch(giant, 33 * GIB + 5 * PAGE);
	touch(giant, giant->size - PAGE);
}

/* One page in each GiB: tables, but hardly anything in them. */
static void make_strewn(void *arg, int step)
{
	struct giant *giant = arg;
	size_t at;

	giant->size = 64 * GIB;
	giant->start = target_map(NULL, giant->size, RW,
				  MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(giant->start, giant->size, MADV_NOHUGEPAGE);
	for (at = 0; at < giant->size; at += GIB)
		touch(giant, at + 77 * PAGE);
}

#define TABLE		(512 * GIB)	/* what a table of PUDs maps */
#define HOLLOW_TABLES	60

/*
 * Tables of PUDs without an entry: one is kept as long as there is a mapping it
 * is for, and in the end all that is one mapping.
 */
static void make_hollow(void *arg, int step)
{
	struct giant *giant = arg;
	const int flags = MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED;
	size_t room = (HOLLOW_TABLES + 1) * TABLE;
	char *p, *end;

	p = target_map(NULL, room, RW, MAP_PRIVATE | MAP_NORESERVE, -1);
	munmap(p, room);
	giant->start = p + (-(unsigned long)p & (TABLE - 1));
	giant->size = HOLLOW_TABLES * TABLE;
	end = giant->start + giant->size;
	for (p = giant->start; p < end; p += TABLE) {
		target_map(p, PAGE, RW, flags, -1);
		target_map(p + 8 * GIB, PAGE, RW, flags, -1);
		p[8 * GIB] = 1;
		munmap(p + 8 * GIB, PAGE);
	}
	for (p = giant->start; p < end; p += TABLE)
		target_map(p + PAGE, TABLE - PAGE, RW, flags, -1);
	touch(giant, 0);
}

#define MANY_VMAS	5000
#define MOST_VMAS	60000

/* Every other page has other permissions: each is a VMA. */
static void make_vmas(struct giant *giant, size_t nr)
{
	size_t at;

	giant->size = nr * PAGE;
	giant->start = target_map(NULL, giant->size, RW,
				  MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(giant->start, giant->size, MADV_NOHUGEPAGE);
	touch(giant, 7 * PAGE);
	for (at = 0; at < giant->size; at += 2 * PAGE)
		if (mprotect(giant->start + at, PAGE, PROT_READ))
			die("mprotect: %s", strerror(errno));
}

static void make_many(void *arg, int step)
{
	make_vmas(arg, MANY_VMAS);
}

/* Nearly as many as a process may have where nobody set another limit. */
static void make_most(void *arg, int step)
{
	make_vmas(arg, MOST_VMAS);
}

/* 48 MiB of small pages, every other of them touched: a run each. */
static void make_dense(void *arg, int step)
{
	struct giant *giant = arg;
	size_t at;

	giant->size = 48 * MIB;
	giant->start = target_map(NULL, giant->size, RW,
				  MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(giant->start, giant->size, MADV_NOHUGEPAGE);
	for (at = 0; at < giant->size; at += 2 * PAGE)
		touch(giant, at);
}

struct making {
	target_fn make;
	struct giant *giant;
	char *replaced;
};

/* Every total of the mm is the same afterwards. */
static void replace(char *p)
{
	if (munmap(p, NR_REPLACED * PAGE))
		die("munmap: %s", strerror(errno));
	target_map(p, NR_REPLACED * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, -1);
}

static void live(void *arg, int step)
{
	struct making *making = arg;

	if (step == CHANGE) {
		target_map(NULL, 500 * PAGE, PROT_READ, MAP_PRIVATE, -1);
	} else if (step == REPLACE) {
		replace(making->replaced);
	} else {
		making->replaced = target_map(NULL, NR_REPLACED * PAGE,
					      PROT_READ, MAP_PRIVATE, -1);
		making->make(making->giant, step);
	}
}

FIXTURE(giant)
{
	struct making making;
	struct target target;
	pid_t pid;
};

FIXTURE_VARIANT(giant)
{
	target_fn make;
	size_t least_vmas;
	unsigned int slices;		/* at least so many, if more than one */
};

FIXTURE_VARIANT_ADD(giant, sparse) {
	.make = make_sparse,
};

FIXTURE_VARIANT_ADD(giant, strewn) {
	.make = make_strewn,
	.slices = 2,
};

FIXTURE_VARIANT_ADD(giant, hollow) {
	.make = make_hollow,
	.slices = 10,
};

FIXTURE_VARIANT_ADD(giant, many_vmas) {
	.make = make_many,
	.least_vmas = MANY_VMAS,
	.slices = 2,
};

FIXTURE_VARIANT_ADD(giant, dense) {
	.make = make_dense,
	.slices = 2,
};

FIXTURE_SETUP(giant)
{
	module_need();
	file_write("/proc/sys/vm/max_map_count", "262144");
	self->making.make = variant->make;
	self->making.giant = target_share(sizeof(struct giant));
	target_start(&self->target, live, &self->making);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(giant)
{
	target_stop(&self->target);
}

TEST_F(giant, is_told_to_the_end)
{
	struct giant *giant = self->making.giant;
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	struct stream *s = stream_get(self->pid, PARTS_RANGED, 0, 0);
	__u64 start = (unsigned long)giant->start, pages = 0;
	size_t i;

	EXPECT_LE(variant->least_vmas, s->nr_vmas);
	ASSERT_EQ(maps->nr, s->nr_vmas);
	for (i = 0; i < maps->nr; i++)
		ASSERT_EQ(maps->vma[i].end, s->vma[i]->end);
	for (i = 0; i < s->nr_runs; i++)
		if (s->run[i].start >= start &&
		    s->run[i].start < start + giant->size)
			pages += s->run[i].nr;
	EXPECT_EQ(giant->touched, pages);
	stream_free(s);
	proc_maps_free(maps);
}

static size_t lines(const char *text)
{
	size_t nr = 0;

	for (; *text; text = strchr(text, '\n') + 1)
		nr += *text != '#';
	return nr;
}

TEST_F(giant, is_told_to_the_end_in_text)
{
	struct stream *s = stream_get(self->pid, PARTS_RANGED, 0, 0);
	char *text = text_get(self->pid, "vmas");

	EXPECT_EQ(s->nr_vmas, lines(text));
	free(text);
	text = text_get(self->pid, "pagetable");
	EXPECT_EQ(s->nr_runs, lines(text));
	free(text);
}

/* How often the lock was taken and dropped is told in the end. */
TEST_F(giant, is_not_read_in_one_go)
{
	struct stream *s = stream_get(self->pid, PARTS_RANGED, 0, 0);

	/* Once for the mm, once for VMAs, and for page tables. */
	EXPECT_LE(2 + variant->slices, s->end->holds);
	EXPECT_LT(0, s->end->longest_ns);
	stream_free(s);
	if (variant->least_vmas) {
		s = stream_get(self->pid, MMSCOPE_PART_VMAS, 0, 0);
		EXPECT_LT(10, s->end->holds);
		stream_free(s);
	}
}

TEST_F(giant, has_not_changed)
{
	struct stream *s = stream_get(self->pid, PARTS_RANGED, 0, 0);

	EXPECT_EQ(0, s->end->flags & MMSCOPE_END_CHANGED);
	stream_free(s);
	EXPECT_EQ(NULL, strstr(text_get(self->pid, "pagetable"),
			       "# the mappings changed"));
}

/* Enough to be sure that the walk has begun, and is not through. */
static void read_first(int fd, int memory)
{
	char buffer[500];

	if (read(fd, buffer, sizeof(buffer)) != sizeof(buffer) ||
	    write(memory, buffer, sizeof(buffer)) != sizeof(buffer))
		die("cannot begin to read");
}

static struct stream *finish(int fd, int memory)
{
	char buffer[65536];
	struct stream *s;
	ssize_t ret;

	while ((ret = read(fd, buffer, sizeof(buffer))) > 0)
		if (write(memory, buffer, ret) != ret)
			die("cannot write to a memfd");
	lseek(memory, 0, SEEK_SET);
	if (ret < 0 || stream_read(memory, &s))
		die("cannot go on to read");
	close(memory);
	return s;
}

/* The target takes that step meanwhile. */
static struct stream *read_amid(int fd, struct target *target, int step)
{
	int memory = memfd_create("stream", 0);

	if (query_ask(fd, target->pid, PARTS_RANGED, 0, 0))
		die("query: %s", strerror(errno));
	read_first(fd, memory);
	target_step(target, step);
	return finish(fd, memory);
}

TEST_F(giant, changes_while_it_is_read)
{
	int fd = query_open();
	struct stream *s = read_amid(fd, &self->target, CHANGE);

	ASSERT_STREQ("", s->wrong);
	EXPECT_EQ(0, s->end->status);
	/* If one slice did for it, all was read before. */
	if (variant->slices)
		EXPECT_EQ(MMSCOPE_END_CHANGED, s->end->flags);
	stream_free(s);

	/* The next one knows nothing of it. */
	ASSERT_EQ(0, query_ask(fd, self->pid, PARTS_RANGED, 0, 0));
	ASSERT_EQ(0, stream_read(fd, &s));
	EXPECT_EQ(0, s->end->flags);
}

TEST_F(giant, changes_though_totals_stay)
{
	struct stream *s;

	if (!kernel_since(6, 4))
		SKIP(return, "this kernel does not count its write locks");
	s = read_amid(query_open(), &self->target, REPLACE);
	ASSERT_STREQ("", s->wrong);
	if (variant->slices)
		EXPECT_EQ(MMSCOPE_END_CHANGED, s->end->flags);
}

TEST_F(giant, changes_while_text_is_read)
{
	int fd = folder_open(self->pid, variant->least_vmas ? "vmas" :
							      "pagetable");
	char c, *text;

	ASSERT_EQ(1, read(fd, &c, 1));
	target_step(&self->target, CHANGE);
	ASSERT_EQ(0, text_read(fd, &text));
	if (variant->slices)
		EXPECT_TRUE(text_has_line(text, "# the mappings changed during the read"));
}

/* What nobody uses, and what could be used at once: files in memory. */
static long free_kb(void)
{
	static const char * const name[] = { "MemFree:", "Buffers:", "Cached:",
					     "SReclaimable:" };
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128], word[64];
	long kb, sum = 0;
	size_t i;

	while (fgets(line, sizeof(line), file))
		for (i = 0; i < ARRAY_SIZE(name); i++)
			if (sscanf(line, "%63s %ld", word, &kb) == 2 &&
			    !strcmp(word, name[i]))
				sum += kb;
	fclose(file);
	return sum;
}

/* One read() is told one slice at most. */
static void read_on(int fd, size_t len)
{
	char buffer[4096];
	ssize_t ret = 1;

	for (; len && ret; len -= ret) {
		ret = read(fd, buffer, len < sizeof(buffer) ? len :
							      sizeof(buffer));
		if (ret < 0)
			die("read: %s", strerror(errno));
	}
}

/* From the first byte to well behind where a buffer has grown to its most. */
static size_t how_far(int i)
{
	return 1 + i % 20 * 1000;
}

static void open_queries(pid_t pid, int *fd)
{
	int i;

	for (i = 0; i < NR_FILES; i++) {
		fd[i] = query_open();
		if (query_ask_usual(fd[i], pid))
			die("query %d failed", i);
		read_on(fd[i], how_far(i));
	}
}

static void open_texts(pid_t pid, int *fd)
{
	int i;

	for (i = 0; i < NR_FILES; i++) {
		fd[i] = folder_open(pid, i % 2 ? "vmas" : "pagetable");
		read_on(fd[i], how_far(i));
	}
}

static int by_value(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * What open files cost, in KiB. Others take and free memory meanwhile, so it is
 * the median; the first round fills caches and lists, it does not count.
 */
static long cost_of_files(void (*open_all)(pid_t pid, int *fd), pid_t pid)
{
	int fd[NR_FILES], round, i;
	long kb[1 + 3];

	for (round = 0; round < (int)ARRAY_SIZE(kb); round++) {
		kb[round] = free_kb();
		open_all(pid, fd);
		kb[round] -= free_kb();
		for (i = 0; i < NR_FILES; i++)
			close(fd[i]);
	}
	qsort(kb + 1, 3, sizeof(*kb), by_value);
	note("%ld KiB for %d files", kb[2], NR_FILES);
	return kb[2];
}

/* Less than a page a file would mean that nothing was measured. */
TEST_F(giant, costs_a_file_no_more_than_128_kib)
{
	long kb = cost_of_files(open_queries, self->pid);

	EXPECT_GT(NR_FILES * BYTES_PER_FILE / KIB, kb);
	EXPECT_LT(NR_FILES * PAGE / KIB, kb);
}

TEST_F(giant, costs_a_text_file_no_more_than_128_kib)
{
	long kb = cost_of_files(open_texts, self->pid);

	EXPECT_GT(NR_FILES * BYTES_PER_FILE / KIB, kb);
	EXPECT_LT(NR_FILES * PAGE / KIB, kb);
}

TEST_F(giant, can_be_left_at_any_time)
{
	char buffer[5000];
	int i;

	for (i = 0; i < 100; i++) {
		int fd = query_open();

		ASSERT_EQ(0, query_ask(fd, self->pid, PARTS_RANGED, 0, 0));
		ASSERT_LE(0, read(fd, buffer, i * 50));
		ASSERT_EQ(0, close(fd));
	}
}

/* One moment */

/**
 * struct hopper - shared with the target
 * @giant: many VMAs
 * @at: where a mapping is by turns: before them all, and behind
 * @hops: how often it moved
 */
struct hopper {
	struct giant giant;
	char *at[2];
	unsigned long hops;
};

#define HOP_VMAS	5000
#define HOP_ROUNDS	50

/* A move is one step to everybody: the mapping is never in both places. */
static void *hop(void *arg)
{
	struct hopper *hopper = arg;
	unsigned long i;

	for (i = 0;; i++) {
		if (mremap(hopper->at[i % 2], PAGE, PAGE,
			   MREMAP_MAYMOVE | MREMAP_FIXED,
			   hopper->at[(i + 1) % 2]) == MAP_FAILED)
			_exit(2);
		hopper->hops++;
	}
	return NULL;
}

static void map_hopper(struct hopper *hopper)
{
	size_t size = (HOP_VMAS + 8) * PAGE, at;
	char *p = target_map(NULL, size, PROT_NONE, MAP_PRIVATE, -1);

	for (at = 0; at < size; at += 2 * PAGE)
		target_map(p + at, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, -1);
	hopper->at[0] = p + PAGE;
	hopper->at[1] = p + size - PAGE;
	munmap(hopper->at[0], PAGE);
	munmap(hopper->at[1], PAGE);
	target_map(hopper->at[0], PAGE, RW, MAP_SHARED | MAP_FIXED, -1);
}

static void start_hopper(void *arg, int step)
{
	pthread_t thread;

	if (!step)
		map_hopper(arg);
	else if (pthread_create(&thread, NULL, hop, arg))
		die("no thread");
}

TEST(vmas_of_one_moment)
{
	struct hopper *hopper = target_share(sizeof(*hopper));
	struct target target;
	unsigned long before;
	int i;

	module_need();
	target_start(&target, start_hopper, hopper);
	target_leave(&target, 1);
	while (hopper->hops < 10)
		usleep(1000);
	before = hopper->hops;
	for (i = 0; i < HOP_ROUNDS; i++) {
		struct stream *s = stream_of((struct mmscope_query){
			.pid = target.pid,
			.parts = MMSCOPE_PART_VMAS,
			.flags = MMSCOPE_QUERY_CONSISTENT,
		});

		EXPECT_LE(HOP_VMAS, s->nr_vmas);
		EXPECT_EQ(1, s->end->holds);
		EXPECT_EQ(MMSCOPE_END_CONSISTENT, s->end->flags);
		EXPECT_EQ(1, !!vma_at(s, (unsigned long)hopper->at[0]) +
			     !!vma_at(s, (unsigned long)hopper->at[1]));
		stream_free(s);
	}
	EXPECT_LT(before + HOP_ROUNDS, hopper->hops);
	target_stop(&target);
}

/* VMAs that change between two slices of TABLES */

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
	size_t page = sysconf(_SC_PAGESIZE);

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
	int fd = query_open(), memory = memfd_create("stream", 0);
	__u64 pages = 0;
	struct stream *s;
	char first[64];
	size_t i;

	ASSERT_EQ(0, query_ask(fd, self->target.pid, MMSCOPE_PART_TABLES, 0, 0));
	ASSERT_EQ(sizeof(first), read(fd, first, sizeof(first)));
	ASSERT_EQ(sizeof(first), write(memory, first, sizeof(first)));
	target_step(&self->target, 1);
	s = finish(fd, memory);
	EXPECT_STREQ("", s->wrong);
	if (*s->wrong)
		return;
	EXPECT_EQ(0, s->end->status);
	EXPECT_LT(1, s->end->holds);
	for (i = 0; i < s->nr_tables; i++)
		pages += s->tables[i]->pages[MMSCOPE_PTE];
	EXPECT_EQ(s->sum->pages[MMSCOPE_PTE], pages);
	stream_free(s);
}

/* Holds of mmap_lock */

#define NO_TRACE	"this kernel does not trace mmap_lock"

FIXTURE(holds)
{
	struct making making;
	struct target target;
};

FIXTURE_VARIANT(holds)
{
	target_fn make;
	__u32 parts;
	__u32 flags;
};

FIXTURE_VARIANT_ADD(holds, vmas) {
	.make = make_many,
	.parts = MMSCOPE_PART_VMAS,
};

FIXTURE_VARIANT_ADD(holds, vmas_of_one_moment) {
	.make = make_many,
	.parts = MMSCOPE_PART_VMAS,
	.flags = MMSCOPE_QUERY_CONSISTENT,
};

FIXTURE_VARIANT_ADD(holds, residency) {
	.make = make_many,
	.parts = MMSCOPE_PART_VMAS,
	.flags = MMSCOPE_QUERY_RESIDENCY,
};

FIXTURE_VARIANT_ADD(holds, pagetable) {
	.make = make_dense,
	.parts = MMSCOPE_PART_PAGETABLE,
};

FIXTURE_VARIANT_ADD(holds, tables) {
	.make = make_hollow,
	.parts = MMSCOPE_PART_TABLES,
};

FIXTURE_VARIANT_ADD(holds, usual) {
	.make = make_many,
	.parts = PARTS_USUAL,
	.flags = FLAGS_USUAL,
};

FIXTURE_SETUP(holds)
{
	module_need();
	self->making.make = variant->make;
	self->making.giant = target_share(sizeof(struct giant));
	target_start(&self->target, live, &self->making);
}

FIXTURE_TEARDOWN(holds)
{
	target_stop(&self->target);
}

static struct stream *trace_stream(struct mmscope_query query,
				   struct holds *traced)
{
	struct stream *s;

	holds_start();
	s = stream_of(query);
	*traced = holds_stop();
	return s;
}

#define TRACED_ROUNDS	10

/*
 * What is traced begins before the module looks at the clock, and ends behind.
 * An interrupt may come in between, but hardly in every round.
 */
TEST_F(holds, are_as_traced)
{
	const struct mmscope_query query = {
		.pid = self->target.pid,
		.parts = variant->parts,
		.flags = variant->flags,
	};
	int round, close = 0;

	if (!holds_traceable())
		SKIP(return, NO_TRACE);
	holds_open();
	for (round = 0; round < TRACED_ROUNDS; round++) {
		struct holds traced;
		struct stream *s = trace_stream(query, &traced);
		__u64 told_ns = s->end->longest_ns;

		note("%llu holds, longest %llu ns; told %llu, %llu ns",
		     traced.nr, traced.longest_ns, s->end->holds, told_ns);
		EXPECT_EQ(traced.nr, s->end->holds);
		EXPECT_LE(told_ns, traced.longest_ns + HOLDS_STEP_NS);
		close += told_ns + HOLDS_STEP_NS >= traced.longest_ns / 4 * 3;
		stream_free(s);
	}
	EXPECT_LT(0, close);
	holds_close();
}

static void read_end(const char *text, struct holds *told)
{
	const char *line = strstr(text, "; mmap_lock held ");
	__u64 us;

	if (!line || sscanf(line, "; mmap_lock held %llu times, at most %llu us",
			    &told->nr, &us) != 2)
		die("no line about mmap_lock");
	told->longest_ns = us * 1000;
}

TEST(holds_in_text_are_as_traced)
{
	static const char * const file[] = { "mm", "vmas", "pagetable",
					     "tables" };
	struct giant *giant = target_share(sizeof(*giant));
	struct holds told, traced;
	struct target target;
	size_t i;

	if (!holds_traceable())
		SKIP(return, NO_TRACE);
	module_need();
	target_start(&target, make_many, giant);
	holds_open();
	for (i = 0; i < ARRAY_SIZE(file); i++) {
		int fd = folder_open(target.pid, file[i]);
		char *text;

		holds_start();
		ASSERT_EQ(0, text_read(fd, &text));
		traced = holds_stop();
		read_end(text, &told);
		EXPECT_EQ(traced.nr, told.nr);
		EXPECT_LE(told.longest_ns, traced.longest_ns + HOLDS_STEP_NS);
		free(text);
		close(fd);
	}
	holds_close();
	target_stop(&target);
}

/* Locks of a file of hugetlb */

#define HUGE_MAPPINGS	400
#define LEAST_WAITS	20
#define MOST_READS	200

/**
 * struct punched - shared with the target
 * @fd: a file of hugetlb, one huge page long
 * @start: of one of its mappings
 * @failed: there is no huge page
 */
struct punched {
	int fd;
	char *start;
	bool failed;
};

static size_t huge_size(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	unsigned long kb = 0;
	char line[128];

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Hugepagesize: %lu", &kb) == 1)
			break;
	fclose(file);
	return kb * KIB;
}

static void map_punched(void *arg, int step)
{
	struct punched *punched = arg;
	size_t size = huge_size();
	int i;

	for (i = 0; i < HUGE_MAPPINGS && !punched->failed; i++) {
		punched->start = mmap(NULL, size, RW, MAP_SHARED, punched->fd, 0);
		punched->failed = punched->start == MAP_FAILED;
	}
}

/* The lock of the file's mappings is taken to write, and each is visited. */
static pid_t start_puncher(const struct punched *punched)
{
	pid_t parent = getpid(), pid = fork();

	if (pid)
		return pid;
	die_with(parent);
	for (;;)
		fallocate(punched->fd, FALLOC_FL_PUNCH_HOLE |
			  FALLOC_FL_KEEP_SIZE, 0, huge_size());
}

static struct holds read_punched(const struct punched *punched, pid_t pid, int i)
{
	static const __u32 parts[] = {
		MMSCOPE_PART_PAGETABLE, MMSCOPE_PART_TABLES,
		MMSCOPE_PART_VMAS, MMSCOPE_PART_WALK,
	};
	struct mmscope_query query = { .pid = pid, .parts = parts[i % 4] };
	struct holds holds;

	if (query.parts == MMSCOPE_PART_VMAS)
		query.flags = MMSCOPE_QUERY_RESIDENCY;
	if (query.parts == MMSCOPE_PART_WALK)
		query.start = (unsigned long)punched->start;
	stream_free(trace_stream(query, &holds));
	return holds;
}

/*
 * One process punches holes into a file of hugetlb that another one has mapped
 * many times: the lock that a walk over such mappings needs is nearly always
 * taken. A reader may wait for it, but not while it holds mmap_lock.
 */
TEST(waits_for_no_lock_inside_mmap_lock)
{
	struct punched *punched = target_share(sizeof(*punched));
	struct holds sum = { }, holds;
	struct target target;
	pid_t puncher;
	int i;

	if (!holds_waits_traceable())
		SKIP(return, NO_TRACE);
	module_need();
	if (file_number("/proc/sys/vm/nr_hugepages", 0) < 1)
		file_write("/proc/sys/vm/nr_hugepages", "1");
	punched->fd = memfd_create("huge", MFD_HUGETLB);
	ASSERT_LE(0, punched->fd);
	ASSERT_EQ(0, ftruncate(punched->fd, huge_size()));
	target_start(&target, map_punched, punched);
	ASSERT_FALSE(punched->failed);
	puncher = start_puncher(punched);
	holds_open();
	for (i = 0; i < MOST_READS && sum.waits < LEAST_WAITS; i++) {
		holds = read_punched(punched, target.pid, i);
		sum.waits += holds.waits;
		sum.waits_inside += holds.waits_inside;
	}
	holds_close();
	note("%llu waits outside mmap_lock, %llu inside", sum.waits,
	     sum.waits_inside);
	EXPECT_EQ(0, sum.waits_inside);
	target_kill(puncher);
	target_stop(&target);
}

TEST(most_vmas_are_told_to_the_end)
{
	struct giant *giant = target_share(sizeof(*giant));
	struct target target;
	struct proc_maps *maps;
	struct stream *s;

	module_need();
	target_start(&target, make_most, giant);
	s = stream_get(target.pid, MMSCOPE_PART_VMAS, 0, 0);
	maps = proc_maps(target.pid, "maps");
	EXPECT_LE(MOST_VMAS, s->nr_vmas);
	EXPECT_EQ(maps->nr, s->nr_vmas);
	EXPECT_LT(100, s->end->holds);
	target_stop(&target);
}

/* Paths of 1,900 components, each after 200 VMAs without a name */

#define DEEP		1900
#define NR_DEEP		20
#define NR_CHEAP	200

struct deep {
	char dir[32];
	char *start;
};

/* Each folder is made in the one before: mkdir() takes no path that long. */
static int deep_file(const char *dir)
{
	int i;

	if (chdir(dir))
		die("chdir %s: %s", dir, strerror(errno));
	for (i = 0; i < DEEP; i++)
		if (mkdir("d", 0700) || chdir("d"))
			die("cannot make %d folders: %s", i, strerror(errno));
	return target_file("f", NR_DEEP * PAGE);
}

static void map_deep(void *arg, int step)
{
	const size_t stride = (NR_CHEAP + 1) * PAGE;
	struct deep *deep = arg;
	int fd = deep_file(deep->dir);
	size_t i, at;

	deep->start = target_map(NULL, NR_DEEP * stride, PROT_READ,
				 MAP_PRIVATE | MAP_NORESERVE, -1);
	for (i = 0; i < NR_DEEP; i++) {
		char *p = deep->start + i * stride;

		for (at = 0; at < NR_CHEAP; at += 2)
			mprotect(p + at * PAGE, PAGE, PROT_NONE);
		if (mmap(p + NR_CHEAP * PAGE, PAGE, PROT_READ,
			 MAP_PRIVATE | MAP_FIXED, fd, i * PAGE) == MAP_FAILED)
			die("mmap: %s", strerror(errno));
	}
}

/*
 * A path of that length is more work than a slice may take. It cannot be divided,
 * but it must not come on top of other work: each is a slice of its own.
 */
TEST(long_paths_have_slices_of_their_own)
{
	struct deep *deep = target_share(sizeof(*deep));
	struct target target;
	struct proc_maps *maps;
	char command[64];
	size_t i, named = 0;
	struct stream *s;

	module_need();
	strcpy(deep->dir, "/tmp/mmscope-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(deep->dir));
	target_start(&target, map_deep, deep);
	maps = proc_maps(target.pid, "maps");
	s = stream_get(target.pid, MMSCOPE_PART_VMAS, (unsigned long)deep->start,
		       0);
	EXPECT_LE(2 * NR_DEEP, s->end->holds);
	for (i = 0; i < s->nr_vmas; i++) {
		const struct proc_vma *vma = proc_vma_at(maps, s->vma[i]->start);

		EXPECT_STREQ(vma->name, vma_name(s->vma[i]));
		named += strlen(vma->name) > 2 * DEEP;
	}
	EXPECT_EQ(NR_DEEP, named);
	proc_maps_free(maps);
	stream_free(s);
	target_stop(&target);
	snprintf(command, sizeof(command), "rm -r %s", deep->dir);
	EXPECT_EQ(0, system(command));
}

TEST_HARNESS_MAIN
