// SPDX-License-Identifier: GPL-2.0-only
/* Streams that are whole, odd, or damaged. */
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "picture.h"
#include "stream.h"
#include "tap.h"
#include "walk.h"

#define ALL_PARTS	(MMSCOPE_PART_MM | MMSCOPE_PART_VMAS | \
			 MMSCOPE_PART_PAGETABLE)

/* What one reading came to. */
struct reading {
	enum stream_error error;
	bool ended;
	uint64_t bad_at;
	uint64_t overlaps;
	unsigned int records;
	size_t mappings;
};

static FILE *nowhere;

static void use(const struct space *sp)
{
	struct options opt = { .width = 80 };
	struct regions all;

	regions_build(&all, sp, REGIONS_COLLAPSED);
	picture_draw(nowhere, &opt, sp, &all);
	regions_free(&all);
	regions_build(&all, sp, REGIONS_SINGLE);
	regions_free(&all);
}

/* Read it as the commands do, and draw what came even when it is not whole. */
static struct reading read_stream(const struct build *b)
{
	struct walk walk = { .addr = 0x555500003010 };
	struct stream s = { 0 };
	struct reading r = { 0 };
	struct record rec;
	struct space sp;
	int fd = build_fd(b);

	if (stream_open(&s, fd)) {
		space_init(&sp, &s);
		while (stream_next(&s, &rec)) {
			r.records++;
			space_add(&sp, &rec);
			walk_take(&walk, &rec, &s.header);
		}
		segment_classify(&sp);
		walk_finish(&walk, &sp);
		use(&sp);
		r.mappings = sp.nr;
		space_free(&sp);
	}
	r.error = s.error;
	r.ended = s.ended;
	r.bad_at = s.bad_at;
	r.overlaps = s.overlaps;
	stream_close(&s);
	close(fd);
	return r;
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
	build_header(b, 4, ALL_PARTS);
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
		       r.mappings == process_nr_vmas && !r.overlaps,
		       "a process, %u levels", levels);
		build_free(&b);
	}
}

static void test_cut(void)
{
	struct build b = { 0 };
	size_t whole, bad = 0;

	build_process(&b, 4);
	whole = b.len;
	for (b.len = 0; b.len < whole; b.len++) {
		struct reading r = read_stream(&b);

		bad += r.error != STREAM_CUT || r.ended;
	}
	tap_ok(!bad, "cut off at each of %zu bytes (%zu wrong)", whole, bad);
	build_free(&b);
}

/* Any answer will do, but a clean one. */
static void test_flipped(void)
{
	static const unsigned char flips[] = { 0x01, 0x80, 0xff, 0x10 };
	struct build b = { 0 };
	size_t unclear = 0;

	build_process(&b, 4);
	for (size_t i = 0; i < b.len; i++) {
		for (size_t f = 0; f < sizeof(flips); f++) {
			struct reading r;

			b.bytes[i] ^= flips[f];
			r = read_stream(&b);
			unclear += r.ended == (r.error != STREAM_OK);
			b.bytes[i] ^= flips[f];
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
	struct build b = { 0 };
	uint32_t size = sizeof(struct mmscope_header) + 16;

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

	build_header(&b, 4, ALL_PARTS);
	build_bytes(&b, "a longer header!", 16);
	poke(&b, 16, &size, sizeof(size));
	build_task(&b, 1, "init", 0);
	build_end(&b, 0, 0);
	tap_ok(is_fine(&b), "longer header");
	build_free(&b);
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
	uint32_t size;
	size_t at;

	begin(&b);
	build_record(&b, 999, "what is this", 12);
	build_record(&b, 0, "", 0);
	build_end(&b, 0, 0);
	r = read_stream(&b);
	tap_ok(r.error == STREAM_OK && r.ended && r.records == 1,
	       "unknown types are skipped");

	begin(&b);
	at = build_vma(&b, &process_vmas[0]);
	build_bytes(&b, "12345678", 8);
	memcpy(&size, b.bytes + at + 4, sizeof(size));
	size += 8;
	poke(&b, at + 4, &size, sizeof(size));
	at = build_runs(&b, process_runs, 2);
	build_bytes(&b, "12345678", 8);
	memcpy(&size, b.bytes + at + 4, sizeof(size));
	size += 8;
	poke(&b, at + 4, &size, sizeof(size));
	build_end(&b, 0, 0);
	tap_ok(is_fine(&b), "longer records");
	build_free(&b);
}

static void test_longer_vma(void)
{
	struct build b = { 0 };
	struct mmscope_vma *vma;
	char body[sizeof(*vma) + 16 + 8] = { 0 };
	struct stream s = { 0 };
	struct record rec = { 0 };
	int fd;

	vma = (void *)body;
	vma->start = PAGE;
	vma->end = 2 * PAGE;
	vma->page_shift = 12;
	vma->fixed = sizeof(*vma) + 16;
	vma->name_len = 3;
	memcpy(body + vma->fixed, "new", 4);
	begin(&b);
	build_record(&b, MMSCOPE_REC_VMA, body + 8, sizeof(body) - 8);
	b.end.vmas++;
	build_end(&b, 0, 0);
	fd = build_fd(&b);
	stream_open(&s, fd);
	stream_next(&s, &rec);
	tap_ok(stream_next(&s, &rec) && !strcmp(rec.name, "new"),
	       "name behind a longer fixed part");
	stream_close(&s);
	close(fd);
	build_free(&b);
}

static void test_longer_runs(void)
{
	struct {
		uint32_t nr, run_size;
		struct {
			struct mmscope_run run;
			uint64_t extra;
		} runs[2];
	} body = { .nr = 2, .run_size = sizeof(body.runs[0]) };
	struct build b = { 0 };
	struct reading r;

	body.runs[0].run = process_runs[0];
	body.runs[1].run = process_runs[1];
	begin(&b);
	build_record(&b, MMSCOPE_REC_RUNS, &body, sizeof(body));
	b.end.runs = 2;
	b.end.entries = process_runs[0].nr + process_runs[1].nr;
	build_end(&b, 0, 0);
	r = read_stream(&b);
	tap_ok(r.error == STREAM_OK && r.ended, "longer runs");
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
	bad_vma("start behind its end", 8, &far, 8);
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

static const struct vma low = { .start = PAGE, .end = 3 * PAGE,
				.perms = "rw-p" };
static const struct vma middle = { .start = 2 * PAGE, .end = 4 * PAGE,
				   .perms = "rw-p" };
static const struct vma high = { .start = 8 * PAGE, .end = 9 * PAGE,
				 .perms = "rw-p" };

static void test_order(void)
{
	struct mmscope_walk walk = { .addr = PAGE, .stop = 1 };
	struct build b = { 0 };
	struct reading r;
	size_t at;

	begin(&b);
	build_vma(&b, &high);
	at = build_vma(&b, &low);
	build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "mappings out of order");

	begin(&b);
	build_vma(&b, &low);
	at = build_vma(&b, &low);
	build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "the same mapping twice");

	begin(&b);
	build_vma(&b, &low);
	build_vma(&b, &middle);
	build_end(&b, 0, MMSCOPE_END_CHANGED);
	r = read_stream(&b);
	tap_ok(r.ended && r.overlaps == 1 && r.mappings == 2,
	       "mappings that overlap");

	begin(&b);
	build_vma(&b, &low);
	build_vma(&b, &high);
	build_vma(&b, &low);
	build_walk(&b, &walk);
	build_end(&b, 0, 0);
	r = read_stream(&b);
	tap_ok(r.ended && !r.overlaps && r.mappings == 2,
	       "the mapping of a translation is listed again");
	build_free(&b);
}

static void bad_run(const char *what, const struct mmscope_run *run)
{
	struct build b = { 0 };
	size_t at;

	begin(&b);
	at = build_runs(&b, run, 1);
	build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "run: %s", what);
	build_free(&b);
}

