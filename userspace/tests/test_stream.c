// SPDX-License-Identifier: GPL-2.0-only
/* Streams that are whole, unusual, or damaged. */
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "picture.h"
#include "stream.h"
#include "run.h"
#include "tap.h"
#include "walk.h"

#define ALL_PARTS	(MMSCOPE_PART_MM | MMSCOPE_PART_VMAS | \
			 MMSCOPE_PART_PAGETABLE)

/* Result of reading a stream. */
struct reading {
	enum stream_error error;
	bool ended;
	uint64_t bad_at;
	uint64_t read;		/* bytes of whole records */
	unsigned int records;
	size_t mappings;
};

static FILE *nowhere;

/* What of a space is drawn. */
enum drawing {
	DRAW_SHORT	= 1 << 0,
	DRAW_ALL	= 1 << 1,
	DRAW_SINGLES	= 1 << 2,
	DRAW_EACH	= DRAW_SHORT | DRAW_ALL | DRAW_SINGLES,
};

static void draw(const struct classes *classes, const struct threads *threads,
		 bool all)
{
	struct options opt = { .width = 80, .all = all };
	struct regions regions;

	regions_build(&regions, classes, REGIONS_GROUPED);
	picture_draw(nowhere, &opt, classes, threads, &regions);
	regions_free(&regions);
}

static void use(const struct space *sp, unsigned int drawings)
{
	struct threads threads;
	struct classes classes;
	struct regions singles;

	classify(&classes, sp);
	threads_init(&threads, sp);
	threads_find(&threads);
	if (drawings & DRAW_SHORT)
		draw(&classes, &threads, false);
	if (drawings & DRAW_ALL)
		draw(&classes, &threads, true);
	threads_free(&threads);
	if (drawings & DRAW_SINGLES) {
		regions_build(&singles, &classes, REGIONS_SINGLE);
		regions_free(&singles);
	}
	classes_free(&classes);
}

/*
 * Read a stream as the commands do, and draw it even if it is not whole; but not if all
 * before the fault lies in the first @drawn bytes: these were drawn before.
 */
static struct reading read_after(const struct build *b, size_t drawn,
				 unsigned int drawings)
{
	struct walk walk = { .addr = 0x555500003010 };
	struct stream s = { 0 };
	struct reading r = { 0 };
	struct uppers uppers;
	struct record rec;
	struct space sp;
	int fd = build_fd(b);

	if (stream_open(&s, fd)) {
		space_init(&sp, &s);
		uppers_init(&uppers, &s.header);
		while (stream_next(&s, &rec)) {
			r.records++;
			space_add(&sp, &rec);
			uppers_add(&uppers, &rec);
			walk_take(&walk, &rec, &s.header);
		}
		walk_finish(&walk, &sp, &uppers, s.ended);
		uppers_free(&uppers);
		if (!s.error || s.offset > drawn)
			use(&sp, drawings);
		r.mappings = sp.nr;
		space_free(&sp);
	}
	r.error = s.error;
	r.ended = s.ended;
	r.bad_at = s.bad_at;
	r.read = s.offset;
	stream_close(&s);
	close(fd);
	return r;
}

static struct reading read_stream(const struct build *b)
{
	return read_after(b, 0, DRAW_EACH);
}

static bool is_corrupt(const struct build *b, size_t at)
{
	struct reading r = read_stream(b);

	return r.error == STREAM_CORRUPT && r.bad_at == at && !r.ended;
}

static bool is_fine(const struct build *b)
{
	struct reading r = read_stream(b);

	return r.error == STREAM_OK && r.ended;
}

static void begin(struct build *b)
{
	build_free(b);
	build_header(b, 4, ALL_PARTS, 0);
	build_task(b, 1, "init", 0);
}

static void test_whole(void)
{
	for (unsigned int levels = 4; levels <= 5; levels++) {
		struct build b = { 0 };
		struct reading r;

		build_process(&b, levels);
		r = read_stream(&b);
		tap_ok(r.error == STREAM_OK && r.ended &&
		       r.mappings == process_nr_vmas,
		       "a process, %u levels", levels);
		build_free(&b);
	}
}

