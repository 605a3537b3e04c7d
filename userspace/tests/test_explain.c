// SPDX-License-Identifier: GPL-2.0-only
/* The command explain, on pages of all kinds and on processes made here. */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "build.h"
#include "explain_text.h"
#include "page_cases.h"
#include "tap.h"

/* What the text of all sentences so far was, and which there were. */
static bool seen[SENTENCES];
static struct text all_text;

static void note_ids(const char *ids)
{
	for (int i = 0; i < SENTENCES; i++) {
		size_t len = strlen(sentence_id(i));

		for (const char *at = ids; len && (at = strstr(at, sentence_id(i)));
		     at += len)
			if ((at == ids || at[-1] == '\n') &&
			    (at[len] == ' ' || at[len] == '\n'))
				seen[i] = true;
	}
}

/* Run the command once for its text, once for the identifiers: "ID ACCESS" lines. */
static char *explain(const char *file, const char *operand)
{
	struct output o = RUN("explain", "-i", file, operand);
	char *ids;

	text_puts(&all_text, o.out);
	tap_ok(o.code == 0 && *o.out && !strchr(o.out, '{'), "%s: %d %s",
	       operand ? operand : "process", o.code, o.err);
	output_free(&o);
	if (operand)
		o = RUN("explain", "-i", file, "-n", "-o", "ID,ACCESS", operand);
	else
		o = RUN("explain", "-i", file, "-n", "-o", "ID,ACCESS");
	ids = strdup(o.out);
	output_free(&o);
	/* Columns are filled with blanks. */
	for (char *from = ids, *to = ids;; from++) {
		if (*from != ' ' || from[1] != ' ')
			*to++ = *from;
		if (!*from)
			break;
	}
	note_ids(ids);
	return ids;
}

static void expect(const char *file, const char *operand, const char *want)
{
	char *ids = explain(file, operand);
	char *copy = strdup(want), *at = copy, *line, found[64];

	while ((line = strsep(&at, ","))) {
		snprintf(found, sizeof(found), "%s\n", line);
		tap_ok(strstr(ids, found), "%s: %s in\n# %s", operand ? operand :
		       "process", line, ids);
	}
	free(copy);
	free(ids);
}

/* Pages */

static void test_pages(void)
{
	struct mmscope_mm mm = build_some_mm(4);
	struct build b = { 0 };
	const char *file;
	char operand[32];

	build_begin(&b, EM_X86_64, &mm);
	build_cases(&b);
	build_end(&b, 0, 0);
	file = build_file(&b);
	for (size_t i = 0; i < nr_page_cases; i++) {
		snprintf(operand, sizeof(operand), "%" PRIx64,
			 (uint64_t)CASE_AT(i));
		expect(file, operand, page_cases[i].want);
	}
	expect(file, "file", "lazy-mapped -");
	build_free(&b);
}

/* arm64 may have execute-only memory, and all of its keys hold for fetches. */
static void test_arm64(void)
{
	static const struct vma vmas[] = {
		{ 0x10000, 0x20000, "--xp", 0, 0, 0, 0, 0, 0 },
		{ 0x30000, 0x40000, "r-xp", 0, 0, 0, 0, F_PKEY, 0 },
	};
	static const struct run run = {
		0x10000, 0x1000, 0x25, ONCE, 1,
		MMSCOPE_ATTR_EXEC | MMSCOPE_ATTR_USER, MMSCOPE_PTE,
		MMSCOPE_PRESENT, 0, true,
	};
	struct mmscope_mm mm = build_some_mm(4);
	struct build b = { 0 };
	const char *file;

	build_begin(&b, EM_AARCH64, &mm);
	build_vma(&b, &vmas[0]);
	build_vma(&b, &vmas[1]);
	build_runs(&b, &run, 1);
	build_end(&b, 0, 0);
	file = build_file(&b);
	expect(file, "0x10000", "denied rw,works x");
	expect(file, "0x11000", "exec-only r,denied w,maps-zero-page x");
	expect(file, "0x30000", "pkey rx,denied w");
	expect(file, "ffff000000000000", "closed rwx");
	build_free(&b);
}

