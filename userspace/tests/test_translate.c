// SPDX-License-Identifier: GPL-2.0-only
/* mmscope translate: the ladder of tables, and sentences. */
#include <string.h>

#include "array.h"
#include "build.h"
#include "tap.h"

static void test_translate(void)
{
	static const struct {
		const char *addr, *says;
	} cases[] = {
		{ "555500003010", "physical address 1001010, in a 4K page" },
		{ "0x7f0010212345", "physical address 40212345, in a 2M page" },
		{ "555510004fff", "swapped out: device 1, offset 1912" },
		{ "555510009000", "the shared page of zeroes" },
		{ "7f0020001000", "stops at the PTE: the page is a guard" },
		{ "7f0020004008", "physical address 9002008" },
		{ "7f0020006000", "its frame has a memory error: frame 9004" },
		{ "555500000000", "no entry is recorded" },
		{ "0x10", "in a gap, 0-555500000000, of 85T" },
		{ "0", "in a gap, 0-555500000000, of 85T" },
		{ "7ffe00200000", "in a gap, 7ffe00106000-7ffffffff000" },
		{ "7fffffffffff",
		  "above the last address of user mode: task_size is 7ffffffff000\n" },
		{ "800000000000", "no address: bits 63-47 are not all the same\n" },
		{ "ffff7fffffffffff", "no address: bits 63-47 are not all the same\n" },
		{ "ffff800000000000", "in the kernel half, closed to user mode\n" },
		{ "ffffffffff600fff", "user mode; [vsyscall] is here, unless" },
		{ "ffffffffff601000", "in the kernel half, closed to user mode\n" },
	};
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		o = RUN("translate", "-i", build_file(&b), cases[i].addr);
		tap_ok(o.code == 0 && strstr(o.out, cases[i].says),
		       "translate %s: %s", cases[i].addr, cases[i].says);
		output_free(&o);
	}
	build_free(&b);
}

/* A stream with a WALK record. */
static void test_walked(void)
{
	struct mmscope_walk walk = {
		.addr = 0x555500003010, .phys = 0x1001010, .frame = 0x1001,
		.nr = 4, .stop = MMSCOPE_STOP_ENTRY, .page_shift = 12,
	};
	static const struct mmscope_step steps[] = {
		{ .table = 0xa000, .raw = 0xb067, .index = 170,
		  .level = MMSCOPE_PGD, .kind = MMSCOPE_TABLE },
		{ .table = 0xb000, .raw = 0xc067, .index = 340,
		  .level = MMSCOPE_PUD, .kind = MMSCOPE_TABLE },
		{ .table = 0xc000, .raw = 0xd067, .index = 0,
		  .level = MMSCOPE_PMD, .kind = MMSCOPE_TABLE },
		{ .table = 0xd000, .raw = 0x1001025, .index = 3,
		  .level = MMSCOPE_PTE, .kind = MMSCOPE_PRESENT,
		  .attrs = MMSCOPE_ATTR_READ | MMSCOPE_ATTR_EXEC },
	};
	struct build b = { 0 };
	struct output o;

	build_walked(&b, 4, &walk, steps);
	o = RUN("translate", "-i", build_file(&b), "555500003010");
	tap_ok(strstr(o.out, "b000 [340] at         baa0: c067"),
	       "entry of the PUD");
	tap_ok(strstr(o.out, "d018: 1001025          present: read exec"),
	       "entry of the PTE");
	tap_ok(strstr(o.out, "physical address 1001010, in a 4K page") &&
	       !strstr(o.out, "recorded"), "a walk in a stream");
	output_free(&o);
	build_free(&b);
}

int main(void)
{
	test_translate();
	test_walked();
	return tap_done();
}
