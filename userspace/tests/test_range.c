// SPDX-License-Identifier: GPL-2.0-only
/* Operands that are a range: addresses, names of segments. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "build.h"
#include "lines.h"
#include "tap.h"

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
		size_t vmas = 0, runs = 0;

		for (size_t v = 0; v < process_nr_vmas; v++)
			vmas += process_vmas[v].start < cases[i].end &&
				process_vmas[v].end > cases[i].start;
		for (size_t r = 0; r < process_nr_runs; r++) {
			const struct run *run = &process_runs[r];
			uint64_t size = run->level == MMSCOPE_PMD ? 2 << 20 :
								    PAGE;

			runs += run->start < cases[i].end &&
				run->start + run->nr * size > cases[i].start;
		}
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
		const char *name;
		const char *file;
		int code;
		const char *says;
	} cases[] = {
		{ "rodata", NULL, 1, "rodata is in several places" },
		{ "uprobes", NULL, 2, "the process has no uprobes" },
		{ "heap", "-", 1, "\"heap\" needs a file that can be read twice" },
		{ "Heap", NULL, 1, "invalid range: \"Heap\"" },
	};
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *file = cases[i].file;
		struct output o;

		if (!file)
			file = build_file(&b);
		o = RUN("pagetable", cases[i].name, "-i", file);
		tap_ok(o.code == cases[i].code && strstr(o.err, cases[i].says),
		       "%s: %d, %s", cases[i].name, o.code, o.err);
		output_free(&o);
	}
	build_free(&b);
}

int main(void)
{
	test_ranges();
	test_segment_names();
	return tap_done();
}
