// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries that lead to tables: translations and the tree from a file, and UPPER
 * records that are damaged, or do not fit to the runs.
 */
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "build.h"
#include "tap.h"

#define TOP	0xa000

/* The table of 7f0030000000 is missing: it is newer than the record. */
static const struct upper tables[] = {
	/* start, frame, raw, attrs, level */
	{ 0x550000000000, 0xb, 0xb067, MMSCOPE_ATTR_READ | MMSCOPE_ATTR_USER,
	  MMSCOPE_PGD },
	{ 0x555500000000, 0xc, 0xc067, 0, MMSCOPE_PUD },
	{ 0x555500000000, 0xd, 0xd067, 0, MMSCOPE_PMD },
	{ 0x555510000000, 0x5, 0x5067, 0, MMSCOPE_PMD },
	{ 0x7f0000000000, 0x1b, 0x1b067, 0, MMSCOPE_PGD },
	{ 0x7f0000000000, 0x1c, 0x1c067, 0, MMSCOPE_PUD },
	{ 0x7f0020000000, 0x1d, 0x1d067, 0, MMSCOPE_PMD },
	{ 0x7f8000000000, 0x2b, 0x2b067, 0, MMSCOPE_PGD },
	{ 0x7ffe00000000, 0x2c, 0x2c067, 0, MMSCOPE_PUD },
	{ 0x7ffe00000000, 0x2d, 0x2d067, 0, MMSCOPE_PMD },
};

static size_t find(const struct build *b, uint32_t type)
{
	struct mmscope_head head;
	size_t at = sizeof(struct mmscope_header);

	for (; at < b->len; at += head.size) {
		memcpy(&head, b->bytes + at, sizeof(head));
		if (head.type == type)
			return at;
	}
	return b->len;
}

static void build_known(struct build *b)
{
	struct mmscope_header *h = (void *)b->bytes;

	h->parts |= MMSCOPE_PART_UPPER;
}

/* A process whose stream also has these entries, in two records. */
static void build_with(struct build *b, const struct upper *entries,
		       uint16_t nr, uint16_t first)
{
	struct build plain = { 0 };
	size_t at;

	build_process(&plain, 4);
	at = find(&plain, MMSCOPE_REC_RUNS);
	build_bytes(b, plain.bytes, at);
	build_known(b);
	b->end = plain.end;
	if (first)
		build_upper(b, TOP, entries, first);
	if (first < nr)
		build_upper(b, TOP, entries + first, (uint16_t)(nr - first));
	build_bytes(b, plain.bytes + at,
		    find(&plain, MMSCOPE_REC_END) - at);
	build_end(b, 0, 0);
	build_free(&plain);
}

static void build_tables_too(struct build *b)
{
	build_with(b, tables, ARRAY_SIZE(tables), 3);
}

static void expect(const struct build *b, const char *addr, const char *says,
		   bool wanted)
{
	struct output o = RUN("translate", "-i", build_file(b), addr);

	tap_ok(o.code == 0 && !strstr(o.out, says) == !wanted,
	       "translate %s: %s%s", addr, wanted ? "" : "not ", says);
	output_free(&o);
}

