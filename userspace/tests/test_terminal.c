// SPDX-License-Identifier: GPL-2.0-only
/* Output to a terminal, and to a pipe. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "build.h"
#include "tap.h"

#define TERMINAL(columns, ...)						\
	run_on_terminal(columns, (const char *const[]){ __VA_ARGS__, NULL })

/* Columns of the longest line; the output is ASCII. */
static size_t widest_line(const char *s)
{
	size_t widest = 0, len;

	for (; *s; s += len, s += strspn(s, "\r\n")) {
		len = strcspn(s, "\r\n");
		if (len > widest)
			widest = len;
	}
	return widest;
}

static const char *or_unset(const char *value)
{
	return value ? value : "(unset)";
}

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void test_colors(void)
{
	static const struct {
		const char *term, *no_color, *option;
		bool colored;
	} cases[] = {
		{ "xterm", NULL, NULL, true },
		{ "xterm", "", NULL, true },
		{ "xterm", "1", NULL, false },
		{ "dumb", NULL, NULL, false },
		{ NULL, NULL, NULL, false },
		{ "xterm", NULL, "--color=never", false },
		{ "dumb", "1", "--color", true },
		{ "dumb", "1", "--color=always", true },
		{ "dumb", NULL, "--color=auto", false },
	};
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool want = cases[i].colored;
		struct output o;

		set("TERM", cases[i].term);
		set("NO_COLOR", cases[i].no_color);
		o = TERMINAL(80, "-i", build_file(&b), cases[i].option);
		tap_ok(o.code == 0 &&
		       !!strstr(o.out, "\033[") == want,
		       "TERM=%s NO_COLOR=%s, option %s: coloured %d",
		       or_unset(cases[i].term), or_unset(cases[i].no_color),
		       or_unset(cases[i].option), want);
		output_free(&o);
	}
	unsetenv("NO_COLOR");
	set("TERM", "dumb");
	build_free(&b);
}

/* Lines of a table are cut to the terminal, or to COLUMNS; never in a pipe. */
static void test_cut(void)
{
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	o = RUN("vmas", "-i", build_file(&b));
	tap_ok(widest_line(o.out) > 70, "piped: %zu columns",
	       widest_line(o.out));
	output_free(&o);
	o = TERMINAL(40, "vmas", "-i", build_file(&b));
	tap_ok(widest_line(o.out) == 40 && strstr(o.out, "RANGE"),
	       "terminal of 40: %zu columns", widest_line(o.out));
	output_free(&o);
	setenv("COLUMNS", "65", 1);
	o = TERMINAL(132, "vmas", "-i", build_file(&b));
	tap_ok(widest_line(o.out) == 65, "COLUMNS=65: %zu columns",
	       widest_line(o.out));
	output_free(&o);
	o = RUN("vmas", "-i", build_file(&b));
	tap_ok(widest_line(o.out) > 70, "piped with COLUMNS: %zu columns",
	       widest_line(o.out));
	output_free(&o);
	unsetenv("COLUMNS");
	o = TERMINAL(100, "-i", build_file(&b));
	tap_ok(widest_line(o.out) == 100, "picture: %zu columns",
	       widest_line(o.out));
	output_free(&o);
	build_free(&b);
}

/* Number of fields, as awk(1) counts them. */
static size_t count_fields(const char *line)
{
	size_t fields = 0;

	for (; *line; line += strcspn(line, " ")) {
		line += strspn(line, " ");
		fields += *line != '\0';
	}
	return fields;
}

/* In a pipe, each cell is one field, even if it is empty or has blanks. */
static void test_fields(void)
{
	static const struct {
		const char *command, *columns;
		size_t nr;
	} cases[] = {
		{ "vmas", "NAME,SIZE,FLAGS,POLICY,POLICY_NODES,SEGMENT", 6 },
		{ "vmas", "FLAG_NAMES,NAME,INODE", 3 },
		{ "mm", "GROUP,UNIT,SIZE,FLAG_NAMES,MEANING,FIELD", 6 },
		{ "pagetable", "RAW,MAPPED,NODE,PAGE,PAGE_NAMES,ATTR_NAMES,KIND",
		  7 },
		{ "tables", "LEVEL,USED,AVERAGE,FILL,BYTES", 5 },
		{ "picture", "NAME,KIND,PERMS,RSS,SWAP,RANGE", 6 },
	};
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct output o = RUN(cases[i].command, "-i", build_file(&b),
				      "-o", cases[i].columns);
		char *at = o.out, *line;
		size_t wrong = 0, lines = 0;

		for (; (line = strsep(&at, "\n")) && *line; lines++)
			wrong += count_fields(line) != cases[i].nr;
		tap_ok(lines > 1 && !wrong, "%s: %zu of %zu lines do not have %zu fields",
		       cases[i].command, wrong, lines, cases[i].nr);
		output_free(&o);
	}
	build_free(&b);
}

int main(void)
{
	setenv("MMSCOPE_PAGER", "", 1);
	setenv("LC_ALL", "C", 1);
	test_colors();
	test_cut();
	test_fields();
	return tap_done();
}
