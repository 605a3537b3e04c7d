// SPDX-License-Identifier: GPL-2.0-only
/* Whole commands: output, messages and exit codes. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "tap.h"

#define ALL_PARTS	(MMSCOPE_PART_MM | MMSCOPE_PART_VMAS | \
			 MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_TABLES | \
			 MMSCOPE_PART_THREADS)

static const char *const commands[] = {
	"picture", "mm", "vmas", "pagetable", "tables", "threads", "translate",
	"explain", "snapshot",
};

/* The first ones always print a table with --json and no operand. */
#define NR_TABLES	6

static struct output run_on(const char *command, const char *file)
{
	if (!strcmp(command, "translate"))
		return RUN("translate", "-i", file, "555500002000");
	if (!strcmp(command, "snapshot"))
		return RUN("snapshot", "-i", file, "-o", "-");
	return RUN(command, "-i", file);
}

/* All commands print the same message for a stream, and exit alike. */
static void expect_all(const char *name, const struct build *b, int code,
		       const char *sentence)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		struct output o = run_on(commands[i], build_file(b));
		bool said = *sentence ? !!strstr(o.err, sentence) :
					!*o.err;

		tap_ok(o.code == code && said, "%s of %s: %d %s", commands[i],
		       name, o.code, o.err);
		if (code == 2 && strcmp(commands[i], "snapshot"))
			tap_ok(!*o.out, "%s of %s: prints nothing",
			       commands[i], name);
		output_free(&o);
	}
}

static void test_damage(void)
{
	struct build b = { 0 };
	uint32_t abi = MMSCOPE_ABI + 1, order = 0x04030201, size = 12;
	uint32_t more = 0x10000;
	size_t at = sizeof(struct mmscope_header);
	char want[64];

	build_process(&b, 4);
	expect_all("a whole stream", &b, 0, "");
	b.len -= 8;
	expect_all("a cut stream", &b, 3, "is cut off: it has no END record");
	b.len = 0;
	expect_all("nothing", &b, 2, "is cut off: it has no END record");
	build_bytes(&b, "#!/bin/sh\n", 10);
	expect_all("a script", &b, 2, "is not an mmscope file");
	build_free(&b);
	build_process(&b, 4);
	memcpy(b.bytes + 12, &abi, 4);
	expect_all("a newer ABI", &b, 2,
		   "has ABI version 4, this mmscope reads 3: update mmscope");
	memcpy(b.bytes + 8, &order, 4);
	expect_all("other byte order", &b, 2, "of the other byte order");
	build_free(&b);
	build_process(&b, 4);
	memcpy(b.bytes + at + 4, &size, 4);
	snprintf(want, sizeof(want), "is corrupt at byte %zu: ", at);
	expect_all("a broken record", &b, 2, want);
	memcpy(b.bytes + at + 4, &more, 4);
	expect_all("a record that is too long", &b, 2, "is cut off");
	build_free(&b);
}

static void test_ends(void)
{
	struct build b = { 0 };
	size_t len;

	build_process(&b, 4);
	len = b.len - sizeof(struct mmscope_end);
	b.len = len;
	build_end(&b, ESRCH, 0);
	expect_all("a process that died", &b, 3, "exited during the read");
	b.len = len;
	build_end(&b, EINTR, 0);
	expect_all("a failed read", &b, 3, "read failed (Interrupted system call)");
	b.len = len;
	build_end(&b, 0, MMSCOPE_END_CHANGED);
	expect_all("a changed process", &b, 0, "changed during the read");
	build_free(&b);
	build_header(&b, 4, ALL_PARTS, 0);
	build_task(&b, 2, "kthr\033dd", MMSCOPE_TASK_KTHREAD);
	build_end(&b, 0, 0);
	expect_all("a kernel thread", &b, 2,
		   "PID 2 (kthr\\033dd) is a kernel thread: it has no user address space");
	build_free(&b);
}

static void test_parts(void)
{
	struct build b = { 0 };
	struct output o;

	build_header(&b, 4, MMSCOPE_PART_MM, 0);
	build_task(&b, 1, "init", 0);
	build_end(&b, 0, 0);
	o = RUN("vmas", "-i", build_file(&b));
	tap_ok(o.code == 2 && strstr(o.err, "recorded without mappings"),
	       "parts that are not there");
	output_free(&o);
	build_free(&b);
}

static void test_flags(void)
{
	struct build b = { 0 };
	struct output o;

	build_header(&b, 4, ALL_PARTS, 0);
	build_task(&b, 1, "init", 0);
	build_end(&b, 0, 0);
	o = RUN("vmas", "-o", "+PSS", "-i", build_file(&b));
	tap_ok(o.code == 2 && strstr(o.err, "recorded without residency"),
	       "residency that is not there");
	output_free(&o);
	o = RUN("pagetable", "--only", "anon", "-i", build_file(&b));
	tap_ok(o.code == 2 && strstr(o.err, "without page facts"),
	       "a filter by facts that are not there");
	output_free(&o);
	o = RUN("pagetable", "-o", "PAGE", "-i", build_file(&b));
	tap_ok(o.code == 2 && strstr(o.err, "without page facts"),
	       "a column of facts that are not there");
	output_free(&o);
	o = RUN("vmas", "--consistent", "-i", build_file(&b));
	tap_ok(o.code == 2, "mappings of one moment that are not there");
	output_free(&o);
	build_free(&b);

	build_header(&b, 4, ALL_PARTS, MMSCOPE_QUERY_CONSISTENT);
	build_task(&b, 1, "init", 0);
	build_end(&b, 0, 0);
	o = RUN("vmas", "--consistent", "-i", build_file(&b));
	tap_ok(o.code == 3 && strstr(o.err, "one moment"),
	       "asked for, but not of one moment");
	output_free(&o);
	build_free(&b);

	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS,
		     MMSCOPE_QUERY_CONSISTENT);
	build_task(&b, 1, "init", 0);
	build_end(&b, 0, MMSCOPE_END_CONSISTENT | MMSCOPE_END_CHANGED);
	o = RUN("vmas", "--consistent", "-i", build_file(&b));
	tap_ok(o.code == 0 && !*o.err, "what changed before and after");
	output_free(&o);
	build_free(&b);
}