static void test_translate(void)
{
	static const struct {
		const char *addr, *says;
	} cases[] = {
		{ "555500003010",
		  "  PGD         a000 [170] at         a550: b067             table: read user\n" },
		{ "555500003010",
		  "  PUD         b000 [340] at         baa0: c067             table" },
		{ "555500003010",
		  "  PMD         c000 [  0] at         c000: d067             table" },
		{ "555500003010",
		  "  PTE         d000 [  3] at         d018: 1001025          present" },
		{ "555500003010", "physical address 1001010, in a 4K page" },
		{ "555510000008",
		  "  PTE         5000 [  0] at         5000: 2000067          present" },
		/* A huge page ends at the PMD. */
		{ "7f0010212345",
		  "  PMD        1c000 [129] at        1c408: 402000e7         present" },
		{ "7f0010212345", "physical address 40212345, in a 2M page" },
		{ "7f0020001000", "stops at the PTE: the page is a guard" },
		/* Without a run: an empty PTE, and an empty PMD. */
		{ "555500000000",
		  "  PTE         d000 [  0] at         d000: 0                none\n" },
		{ "555500000000",
		  "stops at the PTE: the page is not present: never faulted in, or freed" },
		{ "7f0000200000",
		  "  PMD        1c000 [  1] at        1c008: 0                none\n" },
		{ "7f0000200000",
		  "stops at the PMD: the entry is empty, these 2M have no page table" },
		/* The table came after the entries were recorded. */
		{ "7f0030040000", "PTE            ? [ 64]" },
		{ "7f0030040000", "the snapshot lacks the tables above" },
		{ "7ffe0001f123", "  PTE        2d000 [ 31]" },
		{ "0x10", "in a gap, 0-555500000000" },
		{ "7ffffffff000", "above the last address of user mode" },
	};
	struct build b = { 0 };

	build_tables_too(&b);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect(&b, cases[i].addr, cases[i].says, true);
	expect(&b, "7f0030040000", "PGD", false);
	expect(&b, "0x10", "PGD", false);
	build_free(&b);
}

/* In a stream that was cut, runs may be missing: an entry need not be empty. */
static void test_cut(void)
{
	struct build b = { 0 };
	struct output o;

	build_tables_too(&b);
	b.len = find(&b, MMSCOPE_REC_RUNS);
	o = RUN("translate", "-i", build_file(&b), "555500003010");
	tap_ok(o.code == 3 && !strstr(o.out, "empty") &&
	       strstr(o.out, "no entry is recorded"), "cut before the runs: %s",
	       o.out);
	output_free(&o);
	build_free(&b);
}

static void test_tree(void)
{
	static const char *const rows[] = {
		"550000000000-558000000000 PGD b b067 r--u--\n"
		" 555500000000-555540000000 PUD c c067 r--u--\n"
		" 555500000000-555500200000 PMD d d067 r--u--\n"
		" 555500002000-555500006000 PTE 1000 1000025 ",
		" 7f0010000000-7f0010400000 PMD 40000 400000e7 ",
		" 7f0030000000-7f0030200000 PMD - - -\n 7f0030040000",
	};
	struct build b = { 0 };
	struct output o;
	char *to;

	build_tables_too(&b);
	o = RUN("pagetable", "--tree", "-n", "-o",
		"RANGE,LEVEL,FRAME,RAW,ATTRS", "-i", build_file(&b));
	/* Columns are padded. */
	to = o.out;
	for (const char *s = o.out; *s; s++)
		if (*s != ' ' || s[1] != ' ')
			*to++ = *s;
	*to = '\0';
	tap_ok(!*o.err, "a tree with tables has no note: %s", o.err);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		tap_ok(strstr(o.out, rows[i]), "tree: row %zu", i);
	output_free(&o);
	build_free(&b);
}

static void expect_corrupt(const struct build *b, const char *why)
{
	struct output o = RUN("translate", "-i", build_file(b), "0x10");

	tap_ok(o.code == 2 && strstr(o.err, why), "%s: %d, %s", why, o.code,
	       o.err);
	output_free(&o);
}

/* The record, to be damaged. */
static struct mmscope_upper *record_of(struct build *b)
{
	return (void *)(b->bytes + find(b, MMSCOPE_REC_UPPER));
}

static uint64_t *word_of(struct build *b, size_t i)
{
	return (uint64_t *)(record_of(b) + 1) + i;
}

