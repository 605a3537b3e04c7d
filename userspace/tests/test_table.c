// SPDX-License-Identifier: GPL-2.0-only
/* Tables for people: trees, widths of columns, memory. */
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "build.h"
#include "lines.h"
#include "tap.h"

/* A page table of one run. */
static void build_run(struct build *b, const struct run *run)
{
	build_header(b, 4, MMSCOPE_PART_PAGETABLE, 0);
	build_task(b, 1, "tree", 0);
	build_runs(b, run, 1);
	build_end(b, 0, 0);
}

/* A run that spans several tables is cut at each of them. */
static void test_tree(void)
{
	static const char want[] =
		"7f0000000000-7f8000000000       PGD\n"
		"  7f0000000000-7f0040000000     PUD\n"
		"    7f003fe00000-7f0040000000   PMD\n"
		"      7f003ffff000-7f0040000000 PTE\n"
		"  7f0040000000-7f0080000000     PUD\n"
		"    7f0040000000-7f0040200000   PMD\n"
		"      7f0040000000-7f0040200000 PTE\n"
		"    7f0040200000-7f0040400000   PMD\n"
		"      7f0040200000-7f0040201000 PTE\n";
	const struct run run = {
		.start = 0x7f003ffff000, .nr = 1 + 512 + 1, .frame = 0x1000,
		.level = MMSCOPE_PTE, .kind = MMSCOPE_PRESENT, .raw_shift = 12,
	};
	struct build b = { 0 };
	size_t letters = 0;
	const char *at;
	struct output o;

	build_run(&b, &run);
	o = RUN("pagetable", "--tree", "-n", "-o", "RANGE,LEVEL", "-i",
		build_file(&b));
	tap_ok(!strcmp(o.out, want), "a run through three tables");
	output_free(&o);
	/* The first column is indented, whichever it is. */
	o = RUN("pagetable", "--tree", "-n", "-o", "INDEX,LEVEL", "-i",
		build_file(&b));
	tap_ok(!strncmp(o.out, "254       PGD\n  0       PUD\n    511   PMD\n      511 PTE\n", 50),
	       "a tree without ranges: %.50s", o.out);
	output_free(&o);
	o = RUN("pagetable", "--tree", "--json", "-o", "LEVEL", "-i",
		build_file(&b));
	tap_ok(strstr(o.out, "{\"level\": \"PGD\", \"children\": ["),
	       "a tree of JSON without ranges");
	output_free(&o);
	/* Tables are not recorded: only the entries of the run have attributes. */
	o = RUN("pagetable", "--tree", "-n", "-o", "RANGE,ATTRS", "-i",
		build_file(&b));
	for (at = o.out; (at = strstr(at, "------")); at += 6)
		letters++;
	tap_ok(letters == 3, "%zu entries have attributes", letters);
	output_free(&o);
	build_free(&b);
}

/* Rows of a tree are printed as they come, and not kept. */
static void test_tree_memory(void)
{
	static const uint64_t nr[] = { 2000, 200000 };
	long kib[ARRAY_SIZE(nr)] = { 0 };

	/* Freed memory would count as well. */
	setenv("ASAN_OPTIONS",
	       "quarantine_size_mb=0:thread_local_quarantine_size_kb=0", 1);
	for (size_t i = 0; i < ARRAY_SIZE(nr); i++) {
		const struct run run = {
			.start = 0x7f0000000000, .nr = nr[i], .frame = 0x1000,
			.level = MMSCOPE_PTE, .kind = MMSCOPE_PRESENT,
			.raw_shift = 12,
		};
		struct build b = { 0 };
		struct output o;

		build_run(&b, &run);
		o = RUN("pagetable", "--tree", "--each", "-n", "-o", "LEVEL",
			"-i", build_file(&b));
		tap_ok(o.code == 0 && count_lines(o.out) > nr[i],
		       "a tree of %zu rows", count_lines(o.out));
		kib[i] = o.max_kib;
		output_free(&o);
		build_free(&b);
	}
	unsetenv("ASAN_OPTIONS");
	tap_ok(kib[1] < kib[0] + 8192, "memory: %ld and %ld KiB", kib[0],
	       kib[1]);
}

