// SPDX-License-Identifier: GPL-2.0-only
/* Command lines that are refused, with their messages and exit codes; help. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "tap.h"

/**
 * struct usage - a command line
 * @args: arguments
 * @code: exit code; only with 0, something is printed to standard output
 * @err: part of the message
 */
struct usage {
	const char *args[6];
	int code;
	const char *err;
};

/* Commands, and options of all. */
static const struct usage general[] = {
	{ { NULL }, 1, "missing PID" },
	{ { "--help" }, 0, "" },
	{ { "-V" }, 0, "" },
	{ { "vmas", "--help" }, 0, "" },
	{ { "--help", "vmas" }, 0, "" },
	{ { "dance", "1" }, 1,
	  "unknown command: \"dance\", and no process has that name\n" },
	{ { "vmsa", "1" }, 1, "did you mean vmas?" },
	{ { "sharde", "1" }, 1, "did you mean shared?" },
	{ { "-n", "dance", "1" }, 1, "unknown command: \"dance\"" },
	{ { "t", "1" }, 1,
	  "ambiguous command: \"t\" (translate, tables, threads)\n" },
	{ { "vmas" }, 1, "missing PID or -i FILE" },
	{ { "-n", "vmas" }, 1, "'mmscope vmas --help'" },
	{ { "99999999999" }, 1, "invalid PID: \"99999999999\"" },
	{ { "1", "--color=red" }, 1, "auto, always or never" },
	{ { "1", "--width", "20" }, 1, "60 to 500" },
	{ { "1", "-n" }, 1, "--noheadings needs -o COLUMNS" },
	{ { "pagetable", "--help" }, 0, "" },
	{ { "" }, 1, "unknown command: \"\"" },
};

/* Operands and columns of vmas. */
static const struct usage vmas[] = {
	{ { "vmas", "0" }, 1, "invalid PID: \"0\"" },
	{ { "vmas", "-1" }, 1, "" },
	{ { "vmas", "1x" }, 1, "invalid PID: \"1x\"" },
	{ { "vmas", "1", "5-4" }, 1, "invalid range: \"5-4\"" },
	{ { "vmas", "1", "-A", "1" }, 1, "-A and -B need RANGE" },
	{ { "vmas", "1", "0x1", "-A", "x" }, 1, "invalid number of mappings: \"x\"" },
	{ { "vmas", "1", "0x1", "-B", "1k" }, 1, "invalid number" },
	{ { "vmas", "1", "9999999" }, 1, "write 0x9999999 for the address" },
	{ { "vmas", "1", "1", "9999999", "1" }, 1,
	  "unexpected argument: \"1\"" },
	{ { "vmas", "1", "1000", "2000" }, 1,
	  "unexpected argument: \"2000\"" },
	{ { "vmas", "1", "-o", "NOPE" }, 1, "unknown column: \"NOPE\"" },
	{ { "vmas", "1", "-o", "+NAME,X" }, 1, "unknown column: \"X\"" },
	{ { "vmas", "1", "-o", "NAME,,X" }, 1, "unknown column: \"\"" },
	{ { "vmas", "1", "-o", "" }, 1, "missing COLUMNS after --output" },
	{ { "vmas", "1", "--bogus" }, 1, "--help" },
	{ { "vmas", "1", "--tree" }, 1, "--help" },
	{ { "vmas", "1", "--residency", "--consistent" }, 1,
	  "cannot be combined" },
	{ { "vmas", "1", "-o", "RSS", "--consistent" }, 1,
	  "cannot be combined" },
};

/* Filters. */
static const struct usage pagetable[] = {
	{ { "pagetable", "1", "1", "9999998" }, 1, "write 0x9999998" },
	{ { "pagetable", "1", "--only", "x,y" }, 1,
	  "unknown name in --only: \"x\"" },
	{ { "pagetable", "1", "--only", "" }, 1,
	  "missing NAMES after --only" },
	{ { "pagetable", "1", "--only", "anon,file" }, 1,
	  "no entry can match all of these" },
	{ { "pagetable", "1", "--only", "dirty,no-dirty" }, 1,
	  "no entry can match all of these" },
	{ { "pagetable", "1", "--frame", "x" }, 1, "invalid --frame" },
	{ { "pagetable", "1", "--frame", "5-4" }, 1, "invalid --frame" },
	{ { "pagetable", "1", "--frame", "ffffffffffffffff" }, 1,
	  "invalid --frame" },
};

/* Several processes. */
static const struct usage processes[] = {
	{ { "mm", "1", "x y" }, 4, "no process is named \"x y\"" },
	{ { "vmas", "--cgroup", "/no/such" }, 4,
	  "no process is in the cgroup \"/no/such\"" },
	{ { "vmas", "-i", "x", "--cgroup", "/" }, 1, "cannot be combined" },
	{ { "vmas", "--cgroup", "" }, 1, "missing PATH after --cgroup" },
	{ { "shared", "--cgroup", "/", "1" }, 1, "cannot be combined" },
	{ { "shared", "--cgroup", "/", "--family", "1" }, 1,
	  "cannot be combined" },
	{ { "shared", "1" }, 1, "missing PID: two processes" },
	{ { "snapshot", "1", "--cgroup", "/" }, 1, "--help" },
	{ { "who" }, 1, "missing operand: FRAME" },
	{ { "who", "x" }, 1, "invalid frame: \"x\"" },
	{ { "who", "1", "2" }, 1, "unexpected argument: \"2\"" },
	{ { "who", "-i", "/nonexistent" }, 1, "--help" },
	{ { "who", "--help" }, 0, "" },
};