static void test_corrupt(void)
{
	static const uint64_t levels[] = { 0, MMSCOPE_PTE, MMSCOPE_P4D, 8, 15 };
	static const struct upper falling[] = {
		{ 0x555500000000, 0xd, 0xd067, 0, MMSCOPE_PMD },
		{ 0x555500000000, 0xc, 0xc067, 0, MMSCOPE_PUD },
	};
	struct build b = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		build_tables_too(&b);
		*word_of(&b, 1) &= ~(0xfULL << MMSCOPE_UPPER_LEVEL_SHIFT);
		*word_of(&b, 1) |= levels[i] << MMSCOPE_UPPER_LEVEL_SHIFT;
		expect_corrupt(&b, "level of an entry that leads to a table");
		build_free(&b);
	}
	build_tables_too(&b);
	*word_of(&b, 1) |= 512ULL << MMSCOPE_UPPER_INDEX_SHIFT;
	expect_corrupt(&b, "index of an entry that leads to a table");
	build_free(&b);
	/* The user half has 256 entries of the top table. */
	build_tables_too(&b);
	*word_of(&b, 0) |= 256ULL << MMSCOPE_UPPER_INDEX_SHIFT;
	expect_corrupt(&b, "index of an entry that leads to a table");
	build_free(&b);
	build_tables_too(&b);
	record_of(&b)->start += 0x1000;
	expect_corrupt(&b, "start of entries that lead to tables");
	record_of(&b)->start |= 1ULL << 63;
	expect_corrupt(&b, "start of entries that lead to tables");
	build_free(&b);
	build_tables_too(&b);
	record_of(&b)->nr = 0;
	expect_corrupt(&b, "number of entries that lead to tables");
	record_of(&b)->nr = 99;
	expect_corrupt(&b, "number of entries that lead to tables");
	build_free(&b);
	build_with(&b, falling, 2, 0);
	expect_corrupt(&b, "entries that lead to tables out of order");
	build_free(&b);
	build_with(&b, tables, 4, 2);
	b.len = find(&b, MMSCOPE_REC_END);
	b.end.upper++;
	build_end(&b, 0, 0);
	expect_corrupt(&b, "the counts of END differ");
	build_free(&b);
}

/* After the runs, the entries would be too late for the tree. */
static void test_order(void)
{
	struct build b = { 0 };

	build_process(&b, 4);
	build_known(&b);
	b.len = find(&b, MMSCOPE_REC_END);
	build_upper(&b, TOP, tables, 3);
	build_end(&b, 0, 0);
	expect_corrupt(&b, "record out of order");
	build_free(&b);
}

/* Whatever the size of the record, and of END, which first had no count. */
static void test_shapes(void)
{
	static const uint32_t types[] = { MMSCOPE_REC_UPPER, MMSCOPE_REC_END };
	static const enum shape shapes[] = { SHAPE_LEAST, SHAPE_LONGER };
	struct build b = { 0 }, other = { 0 };
	struct output o, want;

	build_tables_too(&b);
	want = RUN("translate", "-i", build_file(&b), "555500003010");
	for (size_t i = 0; i < 4; i++) {
		build_reshape(&other, &b, types[i / 2], shapes[i % 2]);
		o = RUN("translate", "-i", build_file(&other), "555500003010");
		tap_ok(o.code == 0 && !strcmp(o.out, want.out), "shape %zu", i);
		output_free(&o);
		build_free(&other);
	}
	build_reshape(&other, &b, MMSCOPE_REC_UPPER, SHAPE_TOO_SHORT);
	expect_corrupt(&other, "fixed part of a record");
	build_free(&other);
	output_free(&want);
	build_free(&b);
}

/* Any byte of the record may be wrong: no crash, and never a PTE of its own. */
static void test_every_byte(void)
{
	struct build b = { 0 };
	size_t at, end, crashed = 0;

	build_with(&b, tables, 4, 4);
	at = find(&b, MMSCOPE_REC_UPPER);
	end = find(&b, MMSCOPE_REC_RUNS);
	for (; at < end; at++) {
		struct output o;

		b.bytes[at] ^= 0xff;
		o = RUN("translate", "-i", build_file(&b), "555500003010",
			"7f0000200000", "555510000000");
		crashed += o.code != 0 && o.code != 2 && o.code != 3;
		output_free(&o);
		b.bytes[at] ^= 0xff;
	}
	tap_ok(!crashed, "%zu damaged bytes end in a crash", crashed);
	build_free(&b);
}

int main(void)
{
	test_translate();
	test_cut();
	test_tree();
	test_corrupt();
	test_order();
	test_shapes();
	test_every_byte();
	return tap_done();
}
