// SPDX-License-Identifier: GPL-2.0-only
/* JSON: members, their types, and that it is valid. */
#include <string.h>

#include "array.h"
#include "build.h"
#include "tap.h"

#define ALL_PARTS	(MMSCOPE_PART_MM | MMSCOPE_PART_VMAS | \
			 MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_TABLES | \
			 MMSCOPE_PART_THREADS)

/* Commands that always print a table with --json and no operand. */
static const char *const tables[] = {
	"picture", "mm", "vmas", "pagetable", "tables", "threads",
};

/* Members of JSON and their types. */
static void test_json_format(void)
{
	static const struct {
		const char *args[4], *has;
	} cases[] = {
		{ { "vmas" }, "\"time_ns\": \"1700000000000000000\"" },
		{ { "vmas" },
		  "\"start\": \"0x555500002000\", \"end\": \"0x555500006000\""
		},
		{ { "vmas", "-o", "FLAGS,FLAG_NAMES" },
		  "{\"flags\": \"io\", \"flag_names\": [\"io\"]}"
		},
		{ { "picture", "-o", "SEGMENT,START,END" },
		  "{\"segment\": \"kernel\", \"start\": \"0xffff800000000000\", \"end\": \"0xffffffffffffffff\"}"
		},
		{ { "pagetable", "-o", "START,END,ATTRS,ATTR_NAMES" },
		  "{\"start\": \"0x555510008000\", \"end\": \"0x55551000a000\", \"attrs\": \"r-----\", \"attr_names\": [\"read\"]}"
		},
		{ { "pagetable", "-o", "START,PAGE_NAMES" },
		  "{\"start\": \"0x7f0010000000\", \"page_names\": [\"hugetlb\"]}"
		},
		{ { "pagetable", "-o", "START,PAGE_NAMES" },
		  "{\"start\": \"0x555510003000\", \"page_names\": null}"
		},
		{ { "tables", "-o", "LEVEL,FILL" },
		  "{\"level\": \"PTE\", \"fill\": [{\"least\": 4, \"most\": 7, \"tables\": 1}, {\"least\": 8, \"most\": 15, \"tables\": 1}]}"
		},
		{ { "mm", "-o", "FIELD,FLAG_NAMES" },
		  "{\"field\": \"flags\", \"flag_names\": [\"dumpable\", \"odd \\\"\\u001b\"]}"
		},
	};
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *const *args = cases[i].args;
		struct output o = RUN(args[0], "--json", "-i", build_file(&b),
				      args[1], args[2]);

		tap_ok(json_valid(o.out) && strstr(o.out, cases[i].has),
		       "JSON of %s: %s", args[0], cases[i].has);
		output_free(&o);
	}
	build_free(&b);
}

static void test_json_views(void)
{
	static const char *const views[][3] = {
		{ "pagetable", "--tree", "--each" },
		{ "pagetable", "--tree", "--facts" },
		{ "pagetable", "--tree", "-oINDEX,KIND" },
		{ "pagetable", "--only", "guard" },
		{ "pagetable", "--only", "pud" },
		{ "vmas", "--residency", "-b" },
		{ "tables", "--vmas", "-b" },
	};
	struct build b = { 0 };
	struct output o;

	build_process(&b, 5);
	for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
		o = RUN(views[i][0], views[i][1], views[i][2], "--json", "-i",
			build_file(&b));
		tap_ok(o.code == 0 && json_valid(o.out), "JSON of %s %s",
		       views[i][0], views[i][1]);
		tap_ok(!strstr(o.out, "total"), "%s %s: no line of totals",
		       views[i][0], views[i][1]);
		output_free(&o);
	}
	o = RUN("tables", "--json", "-i", build_file(&b));
	tap_ok(strstr(o.out, "\"kernel\": {\"bytes\": 28672, \"found\": 28672, \"agree\": true}"),
	       "JSON of tables has the kernel's count");
	output_free(&o);
	build_free(&b);
}

static void test_json(void)
{
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		o = RUN(tables[i], "--json", "-i", build_file(&b));
		tap_ok(o.code == 0 && json_valid(o.out), "JSON of %s",
		       tables[i]);
		output_free(&o);
	}
	o = RUN("picture", "--json", "-o", "SEGMENT,SIZE", "-i", build_file(&b));
	tap_ok(strstr(o.out, "{\"segment\": \"hole\", \"size\": \"18446462598732840960\"}"),
	       "the size of the hole is a string");
	tap_ok(strstr(o.out, "{\"segment\": \"kernel\", \"size\": 140737488355328}"),
	       "that of the kernel half is a number");
	output_free(&o);
	o = RUN("translate", "--json", "-i", build_file(&b), "555500002000",
		"0x0", "ffffffffffffffff", "7f0020008000", "7ffe00000000");
	tap_ok(o.code == 0 && json_valid(o.out), "JSON of translate");
	output_free(&o);
	build_free(&b);

	build_header(&b, 4, ALL_PARTS, 0);
	build_task(&b, 1, "\xff\xc3\xa4\"", 0);
	build_end(&b, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		bool mm = !strcmp(tables[i], "mm");

		o = RUN(tables[i], "--json", "-i", build_file(&b));
		tap_ok(mm ? o.code == 2 && !*o.out :
			    o.code == 0 && json_valid(o.out),
		       "JSON of %s without rows", tables[i]);
		output_free(&o);
	}
	build_free(&b);
}

int main(void)
{
	test_json_format();
	test_json_views();
	test_json();
	return tap_done();
}
