// SPDX-License-Identifier: GPL-2.0-only
/* Parts of runs: by index, by address, by frame, by name. */
#include <string.h>

#include "array.h"
#include "build.h"
#include "filter.h"
#include "page.h"
#include "tap.h"

static const struct mmscope_header h = {
	.page_shift = 12, .level_shift = { 0, 12, 21, 30, 0, 39 },
};

static const struct run small = {
	.start = 16 * PAGE, .frame = 0x1000, .raw = 0x1000067, .nr = 8,
	.attrs = MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE, .level = MMSCOPE_PTE,
	.kind = MMSCOPE_PRESENT, .raw_shift = 12, .has_raw = true,
};

static const struct run huge = {
	.start = 0x40000000, .frame = 0x40000, .raw = 0x400000e7, .nr = 4,
	.level = MMSCOPE_PMD, .kind = MMSCOPE_PRESENT, .raw_shift = 12,
	.has_raw = true,
};

static void test_part(void)
{
	struct run run = run_part(&h, &huge, 1, 2);

	tap_ok(run.start == 0x40200000 && run.nr == 2, "part: where");
	tap_ok(run.frame == 0x40200, "part: its frame");
	tap_ok(run.raw == 0x402000e7 && run.has_raw, "part: its raw entry");
	tap_ok(run_last(&h, &run) == 0x405fffff, "part: its end");

	run = huge;
	run.attrs = MMSCOPE_ATTR_CONT;
	run = run_part(&h, &run, 1, 1);
	tap_ok(run.raw == 0x402000e7 && run.has_raw,
	       "part: a raw entry with a contiguous hint");
	run = small;
	run.raw_shift = -9;
	run = run_part(&h, &run, 2, 1);
	tap_ok(run.raw == 0x1000067 - (2 << 9), "part: raw entries that fall");
	run = small;
	run.raw_shift = 0;
	run = run_part(&h, &run, 2, 1);
	tap_ok(run.raw == small.raw && run.frame == small.frame,
	       "part: entries that do not change");
}