static void test_runs(void)
{
	struct mmscope_run run = process_runs[0], two[2] = { run, run };
	struct build b = { 0 };
	uint32_t nr = 3, size = 24;
	size_t at;

	run.nr = 0;
	bad_run("no entry", &run);
	run = process_runs[0];
	run.level = 0;
	bad_run("level 0", &run);
	run.level = MMSCOPE_P4D;
	bad_run("level not in use", &run);
	run.level = 200;
	bad_run("level of 200", &run);
	run = process_runs[0];
	run.start += 8;
	bad_run("start not on a page", &run);
	run = (struct mmscope_run){ .start = 0xffff800000000000,
				    .nr = 0xffffffff, .level = MMSCOPE_PGD };
	bad_run("longer than the address space", &run);
	begin(&b);
	at = build_runs(&b, two, 2);
	build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "runs out of order");
	begin(&b);
	at = build_runs(&b, process_runs, 2);
	build_end(&b, 0, 0);
	poke(&b, at + 8, &nr, sizeof(nr));
	tap_ok(is_corrupt(&b, at), "more runs than the record holds");
	poke(&b, at + 12, &size, sizeof(size));
	tap_ok(is_corrupt(&b, at), "runs smaller than known");
	size = 0;
	poke(&b, at + 12, &size, sizeof(size));
	tap_ok(is_corrupt(&b, at), "runs of size 0");
	build_free(&b);

	begin(&b);
	run = (struct mmscope_run){ .start = -(512ULL << 30), .nr = 1,
				    .level = MMSCOPE_PGD };
	build_runs(&b, &run, 1);
	build_end(&b, 0, 0);
	tap_ok(is_fine(&b), "a run that ends with the address space");
	build_free(&b);
}

static void test_others(void)
{
	struct mmscope_name name = { .value = 1, .name = "rd" };
	struct mmscope_walk walk = { .addr = 1, .nr = 6 };
	struct build b = { 0 };
	uint32_t nr = 2;
	size_t at;

	begin(&b);
	at = b.len;
	build_names(&b, MMSCOPE_NAMES_VMA_FLAGS, &name, 1);
	build_end(&b, 0, 0);
	poke(&b, at + 12, &nr, sizeof(nr));
	tap_ok(is_corrupt(&b, at), "more names than the record holds");
	nr = 0xffffffff;
	poke(&b, at + 12, &nr, sizeof(nr));
	tap_ok(is_corrupt(&b, at), "4 billion names");

	begin(&b);
	memset(name.name, 'x', sizeof(name.name));
	at = b.len;
	build_names(&b, MMSCOPE_NAMES_VMA_FLAGS, &name, 1);
	build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "name without an end");

	begin(&b);
	at = b.len;
	build_walk(&b, &walk);
	build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "translation of six steps");

	begin(&b);
	walk.nr = 1;
	at = b.len;
	build_walk(&b, &walk);
	build_end(&b, 0, 0);
	tap_ok(is_corrupt(&b, at), "translation at level 0");
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
	tap_ok(is_corrupt(&b, at), "a byte behind END");

	build_free(&b);
	build_header(&b, 4, ALL_PARTS);
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
	test_longer_vma();
	test_longer_runs();
	test_vmas();
	test_name_beyond();
	test_order();
	test_runs();
	test_others();
	test_end();
	fclose(nowhere);
	return tap_done();
}