/* Other commands. */
static const struct usage other[] = {
	{ { "pagetable", "1", "-B", "1" }, 1, "-A and -B need RANGE" },
	{ { "mm", "1", "-A", "1" }, 1, "--help" },
	{ { "mm", "1", "0" }, 1, "invalid PID: \"0\"" },
	{ { "translate", "1" }, 1, "missing operand: ADDRESS" },
	{ { "translate", "1", "xyz" }, 1, "invalid address: \"xyz\"" },
	{ { "translate", "1", "0x11111111111111111" }, 1, "up to 16 hexadecimal digits" },
	{ { "mm", "-i", "/", "-i", "/" }, 1, "-i takes one file here" },
	{ { "translate", "1", "9999999" }, 1, "write 0x9999999 for the address" },
	{ { "translate", "1", "0x1000", "-n" }, 1,
	  "--noheadings needs -o COLUMNS" },
	{ { "tables", "--help" }, 0, "" },
	{ { "threads" }, 1, "missing PID or -i FILE" },
	{ { "threads", "--help" }, 0, "" },
	{ { "mm", "" }, 4, "no process is named \"\"" },
};

/* Files, and names that are escaped in messages. */
static const struct usage files[] = {
	{ { "snapshot", "1" }, 1, "missing -o FILE" },
	{ { "-i", "" }, 1, "missing FILE after --input" },
	{ { "--input=" }, 1, "missing FILE after --input" },
	{ { "snapshot", "1", "-o", "" }, 1,
	  "missing FILE after --output" },
	{ { "-i", "/nonexistent" }, 2, "/nonexistent: No such file" },
	{ { "-i", "/" }, 2, "is a directory" },
	{ { "mm", "\033[31m\n\xc2\x9b" }, 4,
	  "no process is named \"\\033[31m\\012\\302\\233\"\n" },
	{ { "-i", "/\033[31m" }, 2, "/\\033[31m: No such file" },
};

static const struct {
	const char *name;
	const struct usage *usage;
	size_t nr;
} tables[] = {
	{ "general", general, ARRAY_SIZE(general) },
	{ "vmas", vmas, ARRAY_SIZE(vmas) },
	{ "pagetable", pagetable, ARRAY_SIZE(pagetable) },
	{ "processes", processes, ARRAY_SIZE(processes) },
	{ "other", other, ARRAY_SIZE(other) },
	{ "files", files, ARRAY_SIZE(files) },
};

static void test_usage(void)
{
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		for (size_t i = 0; i < tables[t].nr; i++) {
			const struct usage *usage = &tables[t].usage[i];
			struct output o = run_reader(NULL, usage->args);

			tap_ok(o.code == usage->code && strstr(o.err, usage->err),
			       "%s %zu: %d %s", tables[t].name, i, o.code, o.err);
			tap_ok(o.code ? !*o.out : *o.out != 0, "%s %zu: output",
			       tables[t].name, i);
			output_free(&o);
		}
	}
}

static const char *const commands[] = {
	"picture", "mm", "vmas", "pagetable", "tables", "threads", "translate",
	"explain", "snapshot", "who", "shared", "ps", "kernel",
};

static void expect_narrow(struct output o, const char *name)
{
	char *at = o.out, *line;
	size_t widest = 0;

	while ((line = strsep(&at, "\n")))
		if (strlen(line) > widest)
			widest = strlen(line);
	tap_ok(widest && widest <= 80, "help of %s: %zu columns", name, widest);
	output_free(&o);
}

static void test_help(void)
{
	static const struct {
		const char *command, *says;
	} cases[] = {
		{ "picture", "--all                draw every mapping, to a" },
		{ "picture", "Columns of -o and --json (* with -o +):" },
		{ "translate", "Columns of -o and --json (* with -o +):" },
		{ "snapshot", "\nSave a process to a file, which -i FILE reads.\n" },
		{ "snapshot", " PID -o FILE\n" },
		{ "mm", "Columns (* by default):" },
		{ "vmas", "Columns (* by default, + with --residency):" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		expect_narrow(RUN(commands[i], "--help"), commands[i]);
	expect_narrow(RUN("--help"), "mmscope");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct output o = RUN(cases[i].command, "--help");

		tap_ok(o.code == 0 && strstr(o.out, cases[i].says),
		       "help of %s: %s", cases[i].command, cases[i].says);
		output_free(&o);
	}
}

/* Without the module, one line says what to do; see also test_load.c. */
static void test_no_module(void)
{
	static const char *const operands[][2] = { { "1" }, { "who", "1000" } };

	if (!access("/sys/module/mmscope", F_OK)) {
		tap_skip("no module: it is loaded");
		return;
	}
	setenv("MMSCOPE_MODPROBE", "", 1);
	for (size_t i = 0; i < ARRAY_SIZE(operands); i++) {
		struct output o = RUN(operands[i][0], operands[i][1]);

		tap_ok(o.code == 2 && strchr(o.err, ':') &&
		       !strchr(o.err, '\n')[1], "no module: %s", o.err);
		output_free(&o);
	}
}

int main(void)
{
	test_usage();
	test_help();
	test_no_module();
	return tap_done();
}