/* Growth */

#define STACK_END	0x7ffe00100000ULL
#define STACK_START	(STACK_END - 32 * PAGE)

/**
 * struct growth_case - a stack, the mapping below, and an address below the stack
 * @limit: RLIMIT_STACK
 * @gap_flags: of the MM record
 * @below_perms: of the mapping below
 * @below_end: of the mapping below, exclusive
 * @below_flags: of the mapping below
 * @flags: of the stack
 * @addr: the address
 * @want: identifiers with accesses for the address
 * @want_stack: identifiers with accesses for the stack
 */
struct growth_case {
	uint64_t limit;
	uint8_t gap_flags;
	const char *below_perms;
	uint64_t below_end;
	uint64_t below_flags;
	uint64_t flags;
	uint64_t addr;
	const char *want;
	const char *want_stack;
};

#define MIB	(1ULL << 20)

static const struct growth_case growths[] = {
	/* by RLIMIT_STACK */
	{ 8 * MIB, MMSCOPE_GAP_ASSUMED, "rw-p", STACK_END - 64 * MIB,
	  0, F_GD, STACK_END - 8 * MIB,
	  "grows rw,denied x",
	  "stack-grows -,stack-limit -,stack-gap-assumed -" },
	{ 8 * MIB, MMSCOPE_GAP_ASSUMED, "rw-p", STACK_END - 64 * MIB,
	  0, F_GD, STACK_END - 8 * MIB - 1,
	  "over-limit -,gap rwx", "stack-limit -" },
	/* by the gap above the mapping below */
	{ 8 * MIB, MMSCOPE_GAP_ASSUMED, "rw-p", STACK_END - 4 * MIB,
	  0, F_GD, STACK_END - 3 * MIB,
	  "grows rw", "stack-below -" },
	{ 8 * MIB, MMSCOPE_GAP_ASSUMED, "rw-p", STACK_END - 4 * MIB,
	  0, F_GD, STACK_END - 3 * MIB - 1,
	  "over-gap -,gap rwx", "stack-below -" },
	/* no gap is kept to memory without access, or to another stack */
	{ 8 * MIB, MMSCOPE_GAP_ASSUMED, "---p", STACK_END - 4 * MIB,
	  0, F_GD, STACK_END - 4 * MIB,
	  "grows rw", "stack-below -" },
	{ 8 * MIB, MMSCOPE_GAP_ASSUMED, "rw-p", STACK_END - 4 * MIB,
	  F_GD, F_GD, STACK_END - 4 * MIB,
	  "grows rw", "stack-below -" },
	{ UINT64_MAX, 0, "rw-p", STACK_END - 64 * MIB,
	  0, F_GD, STACK_END - 60 * MIB,
	  "grows rw", "stack-unlimited -,stack-below -,stack-gap -" },
	/* it does not grow */
	{ 8 * MIB, MMSCOPE_GAP_ASSUMED, "rw-p", STACK_END - 64 * MIB,
	  0, 0, STACK_START - 1,
	  "no-growth -,gap rwx", "stack-fixed -" },
};

static void test_growth(const struct growth_case *c)
{
	struct mmscope_mm mm = build_some_mm(4);
	const struct vma below = {
		c->below_end - PAGE, c->below_end, c->below_perms, 0, 0, 0, 0,
		c->below_flags, 0,
	};
	const struct vma stack = {
		STACK_START, STACK_END, "rw-p", "[stack]", 0, MMSCOPE_SEG_STACK,
		0, c->flags, 0,
	};
	struct build b = { 0 };
	char operand[32];

	mm.rlimit_stack = c->limit;
	mm.gap_flags = c->gap_flags;
	build_begin(&b, EM_X86_64, &mm);
	build_vma(&b, &below);
	build_vma(&b, &stack);
	build_end(&b, 0, 0);
	snprintf(operand, sizeof(operand), "%" PRIx64, c->addr);
	expect(build_file(&b), operand, c->want);
	expect(build_file(&b), "stack", c->want_stack);
	build_free(&b);
}

