// SPDX-License-Identifier: GPL-2.0-only
/* The command kernel, on streams made here: open() is replaced. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "commands.h"
#include "here.h"
#include "lines.h"
#include "query.h"
#include "tap.h"

#define PARTS	(MMSCOPE_PART_KERNEL_LAYOUT | MMSCOPE_PART_KERNEL_PAGETABLE)
#define TEXT	0xffffffff81000000ULL
#define LAST	0xfffffffffffff000ULL
#define MIB	(1024 * 1024ULL)
#define RX	(MMSCOPE_ATTR_READ | MMSCOPE_ATTR_EXEC | MMSCOPE_ATTR_KERNEL_EXEC)

#define KERNEL(...)							\
	run_here(&cmd_kernel, (const char *const[]){ __VA_ARGS__, NULL })

/* What the module answers. */
static const struct build *answer;

static int open_answer(void)
{
	return build_answer_fd(answer);
}

static void put_kernel(struct build *b, uint32_t used, uint32_t same, uint32_t own,
		       uint32_t flags)
{
	struct mmscope_kernel k = {
		.root = 0x1000, .start = 1ULL << 63, .flags = flags,
		.other_pid = 1, .used = used, .same = same, .own = own,
		.user_used = 3,
	};

	build_record(b, MMSCOPE_REC_KERNEL, &k.root, sizeof(k) - 8);
}

static size_t put_region(struct build *b, uint64_t start, uint64_t size, uint32_t area,
			 uint32_t flags)
{
	struct mmscope_kernel_region r = {
		.start = start, .size = size, .area = area, .flags = flags,
	};

	return build_record(b, MMSCOPE_REC_KERNEL_REGION, &r.start, sizeof(r) - 8);
}

static size_t put_run(struct build *b, uint64_t start, uint64_t size, uint8_t level,
		      uint32_t attrs)
{
	struct mmscope_kernel_run r = {
		.start = start, .size = size, .raw = 0x163, .attrs = attrs,
		.level = level, .kind = MMSCOPE_PRESENT,
		.flags = attrs & MMSCOPE_ATTR_WRITE &&
			 attrs & MMSCOPE_ATTR_KERNEL_EXEC ? MMSCOPE_KERNEL_RUN_WX : 0,
	};

	if (!attrs)
		r.kind = MMSCOPE_TABLE;
	return build_record(b, MMSCOPE_REC_KERNEL_RUN, &r.start, sizeof(r) - 8);
}

static void begin(struct build *b)
{
	build_header(b, 4, PARTS, 0);
	build_task(b, 7, "x", MMSCOPE_TASK_ADDRESSES);
}

/* An image in its window, and a last page that ends where all addresses end. */
static void put_half(struct build *b, uint32_t last_attrs)
{
	begin(b);
	put_kernel(b, 70, 69, 1, MMSCOPE_KERNEL_PTI);
	put_region(b, TEXT - 16 * MIB, 1024 * MIB, MMSCOPE_AREA_IMAGE_WINDOW, 0);
	put_region(b, TEXT, 32 * MIB, MMSCOPE_AREA_IMAGE,
		   MMSCOPE_REGION_BEST_EFFORT);
	put_region(b, LAST, 4096, 99, 0);
	put_run(b, TEXT, 4 * MIB, MMSCOPE_PMD, RX);
	put_run(b, TEXT + 4 * MIB, 8192, MMSCOPE_PTE, MMSCOPE_ATTR_READ);
	put_run(b, TEXT + 6 * MIB, 2 * MIB, MMSCOPE_PMD, 0);
	put_run(b, LAST, 4096, MMSCOPE_PTE, last_attrs);
	build_end(b, 0, 0);
}

static void expect(struct output o, const char *what, const char *line)
{
	if (*o.out)
		squeeze(o.out);
	tap_ok(o.code == 0 && strstr(o.out, line), "%s: %d %s%s", what, o.code,
	       o.out, o.err);
	output_free(&o);
}

static void test_regions(void)
{
	struct build b = { 0 };

	put_half(&b, RX | MMSCOPE_ATTR_WRITE);
	answer = &b;
	expect(KERNEL(NULL), "the image",
	       "ffffffff81000000-ffffffff83000000 32M 4M 0 image best-effort\n");
	expect(KERNEL("-b"), "its window",
	       "ffffffff80000000-ffffffffc0000000 1073741824 4202496 0 image-window exact\n");
	expect(KERNEL(NULL), "an area of a newer module",
	       "fffffffffffff000-ffffffffffffffff 4K 4K 4K area-99 exact\n");
	expect(KERNEL(NULL), "sharing",
	       "Of 70 entries of the top table, 69 lead to the same tables as in process 1: the kernel half is shared.\n");
	expect(KERNEL(NULL), "PTI",
	       "PTI is on: in user mode, 3 of these entries are in use.\n");
	expect(KERNEL(NULL), "writable and executable",
	       "Both writable and executable: 1 runs, 4K.\n");
	expect(KERNEL("--json"), "JSON",
	       "\"half\": {\"used\": 70, \"same\": 69, \"own\": 1, \"other_pid\": 1, \"shared\": true, \"pti\": true, \"wx_runs\": 1}");
	keep_formats(&cmd_kernel, NULL);
	keep_formats(&cmd_kernel, "--runs");
	build_free(&b);
}