/* More rows than are kept to find the widths: the columns stay aligned. */
static void test_long_table(void)
{
	struct build b = { 0 };
	struct output o;
	size_t widths = 0, nr = 5000;
	char *at, *line;

	build_header(&b, 4, MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 1, "long", 0);
	for (size_t i = 0; i < nr; i++) {
		struct run run = {
			.start = 0x7f0000000000 + 2 * i * PAGE,
			.frame = i < 100 ? 0x1234567 : i, .raw = i, .nr = 1,
			.level = MMSCOPE_PTE, .kind = MMSCOPE_PRESENT,
		};

		build_runs(&b, &run, 1);
	}
	build_end(&b, 0, 0);
	o = RUN("pagetable", "-i", build_file(&b), "-o", "RANGE,FRAME,KIND");
	tap_ok(count_lines(o.out) == nr + 1, "%zu lines", nr + 1);
	for (at = o.out; (line = strsep(&at, "\n")) && *line;)
		widths += strlen(line) != strlen("7f0000000000-7f0000001000 1234567 present") &&
			  line != o.out;
	tap_ok(!widths, "columns stay in line (%zu do not)", widths);
	output_free(&o);
	o = RUN("pagetable", "-i", build_file(&b), "--json");
	tap_ok(json_valid(o.out), "long JSON");
	for (widths = 0, at = o.out; (at = strstr(at, "\"range\"")); at++)
		widths++;
	tap_ok(widths == nr, "%zu rows of JSON", widths);
	output_free(&o);
	build_free(&b);
}

/* Number of lines after one that differ in length from the line before. */
static size_t out_of_line(const struct build *b, const char *columns,
			  size_t from)
{
	struct output o = RUN("pagetable", "-i", build_file(b), "-n", "-o",
			      columns);
	size_t wrong = 0, lines = 0, len = 0;
	char *at = o.out, *line;

	for (; (line = strsep(&at, "\n")) && *line; lines++) {
		wrong += lines > from && strlen(line) != len;
		len = strlen(line);
	}
	output_free(&o);
	return lines ? wrong : 1;
}

/* Wide cells come late: room for addresses is reserved, other columns grow. */
static void test_widths(void)
{
	struct build b = { 0 };
	size_t nr = 3000;

	build_header(&b, 4, MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 1, "wide", 0);
	for (size_t i = 0; i < 2 * nr; i++) {
		struct run run = {
			.start = (i < nr ? 0x400000 : 0x7f0000000000) +
				 2 * i * PAGE,
			.frame = i == nr ? 0x123456789 : 0x1000, .nr = 1,
			.level = MMSCOPE_PTE, .kind = MMSCOPE_PRESENT,
		};

		build_runs(&b, &run, 1);
	}
	build_end(&b, 0, 0);
	tap_ok(!out_of_line(&b, "RANGE,KIND", 0), "ranges stay in line");
	tap_ok(!out_of_line(&b, "START,KIND", 0), "so do addresses");
	tap_ok(!out_of_line(&b, "FRAME,KIND", nr),
	       "all rows after a wide one have room for it");
	build_free(&b);
}

/* A path that the module could not record is not a mapping without a name. */
static void test_long_path(void)
{
	static const char *const commands[] = { "vmas", "picture" };
	const struct vma vma = {
		.start = 0x400000, .end = 0x401000, .perms = "r--p", .ino = 7,
	};
	struct build b = { 0 };
	size_t at;

	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
		     MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 1, "long", 0);
	at = build_vma(&b, &vma);
	b.bytes[at + offsetof(struct mmscope_vma, name_kind)] =
		MMSCOPE_NAME_TOO_LONG;
	build_end(&b, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		struct output o = RUN(commands[i], "-i", build_file(&b), "-no",
				      "SIZE,NAME");

		tap_ok(!o.code && strstr(o.out, "4K (path too long)\n"),
		       "%s of a path that is too long: %s", commands[i], o.out);
		output_free(&o);
	}
	struct output o = RUN("translate", "-i", build_file(&b), "0x400000");

	tap_ok(strstr(o.out, "r--p (path too long)"), "translate of such a path: %s",
	       o.out);
	output_free(&o);
	build_free(&b);
}

int main(void)
{
	test_tree();
	test_tree_memory();
	test_long_table();
	test_widths();
	test_long_path();
	return tap_done();
}
