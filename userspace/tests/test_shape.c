// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams of older and newer modules: whatever the size of the header, of a
 * record, a name or a step, all commands print the same.
 */
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "build.h"
#include "recorded.h"
#include "tap.h"

static const char *const types[] = {
	[RESHAPE_HEADER] = "header",
	[MMSCOPE_REC_TASK] = "TASK",
	[MMSCOPE_REC_MM] = "MM",
	[MMSCOPE_REC_NAMES] = "NAMES",
	[MMSCOPE_REC_VMA] = "VMA",
	[MMSCOPE_REC_RUNS] = "RUNS",
	[MMSCOPE_REC_WALK] = "WALK",
	[MMSCOPE_REC_END] = "END",
	[MMSCOPE_REC_RESIDENCY] = "RESIDENCY",
	[MMSCOPE_REC_TABLES] = "TABLES",
	[MMSCOPE_REC_TABLES_SUM] = "TABLES_SUM",
	[MMSCOPE_REC_THREAD] = "THREAD",
};

static const char *const shapes[] = {
	[SHAPE_LEAST] = "of the first version",
	[SHAPE_TOO_SHORT] = "too short",
	[SHAPE_LONGER] = "longer",
};

#define VIEWS	6

/* All that the commands print of a stream. */
struct views {
	struct output o[VIEWS];
};

static struct views look(const struct build *b, bool all)
{
	const char *file = build_file(b);

	return (struct views){ {
		RUN("mm", "--json", "-i", file),
		RUN("vmas", all ? "--residency" : "-b", "--json", "-i", file),
		RUN("pagetable", "--json", "-i", file),
		all ? RUN("tables", "--vmas", "--json", "-i", file) :
		      RUN("mm", "-i", file),
		all ? RUN("translate", "-i", file, "555500003010") :
		      RUN("vmas", "-i", file),
		all ? RUN("threads", "--json", "-i", file) :
		      RUN("vmas", "-n", "-i", file),
	} };
}

static void views_free(struct views *views)
{
	for (size_t i = 0; i < VIEWS; i++)
		output_free(&views->o[i]);
}

static bool are_same(const struct views *a, const struct views *b)
{
	for (size_t i = 0; i < VIEWS; i++)
		if (a->o[i].code != b->o[i].code || !*a->o[i].out ||
		    strcmp(a->o[i].out, b->o[i].out))
			return false;
	return true;
}

static void expect_same(const char *name, const char *type,
			const struct build *b, const struct views *before,
			enum shape shape)
{
	struct views after = look(b, true);

	tap_ok(are_same(before, &after), "%s: %s %s", name, type,
	       shapes[shape]);
	views_free(&after);
}

/* A process, and a translation by the module. */
static void build_all_types(struct build *b)
{
	const struct mmscope_walk walk = {
		.addr = 0x555500003010, .phys = 0x1001010, .frame = 0x1001,
		.nr = 2, .stop = MMSCOPE_STOP_ENTRY, .page_shift = 12,
	};
	static const struct mmscope_step steps[] = {
		{ .table = 0xa000, .raw = 0xd067, .index = 170,
		  .level = MMSCOPE_PGD, .kind = MMSCOPE_TABLE },
		{ .table = 0xd000, .raw = 0x1001025, .index = 3,
		  .level = MMSCOPE_PTE, .kind = MMSCOPE_PRESENT,
		  .attrs = MMSCOPE_ATTR_READ | MMSCOPE_ATTR_EXEC },
	};

	build_walked(b, 4, &walk, steps);
}

static void test_built(void)
{
	struct build b = { 0 }, other = { 0 };
	struct views before;

	build_all_types(&b);
	before = look(&b, true);
	for (uint32_t type = 0; type < ARRAY_SIZE(types); type++) {
		build_reshape(&other, &b, type, SHAPE_LEAST);
		expect_same("process", types[type], &other, &before,
			    SHAPE_LEAST);
		build_free(&other);
		build_reshape(&other, &b, type, SHAPE_LONGER);
		tap_ok(other.len > b.len, "%s is longer", types[type]);
		expect_same("process", types[type], &other, &before,
			    SHAPE_LONGER);
		build_free(&other);
	}
	views_free(&before);
	build_free(&b);
}

/* Less than the first version had is damage. */
static void test_too_short(void)
{
	struct build b = { 0 }, other = { 0 };
	struct output o;
	char want[64];
	size_t at;

	build_all_types(&b);
	for (uint32_t type = 0; type < ARRAY_SIZE(types); type++) {
		at = build_reshape(&other, &b, type, SHAPE_TOO_SHORT);
		if (type == RESHAPE_HEADER)
			at = offsetof(struct mmscope_header, size);
		snprintf(want, sizeof(want), "is corrupt at byte %zu: ", at);
		o = RUN("mm", "-i", build_file(&other));
		tap_ok(o.code == 2 && strstr(o.err, want), "%s too short: %s",
		       types[type], o.err);
		output_free(&o);
		build_free(&other);
	}
	build_free(&b);
}

static void read_file(struct build *b, const char *path)
{
	FILE *f = fopen(path, "r");
	char bytes[4096];
	size_t len;

	while (f && (len = fread(bytes, 1, sizeof(bytes), f)))
		build_bytes(b, bytes, len);
	if (f)
		fclose(f);
}

static void test_recorded(const char *path)
{
	static const enum shape to[] = { SHAPE_LEAST, SHAPE_LONGER };
	struct build b = { 0 }, other = { 0 };
	struct views before, after;

	read_file(&b, path);
	before = look(&b, false);
	for (size_t i = 0; i < ARRAY_SIZE(to); i++) {
		build_reshape(&other, &b, RESHAPE_ALL, to[i]);
		after = look(&other, false);
		tap_ok(are_same(&before, &after), "%s: all %s", path,
		       shapes[to[i]]);
		views_free(&after);
		build_free(&other);
	}
	views_free(&before);
	build_free(&b);
}

int main(void)
{
	test_built();
	test_too_short();
	each_recorded(test_recorded);
	return tap_done();
}