static void test_runs(void)
{
	struct build b = { 0 };

	put_half(&b, MMSCOPE_ATTR_READ | MMSCOPE_ATTR_EXEC | MMSCOPE_ATTR_USER);
	answer = &b;
	expect(KERNEL("--runs"), "text",
	       "ffffffff81000000-ffffffff81400000 4M - PMD r-x- image\n");
	expect(KERNEL("--runs"), "a page of user mode",
	       "fffffffffffff000-ffffffffffffffff 4K - PTE r--u area-99\n");
	expect(KERNEL("--runs"), "no page of both",
	       "No memory is both writable and executable.\n");
	expect(KERNEL("--runs", "-n", "-o", "START,KIND,RAW,ATTR_NAMES"), "a repeated table",
	       "ffffffff81600000 repeated 163 -\n");
	expect(KERNEL("--runs", "--json", "-o", "START,ATTR_NAMES"),
	       "names in JSON", "{\"start\": \"0xffffffff81400000\", \"attr_names\": [");
	build_free(&b);
}

static void test_not_shared(void)
{
	struct build b = { 0 };

	begin(&b);
	put_kernel(&b, 70, 60, 1, 0);
	put_region(&b, TEXT, MIB, MMSCOPE_AREA_IMAGE, 0);
	build_end(&b, 0, 0);
	answer = &b;
	expect(KERNEL(NULL), "not shared",
	       "process 1: the kernel half is not wholly shared.\n");
	build_free(&b);
}

/* One record that breaks a rule: nothing is printed. */
static void expect_corrupt(struct build *b, size_t at, const char *why)
{
	struct output o;

	build_end(b, 0, 0);
	answer = b;
	o = KERNEL(NULL);
	tap_ok(o.code == 2 && !*o.out && strstr(o.err, why), "at %zu: %s: %s%s",
	       at, why, o.out, o.err);
	output_free(&o);
	build_free(b);
	*b = (struct build){ 0 };
}

static void test_corrupt(void)
{
	struct build b = { 0 };

	begin(&b);
	put_kernel(&b, 70, UINT32_MAX, 2, 0);
	expect_corrupt(&b, 0, "more entries are shared than in use");
	begin(&b);
	put_kernel(&b, 1, 1, 0, 0);
	put_kernel(&b, 1, 1, 0, 0);
	expect_corrupt(&b, 0, "record out of order, or given twice");
	begin(&b);
	put_region(&b, TEXT, 0, 1, 0);
	expect_corrupt(&b, 0, "range of a region");
	begin(&b);
	put_region(&b, LAST, 8192, 1, 0);
	expect_corrupt(&b, 0, "range of a region");
	begin(&b);
	put_region(&b, TEXT, MIB, 1, 0);
	put_region(&b, TEXT - MIB, MIB, 1, 0);
	expect_corrupt(&b, 0, "regions out of order");
	begin(&b);
	for (size_t i = 0; i < 65; i++)
		put_region(&b, TEXT, MIB, 1, 0);
	expect_corrupt(&b, 0, "number of regions");
	begin(&b);
	put_run(&b, TEXT, 4096, 0, RX);
	expect_corrupt(&b, 0, "level of a run of the kernel");
	begin(&b);
	put_run(&b, TEXT + 4096, 2 * MIB, MMSCOPE_PMD, RX);
	expect_corrupt(&b, 0, "range of a run of the kernel");
	begin(&b);
	put_run(&b, 4096, 4096, MMSCOPE_PTE, RX);
	expect_corrupt(&b, 0, "range of a run of the kernel");
	begin(&b);
	put_run(&b, TEXT, 4096, MMSCOPE_PTE, RX);
	put_run(&b, TEXT, 4096, MMSCOPE_PTE, RX);
	expect_corrupt(&b, 0, "runs of the kernel out of order");
}

/* What came before a stream was cut off is shown; no sum overflows. */
static void test_incomplete(void)
{
	struct build b = { 0 };
	struct output o;

	begin(&b);
	put_region(&b, 1ULL << 63, 1ULL << 63, 1, 0);
	for (size_t i = 0; i < 4; i++)
		put_run(&b, (1ULL << 63) + (i << 39), (1ULL << 63) - (i << 39),
			MMSCOPE_PGD, RX | MMSCOPE_ATTR_WRITE);
	answer = &b;
	o = KERNEL("-b", "-o", "SIZE,MAPPED,WX");
	tap_ok(o.code == 3 && strstr(o.out, "18446744073709551615"),
	       "cut off: %d %s%s", o.code, o.out, o.err);
	output_free(&o);
	build_free(&b);
}

/* No snapshot has a kernel half. */
static void test_input(void)
{
	struct output o = RUN("kernel", "-i", "/dev/null");

	tap_ok(o.code == 1 && !*o.out, "-i is refused: %s", o.err);
	output_free(&o);
	o = RUN("kernel", "--help");
	tap_ok(o.code == 0 && strstr(o.out, "--runs") && !strstr(o.out, "--input"),
	       "help does not offer -i: %s", o.out);
	output_free(&o);
}

int main(void)
{
	query_open = open_answer;
	test_regions();
	test_runs();
	test_not_shared();
	test_corrupt();
	test_incomplete();
	test_input();
	return tap_done();
}
