// SPDX-License-Identifier: GPL-2.0-only
/* Output to a terminal, and to a pipe. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "lines.h"
#include "tap.h"

#define TERMINAL(columns, ...)						\
	run_on_terminal(columns, (const char *const[]){ __VA_ARGS__, NULL })

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

/* Remove colours, and the carriage returns of a terminal. */
static void remove_colors(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '\033')
			s += strcspn(s, "m");
		else if (*s != '\r')
			*to++ = *s;
	}
	*to = '\0';
}

/* Commands that print for people, each with a word that is coloured. */
static const struct {
	const char *args[4], *colored;
} colored[] = {
	{ { "picture" }, "\033[33m heap" },
	{ { "picture", "-o", "+" }, "\033[33mheap\033[m" },
	{ { "mm" }, "\033[1mFIELD\033[m" },
	{ { "vmas" }, "\033[31mstack\033[m" },
	{ { "vmas", "-o", "NAME,SEGMENT" }, "\033[90mvdso\033[m\n" },
	{ { "pagetable" }, "\033[1mKIND\033[m" },
	{ { "tables" }, "\033[1mUSED\033[m" },
	{ { "tables", "--vmas" }, "\033[32mtext\033[m" },
	{ { "threads" }, "\033[1mTID\033[m" },
	{ { "translate", "555500003010" }, "\033[1m555500003010\033[m\n" },
	{ { "explain", "heap" }, "\033[1mheap " },
};

static void test_colored(void)
{
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(colored); i++) {
		const char *const *args = colored[i].args;
		struct output o = RUN("--color", "-i", build_file(&b), args[0],
				      args[1] ? args[1] : "-b",
				      args[1] ? args[2] : NULL);
		struct output plain = RUN("-i", build_file(&b), args[0],
					  args[1] ? args[1] : "-b",
					  args[1] ? args[2] : NULL);

		tap_ok(o.code == 0 && strstr(o.out, colored[i].colored),
		       "%s %s is coloured", args[0], args[1] ? args[1] : "");
		remove_colors(o.out);
		tap_ok(*o.out && !strcmp(o.out, plain.out),
		       "%s %s: colours change nothing else", args[0],
		       args[1] ? args[1] : "");
		output_free(&o);
		output_free(&plain);
	}
	build_free(&b);
}

/* Formats for programs. */
static const char *const formats[] = {
	"--raw", "--pairs", "--csv", "--json", "--json=lines",
};

/* They have no colours, even if they are asked for. */
static void test_never_colored(void)
{
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct output o = RUN("vmas", "-i", build_file(&b), formats[i],
				      "--color=always");

		tap_ok(*o.out && !strchr(o.out, '\033'), "%s has no colours",
		       formats[i]);
		output_free(&o);
	}
	build_free(&b);
}

/* They are the same on a terminal and in a pipe. */
static void test_same(const char *command, const char *option)
{
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct output o = TERMINAL(40, command, "-i", build_file(&b),
					   formats[i], "--output-all", option);
		struct output piped = RUN(command, "-i", build_file(&b),
					  formats[i], "--output-all", option);

		remove_colors(o.out);
		tap_ok(*o.out && !strcmp(o.out, piped.out),
		       "%s %s on a terminal", command, formats[i]);
		output_free(&o);
		output_free(&piped);
	}
	build_free(&b);
}