static void test_cut(void)
{
	struct build b = { 0 };
	struct reading r = { 0 };
	size_t whole, bad = 0;

	build_process(&b, 4);
	whole = b.len;
	for (b.len = 0; b.len < whole; b.len++) {
		r = read_after(&b, r.read, DRAW_EACH);
		bad += r.error != (b.len ? STREAM_CUT : STREAM_EMPTY) || r.ended;
	}
	tap_ok(!bad, "cut off at each of %zu bytes (%zu wrong)", whole, bad);
	build_free(&b);
}

/*
 * The stream is read to its end, or there is an error. Each byte is damaged in four ways;
 * each drawing sees the damage of one or two of them.
 */
static void test_flipped(void)
{
	static const struct {
		unsigned char bits;
		unsigned int drawings;
	} flips[] = {
		{ 0x01, DRAW_SHORT },
		{ 0x80, DRAW_ALL },
		{ 0xff, DRAW_SINGLES },
		{ 0x10, DRAW_SHORT },
	};
	struct build b = { 0 };
	size_t unclear = 0;

	build_process(&b, 4);
	for (size_t i = 0; i < b.len; i++) {
		for (size_t f = 0; f < ARRAY_SIZE(flips); f++) {
			struct reading r;

			b.bytes[i] ^= flips[f].bits;
			r = read_after(&b, i, flips[f].drawings);
			unclear += r.ended == (r.error != STREAM_OK);
			b.bytes[i] ^= flips[f].bits;
		}
	}
	tap_ok(!unclear, "bits flipped in each of %zu bytes", b.len);
	build_free(&b);
}

static void poke(struct build *b, size_t at, const void *value, size_t len)
{
	memcpy(b->bytes + at, value, len);
}

static enum stream_error header_error(size_t at, uint32_t value)
{
	struct build b = { 0 };
	struct reading r;

	build_process(&b, 4);
	poke(&b, at, &value, sizeof(value));
	r = read_stream(&b);
	build_free(&b);
	return r.error;
}

static void test_header(void)
{
	tap_ok(header_error(0, 0x464c457f) == STREAM_FOREIGN, "an ELF file");
	tap_ok(header_error(8, 0x04030201) == STREAM_BYTE_ORDER,
	       "other byte order");
	tap_ok(header_error(8, 0x01020305) == STREAM_CORRUPT,
	       "broken byte order");
	tap_ok(header_error(12, MMSCOPE_ABI + 1) == STREAM_ABI, "newer ABI");
	tap_ok(header_error(12, 0) == STREAM_ABI, "older ABI");
	tap_ok(header_error(16, 64) == STREAM_CORRUPT, "short header");
	tap_ok(header_error(16, 132) == STREAM_CORRUPT, "odd header");
	tap_ok(header_error(16, 1u << 31) == STREAM_CORRUPT, "huge header");
	tap_ok(header_error(20, 0x04ff003e) == STREAM_CORRUPT, "page shift");
	tap_ok(header_error(20, 0x030c003e) == STREAM_CORRUPT, "levels");
	tap_ok(header_error(40, 0x0c150c00) == STREAM_CORRUPT,
	       "levels that do not grow");
}

static void test_sizes(void)
{
	static const uint32_t sizes[] = {
		0, 1, 7, 9, 16, 1u << 20 | 8, 0x80000000, 0xfffffff8,
		0xffffffff,
	};
	struct build b = { 0 };
	size_t at;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		begin(&b);
		at = build_vma(&b, &process_vmas[0]);
		build_end(&b, 0, 0);
		poke(&b, at + 4, &sizes[i], sizeof(sizes[i]));
		tap_ok(is_corrupt(&b, at), "record of %u bytes", sizes[i]);
	}
	build_free(&b);
}

static void test_unknown(void)
{
	struct build b = { 0 };
	struct reading r;

	begin(&b);
	build_record(&b, 999, "what is this", 12);
	build_record(&b, 0, "", 0);
	build_end(&b, 0, 0);
	r = read_stream(&b);
	tap_ok(r.error == STREAM_OK && r.ended && r.records == 1,
	       "unknown types are skipped");

	build_free(&b);
}