/* Where the heap ends, and how far it can go. */
static void test_heap(void)
{
	static const struct vma vmas[] = {
		{ 0x10000, 0x20000, "rw-p", "[heap]", 0, MMSCOPE_SEG_HEAP, 0, F_LO,
		  0 },
		{ 0x40000, 0x50000, "rw-p", 0, 0, 0, 0, 0, 0 },
	};
	struct mmscope_mm mm = build_some_mm(4);
	struct build b = { 0 };
	struct output o;

	mm.start_brk = 0x10000;
	mm.brk = 0x1f010;
	mm.gap_flags = 0;
	mm.layout = MMSCOPE_LAYOUT_CLASSIC;
	build_begin(&b, EM_X86_64, &mm);
	build_vma(&b, &vmas[0]);
	build_vma(&b, &vmas[1]);
	build_end(&b, 0, 0);
	expect(build_file(&b), "heap", "heap-grows -,heap-room -,heap-data -,locked -");
	expect(build_file(&b), NULL, "mmap-up -,no-aslr -,none-resident -");
	o = RUN("explain", "-i", build_file(&b), "heap");
	/* A page remains free. */
	tap_ok(strstr(o.out, "begins at 40000, which leaves 124K to grow"),
	       "room of the heap: %s", o.out);
	output_free(&o);
	build_free(&b);
}

/* Addresses outside */

static void test_outside(void)
{
	const struct mmscope_kernel_region region = {
		.start = 0xffff888000000000, .size = 1ULL << 40,
		.area = MMSCOPE_AREA_DIRECT_MAP,
	};
	struct mmscope_mm mm = build_some_mm(4);
	struct build b = { 0 };
	const char *file;

	build_begin(&b, EM_X86_64, &mm);
	build_record(&b, MMSCOPE_REC_KERNEL_REGION, &region.start,
		     sizeof(region) - 8);
	build_end(&b, 0, 0);
	file = build_file(&b);
	expect(file, "0x10", "in-gap -,null -,gap rwx");
	expect(file, "7ffffffff000", "beyond rwx");
	expect(file, "800000000000", "not-canonical rwx");
	expect(file, "ffff7fffffffffff", "not-canonical rwx");
	expect(file, "ffff800000000000", "kernel-half -,closed rwx");
	expect(file, "ffff888000000010", "kernel-area -,closed rwx");
	expect(file, "ffffffffff600000", "vsyscall -,closed rw,vsyscall-fetch x");
	expect(file, "kernel", "kernel-half -");
	build_free(&b);
}

