// SPDX-License-Identifier: GPL-2.0-only
/* Operands that are a range: addresses, names of segments and of files, neighbours. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "build.h"
#include "lines.h"
#include "tap.h"

static size_t count_runs(uint64_t start, uint64_t end)
{
	size_t nr = 0;

	for (size_t i = 0; i < process_nr_runs; i++) {
		const struct run *run = &process_runs[i];
		uint64_t size = run->level == MMSCOPE_PMD ? 2 << 20 : PAGE;

		nr += run->start < end && run->start + run->nr * size > start;
	}
	return nr;
}

static void test_ranges(void)
{
	static const struct {
		const char *range;
		uint64_t start, end;
	} cases[] = {
		{ "555500002000", 0x555500002000, 0x555500002001 },
		{ "0x555500001fff+2", 0x555500001fff, 0x555500002001 },
		{ "555500006000-7f0000000000", 0x555500006000,
		  0x7f0000000000 },
		{ "7f0020000000+16M", 0x7f0020000000, 0x7f0021000000 },
		{ "0-10", 0, 0x10 },
		{ "0-ffffffffffffffff", 0, UINT64_MAX },
		{ "7f0020000000-10000000000000000", 0x7f0020000000,
		  UINT64_MAX },
		{ "ffffffffffffffff", UINT64_MAX, UINT64_MAX },
	};
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t runs = count_runs(cases[i].start, cases[i].end);
		size_t vmas = 0;

		for (size_t v = 0; v < process_nr_vmas; v++)
			vmas += process_vmas[v].start < cases[i].end &&
				process_vmas[v].end > cases[i].start;
		o = RUN("vmas", "-n", "-i", build_file(&b), cases[i].range);
		tap_ok(count_lines(o.out) == vmas, "vmas %s: %zu lines",
		       cases[i].range, count_lines(o.out));
		output_free(&o);
		o = RUN("pagetable", "-n", "-i", build_file(&b),
			cases[i].range);
		tap_ok(count_lines(o.out) == runs, "pagetable %s: %zu lines",
		       cases[i].range, count_lines(o.out));
		output_free(&o);
	}
	build_free(&b);
}

/* Names of segments that are no range. */
static void test_segment_names(void)
{
	static const struct {
		const char *args[2];
		const char *file;
		int code;
		const char *says;
	} cases[] = {
		{ { "rodata" }, NULL, 1, "rodata is in several places" },
		{ { "uprobes" }, NULL, 2, "the process has no segment or file \"uprobes\"" },
		{ { "heap" }, "-", 1, "\"heap\" needs a file that can be read twice" },
		{ { "0x10", "-A1" }, "-", 1,
		  "\"--after\" needs a file that can be read twice" },
		{ { "Heap" }, NULL, 2, "the process has no segment or file \"Heap\"" },
		{ { "libx" }, NULL, 2, "the process has no segment or file \"libx\"" },
		{ { "lib" }, NULL, 2, "the process has no segment or file \"lib\"" },
		{ { "0x" }, NULL, 1, "invalid range: \"0x\"" },
	};
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *file = cases[i].file;
		struct output o;

		if (!file)
			file = build_file(&b);
		o = RUN("pagetable", cases[i].args[0], "-i", file,
			cases[i].args[1]);
		tap_ok(o.code == cases[i].code && strstr(o.err, cases[i].says),
		       "%s: %d, %s", cases[i].args[0], o.code, o.err);
		output_free(&o);
	}
	build_free(&b);
}

