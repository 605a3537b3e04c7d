// SPDX-License-Identifier: GPL-2.0-only
/*
 * Formats for scripts, read by what scripts read them with: a shell, awk, and
 * Python's csv module.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "build.h"
#include "tap.h"
#include "text.h"

/* Names that a process may choose, to confuse scripts. */
static const struct vma nasty[] = {
	{ .start = 0x1000, .end = 0x2000, .perms = "r--p", .name = "/a b  c" },
	{ .start = 0x3000, .end = 0x103000, .perms = "rw-p", .name = "" },
	{ .start = 0x200000, .end = 0x203000, .perms = "r-xp",
	  .name = "/q\"q'q" },
	{ .start = 0x300000, .end = 0x304000, .perms = "r--p",
	  .name = "/$HOME/$(id)/`id`" },
	{ .start = 0x400000, .end = 0x405000, .perms = "r--p",
	  .name = "/s\\s\\\\" },
	{ .start = 0x500000, .end = 0x506000, .perms = "r--p",
	  .name = ",c,\",\"" },
	{ .start = 0x600000, .end = 0x607000, .perms = "r--p",
	  .name = "-n \"\n#" },
};

/* START, SIZE in bytes, NAME: with tabs between them, a newline as in maps. */
static const char expected[] =
	"1000\t4096\t/a b  c\n"
	"3000\t1048576\t\n"
	"200000\t12288\t/q\"q'q\n"
	"300000\t16384\t/$HOME/$(id)/`id`\n"
	"400000\t20480\t/s\\s\\\\\n"
	"500000\t24576\t,c,\",\"\n"
	"600000\t28672\t-n \"\\012#\n";

static void build_nasty(struct build *b)
{
	build_header(b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS, 0);
	build_task(b, 7, "nasty", 0);
	for (size_t i = 0; i < ARRAY_SIZE(nasty); i++)
		build_vma(b, &nasty[i]);
	build_end(b, 0, 0);
}

/* What a script prints; $MMSCOPE is the reader, $FILE the snapshot. */
static struct text run_script(const char *file, const char *script)
{
	struct text out = { 0 };
	char buffer[4096];
	size_t n;
	FILE *f;

	text_puts(&out, "");
	setenv("MMSCOPE", reader_path(), 1);
	setenv("FILE", file, 1);
	fflush(stdout);
	f = popen(script, "r");
	while (f && (n = fread(buffer, 1, sizeof(buffer), f)))
		text_add(&out, buffer, n);
	if (!f || pclose(f))
		text_puts(&out, "(failed)");
	return out;
}

#define TABLE	"\"$MMSCOPE\" vmas -i \"$FILE\" -b -o START,SIZE,NAME "

/* Read by a shell that evaluates each line. */
static const char read_pairs[] =
	TABLE "--pairs | while IFS= read -r line; do\n"
	"	START= SIZE= NAME=\n"
	"	eval \"$line\"\n"
	"	printf '%s\\t%s\\t%s\\n' \"$START\" \"$SIZE\" \"$NAME\"\n"
	"done";

/* awk sees three fields in each line. */
static const char read_raw[] =
	TABLE "--raw --noheadings | awk '\n"
	"	NF != 3 { print \"fields:\", NF }\n"
	"	{\n"
	"		if ($3 == \"-\")\n"
	"			$3 = \"\"\n"
	"		gsub(/\\\\040/, \" \", $3)\n"
	"		print $1 \"\\t\" $2 \"\\t\" $3\n"
	"	}'";

static const char read_csv[] =
	TABLE "--csv --noheadings | python3 -c '\n"
	"import csv, sys\n"
	"for row in csv.reader(sys.stdin, strict=True):\n"
	"	print(\"\\t\".join(row))'";

static const char read_lines[] =
	TABLE "--json=lines | python3 -c '\n"
	"import json, sys\n"
	"for line in sys.stdin:\n"
	"	row = json.loads(line)\n"
	"	name = (row[\"name\"] or \"\").replace(\"\\n\", \"\\\\012\")\n"
	"	print(row[\"start\"][2:], row[\"size\"], name, sep=\"\\t\")'";

static bool has_python(void)
{
	return !system("python3 -c pass 2>/dev/null");
}

static void test_nasty(void)
{
	static const struct {
		const char *name, *script;
		bool python;
	} readers[] = {
		{ "pairs, evaluated by a shell", read_pairs, false },
		{ "raw, split by awk", read_raw, false },
		{ "CSV, parsed by Python", read_csv, true },
		{ "JSON lines, parsed by Python", read_lines, true },
	};
	struct build b = { 0 };

	build_nasty(&b);
	keep("nasty.snapshot", b.bytes, b.len);
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		struct text out;

		if (readers[i].python && !has_python()) {
			tap_skip("%s: no python3", readers[i].name);
			continue;
		}
		out = run_script(build_file(&b), readers[i].script);
		tap_ok(!strcmp(out.s, expected), "%s:\n%s", readers[i].name,
		       strcmp(out.s, expected) ? out.s : "as expected");
		text_free(&out);
	}
	build_free(&b);
}