/* A walk of all levels, from entries that lead to tables. */
static void test_steps(void)
{
	static const char *const lines[] = {
		"PGD 0 (bits 47-39), PUD 0 (bits 38-30), PMD 0 (bits 29-21), ",
		"PTE 16 (bits 20-12), offset abc (bits 11-0).\n",
		"\n  PMD: the entry 0 of the table at 12000 leads to the next table.\n",
		"\n  PTE: the entry 16 of the table at 13000 maps a page of 4K.\n",
		"\n  The physical address is 1000abc, in a page of 4K. ",
		" The page is mapped here only; its flags are anon.",
	};
	static const struct vma vma = {
		0x10000, 0x400000, "rw-p", 0, 0, 0, 0, 0, 0,
	};
	static const struct upper uppers[] = {
		{ 0, 0x11, 0x11067, RW, MMSCOPE_PGD },
		{ 0, 0x12, 0x12067, RW, MMSCOPE_PUD },
		{ 0, 0x13, 0x13067, RW, MMSCOPE_PMD },
	};
	static const struct run runs[] = {
		{ 0x10000, 0x1000, 0x1000067, ONCE, 1, RW, MMSCOPE_PTE,
		  MMSCOPE_PRESENT, 12, true },
		{ 0x11000, 7, 0x2000, 0, 1, 0, MMSCOPE_PTE, MMSCOPE_SWAP, 0,
		  true },
		{ 0x12000, 0x1001, 0x1001025, OFTEN, 1, RO, MMSCOPE_PTE,
		  MMSCOPE_PRESENT, 12, true },
		{ 0x13000, 0x1002, 0x1002067, KNOWN, 1, RW, MMSCOPE_PTE,
		  MMSCOPE_PRESENT, 12, true },
		{ 0x14000, 0x1003, 0x1003067, 0, 1, RW, MMSCOPE_PTE,
		  MMSCOPE_PRESENT, 12, true },
	};
	struct mmscope_mm mm = build_some_mm(4);
	struct build b = { 0 };
	const char *file;
	struct output o;

	build_begin(&b, EM_X86_64, &mm);
	build_vma(&b, &vma);
	for (size_t i = 0; i < ARRAY_SIZE(uppers); i++)
		build_upper(&b, 0x10000, &uppers[i], 1);
	build_runs(&b, runs, ARRAY_SIZE(runs));
	build_end(&b, 0, 0);
	file = build_file(&b);
	expect(file, "10abc", "split -,step-table -,step-page -,physical -,page -");
	expect(file, "11abc", "step-other -,swap-in rw");
	expect(file, "12abc", "page -,copy-shared w");
	expect(file, "13abc", "page -");
	expect(file, "14abc", "page-unknown -");
	expect(file, "20abc", "step-empty -,zeroed w");
	expect(file, "anon", "swapped -,mapped-once -,mapped-often -,lazy -");
	o = RUN("explain", "-i", file, "10abc", "--width", "500");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		tap_ok(strstr(o.out, lines[i]), "%s in %s", lines[i], o.out);
	output_free(&o);
	build_free(&b);
}

/* Segments */

static void put_process(struct build *b, bool cut)
{
	build_process(b, 4);
	if (!cut)
		return;
	/* The process went away: what comes after is not known. */
	((struct mmscope_end *)(b->bytes + b->len - sizeof(struct mmscope_end)))
		->status = 3;
}

/* What is said of a process that has nearly everything. */
static const char *const whole_process[] = {
	"process", "threads", "total", "levels", "tables", "aslr", "is-text",
	"is-rodata", "is-relro", "is-data", "is-bss", "is-heap", "is-libraries",
	"is-file", "is-shared-anon", "is-sysv-shm", "is-memfd", "is-posix-shm",
	"is-hugetlb", "is-device", "is-stack", "is-thread-stack", "is-guard",
	"is-reserve", "is-arena", "is-vdso", "is-vvar", "is-anon", "guess",
	"zeroes", "swapped", "private-anon", "private-file", "shared-anon",
	"shared-file", "mmap-down", "kernel-half", "in-mmap-area", "none-mapped",
	"length", "all-resident",
};

static void expect_whole(const char *file)
{
	char *ids = explain(file, NULL), found[64];

	for (size_t i = 0; i < ARRAY_SIZE(whole_process); i++) {
		snprintf(found, sizeof(found), "%s -\n", whole_process[i]);
		tap_ok(strstr(ids, found), "process: %s in\n# %s",
		       whole_process[i], ids);
	}
	free(ids);
}