/* A field of a VMA record gets a bad value. */
static void bad_vma(const char *what, size_t field, const void *value,
		    size_t len)
{
	struct build b = { 0 };
	size_t at;

	begin(&b);
	at = build_vma(&b, &process_vmas[0]);
	build_end(&b, 0, 0);
	poke(&b, at + field, value, len);
	tap_ok(is_corrupt(&b, at), "mapping: %s", what);
	build_free(&b);
}

static void test_vmas(void)
{
	uint64_t odd = 0x555500000001, far = 0x666600000000;
	uint16_t small = 8, big = 0xfff8, len = 3;
	uint8_t shift = 64, less = 11;

	bad_vma("start not on a page", 8, &odd, 8);
	bad_vma("start after its end", 8, &far, 8);
	bad_vma("fixed part too small", offsetof(struct mmscope_vma, fixed),
		&small, 2);
	bad_vma("name begins outside", offsetof(struct mmscope_vma, fixed),
		&big, 2);
	bad_vma("name ends outside", offsetof(struct mmscope_vma, name_len),
		&big, 2);
	bad_vma("name without NUL", offsetof(struct mmscope_vma, name_len),
		&len, 2);
	bad_vma("page size", offsetof(struct mmscope_vma, page_shift), &shift,
		1);
	bad_vma("page size below a page",
		offsetof(struct mmscope_vma, page_shift), &less, 1);
}

/* A name that fills its record ends at a NUL of the next one: no end at all. */
static void test_name_beyond(void)
{
	struct vma vma = { .start = PAGE, .end = 2 * PAGE, .perms = "r--p",
			   .name = "1234567" };
	struct build b = { 0 };
	uint16_t len = 8;
	size_t at;

	begin(&b);
	at = build_vma(&b, &vma);
	b.bytes[b.len - 1] = '8';
	build_record(&b, 0x100, "", 0);
	build_end(&b, 0, 0);
	poke(&b, at + offsetof(struct mmscope_vma, name_len), &len, 2);
	tap_ok(is_corrupt(&b, at), "name that ends in the next record");
	build_free(&b);
}

#define LONG	MMSCOPE_RUN_LONG
#define AT(index)	((uint64_t)(index) << MMSCOPE_RUN_INDEX_SHIFT)

static const struct mmscope_runs some_runs = {
	.start = 0x555500002000, .raw = 0x1000025, .level = MMSCOPE_PTE,
	.kind = MMSCOPE_PRESENT, .raw_shift = 12,
};

static void bad_runs(const char *what, const struct mmscope_runs *rec,
		     const uint64_t *words, uint16_t nr)
{
	struct build b = { 0 };
	size_t at;

	begin(&b);
	at = build_words(&b, rec, words, nr);
	build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "runs: %s", what);
	build_free(&b);
}