static void expect_column(const struct build *b, const char *const *args,
			  const char *want, const char *what)
{
	struct output o = run_reader(build_file(b), args);

	tap_ok(o.code == 0 && !strcmp(o.out, want), "%s: %s%s", what, o.out,
	       o.err);
	output_free(&o);
}

#define SORTED(column, show) \
	((const char *const[]){ "vmas", "-i", "-", "-n", "--sort", column, \
				"-o", show, NULL })

static void test_sort(void)
{
	struct build b = { 0 };

	build_nasty(&b);
	expect_column(&b, SORTED("SIZE", "SIZE"),
		      " 4K\n12K\n16K\n20K\n24K\n28K\n 1M\n",
		      "sizes in order");
	expect_column(&b, SORTED("-size", "START"),
		      "3000\n600000\n500000\n400000\n300000\n200000\n1000\n",
		      "the largest first, by a column that is not shown");
	expect_column(&b, SORTED("PERMS", "START"),
		      "1000\n300000\n400000\n500000\n600000\n200000\n3000\n",
		      "rows that are equal stay in order");
	expect_column(&b, SORTED("-NAME", "START"),
		      "400000\n200000\n1000\n300000\n600000\n500000\n3000\n",
		      "rows without a name come last");
	build_free(&b);
}

/* Readers of CSV skip lines without any character. */
static void test_one_column(void)
{
	static const char *const args[] = {
		"vmas", "-i", "-", "--csv", "-o", "NAME", NULL,
	};
	struct build b = { 0 };

	build_nasty(&b);
	expect_column(&b, args,
		      "NAME\n/a b  c\n\"\"\n\"/q\"\"q'q\"\n/$HOME/$(id)/`id`\n/s\\s\\\\\n"
		      "\",c,\"\",\"\"\"\n\"-n \"\"\\012#\"\n",
		      "an empty field alone in its line");
	build_free(&b);
}

/* Addresses have no leading zeroes: their bytes are in another order. */
static void test_sort_addresses(void)
{
	struct output o = RUN("picture", "-n", "--sort", "range", "-o", "start",
			      "-i", "tests/recorded/python-6.12.snapshot");
	unsigned long before = 0, start;
	bool sorted = true;
	size_t rows = 0;

	for (char *at = o.out; *at && sorted; at += strspn(at, "\n"), rows++) {
		start = strtoul(at, &at, 16);
		sorted = start >= before;
		before = start;
	}
	tap_ok(o.code == 0 && sorted && rows > 3, "addresses in order:\n%s%s",
	       o.out, o.err);
	output_free(&o);
}

static void test_usage(void)
{
	static const struct {
		const char *args[6];
		const char *err;
	} cases[] = {
		{ { "vmas", "1", "--raw", "--csv" }, "only one of --raw" },
		{ { "vmas", "1", "-J", "-P" }, "only one of --raw" },
		{ { "vmas", "1", "--json=yes" }, "invalid --json: \"yes\"" },
		{ { "vmas", "1", "--sort", "X" }, "unknown column: \"X\"" },
		{ { "pagetable", "1", "--tree", "--sort", "SIZE" },
		  "--sort cannot be combined with --tree" },
		{ { "snapshot", "1", "--raw" }, "--help" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct output o = run_reader(NULL, cases[i].args);

		tap_ok(o.code == 1 && strstr(o.err, cases[i].err) && !*o.out,
		       "usage %zu: %d %s", i, o.code, o.err);
		output_free(&o);
	}
}

/* A tree is flat in JSON lines: each object has its depth. */
static void test_flat_tree(void)
{
	struct build b = { 0 };
	struct output o;
	size_t lines = 0;
	bool valid = true;
	char *at, *line;

	build_process(&b, 4);
	keep("process.snapshot", b.bytes, b.len);
	o = RUN("pagetable", "--tree", "--json=lines", "-o", "LEVEL", "-i",
		build_file(&b));
	for (at = o.out; (line = strsep(&at, "\n")) && *line; lines++)
		valid &= json_valid(line) && strstr(line, "{\"depth\": ") == line;
	tap_ok(o.code == 0 && lines > 3 && valid, "%zu rows of a tree", lines);
	output_free(&o);
	build_free(&b);
}

int main(void)
{
	test_nasty();
	test_one_column();
	test_sort();
	test_sort_addresses();
	test_usage();
	test_flat_tree();
	return tap_done();
}