static void test_process(void)
{
	struct build b = { 0 }, cut = { 0 };
	struct output o;

	put_process(&b, false);
	expect_whole(build_file(&b));
	expect(build_file(&b), "stack:4712",
	       "thread -,thread-used -,thread-tls -,guard-entries -,stack-fixed -");
	expect(build_file(&b), "stack:4711", "thread -,thread-used -");
	expect(build_file(&b), "libc", "is-object -");
	expect(build_file(&b), "locale-archive", "is-file -");
	expect(build_file(&b), "lib-text", "is-lib-text -");
	expect(build_file(&b), "lib-rodata", "is-lib-rodata -");
	expect(build_file(&b), "lib-data", "is-lib-data -");
	expect(build_file(&b), "lib-bss", "is-lib-bss -");
	expect(build_file(&b), "libraries", "is-libraries -");
	expect(build_file(&b), "hugetlb", "huge -");
	expect(build_file(&b), "7f0030030010", "is-shared-anon -,in-file -");
	o = RUN("explain", "-i", build_file(&b), "pfnmap");
	tap_ok(o.code == 2 && strstr(o.err, "the process has no segment or file \"pfnmap\""),
	       "no such segment: %d %s", o.code, o.err);
	output_free(&o);
	o = RUN("explain", "-i", build_file(&b), "stack:99");
	tap_ok(o.code == 2 && strstr(o.err, "the stack of thread 99 is not known"),
	       "no such thread: %d %s", o.code, o.err);
	output_free(&o);
	o = RUN("explain", "-i", build_file(&b), "-n", "-o",
		"OPERAND,SUBJECT,ID", "heap", "7f0030030010");
	tap_ok(o.code == 0 && !strncmp(o.out, "heap ", 5) &&
	       strstr(o.out, "\n7f0030030010 shared-anon in\n"),
	       "several operands: %s%s", o.out, o.err);
	output_free(&o);
	put_process(&cut, true);
	o = RUN("explain", "-i", build_file(&cut), "-n", "-o", "ID");
	note_ids(o.out);
	tap_ok(o.code == 3 && strstr(o.out, "\npages-unknown\n") &&
	       strstr(o.out, "total-reserved\n") && !strstr(o.out, "zeroed"),
	       "a stream that ended early: %d %s", o.code, o.out);
	output_free(&o);
	build_free(&b);
	build_free(&cut);
}

/* Segments that few processes have. */
static void test_rare(void)
{
	static const struct vma vmas[] = {
		{ 0x10000, 0x20000, "r--p", "/lib/libx.so", 3, 0, 0, 1ULL << 20,
		  0 },
		{ 0x20000, 0x30000, "r-xp", "/lib/libx.so", 3, 0, 0, 0, 16 },
		{ 0x40000, 0x50000, "rw-s", "anon_inode:[io_uring]", 4, 0, 0,
		  F_PF, 0 },
		{ 0x60000, 0x61000, "--xp", "[uprobes]", 0, MMSCOPE_SEG_SPECIAL, 0,
		  0, 0 },
		{ 0x70000, 0x71000, "r--p", "[x]", 0, MMSCOPE_SEG_SPECIAL, 0, 0,
		  0 },
		{ 0x80000, 0xc0000, "rw-p", 0, 0, 0, 0, 0, 0 },
		{ 0xd0000, 0xe0000, "rw-p", 0, 0, 0, 0, 0, 0 },
		{ 0x100000, 0x101000, "---p", 0, 0, 0, 0, 0, 0 },
		{ 0x101000, 0x120000, "rw-p", 0, 0, 0, 0, 0, 0 },
	};
	static const struct mmscope_name names[] = {
		{ 10, "pf" }, { 20, "ac" },
	};
	static const struct run run = {
		0x80000, 0, 0x8, 0, 4, 0, MMSCOPE_PTE, MMSCOPE_MARKER_GUARD, 0,
		true,
	};
	static const struct mmscope_thread threads[] = {
		{ .tid = 8, .tgid = 7, .sp = 0xbe000, .tls = 0xbf700,
		  .state = 'S', .comm = "guarded" },
		{ .tid = 9, .tgid = 7, .sp = 0xde000, .state = 'S',
		  .comm = "unguarded" },
		{ .tid = 10, .tgid = 7, .sp = 0x11e000, .state = 'S',
		  .comm = "old" },
	};
	struct mmscope_mm mm = build_some_mm(4);
	struct build b = { 0 };
	const char *file;

	mm.gap_flags = 0;
	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
		     MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_THREADS, 0);
	build_task(&b, 7, "x", 0);
	build_names(&b, MMSCOPE_NAMES_VMA_FLAGS, names, ARRAY_SIZE(names));
	build_mm(&b, &mm, "/bin/x", "");
	for (size_t i = 0; i < ARRAY_SIZE(vmas); i++)
		build_vma(&b, &vmas[i]);
	build_runs(&b, &run, 1);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		build_thread(&b, &threads[i]);
	build_end(&b, 0, 0);
	file = build_file(&b);
	expect(file, NULL, "is-pfnmap -,is-uprobes -,is-special -,stack-fixed -");
	expect(file, "lib-relro", "is-lib-relro -");
	expect(file, "stack:8", "thread-tls -,guard-entries -");
	expect(file, "stack:9", "guard-none -");
	expect(file, "stack:10", "guard-mapping -");
	build_free(&b);
}