static void test_clip(void)
{
	static const struct {
		uint64_t start, end, first, nr;
	} cases[] = {
		{ 0, 0, 16, 8 },
		{ 0, 16 * PAGE, 0, 0 },
		{ 0, 16 * PAGE + 1, 16, 1 },
		{ 17 * PAGE + 5, 0, 17, 7 },
		{ 17 * PAGE + 5, 17 * PAGE + 6, 17, 1 },
		{ 23 * PAGE, 24 * PAGE, 23, 1 },
		{ 24 * PAGE, 0, 0, 0 },
		{ 24 * PAGE - 1, UINT64_MAX, 23, 1 },
		{ UINT64_MAX, 0, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run = run_clip(&h, &small, cases[i].start,
					  cases[i].end);

		tap_ok(run.nr == cases[i].nr &&
		       (!run.nr || run.start == cases[i].first * PAGE),
		       "clip to %llx-%llx",
		       (unsigned long long)cases[i].start,
		       (unsigned long long)cases[i].end);
	}
}

static void test_frames(void)
{
	static const struct {
		const struct run *run;
		uint64_t start, end, frame, nr;
	} cases[] = {
		{ &small, 0x1000, 0x1008, 0x1000, 8 },
		{ &small, 0x1003, 0x1004, 0x1003, 1 },
		{ &small, 0, 0x1000, 0, 0 },
		{ &small, 0x1008, UINT64_MAX, 0, 0 },
		{ &small, 0x1007, UINT64_MAX, 0x1007, 1 },
		{ &small, 0, UINT64_MAX, 0x1000, 8 },
		{ &huge, 0x40001, 0x40002, 0x40000, 1 },
		{ &huge, 0x401ff, 0x40201, 0x40000, 2 },
		{ &huge, 0x407ff, 0x40800, 0x40600, 1 },
		{ &huge, 0x40800, 0x40801, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct filter f = { .frame_start = cases[i].start,
				    .frame_end = cases[i].end };
		struct run run = *cases[i].run;

		if (!filter_run(&f, &h, &run))
			run = (struct run){ 0 };
		tap_ok(run.nr == cases[i].nr && run.frame == cases[i].frame,
		       "frames %llx-%llx", (unsigned long long)cases[i].start,
		       (unsigned long long)cases[i].end);
	}
}

static void test_not_frames(void)
{
	static const uint8_t kinds[] = {
		MMSCOPE_SWAP, MMSCOPE_MARKER, MMSCOPE_MARKER_GUARD,
		MMSCOPE_UNKNOWN, 77,
	};
	struct filter f = { .frame_end = UINT64_MAX };
	struct run run = small;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		run.kind = kinds[i];
		tap_ok(!filter_run(&f, &h, &run), "no frame in kind %u",
		       kinds[i]);
	}
	run.kind = MMSCOPE_MIGRATION;
	tap_ok(filter_run(&f, &h, &run), "but in a migration entry");
	run = small;
	run.kind = MMSCOPE_ZERO;
	run.raw_shift = 0;
	f = (struct filter){ .frame_start = 0x1000, .frame_end = 0x1001 };
	tap_ok(filter_run(&f, &h, &run) && run.nr == 8,
	       "pages of zeroes have one frame");
}

static bool passes(const char *list, const struct run *run)
{
	struct filter f = { 0 };
	struct run copy = *run;
	size_t len;

	return !filter_add(&f, list, &len) && filter_run(&f, &h, &copy);
}

static void test_names(void)
{
	struct run swap = small, anon = small, file = small, unsure = small;

	swap.kind = MMSCOPE_SWAP;
	anon.page = MMSCOPE_PAGE_KNOWN | MMSCOPE_PAGE_EXCLUSIVE |
		    PAGE_BIT(ANON) | PAGE_BIT(SWAPBACKED);
	unsure.page = MMSCOPE_PAGE_KNOWN | PAGE_BIT(ZERO);
	file.page = MMSCOPE_PAGE_KNOWN | PAGE_BIT(LRU) | MMSCOPE_PAGE_SHARED;
	tap_ok(passes("present", &small) && !passes("present", &swap), "kind");
	tap_ok(passes("swap,present", &small) && passes("swap,present", &swap),
	       "kinds add up");
	tap_ok(passes("huge", &huge) && !passes("huge", &small), "level");
	tap_ok(passes("huge,pte", &small), "levels add up");
	tap_ok(passes("write", &small) && !passes("write,dirty", &small),
	       "attributes do not");
	tap_ok(passes("write,no-dirty", &small) && !passes("no-write", &small),
	       "no-");
	tap_ok(!passes("wx", &small), "wx is both");
	tap_ok(passes("anon", &anon) && !passes("anon", &file) &&
	       !passes("anon", &small), "anon");
	tap_ok(passes("file", &file) && !passes("file", &anon) &&
	       !passes("file", &small), "file");
	tap_ok(passes("shared,file", &file) && !passes("shared", &anon),
	       "shared");
	tap_ok(passes("exclusive", &anon) && !passes("exclusive", &file) &&
	       !passes("exclusive", &small), "exclusive");
	tap_ok(!passes("exclusive", &unsure) && !passes("shared", &unsure),
	       "page of zeroes: neither");
	tap_ok(passes("no-anon", &file) && !passes("no-anon", &anon) &&
	       !passes("no-anon", &small), "entries without a page match neither");
	swap.kind = 200;
	tap_ok(!passes("present", &swap), "a newer kind");
}

static void test_unknown(void)
{
	static const struct {
		const char *list, *bad;
	} cases[] = {
		{ "nonsense", "nonsense" }, { "swap,nonsense,zero", "nonsense" },
		{ "", "" }, { ",", "" }, { "swap,,zero", "" },
		{ "no-wx", "no-wx" }, { "no-swap", "no-swap" },
		{ "no-huge", "no-huge" }, { "no-file", "no-file" },
		{ "no-", "no-" }, { "no-no-dirty", "no-no-dirty" },
		{ "no-Swap", "no-Swap" }, { "swa", "swa" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct filter f = { 0 };
		size_t len;
		const char *at = filter_add(&f, cases[i].list, &len);

		tap_ok(at && len == strlen(cases[i].bad) &&
		       !strncmp(at, cases[i].bad, len), "\"%s\" is not known",
		       cases[i].list);
	}
}

int main(void)
{
	test_part();
	test_clip();
	test_frames();
	test_not_frames();
	test_names();
	test_unknown();
	return tap_done();
}