/* A scheme in terminal-colors.d, and a file there that disables colours. */
static void test_scheme(void)
{
	char config[] = "/tmp/mmscope-XXXXXX", dir[64], file[2][128];
	const char *old = getenv("XDG_CONFIG_HOME");
	struct build b = { 0 };
	struct output o;
	FILE *scheme;

	if (!mkdtemp(config))
		tap_ok(false, "mkdtemp");
	snprintf(dir, sizeof(dir), "%s/terminal-colors.d", config);
	snprintf(file[0], sizeof(file[0]), "%s/mmscope.scheme", dir);
	snprintf(file[1], sizeof(file[1]), "%s/mmscope.disable", dir);
	scheme = mkdir(dir, 0700) ? NULL : fopen(file[0], "w");
	if (!scheme || fputs("heap lightcyan\n", scheme) < 0 || fclose(scheme))
		tap_ok(false, "write %s", file[0]);
	old = old ? strdup(old) : NULL;
	setenv("XDG_CONFIG_HOME", config, 1);
	setenv("TERM", "xterm", 1);
	build_process(&b, 4);
	o = TERMINAL(80, "vmas", "-i", build_file(&b));
	tap_ok(strstr(o.out, "\033[1;36mheap\033[m"), "the scheme is used");
	output_free(&o);
	close(creat(file[1], 0600));
	o = TERMINAL(80, "vmas", "-i", build_file(&b));
	tap_ok(*o.out && !strchr(o.out, '\033'), "colours are disabled");
	output_free(&o);
	o = TERMINAL(80, "vmas", "-i", build_file(&b), "--color");
	tap_ok(strstr(o.out, "\033[1;36mheap\033[m"),
	       "unless they are asked for");
	output_free(&o);
	unlink(file[0]);
	unlink(file[1]);
	rmdir(dir);
	tap_ok(!rmdir(config), "nothing is left");
	set("XDG_CONFIG_HOME", old);
	set("TERM", "dumb");
	free((char *)old);
	build_free(&b);
}

static void expect_width(struct output o, size_t least, size_t most,
			 const char *name)
{
	size_t widest = widest_line(o.out);

	tap_ok(o.code == 0 && widest >= least && widest <= most,
	       "%s: %zu columns", name, widest);
	output_free(&o);
}

/* Lines of a table are cut to the terminal, or to COLUMNS; never in a pipe. */
static void test_cut(void)
{
	struct build b = { 0 };
	const char *file;

	build_process(&b, 4);
	file = build_file(&b);
	expect_width(RUN("vmas", "-i", file), 71, 999, "piped");
	expect_width(TERMINAL(40, "vmas", "-i", file), 40, 40, "terminal of 40");
	expect_width(TERMINAL(40, "vmas", "-ui", file), 71, 999, "not truncated");
	expect_width(TERMINAL(60, "tables", "-i", file), 20, 60, "a histogram");
	expect_width(TERMINAL(60, "translate", "-i", file, "555500003010"), 20, 60,
		     "a translation");
	for (size_t i = 3; i < 40; i++)
		expect_width(TERMINAL((unsigned int)i, "vmas", "-i", file), 1, i,
			     "a narrow terminal");
	setenv("COLUMNS", "65", 1);
	expect_width(TERMINAL(132, "vmas", "-i", file), 65, 65, "COLUMNS=65");
	expect_width(RUN("vmas", "-i", file), 71, 999, "piped with COLUMNS");
	unsetenv("COLUMNS");
	expect_width(TERMINAL(100, "-i", file), 100, 100, "picture");
	build_free(&b);
}

/* Which part of a line is cut. */
static void test_cells(void)
{
	static const struct {
		unsigned int width;
		const char *columns, *line;
	} cases[] = {
		{ 30, "START,NAME", "\n555500000000 /usr/bin/thing\n" },
		{ 25, "START,NAME", "\n555500000000 ...bin/thing\n" },
		{ 25, "NAME,START", "\n...bin/thing 555500000000\n" },
		{ 20, "NAME,START", "\n...thing 55550000...\n" },
		{ 27, "NAME,INODE,START", "\n...thing    11 555500000000\n" },
		{ 20, "NAME,INODE,START", "\n...thing    11 55...\n" },
		{ 20, "SEGMENT,KIND", "\nstack       priva...\n" },
		{ 20, "SEGMENT,START,SIZE", "\nrodata      55550...\n" },
		{ 22, "START,SIZE,INODE", "\n555500000000   8K ...\n" },
		{ 21, "START,SIZE,INODE", "\n555500000000   8K ...\n" },
		{ 20, "START,SIZE,INODE", "\n555500000000   8K\n" },
	};
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct output o = TERMINAL(cases[i].width, "vmas", "-i",
					   build_file(&b), "-o",
					   cases[i].columns);

		remove_colors(o.out);
		tap_ok(strstr(o.out, cases[i].line), "%s in %u: %.60s",
		       cases[i].columns, cases[i].width, o.out);
		output_free(&o);
	}
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
	test_colored();
	test_never_colored();
	test_same("mm", NULL);
	test_same("tables", "--vmas");
	test_same("explain", NULL);
	test_scheme();
	test_cut();
	test_cells();
	test_fields();
	return tap_done();
}
