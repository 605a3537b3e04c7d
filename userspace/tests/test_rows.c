// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows whose cells change now and then: a table that keeps the cells of earlier
 * rows prints what one would that makes each row anew.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "build.h"
#include "tap.h"
#include "text.h"

#define ROWS		3000
#define SPACING		256	/* pages from run to run */
#define BASE		0x7f0000000000

/* Rows that are read before the widths of columns are known. */
#define FIRST_ROWS	1024

#define COLUMNS		8
#define CELL_SIZE	32

/* What runs have in common. */
static const struct {
	uint64_t nr;
	uint32_t attrs;
	uint8_t kind;
	const char *size, *letters, *name;
} sorts[] = {
	{ 1, MMSCOPE_ATTR_READ | MMSCOPE_ATTR_USER, MMSCOPE_PRESENT, "4K",
	  "r--u--", "present" },
	{ 12, MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_USER |
	  MMSCOPE_ATTR_ACCESSED | MMSCOPE_ATTR_DIRTY, MMSCOPE_PRESENT, "48K",
	  "rw-uad", "present" },
	{ 1, MMSCOPE_ATTR_READ | MMSCOPE_ATTR_EXEC | MMSCOPE_ATTR_USER |
	  MMSCOPE_ATTR_ACCESSED, MMSCOPE_PROTNONE, "4K", "r-xua-",
	  "protnone" },
	/* Wider than the columns are, and only after FIRST_ROWS. */
	{ 250, MMSCOPE_ATTR_READ | MMSCOPE_ATTR_USER | MMSCOPE_ATTR_SPECIAL |
	  MMSCOPE_ATTR_UNCACHED, MMSCOPE_PRESENT, "1000K", "r--u--SU",
	  "present" },
};

/* Runs of one sort, of two in turn, and of three. */
static size_t sort_of(size_t i)
{
	if (i > FIRST_ROWS && i % 500 == 0)
		return 3;
	return i / 100 % 3 ? i % (1 + i / 100 % 3) : 0;
}

static uint64_t frame_of(size_t i)
{
	return i % 700 == 0 ? 0x123456789 : 0x1000 + i * SPACING;
}

static struct run run_of(size_t i)
{
	uint64_t frame = frame_of(i);

	return (struct run){
		.start = BASE + i * SPACING * PAGE,
		.frame = frame,
		.raw = frame << 12 | sort_of(i),
		.nr = sorts[sort_of(i)].nr,
		.attrs = sorts[sort_of(i)].attrs,
		.level = MMSCOPE_PTE,
		.kind = sorts[sort_of(i)].kind,
		.raw_shift = 12,
	};
}

static void build_rows(struct build *b)
{
	build_header(b, 4, MMSCOPE_PART_PAGETABLE, 0);
	build_task(b, 7, "x", 0);
	for (size_t i = 0; i < ROWS; i++) {
		struct run run = run_of(i);

		build_runs(b, &run, 1);
	}
	build_end(b, 0, 0);
}

static void make_row(char (*cell)[CELL_SIZE], size_t i)
{
	struct run run = run_of(i);
	size_t sort = sort_of(i);

	snprintf(cell[0], CELL_SIZE, "%" PRIx64 "-%" PRIx64, run.start,
		 (uint64_t)(run.start + run.nr * PAGE));
	snprintf(cell[1], CELL_SIZE, "PTE");
	snprintf(cell[2], CELL_SIZE, "%s", sorts[sort].name);
	snprintf(cell[3], CELL_SIZE, "%" PRIu64, run.nr);
	snprintf(cell[4], CELL_SIZE, "%s", sorts[sort].size);
	snprintf(cell[5], CELL_SIZE, "%" PRIx64, run.frame);
	snprintf(cell[6], CELL_SIZE, "%s", sorts[sort].letters);
	snprintf(cell[7], CELL_SIZE, "%" PRIx64, run.raw);
}

static void widen(int *width, char (*cell)[CELL_SIZE])
{
	for (size_t i = 0; i < COLUMNS; i++)
		if ((int)strlen(cell[i]) > width[i])
			width[i] = (int)strlen(cell[i]);
}

static void put_line(struct text *out, const int *width,
		     char (*cell)[CELL_SIZE])
{
	static const bool right[COLUMNS] = { 0, 0, 0, 1, 1, 1, 0, 1 };

	for (size_t i = 0; i < COLUMNS; i++)
		text_printf(out, "%*s%s", right[i] ? width[i] : -width[i],
			    cell[i], i + 1 < COLUMNS ? " " : "\n");
}

/* A cell that is wider than its column widens it from there on. */
static struct text expected_lines(void)
{
	char cell[COLUMNS][CELL_SIZE] = {
		"RANGE", "LEVEL", "KIND", "ENTRIES", "SIZE", "FRAME", "ATTRS",
		"RAW",
	};
	char heading[COLUMNS][CELL_SIZE];
	int width[COLUMNS] = { 0 };
	struct text out = { 0 };

	memcpy(heading, cell, sizeof(cell));
	widen(width, heading);
	for (size_t i = 0; i < FIRST_ROWS; i++) {
		make_row(cell, i);
		widen(width, cell);
	}
	put_line(&out, width, heading);
	for (size_t i = 0; i < ROWS; i++) {
		make_row(cell, i);
		widen(width, cell);
		put_line(&out, width, cell);
	}
	return out;
}

static struct text expected_json(void)
{
	struct text out = { 0 };

	for (size_t i = 0; i < ROWS; i++) {
		size_t sort = sort_of(i);

		text_printf(&out, "{\"kind\": \"%s\", \"entries\": %" PRIu64
			    ", \"frame\": \"0x%" PRIx64 "\", \"attrs\": \"%s\"}\n",
			    sorts[sort].name, sorts[sort].nr, frame_of(i),
			    sorts[sort].letters);
	}
	return out;
}

/* The number of the first line that differs. */
static size_t differ(const char *a, const char *b)
{
	size_t line = 1;

	for (; *a && *a == *b; a++, b++)
		line += *a == '\n';
	return *a == *b ? 0 : line;
}

static void expect(struct output o, struct text wanted, const char *what)
{
	size_t line = differ(o.out, wanted.s);

	tap_ok(o.code == 0 && !line, "%s: line %zu differs", what, line);
	output_free(&o);
	text_free(&wanted);
}

/* In a tree, blanks go before the first cell, whatever column that is. */
static void test_indentation(const char *file)
{
	static const char *const levels[] = { "PGD", "PUD", "PMD", "PTE" };
	struct output o = RUN("pagetable", "--tree", "-n", "-o", "LEVEL,KIND",
			      "-i", file);
	size_t lines = 0, wrong = 0;
	char *at = o.out, *line;

	for (; (line = strsep(&at, "\n")) && *line; lines++) {
		size_t blanks = strspn(line, " ");

		wrong += blanks % 2 || blanks / 2 >= ARRAY_SIZE(levels) ||
			 strncmp(line + blanks, levels[blanks / 2], 3);
	}
	tap_ok(o.code == 0 && lines > ROWS && !wrong,
	       "%zu of %zu rows of a tree are not at their depth", wrong, lines);
	output_free(&o);
}

int main(void)
{
	struct build b = { 0 };
	const char *file;

	build_rows(&b);
	file = build_file(&b);
	expect(RUN("pagetable", "-i", file), expected_lines(), "lines");
	expect(RUN("pagetable", "--json=lines", "-o", "KIND,ENTRIES,FRAME,ATTRS",
		   "-i", file), expected_json(), "JSON");
	test_indentation(file);
	build_free(&b);
	return tap_done();
}