static void test_usage(void)
{
	static const struct {
		const char *args[6];
		int code;
		const char *err;
	} cases[] = {
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
		{ { "vmas" }, 1, "missing PID or -i FILE" },
		{ { "-n", "vmas" }, 1, "'mmscope vmas --help'" },
		{ { "vmas", "0" }, 1, "\"0\" is not a valid PID" },
		{ { "vmas", "-1" }, 1, "" },
		{ { "vmas", "1x" }, 1, "\"1x\" is not a valid PID" },
		{ { "99999999999" }, 1, "is not a valid PID" },
		{ { "vmas", "1", "zzz" }, 1, "invalid range: \"zzz\"" },
		{ { "vmas", "1", "9999999" }, 1, "write 0x9999999 for the address" },
		{ { "pagetable", "1", "1", "9999998" }, 1, "write 0x9999998" },
		{ { "vmas", "1", "1", "9999999", "1" }, 1,
		  "unexpected argument \"1\"" },
		{ { "mm", "1", "x y" }, 4, "no process is named \"x y\"" },
		{ { "mm", "1", "0" }, 1, "\"0\" is not a valid PID" },
		{ { "vmas", "--cgroup", "/no/such" }, 4,
		  "no process is in the cgroup \"/no/such\"" },
		{ { "vmas", "-i", "x", "--cgroup", "/" }, 1, "cannot be combined" },
		{ { "vmas", "--cgroup", "" }, 1, "missing PATH after --cgroup" },
		{ { "shared", "--cgroup", "/", "1" }, 1, "cannot be combined" },
		{ { "shared", "--cgroup", "/", "--family", "1" }, 1,
		  "cannot be combined" },
		{ { "shared", "1" }, 1, "missing PID: two processes" },
		{ { "snapshot", "1", "--cgroup", "/" }, 1, "--help" },
		{ { "vmas", "1", "1000", "2000" }, 1,
		  "unexpected argument \"2000\"" },
		{ { "vmas", "1", "-o", "NOPE" }, 1, "unknown column: \"NOPE\"" },
		{ { "vmas", "1", "-o", "+NAME,X" }, 1, "unknown column: \"X\"" },
		{ { "vmas", "1", "-o", "NAME,,X" }, 1, "unknown column: \"\"" },
		{ { "vmas", "1", "-o", "" }, 1, "missing COLUMNS after --output" },
		{ { "vmas", "1", "--bogus" }, 1, "--help" },
		{ { "translate", "1" }, 1, "missing operand: ADDRESS" },
		{ { "translate", "1", "xyz" }, 1, "invalid address: \"xyz\"" },
		{ { "snapshot", "1" }, 1, "missing -o FILE" },
		{ { "1", "--color=red" }, 1, "auto, always or never" },
		{ { "1", "--width", "20" }, 1, "60 to 500" },
		{ { "1", "-n" }, 1, "--noheadings needs -o COLUMNS" },
		{ { "translate", "1", "1000", "-n" }, 1,
		  "--noheadings needs -o COLUMNS" },
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
		{ { "pagetable", "--help" }, 0, "" },
		{ { "vmas", "1", "--tree" }, 1, "--help" },
		{ { "vmas", "1", "--residency", "--consistent" }, 1,
		  "cannot be combined" },
		{ { "vmas", "1", "-o", "RSS", "--consistent" }, 1,
		  "cannot be combined" },
		{ { "tables", "--help" }, 0, "" },
		{ { "threads" }, 1, "missing PID or -i FILE" },
		{ { "threads", "--help" }, 0, "" },
		{ { "who" }, 1, "missing operand: FRAME" },
		{ { "who", "x" }, 1, "invalid frame: \"x\"" },
		{ { "who", "1", "2" }, 1, "unexpected argument \"2\"" },
		{ { "who", "-i", "/nonexistent" }, 1, "--help" },
		{ { "who", "--help" }, 0, "" },
		{ { "" }, 1, "unknown command: \"\"" },
		{ { "mm", "" }, 4, "no process is named \"\"" },
		{ { "-i", "" }, 1, "missing FILE after --input" },
		{ { "--input=" }, 1, "missing FILE after --input" },
		{ { "snapshot", "1", "-o", "" }, 1,
		  "missing FILE after --output" },
		{ { "-i", "/nonexistent" }, 2, "/nonexistent: No such file" },
		{ { "-i", "/" }, 2, "is a directory" },
		/* a name of the user's choice is escaped in messages, too */
		{ { "mm", "\033[31m\n\xc2\x9b" }, 4,
		  "no process is named \"\\033[31m\\012\\302\\233\"\n" },
		{ { "-i", "/\033[31m" }, 2, "/\\033[31m: No such file" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct output o = run_reader(NULL, cases[i].args);

		tap_ok(o.code == cases[i].code && strstr(o.err, cases[i].err),
		       "usage %zu: %d %s", i, o.code, o.err);
		tap_ok(o.code ? !*o.out : *o.out != 0, "usage %zu: output", i);
		output_free(&o);
	}
}

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
		{ "snapshot", "save all but page facts to a file" },
		{ "mm", "Columns (* by default):" },
		{ "vmas", "Columns (* by default, + with --residency):" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		expect_narrow(RUN(commands[i], "--help"), commands[i]);
	expect_narrow(RUN("who", "--help"), "who");
	expect_narrow(RUN("shared", "--help"), "shared");
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

static void expected_vma(const struct vma *vma, char *line, size_t size)
{
	snprintf(line, size, "%" PRIx64 " %" PRIx64 " %s %" PRIx64 " %s %" PRIu64 " ",
		 vma->start, vma->end, vma->perms,
		 (uint64_t)(vma->ino ? vma->pgoff * PAGE : 0), vma->ino ? "08:01" : "00:00",
		 vma->ino);
}

/* Replace runs of blanks by one blank. */
static void squeeze(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (*s != ' ' || (to[-1] != ' ' && to[-1] != '\n'))
			*to++ = *s;
	*to = '\0';
}

static void test_vmas(void)
{
	struct build b = { 0 };
	char want[256], *at, *line;
	struct output o;

	build_process(&b, 4);
	o = RUN("vmas", "-i", build_file(&b), "-n", "-o",
		"start,END,PERMS,OFFSET,DEV,INODE,NAME");
	at = o.out;
	squeeze(o.out + 1);
	for (size_t i = 0; i < process_nr_vmas; i++) {
		const char *name = process_vmas[i].name;

		expected_vma(&process_vmas[i], want, sizeof(want));
		line = strsep(&at, "\n");
		if (!line)
			line = (char []){ "" };
		tap_ok(!strncmp(line, want, strlen(want)), "vmas: %s", line);
		line += strlen(line) < strlen(want) ? 0 : strlen(want);
		if (name && strchr(name, '\033'))
			name = "[anon:pool \\033[31m]";
		tap_ok(!strcmp(line, name ? name : "-"), "vmas: name %s", line);
	}
	tap_ok(at && !*at, "vmas: no line more");
	output_free(&o);
	build_free(&b);
}

static size_t count_lines(const char *s)
{
	size_t lines = 0;

	for (; *s; s++)
		lines += *s == '\n';
	return lines;
}

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

static void test_pagetable(void)
{
	static const char *const kinds[] = {
		"present", "present", "swap", "zero", "present", "guard",
		"migration", "protnone", "numa-hint", "dev-private",
		"hwpoison", "marker-uffd-wp", "?", "present", "present", "present",
	};
	struct build b = { 0 };
	struct output o;
	char want[128], *at;

	build_process(&b, 4);
	o = RUN("pagetable", "-i", build_file(&b), "-n", "-b", "-o",
		"START,KIND,ENTRIES,SIZE,LEVEL,RAW");
	at = o.out;
	squeeze(o.out + 1);
	for (size_t i = 0; i < process_nr_runs; i++) {
		const struct run *run = &process_runs[i];
		bool pmd = run->level == MMSCOPE_PMD;
		char *line = strsep(&at, "\n");

		snprintf(want, sizeof(want),
			 "%" PRIx64 " %s %" PRIu64 " %llu %s %" PRIx64,
			 (uint64_t)run->start, kinds[i], run->nr,
			 (unsigned long long)(run->nr * (pmd ? 2 << 20 : PAGE)),
			 pmd ? "PMD" : "PTE", (uint64_t)run->raw);
		tap_ok(line && !strcmp(line, want), "pagetable: %s", want);
	}
	output_free(&o);
	build_free(&b);
}

/* A command line and what its output must contain, blanks squeezed. */
struct saying {
	const char *args[8];
	size_t lines;
	const char *says[4];
};

static void expect_saying(const struct build *b, const struct saying *want)
{
	const char *args[11] = { want->args[0], "-i", build_file(b) };
	struct output o;

	for (size_t i = 1; i < ARRAY_SIZE(want->args); i++)
		args[i + 2] = want->args[i];
	o = run_reader(NULL, args);
	squeeze(o.out + !!*o.out);
	tap_ok(o.code == 0 && count_lines(o.out) == want->lines,
	       "%s %s: %zu lines", want->args[0], want->args[1],
	       count_lines(o.out));
	for (size_t i = 0; i < ARRAY_SIZE(want->says) && want->says[i]; i++)
		tap_ok(strstr(o.out, want->says[i]), "%s %s: %s", want->args[0],
		       want->args[1], want->says[i]);
	output_free(&o);
}

/* Worked out by hand from process.c. */
static const struct saying sayings[] = {
	/* 4 + 3 + 5 + 2 + 2 + 1 * 8 + 1 + 1 + 2 entries */
	{ { "pagetable", "--each", "-n", "-o", "RANGE,FRAME,RAW" }, 28,
	  { "555500005000-555500006000 1003 1003025\n",
	    "555510004000-555510005000 1:1912 8bc\n",
	    "555510009000-55551000a000 42 42025\n",
	    "7f0010200000-7f0010400000 40200 402000e7\n" } },
	{ { "pagetable", "--each", "555500003000+8k", "-n" }, 2,
	  { "555500003000-", "555500004000-" } },
	/* One entry of a run, and the huge entry that contains an address. */
	{ { "pagetable", "555500004000", "-n", "-o", "RANGE,ENTRIES,FRAME" }, 1,
	  { "555500004000-555500005000 1 1002\n" } },
	{ { "pagetable", "7f0010234000", "-n", "-o", "RANGE,ENTRIES,FRAME" }, 1,
	  { "7f0010200000-7f0010400000 1 40200\n" } },
	/* The name of a segment */
	{ { "pagetable", "heap", "-n", "-o", "RANGE,KIND" }, 3,
	  { "555510000000-555510003000 present\n",
	    "555510008000-55551000a000 zero\n" } },
	{ { "vmas", "stack", "-n", "-o", "START,SEGMENT" }, 1,
	  { "7ffe00000000 stack\n" } },
	{ { "pagetable", "--only", "swap,zero", "-n" }, 2,
	  { "swap 5 20K 1:1911 ------ abc\n" } },
	{ { "pagetable", "--only", "huge", "-n" }, 1, { "PMD present 2 4M" } },
	{ { "pagetable", "--only", "anon,write", "-n" }, 3,
	  { "7ffe0001c000-7ffe0001d000 PTE present 1 4K 3100" } },
	{ { "pagetable", "--only", "shared", "-n" }, 1, { "r-xua-" } },
	{ { "pagetable", "--only", "special", "-n" }, 1, { "fee00" } },
	{ { "pagetable", "--frame", "1001-1003", "-n" }, 1,
	  { "555500003000-555500005000 PTE present 2 8K 1001 r-xua- 1001025" } },
	{ { "pagetable", "--frame", "40321", "-n" }, 1,
	  { "7f0010200000-7f0010400000 PMD present 1 2M 40200" } },
	{ { "pagetable", "--facts", "-n", "-o", "START,MAPPED,NODE,PAGE" },
	  16, { "555500002000 shared 1 uptodate,lru\n",
		"555510000000 exclusive 0 uptodate,lru,anon,swapbacked\n",
		"7f0010000000 exclusive 0 hugetlb\n" } },
	/* above the 16 runs: 3 entries of the PGD, 3 of PUDs, 5 of PMDs */
	{ { "pagetable", "--tree", "-n", "-o", "RANGE,LEVEL,INDEX,KIND,RAW" },
	  16 + 11,
	  { "550000000000-558000000000 PGD 170 table",
	    "\n555500000000-555540000000 PUD 340 table",
	    "\n555500000000-555500200000 PMD 0 table",
	    "7f0010000000-7f0010400000 PMD 128 present 400000e7\n" } },
	{ { "vmas", "--residency", "-n", "-o",
	    "START,RSS,PSS,ANON,FILE,HUGETLB,SWAP,ZERO,NEVER" },
	  31, { "555500002000 16K 4.9K 0 16K 0 0 0 0\n",
		"555510000000 12K 12K 12K 0 0 20K 8K 92K\n",
		"7f0010000000 4M 0 0 0 4M 0 0 0\n" } },
	/* 4 + 3 + 1024 + 2 + 3 pages; the sum of all sizes is that of maps */
	{ { "vmas", "-b", "-o", "SEGMENT,RSS,PTE,PMD,SPECIAL,OTHER,EXCLUSIVE" },
	  33, { "total 4243456 49152 4194304 4096 20480 4227072\n" } },
	{ { "vmas", "-b", "-o", "SEGMENT,PSS,NEVER" }, 33,
	  { "rodata 0 8192\n", "total 37768 " } },
	{ { "vmas", "-b", "-o", "RSS,SEGMENT", "555510000000" }, 3,
	  { "12288 heap\n12288 total\n" } },
	/* If all columns are sums, there is no row of totals. */
	{ { "vmas", "-b", "-o", "SIZE,RSS", "555510000000" }, 2,
	  { "SIZE RSS\n135168 12288\n" } },
	{ { "vmas", "-n", "-o", "START,SEGMENT,GUESS,NAME" }, 31,
	  { "7f0000000000 arena guess -\n", "7f0000021000 reserve guess -\n",
	    "555510000000 heap - [heap]\n" } },
	/* Files of a snapshot are those of another machine. */
	{ { "vmas", "-n", "--sections", "-o", "+GUESS" }, 31,
	  { "555500002000-555500006000 16K r-xp text - /usr/bin/thing -\n" } },
	{ { "vmas", "--json", "--sections" }, 37,
	  { "\"segment\": \"bss\", \"guess\": true, \"sections\": null" } },
	{ { "translate", "--sections", "555500003010" }, 7,
	  { "\nsections unknown: the file was not read\n" } },
	{ { "tables", "-o", "TABLES" }, 6, { "TABLES\n2\n1\n1\n1\n3\n" } },
	{ { "tables", "-n", "-b" }, 5,
	  { "PTE 2 8192 14 7.0\n", "PGD 1 4096 1 1.0\n",
	    "deposited 3 12288" } },
	{ { "tables", "-b" }, 6 + 1 + 7 + 2,
	  { "total 8 32768", "PTE . . . 1 1 . .",
	    "tables is 28672: it agrees." } },
	{ { "tables", "-o", "LEVEL,FILL", "-n" }, 5,
	  { "PTE 4-7:1,8-15:1\n", "PMD 2-3:1\n" } },
	{ { "tables", "--vmas", "-n" }, 5,
	  { "555500002000-555500006000 PTE 1 4K 4 text /usr/bin/thing\n",
	    "555510000000-555510021000 PTE 1 4K 10 heap [heap]\n" } },
	{ { "translate", "555500003010" }, 6,
	  { "the page: uptodate lru; mapped more than once, on node 1\n" } },
};

static void test_sayings(void)
{
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(sayings); i++)
		expect_saying(&b, &sayings[i]);
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

/* A run that spans several tables is cut at each of them. */
static void test_tree(void)
{
	static const char want[] =
		"7f0000000000-7f8000000000       PGD\n"
		"  7f0000000000-7f0040000000     PUD\n"
		"    7f003fe00000-7f0040000000   PMD\n"
		"      7f003ffff000-7f0040000000 PTE\n"
		"  7f0040000000-7f0080000000     PUD\n"
		"    7f0040000000-7f0040200000   PMD\n"
		"      7f0040000000-7f0040200000 PTE\n"
		"    7f0040200000-7f0040400000   PMD\n"
		"      7f0040200000-7f0040201000 PTE\n";
	const struct run run = {
		.start = 0x7f003ffff000, .nr = 1 + 512 + 1, .frame = 0x1000,
		.level = MMSCOPE_PTE, .kind = MMSCOPE_PRESENT, .raw_shift = 12,
	};
	struct build b = { 0 };
	size_t letters = 0;
	const char *at;
	struct output o;

	build_header(&b, 4, MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 1, "tree", 0);
	build_runs(&b, &run, 1);
	build_end(&b, 0, 0);
	o = RUN("pagetable", "--tree", "-n", "-o", "RANGE,LEVEL", "-i",
		build_file(&b));
	tap_ok(!strcmp(o.out, want), "a run through three tables");
	output_free(&o);
	/* The first column is indented, whichever it is. */
	o = RUN("pagetable", "--tree", "-n", "-o", "INDEX,LEVEL", "-i",
		build_file(&b));
	tap_ok(!strncmp(o.out, "254       PGD\n  0       PUD\n    511   PMD\n      511 PTE\n", 50),
	       "a tree without ranges: %.50s", o.out);
	output_free(&o);
	o = RUN("pagetable", "--tree", "--json", "-o", "LEVEL", "-i",
		build_file(&b));
	tap_ok(strstr(o.out, "{\"level\": \"PGD\", \"children\": ["),
	       "a tree of JSON without ranges");
	output_free(&o);
	/* Tables are not recorded: only the entries of the run have attributes. */
	o = RUN("pagetable", "--tree", "-n", "-o", "RANGE,ATTRS", "-i",
		build_file(&b));
	for (at = o.out; (at = strstr(at, "------")); at += 6)
		letters++;
	tap_ok(letters == 3, "%zu entries have attributes", letters);
	output_free(&o);
	build_free(&b);
}

/* Rows of a tree are printed as they come, and not kept. */
static void test_tree_memory(void)
{
	static const uint64_t nr[] = { 2000, 200000 };
	long kib[ARRAY_SIZE(nr)] = { 0 };

	/* Freed memory would count as well. */
	setenv("ASAN_OPTIONS",
	       "quarantine_size_mb=0:thread_local_quarantine_size_kb=0", 1);
	for (size_t i = 0; i < ARRAY_SIZE(nr); i++) {
		const struct run run = {
			.start = 0x7f0000000000, .nr = nr[i], .frame = 0x1000,
			.level = MMSCOPE_PTE, .kind = MMSCOPE_PRESENT,
			.raw_shift = 12,
		};
		struct build b = { 0 };
		struct output o;

		build_header(&b, 4, MMSCOPE_PART_PAGETABLE, 0);
		build_task(&b, 1, "tree", 0);
		build_runs(&b, &run, 1);
		build_end(&b, 0, 0);
		o = RUN("pagetable", "--tree", "--each", "-n", "-o", "LEVEL",
			"-i", build_file(&b));
		tap_ok(o.code == 0 && count_lines(o.out) > nr[i],
		       "a tree of %zu rows", count_lines(o.out));
		kib[i] = o.max_kib;
		output_free(&o);
		build_free(&b);
	}
	unsetenv("ASAN_OPTIONS");
	tap_ok(kib[1] < kib[0] + 8192, "memory: %ld and %ld KiB", kib[0],
	       kib[1]);
}

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

/* A process that exits before the sum: the size of a table is not known. */
static void test_tables_without_sum(void)
{
	const struct mmscope_tables tables = {
		.start = process_vmas[1].start, .end = process_vmas[1].end,
		.pages = { 0, 3 }, .used = { 0, 4 },
	};
	struct build b = { 0 };
	struct output o;

	build_header(&b, 4, ALL_PARTS, 0);
	build_task(&b, 1, "x", 0);
	build_vma(&b, &process_vmas[1]);
	build_tables(&b, &tables);
	build_end(&b, ESRCH, 0);
	o = RUN("tables", "--vmas", "-i", build_file(&b), "-o",
		"LEVEL,TABLES,BYTES,USED");
	squeeze(o.out + !!*o.out);
	tap_ok(o.code == 3 && strstr(o.out, "PTE 3 - 4\ntotal 3 - -\n"),
	       "tables without their size: %d %s", o.code, o.out);
	output_free(&o);
	o = RUN("tables", "--vmas", "--json", "-i", build_file(&b), "-o",
		"LEVEL,TABLES,BYTES,USED");
	tap_ok(o.code == 3 && strstr(o.out, "\"tables\": 3, \"bytes\": null"),
	       "in JSON: %s", o.out);
	output_free(&o);
	build_free(&b);
}

/* Options before and after the command and the operands. */
static void test_order(void)
{
	static const char *const orders[][7] = {
		{ "vmas", "-n", "-i", NULL, "-o", "START", "7f0010000000" },
		{ "-n", "vmas", "-i", NULL, "-o", "START", "7f0010000000" },
		{ "-i", NULL, "-n", "-o", "START", "vmas", "7f0010000000" },
		{ "-o", "START", "-i", NULL, "vmas", "7f0010000000", "-n" },
		{ "--output=START", "vmas", "7f0010000000", "-ni", NULL, "-b",
		  "-b" },
	};
	struct build b = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		const char *args[8] = { NULL }, *file = build_file(&b);
		struct output o;

		for (size_t n = 0; n < ARRAY_SIZE(orders[i]); n++)
			args[n] = orders[i][n] ? orders[i][n] : file;
		o = run_reader(NULL, args);
		tap_ok(o.code == 0 && !strcmp(o.out, "7f0010000000\n"),
		       "order %zu: %d %s%s", i, o.code, o.out, o.err);
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

/* More rows than are kept to find the widths: the columns stay aligned. */
static void test_long_table(void)
{
	struct build b = { 0 };
	struct output o;
	size_t widths = 0, nr = 5000;
	char *at, *line;

	build_header(&b, 4, MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 1, "long", 0);
	for (size_t i = 0; i < nr; i++) {
		struct run run = {
			.start = 0x7f0000000000 + 2 * i * PAGE,
			.frame = i < 100 ? 0x1234567 : i, .raw = i, .nr = 1,
			.level = MMSCOPE_PTE, .kind = MMSCOPE_PRESENT,
		};

		build_runs(&b, &run, 1);
	}
	build_end(&b, 0, 0);
	o = RUN("pagetable", "-i", build_file(&b), "-o", "RANGE,FRAME,KIND");
	tap_ok(count_lines(o.out) == nr + 1, "%zu lines", nr + 1);
	for (at = o.out; (line = strsep(&at, "\n")) && *line;)
		widths += strlen(line) != strlen("7f0000000000-7f0000001000 1234567 present") &&
			  line != o.out;
	tap_ok(!widths, "columns stay in line (%zu do not)", widths);
	output_free(&o);
	o = RUN("pagetable", "-i", build_file(&b), "--json");
	tap_ok(json_valid(o.out), "long JSON");
	for (widths = 0, at = o.out; (at = strstr(at, "\"range\"")); at++)
		widths++;
	tap_ok(widths == nr, "%zu rows of JSON", widths);
	output_free(&o);
	build_free(&b);
}

/* Number of lines after one that differ in length from the line before. */
static size_t out_of_line(const struct build *b, const char *columns,
			  size_t from)
{
	struct output o = RUN("pagetable", "-i", build_file(b), "-n", "-o",
			      columns);
	size_t wrong = 0, lines = 0, len = 0;
	char *at = o.out, *line;

	for (; (line = strsep(&at, "\n")) && *line; lines++) {
		wrong += lines > from && strlen(line) != len;
		len = strlen(line);
	}
	output_free(&o);
	return lines ? wrong : 1;
}

/* Wide cells come late: room for addresses is reserved, other columns grow. */
static void test_widths(void)
{
	struct build b = { 0 };
	size_t nr = 3000;

	build_header(&b, 4, MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 1, "wide", 0);
	for (size_t i = 0; i < 2 * nr; i++) {
		struct run run = {
			.start = (i < nr ? 0x400000 : 0x7f0000000000) +
				 2 * i * PAGE,
			.frame = i == nr ? 0x123456789 : 0x1000, .nr = 1,
			.level = MMSCOPE_PTE, .kind = MMSCOPE_PRESENT,
		};

		build_runs(&b, &run, 1);
	}
	build_end(&b, 0, 0);
	tap_ok(!out_of_line(&b, "RANGE,KIND", 0), "ranges stay in line");
	tap_ok(!out_of_line(&b, "START,KIND", 0), "so do addresses");
	tap_ok(!out_of_line(&b, "FRAME,KIND", nr),
	       "all rows after a wide one have room for it");
	build_free(&b);
}

static void test_json(void)
{
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	for (size_t i = 0; i < NR_TABLES; i++) {
		o = RUN(commands[i], "--json", "-i", build_file(&b));
		tap_ok(o.code == 0 && json_valid(o.out), "JSON of %s",
		       commands[i]);
		output_free(&o);
	}
	o = RUN("picture", "--json", "-o", "SEGMENT,SIZE", "-i", build_file(&b));
	tap_ok(strstr(o.out, "{\"segment\": \"hole\", \"size\": \"18446462598732840960\"}"),
	       "the size of the hole is a string");
	tap_ok(strstr(o.out, "{\"segment\": \"kernel\", \"size\": 140737488355328}"),
	       "that of the kernel half is a number");
	output_free(&o);
	o = RUN("translate", "--json", "-i", build_file(&b), "555500002000",
		"0", "ffffffffffffffff", "7f0020008000", "7ffe00000000");
	tap_ok(o.code == 0 && json_valid(o.out), "JSON of translate");
	output_free(&o);
	build_free(&b);

	build_header(&b, 4, ALL_PARTS, 0);
	build_task(&b, 1, "\xff\xc3\xa4\"", 0);
	build_end(&b, 0, 0);
	for (size_t i = 0; i < NR_TABLES; i++) {
		bool mm = !strcmp(commands[i], "mm");

		o = RUN(commands[i], "--json", "-i", build_file(&b));
		tap_ok(mm ? o.code == 2 && !*o.out :
			    o.code == 0 && json_valid(o.out),
		       "JSON of %s without rows", commands[i]);
		output_free(&o);
	}
	build_free(&b);
}

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
		{ "10", "in a gap, 0-555500000000, of 85T" },
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

static void test_mm(void)
{
	static const char *const says[] = {
		"start_code 555500002000 12K", "total_vm 12345 49380 kB",
		"rlimit_stack unlimited", "withheld: needs CAP_SYSLOG",
		"arch_get_unmapped_area_topdown", "layout layout flexible",
		"flags 0x5 dumpable,odd \"\\033", "pgtables_bytes 81920 80K",
		"aslr on", "exe /usr/bin/thing",
	};
	/* value, unit, size and meaning */
	static const struct {
		const char *field, *is[4];
	} exact[] = {
		{ "exe", { "\"/usr/bin/thing\"", "null", "null", "null" } },
		{ "start_code", { "\"0x555500002000\"", "\"address\"", "12784",
				  "null" } },
		{ "brk", { "\"0x555510021000\"", "\"address\"", "null",
			   "null" } },
		{ "rlimit_stack", { "null", "\"bytes\"", "null",
				    "\"unlimited\"" } },
		{ "stack_guard_gap", { "1048576", "\"bytes\"", "1048576",
				       "\"kernel default, assumed\"" } },
		{ "levels", { "4", "\"count\"", "null", "null" } },
		{ "get_unmapped_area", { "null", "\"address\"", "null",
					 "\"arch_get_unmapped_area_topdown\"" } },
		{ "pgd", { "null", "\"address\"", "null",
			   "\"withheld: needs CAP_SYSLOG\"" } },
		{ "total_vm", { "12345", "\"pages\"", "50565120", "null" } },
		{ "pgtables_bytes", { "81920", "\"bytes\"", "81920", "null" } },
		{ "mm_count", { "2", "\"count\"", "null", "null" } },
		{ "def_flags", { "\"0x0\"", "\"flags\"", "null", "null" } },
	};
	char want[256];
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	o = RUN("mm", "-i", build_file(&b));
	squeeze(o.out + 1);
	for (size_t i = 1; i < ARRAY_SIZE(says); i++)
		tap_ok(strstr(o.out, says[i]), "mm says %s", says[i]);
	output_free(&o);
	o = RUN("mm", "--json", "-i", build_file(&b));
	squeeze(o.out + 1);
	tap_ok(strstr(o.out, "\"json\": 4,"), "version of the format");
	for (size_t i = 0; i < ARRAY_SIZE(exact); i++) {
		const char *const *is = exact[i].is;

		snprintf(want, sizeof(want),
			 "\"field\": \"%s\", \"value\": %s, \"unit\": %s, \"size\": %s, \"flag_names\": %s, \"meaning\": %s}",
			 exact[i].field, is[0], is[1], is[2],
			 strcmp(is[1], "\"flags\"") ? "null" : "[]", is[3]);
		tap_ok(strstr(o.out, want), "mm --json has %s of %s", is[0],
		       exact[i].field);
	}
	output_free(&o);
	build_free(&b);
}

/* Any user can choose the path of a file. */
static void test_mm_path(void)
{
	const struct mmscope_mm mm = build_some_mm(4);
	struct build b = { 0 };
	struct output o;

	build_header(&b, 4, MMSCOPE_PART_MM, 0);
	build_task(&b, 1, "x", 0);
	build_mm(&b, &mm, "/a\"\\\n\xff, 1", "");
	build_end(&b, 0, 0);
	o = RUN("mm", "--json", "-i", build_file(&b));
	tap_ok(json_valid(o.out) &&
	       strstr(o.out, "\"value\": \"/a\\\"\\\\\\u000a\\\\377, 1\","),
	       "a path in JSON");
	output_free(&o);
	build_free(&b);
}

/* If there is nothing in a range, a message says so. */
static void test_nothing(void)
{
	static const char *const listing[] = { "vmas", "pagetable" };
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(listing); i++) {
		o = RUN(listing[i], "-n", "-i", build_file(&b), "0x4711");
		tap_ok(o.code == 0 && !*o.out && strstr(o.err, "in 0x4711"),
		       "%s of nothing: %s", listing[i], o.err);
		output_free(&o);
	}
	o = RUN("pagetable", "-n", "-i", build_file(&b), "--only", "pud");
	tap_ok(o.code == 0 && !*o.out && strstr(o.err, "no matching entry"),
	       "nothing passes the filter: %s", o.err);
	output_free(&o);
	build_free(&b);
}

static void test_snapshot(void)
{
	char dir[] = "/tmp/mmscope-XXXXXX", name[64];
	struct build b = { 0 };
	struct output o;
	struct stat st;

	if (!mkdtemp(dir)) {
		tap_ok(false, "mkdtemp");
		return;
	}
	snprintf(name, sizeof(name), "%s/x.snapshot", dir);
	build_process(&b, 4);
	o = RUN("snapshot", "-i", build_file(&b), "-o", "-");
	tap_ok(o.out_len == b.len && !memcmp(o.out, b.bytes, b.len),
	       "a snapshot is the stream, byte for byte");
	output_free(&o);
	o = RUN("snapshot", "-i", build_file(&b), "-o", name);
	tap_ok(o.code == 0 && !stat(name, &st) &&
	       st.st_size == (off_t)b.len &&
	       (st.st_mode & 0777) == 0600, "in a file");
	output_free(&o);
	build_bytes(&b, "damage", 6);
	o = RUN("snapshot", "-i", build_file(&b), "-o", name);
	tap_ok(o.code == 2 && !stat(name, &st) &&
	       st.st_size == (off_t)b.len - 6,
	       "a failure leaves the old file");
	output_free(&o);
	o = run_reader(name, (const char *const[]){ "-i", "-", NULL });
	tap_ok(o.code == 0 && *o.out, "picture of standard input");
	output_free(&o);
	o = run_reader(name,
		       (const char *const[]){ "pagetable", "-i", "-", NULL });
	tap_ok(o.code == 0 && *o.out, "page tables of standard input");
	output_free(&o);
	unlink(name);
	tap_ok(!rmdir(dir), "nothing else is left in the folder");
	o = RUN("snapshot", "-i", build_file(&b), "-o", "/nonexistent/x");
	tap_ok(o.code == 2, "a folder that does not exist");
	output_free(&o);
	build_free(&b);
}

static char *read_some(int fd, size_t len)
{
	char *bytes = calloc(1, len + 1);

	if (!bytes || read(fd, bytes, len + 1) != (ssize_t)len)
		tap_ok(false, "read");
	return bytes;
}

/* A FIFO is written in place, and so is the target of a link. */
static void test_snapshot_elsewhere(void)
{
	char dir[] = "/tmp/mmscope-XXXXXX", fifo[64], link[64], file[64];
	struct build b = { 0 };
	struct output o;
	struct stat st;
	char *bytes;
	int fd;

	if (!mkdtemp(dir)) {
		tap_ok(false, "mkdtemp");
		return;
	}
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	snprintf(link, sizeof(link), "%s/link", dir);
	snprintf(file, sizeof(file), "%s/file", dir);
	build_process(&b, 4);
	fd = mkfifo(fifo, 0600) ? -1 : open(fifo, O_RDWR);
	o = RUN("snapshot", "-i", build_file(&b), "-o", fifo);
	bytes = read_some(fd, b.len);
	tap_ok(o.code == 0 && !stat(fifo, &st) && S_ISFIFO(st.st_mode) &&
	       !memcmp(bytes, b.bytes, b.len), "a fifo is written to");
	free(bytes);
	output_free(&o);
	close(fd);

	close(creat(file, 0600));
	tap_ok(!symlink(file, link), "symlink");
	o = RUN("snapshot", "-i", build_file(&b), "-o", link);
	tap_ok(o.code == 0 && !lstat(link, &st) && S_ISLNK(st.st_mode) &&
	       !stat(file, &st) && st.st_size == (off_t)b.len,
	       "where a link leads to is written");
	output_free(&o);
	unlink(file);
	o = RUN("snapshot", "-i", build_file(&b), "-o", link);
	tap_ok(o.code == 2 && strstr(o.err, "dangling symbolic link") &&
	       !lstat(link, &st) && S_ISLNK(st.st_mode) && stat(file, &st),
	       "a link that leads nowhere stays: %s", o.err);
	output_free(&o);
	unlink(fifo);
	unlink(link);
	tap_ok(!rmdir(dir), "nothing else is left in the folder");
	build_free(&b);
}

/* A signal while it waits for more: no file is left. */
static void test_interrupted(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	char dir[] = "/tmp/mmscope-XXXXXX", fifo[64], file[64];
	int status, fd;
	pid_t pid;

	if (!mkdtemp(dir)) {
		tap_ok(false, "mkdtemp");
		return;
	}
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	snprintf(file, sizeof(file), "%s/file", dir);
	tap_ok(!mkfifo(fifo, 0600), "mkfifo");
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		const char *const args[] = { "snapshot", "-i", fifo, "-o", file,
					     NULL };

		pid = start_reader(args);
		/* The other end opens it after it has made the new file. */
		fd = open(fifo, O_WRONLY);
		kill(pid, signals[i]);
		waitpid(pid, &status, 0);
		tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == signals[i],
		       "signal %d ends it", signals[i]);
		close(fd);
	}
	unlink(fifo);
	tap_ok(!rmdir(dir), "nothing is left in the folder");
}