static void test_words(void)
{
	static const struct {
		const char *what;
		uint64_t words[4];
		uint16_t nr;
	} cases[] = {
		{ "none", { 0 }, 0 },
		{ "length missing", { LONG | 1 }, 1 },
		{ "last length missing", { LONG | 1, 2, LONG | AT(2) }, 3 },
		{ "length 0", { LONG | 1, 0 }, 2 },
		{ "length 1", { LONG | 1, 1 }, 2 },
		{ "first one not at the start", { AT(1) | 1 }, 1 },
		{ "index again", { 1, 2 }, 2 },
		{ "index goes back", { 1, AT(2) | 2, AT(1) | 3 }, 3 },
		{ "index within the one before", { LONG | 1, 4, AT(3) }, 3 },
		{ "longer than the address space", { LONG | 1, UINT64_MAX }, 2 },
		{ "length overflows", { 1, LONG | AT(1), UINT64_MAX }, 3 },
		{ "end overflows", { LONG | 1, 1ULL << 52 }, 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		bad_runs(cases[i].what, &some_runs, cases[i].words,
			 cases[i].nr);
}

static void test_common(void)
{
	static const uint64_t one = 1;
	struct mmscope_runs rec = some_runs;

	rec.level = 0;
	bad_runs("level 0", &rec, &one, 1);
	rec.level = MMSCOPE_P4D;
	bad_runs("level not in use", &rec, &one, 1);
	rec.level = 200;
	bad_runs("level of 200", &rec, &one, 1);
	rec = some_runs;
	rec.start += 8;
	bad_runs("start not on a page", &rec, &one, 1);
	rec.start = some_runs.start + PAGE;
	rec.level = MMSCOPE_PMD;
	bad_runs("start not on a huge page", &rec, &one, 1);
	rec = some_runs;
	rec.raw_shift = 64;
	bad_runs("growth of 2^64", &rec, &one, 1);
	rec.raw_shift = -64;
	bad_runs("fall of 2^64", &rec, &one, 1);
	rec.raw_shift = -128;
	bad_runs("fall of 2^128", &rec, &one, 1);
}

static void test_runs(void)
{
	struct build b = { 0 };
	uint16_t nr = 4;
	size_t at;

	begin(&b);
	build_runs(&b, process_runs, 1);
	at = build_runs(&b, process_runs, 1);
	build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "the same run twice");

	begin(&b);
	at = build_runs(&b, process_runs, 1);
	build_end(&b, 0, 0);
	poke(&b, at + offsetof(struct mmscope_runs, nr), &nr, sizeof(nr));
	tap_ok(is_corrupt(&b, at), "more words than the record holds");

	build_free(&b);
}

/* With four levels it is of 2^47 bytes: entries up to its end, and beyond. */
static void test_user_half(void)
{
	static const struct {
		const char *what;
		uint64_t start, nr;
		uint8_t level;
		bool fine;
	} cases[] = {
		{ "all", 0, 1ULL << 35, MMSCOPE_PTE, true },
		{ "more than all", 0, (1ULL << 35) + 1, MMSCOPE_PTE, false },
		{ "the last page", (1ULL << 47) - PAGE, 1, MMSCOPE_PTE, true },
		{ "a page more", (1ULL << 47) - PAGE, 2, MMSCOPE_PTE, false },
		{ "a page after it", 1ULL << 47, 1, MMSCOPE_PTE, false },
		{ "its last entry", 255ULL << 39, 1, MMSCOPE_PGD, true },
		{ "an entry more", 255ULL << 39, 2, MMSCOPE_PGD, false },
		{ "the kernel's", -(1ULL << 39), 1, MMSCOPE_PGD, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct run run = {
			.start = cases[i].start, .nr = cases[i].nr,
			.level = cases[i].level, .kind = MMSCOPE_PRESENT,
		};
		struct build b = { 0 };
		bool as_it_is;
		size_t at;

		begin(&b);
		at = build_runs(&b, &run, 1);
		build_end(&b, 0, 0);
		if (cases[i].fine)
			as_it_is = is_fine(&b);
		else
			as_it_is = is_corrupt(&b, at);
		tap_ok(as_it_is, "user half: %s", cases[i].what);
		build_free(&b);
	}
}

static bool same_run(const struct run *a, const struct run *b)
{
	return a->start == b->start && a->frame == b->frame &&
	       a->raw == b->raw && a->page == b->page && a->nr == b->nr &&
	       a->attrs == b->attrs && a->level == b->level &&
	       a->kind == b->kind && a->has_raw == b->has_raw;
}

/* All runs of a stream, one after the other, against what went in. */
static size_t compare_runs(const struct build *b, const struct run *runs)
{
	struct stream s = { 0 };
	struct record rec;
	struct run run;
	size_t nr = 0, wrong = 0;
	int fd = build_fd(b);

	stream_open(&s, fd);
	while (stream_next(&s, &rec)) {
		struct unpack u = { .h = &s.header, .rec = &rec };

		if (rec.head.type != MMSCOPE_REC_RUNS)
			continue;
		while (unpack_next(&u, &run))
			wrong += !same_run(&run, &runs[nr++]);
	}
	tap_ok(s.ended && !wrong, "runs come out as they went in (%zu do not)",
	       wrong);
	stream_close(&s);
	close(fd);
	return nr;
}

static void test_unpack(void)
{
	/* Frames that fall, by hand: raw entries fall, or rise, with them. */
	static const struct run falling[] = {
		{ PAGE, 0x500, 0x500067, 0, 1, 1, MMSCOPE_PTE,
		  MMSCOPE_PRESENT, 12, true },
		{ 2 * PAGE, 0x4ff, 0x4ff067, 0, 1, 1, MMSCOPE_PTE,
		  MMSCOPE_PRESENT, 12, true },
		{ 9 * PAGE, 0x10, 0x10067, 0, 7, 1, MMSCOPE_PTE,
		  MMSCOPE_PRESENT, 12, true },
		{ 16 * PAGE, 0x700, 0xffff0000, 0, 2, 0, MMSCOPE_PTE,
		  MMSCOPE_SWAP, -9, true },
		{ 20 * PAGE, 0x6ff, 0xffff0200, 0, 1, 0, MMSCOPE_PTE,
		  MMSCOPE_SWAP, -9, true },
		{ 30 * PAGE, 0x900, 0x900067, 0, 4, MMSCOPE_ATTR_CONT,
		  MMSCOPE_PTE, MMSCOPE_PRESENT, 12, true },
		{ 40 * PAGE, 0xa00, 0xa00067, 0, 4, MMSCOPE_ATTR_CONT,
		  MMSCOPE_PTE, MMSCOPE_PRESENT, 12, true },
	};
	struct build b = { 0 };

	build_process(&b, 4);
	tap_ok(compare_runs(&b, process_runs) == process_nr_runs,
	       "%zu runs", process_nr_runs);
	begin(&b);
	build_runs(&b, falling, ARRAY_SIZE(falling));
	build_end(&b, 0, 0);
	tap_ok(compare_runs(&b, falling) == ARRAY_SIZE(falling),
	       "frames that fall");
	build_free(&b);
}

static void test_others(void)
{
	struct mmscope_name name = { .value = 1, .name = "rd" };
	struct mmscope_walk walk = { .addr = 1, .nr = MMSCOPE_LEVEL_SLOTS };
	static const struct mmscope_step steps[MMSCOPE_LEVEL_SLOTS];
	struct build b = { 0 };
	uint32_t nr = 2;
	size_t at;

	begin(&b);
	at = b.len;
	build_names(&b, MMSCOPE_NAMES_VMA_FLAGS, &name, 1);
	build_end(&b, 0, 0);
	poke(&b, at + offsetof(struct mmscope_names, nr), &nr, sizeof(nr));
	tap_ok(is_corrupt(&b, at), "more names than the record holds");
	nr = 0xffffffff;
	poke(&b, at + offsetof(struct mmscope_names, nr), &nr, sizeof(nr));
	tap_ok(is_corrupt(&b, at), "4 billion names");

	begin(&b);
	memset(name.name, 'x', sizeof(name.name));
	at = b.len;
	build_names(&b, MMSCOPE_NAMES_VMA_FLAGS, &name, 1);
	build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "name without an end");

	begin(&b);
	at = b.len;
	build_walk(&b, &walk, steps);
	build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "translation of more steps than there are levels");

	begin(&b);
	walk.nr = 1;
	at = b.len;
	build_walk(&b, &walk, steps);
	build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "translation at level 0");

	build_free(&b);
	build_header(&b, 4, ALL_PARTS, 0);
	at = b.len;
	build_task(&b, -1, "x", 0);
	build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "a negative PID");
	build_free(&b);
}

static void test_end(void)
{
	struct build b = { 0 };
	size_t at;

	begin(&b);
	b.end.vmas = 1;
	at = build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "END counts a mapping that did not come");

	begin(&b);
	build_end(&b, 0, 0);
	at = b.len;
	build_bytes(&b, "x", 1);
	tap_ok(is_corrupt(&b, at), "a byte after END");

	build_free(&b);
	build_header(&b, 4, ALL_PARTS, 0);
	at = build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "no task");

	begin(&b);
	tap_ok(read_stream(&b).error == STREAM_CUT, "no END");
	build_free(&b);
}

int main(void)
{
	nowhere = fopen("/dev/null", "w");
	if (!nowhere)
		return 99;
	test_whole();
	test_cut();
	test_flipped();
	test_header();
	test_sizes();
	test_unknown();
	test_vmas();
	test_name_beyond();
	test_words();
	test_common();
	test_runs();
	test_user_half();
	test_unpack();
	test_others();
	test_end();
	fclose(nowhere);
	return tap_done();
}