/* Neighbours of a mapping, and of a gap. */
static void test_neighbours(void)
{
	static const struct {
		const char *args[5];
		size_t first, nr;	/* indexes into process_vmas[] */
		bool gap;
	} cases[] = {
		{ { "555510000000", "-B", "2" }, 4, 3, false },
		{ { "555510000000", "-A1" }, 6, 2, false },
		{ { "heap", "-A", "1", "-B", "1" }, 5, 3, false },
		{ { "555510000000", "-A", "0", "-B", "0" }, 6, 1, false },
		{ { "555500000000", "-B", "9", "--after=1" }, 0, 2, false },
		{ { "heap", "-B", "18446744073709551615" }, 0, 7, false },
		{ { "0x10", "-A", "2", "-B", "1" }, 0, 2, true },
		{ { "555600000000", "-A1", "-B1" }, 6, 2, true },
		{ { "555600000000", "-B", "1" }, 6, 1, true },
		{ { "555600000000" }, 6, 0, true },
	};
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *const *args = cases[i].args;
		struct output o = RUN("vmas", "-i", build_file(&b), "-no", "START",
				      args[0], args[1] ? args[1] : "-b",
				      args[1] ? args[2] : NULL,
				      args[1] && args[2] ? args[3] : NULL, args[4]);
		char first[24];

		snprintf(first, sizeof(first), "%" PRIx64 "\n",
			 process_vmas[cases[i].first].start);
		tap_ok(o.code == 0 && count_lines(o.out) == cases[i].nr &&
		       (!cases[i].nr || !strncmp(o.out, first, strlen(first))),
		       "neighbours %zu: %zu lines from %.12s", i,
		       count_lines(o.out), o.out);
		tap_ok(!!strstr(o.err, "no mapping in") == cases[i].gap,
		       "neighbours %zu: %s", i, o.err);
		output_free(&o);
	}
	build_free(&b);
}

/* The entries of these mappings, and of no others. */
static void test_entries_of_neighbours(void)
{
	static const struct {
		const char *args[3];
		size_t first, nr;	/* indexes into process_vmas[] */
	} cases[] = {
		{ { "555510009000", "-B5" }, 1, 6 },
		{ { "7f0020000000", "-A1" }, 10, 2 },
		{ { "heap", "-A3", "-B5" }, 1, 9 },
		{ { "555600000000", "-B1", "-A3" }, 6, 4 },
		{ { "0x10", "-B1", "-A2" }, 0, 2 },
	};
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *const *args = cases[i].args;
		const struct vma *first = &process_vmas[cases[i].first];
		size_t nr = count_runs(first->start, first[cases[i].nr - 1].end);
		struct output o = RUN("pagetable", "-i", build_file(&b), "-n",
				      args[0], args[1], args[2]);

		tap_ok(o.code == 0 && nr && count_lines(o.out) == nr,
		       "entries of neighbours %zu: %zu runs, %s", i, nr, o.out);
		output_free(&o);
	}
	build_free(&b);
}

/* The residency of neighbours is counted, too. */
static void test_resident_neighbours(void)
{
	struct build b = { 0 };
	struct output all, some;

	build_process(&b, 4);
	all = RUN("vmas", "-i", build_file(&b), "-no", "START,RSS");
	some = RUN("vmas", "-i", build_file(&b), "-no", "START,RSS", "heap", "-B4",
		   "-A4");
	tap_ok(count_lines(some.out) == 9 && strstr(all.out, "555510000000 12K\n") &&
	       strstr(some.out, "555510000000 12K\n"), "residency of neighbours");
	output_free(&all);
	output_free(&some);
	build_free(&b);
}

/* All mappings of a file, by its name up to a dot. */
static void test_file_names(void)
{
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	o = RUN("vmas", "-i", build_file(&b), "-no", "START,SEGMENT", "libc");
	tap_ok(o.code == 0 && strstr(o.out, "lib-text") && !strstr(o.out, "stack"),
	       "the mappings of libc: %s%s", o.out, o.err);
	output_free(&o);
	o = RUN("vmas", "-i", build_file(&b), "-no", "SEGMENT", "thing");
	tap_ok(o.code == 0 &&
	       !strcmp(o.out, "rodata\ntext\nrodata\nrelro\ndata\nbss\n"),
	       "those of the program, with bss: %s%s", o.out, o.err);
	output_free(&o);
	build_free(&b);
}

int main(void)
{
	test_ranges();
	test_segment_names();
	test_file_names();
	test_neighbours();
	test_entries_of_neighbours();
	test_resident_neighbours();
	return tap_done();
}