/* A message must not end up in a file that got a closed descriptor. */
static void test_closed_output(void)
{
	char name[] = "/tmp/mmscope-XXXXXX", command[256];
	struct build b = { 0 };
	struct stat st;

	close(mkstemp(name));
	build_process(&b, 4);
	b.len -= sizeof(b.end);
	build_end(&b, 0, MMSCOPE_END_CHANGED);
	snprintf(command, sizeof(command),
		 "%s snapshot -i %s -o %s 2>&- <&-", reader_path(),
		 build_file(&b), name);
	tap_ok(!system(command) && !stat(name, &st) &&
	       st.st_size == (off_t)b.len, "without a standard error");
	snprintf(command, sizeof(command), "%s vmas -i %s >&- 2>/dev/null",
		 reader_path(), build_file(&b));
	tap_ok(WEXITSTATUS(system(command)) == 2, "without a standard output");
	unlink(name);
	build_free(&b);
}

/* The whole program, on a sample of the damage that test_stream does. */
static void test_flipped(void)
{
	struct build b = { 0 };
	size_t wrong = 0, runs = 0;

	build_process(&b, 5);
	for (size_t i = 0; i < b.len; i += 61) {
		const char *command = commands[i % 6];
		struct output o;

		b.bytes[i] ^= 0x41;
		o = run_on(command, build_file(&b));
		b.bytes[i] ^= 0x41;
		wrong += o.code > 3 || o.code == 1 || !(*o.out || *o.err);
		output_free(&o);
		runs++;
	}
	tap_ok(!wrong, "%zu damaged streams (%zu wrong)", runs, wrong);
	build_free(&b);
}

int main(void)
{
	test_damage();
	test_ends();
	test_parts();
	test_flags();
	test_usage();
	test_help();
	test_no_module();
	test_vmas();
	test_ranges();
	test_pagetable();
	test_sayings();
	test_segment_names();
	test_tree();
	test_tree_memory();
	test_json_format();
	test_order();
	test_tables_without_sum();
	test_json_views();
	test_long_table();
	test_widths();
	test_json();
	test_translate();
	test_walked();
	test_mm();
	test_mm_path();
	test_nothing();
	test_snapshot();
	test_snapshot_elsewhere();
	test_interrupted();
	test_closed_output();
	test_flipped();
	return tap_done();
}