/* Help and wrong use */

static void test_use(void)
{
	static const struct {
		const char *operand;
		const char *says;
	} wrong[] = {
		{ "1234", "may be a PID or an address" },
		{ "stack:x", "invalid thread" },
		{ "no/such", "the process has no segment or file \"no/such\"" },
	};
	struct build b = { 0 };
	struct output o = RUN("explain", "--help");

	tap_ok(strstr(o.out, "Usage: mmscope explain [options] PID... [ADDRESS|SEGMENT]...\n") &&
	       strstr(o.out, "Explain the process, segments or addresses in sentences") &&
	       strstr(o.out, "ACCESS       accesses that it is about"),
	       "help: %s", o.out);
	output_free(&o);
	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		o = RUN("explain", "-i", build_file(&b), wrong[i].operand);
		tap_ok(o.code && strstr(o.err, wrong[i].says), "%s: %s",
		       wrong[i].operand, o.err);
		output_free(&o);
	}
	o = RUN("explain", "-b", "-i", build_file(&b));
	tap_ok(strstr(o.out, " bytes are reserved"), "a number alone has its unit: %s",
	       o.out);
	output_free(&o);
	build_free(&b);
}

/* In a table, names in facts are escaped for the terminal, as elsewhere. */
static void test_escapes(void)
{
	const struct vma vma = {
		.start = 0x400000, .end = 0x401000, .perms = "r--p", .ino = 7,
		.name = "/\xc3\x9b",
	};
	struct build b = { 0 };
	struct output o;

	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
		     MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 1, "names", 0);
	build_vma(&b, &vma);
	build_end(&b, 0, 0);
	o = RUN("explain", "-i", build_file(&b), "-no", "FACTS", "0x400000");
	tap_ok(strstr(o.out, "\\303\\233") && !strstr(o.out, "\xc3"), "a name: %s",
	       o.out);
	output_free(&o);
	build_free(&b);
}

/* Every row of the table was printed. Parts of sentences have no identifier. */
static void test_all_reached(void)
{
	for (int i = TEXT_PROCESS; i < SENTENCES; i++) {
		struct text part = { 0 };
		bool found = seen[i];

		if (i >= TEXT_A_READ) {
			sentence_put(&part, i, NULL, 0, false, false);
			part.s[strcspn(part.s, "{")] = '\0';
			found = strstr(all_text.s, part.s);
		}
		tap_ok(found, "\"%s\" is reached", sentence_id(i));
		text_free(&part);
	}
}

int main(void)
{
	test_pages();
	test_arm64();
	for (size_t i = 0; i < ARRAY_SIZE(growths); i++)
		test_growth(&growths[i]);
	test_heap();
	test_outside();
	test_steps();
	test_process();
	test_rare();
	test_use();
	test_escapes();
	test_all_reached();
	text_free(&all_text);
	return tap_done();
}
