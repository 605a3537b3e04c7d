// SPDX-License-Identifier: GPL-2.0-only
/* Whole commands: what they print of a stream. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "lines.h"
#include "tap.h"

#define ALL_PARTS	(MMSCOPE_PART_MM | MMSCOPE_PART_VMAS | \
			 MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_TABLES | \
			 MMSCOPE_PART_THREADS)

static const char *const commands[] = {
	"picture", "mm", "vmas", "pagetable", "tables", "threads", "translate",
	"explain", "snapshot",
};

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
	expect_all("nothing", &b, 2, " is empty\n");
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

static void expected_vma(const struct vma *vma, char *line, size_t size)
{
	snprintf(line, size, "%" PRIx64 " %" PRIx64 " %s %" PRIx64 " %s %" PRIu64 " ",
		 vma->start, vma->end, vma->perms,
		 (uint64_t)(vma->ino ? vma->pgoff * PAGE : 0), vma->ino ? "08:01" : "00:00",
		 vma->ino);
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
	squeeze(o.out);
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
	squeeze(o.out);
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
	squeeze(o.out);
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
	squeeze(o.out);
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
	squeeze(o.out);
	for (size_t i = 1; i < ARRAY_SIZE(says); i++)
		tap_ok(strstr(o.out, says[i]), "mm says %s", says[i]);
	output_free(&o);
	o = RUN("mm", "--json", "-i", build_file(&b));
	squeeze(o.out);
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
	test_vmas();
	test_pagetable();
	test_sayings();
	test_order();
	test_tables_without_sum();
	test_mm();
	test_mm_path();
	test_nothing();
	test_closed_output();
	test_flipped();
	return tap_done();
}
