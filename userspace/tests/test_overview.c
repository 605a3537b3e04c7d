// SPDX-License-Identifier: GPL-2.0-only
/* The picture on one screen, parsed from the text. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "build.h"
#include "lines.h"
#include "recorded.h"
#include "tap.h"

/* One screen. */
#define LINES_MAX	50
#define LINES_LEAST	24

/**
 * struct seen - what a picture shows
 * @lines: lines in all
 * @widest: columns of the longest
 * @disorder: addresses above those of the line before
 * @odd: bytes outside printable ASCII, lines that end with a blank
 */
struct seen {
	size_t lines, widest, disorder, odd;
};

static struct seen look(const char *picture)
{
	struct seen seen = { 0 };
	uint64_t last = UINT64_MAX;
	char *copy = strdup(picture), *at = copy, *line;
	bool begun = false;

	while (at && *at && (line = strsep(&at, "\n"))) {
		size_t len = strlen(line);

		seen.lines++;
		seen.widest = len > seen.widest ? len : seen.widest;
		for (size_t i = 0; i < len; i++)
			seen.odd += line[i] < ' ' || line[i] > '~';
		seen.odd += len && line[len - 1] == ' ';
		if (strstr(line, "kernel half"))
			begun = true;
		if (!begun || len < MARGIN || line[MARGIN - 1] == ' ')
			continue;
		seen.disorder += strtoull(line, NULL, 16) > last;
		last = strtoull(line, NULL, 16);
	}
	free(copy);
	return seen;
}

static void test_process(unsigned int levels, const char *width)
{
	struct build b = { 0 };
	struct output o;
	struct seen seen;

	build_process(&b, levels);
	o = RUN("-i", build_file(&b), "--width", width);
	seen = look(o.out);
	tap_ok(o.code == 0 && !*o.err, "%u levels, %s columns: %s", levels,
	       width, o.err);
	tap_ok(seen.widest <= strtoul(width, NULL, 10), "%zu columns",
	       seen.widest);
	tap_ok(!seen.disorder, "addresses go down (%zu do not)", seen.disorder);
	tap_ok(!seen.odd, "plain ASCII, no blanks at the end");
	tap_ok(seen.lines <= LINES_MAX, "%zu lines", seen.lines);
	/* This process has one of each kind; where it is narrow, words wrap. */
	tap_ok(strstr(o.out, strcmp(width, "60") ? "      4712 worker " :
						   "threads: worker 4712\n"),
	       "as much of the thread as has room");
	tap_ok(has_line(o.out, levels == 5 ? 1ULL << 56 : 1ULL << 47, ""),
	       "end of the user half");
	tap_ok(has_line(o.out, 0x7ffe00021000, "") && has_line(o.out, 0x7ffe00000000, ""),
	       "both ends of the stack");
	tap_ok(has_line(o.out, 0x555510021000, "") && has_line(o.out, 0x555510000000, ""),
	       "both ends of the heap");
	output_free(&o);
	build_free(&b);
}

static void test_words(void)
{
	static const char *const words[] = {
		"(PID 4711) on Linux 6.1.0-test", "kernel half, closed to user mode",
		"hole: not canonical", "gap: NULL pointers fault here",
		"+- stack ", "grows down v, no limit (RLIMIT_STACK), guard gap 1M",
		"<- start_stack; argv and environ above",
		"<- mmap_base, grows v", "+- heap, grows ^ <- brk",
		"gap <- start_brk", "+- bss", "<- end_data", "<- start_data",
		"+- text thing", "<- end_code", "start_code", "<- task_size",
		"2 libraries", "libold.so, libc.so.6", "memfd box",
		"POSIX shm sem.x", "SysV shm SYSV00000000", "device card0",
		"file locale-archive", "malloc arena (a guess)", "hugetlb",
		"stack of thread 4712 worker",
		"   4712 worker ",
	};
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	o = RUN("--color=never", "-i", build_file(&b));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		tap_ok(strstr(o.out, words[i]), "the picture says %s", words[i]);
	output_free(&o);
	build_free(&b);
}

/* What is reserved is resident, swapped out, or has no page. */
static void test_sums(void)
{
	uint64_t reserved, resident, swapped, none;
	struct build b = { 0 };
	struct output o;
	const char *line;

	build_process(&b, 4);
	o = RUN("-b", "-i", build_file(&b));
	tap_ok(strstr(o.out, " on Linux 6.1.0-test, 2 threads\n"),
	       "threads are counted");
	line = strstr(o.out, "31 mappings: ");
	tap_ok(line && sscanf(line, "31 mappings: reserved %" SCNu64
			      ", resident %" SCNu64 ", swapped %" SCNu64
			      ", no page %" SCNu64,
			      &reserved, &resident, &swapped, &none) == 4 &&
	       resident == 2 * (2 << 20) + 14 * PAGE && swapped == 5 * PAGE &&
	       none == reserved - resident - swapped,
	       "sums: %.90s", line ? line : "");
	output_free(&o);
	build_free(&b);
}

static void test_recorded(const char *snapshot)
{
	struct output o = RUN("-i", snapshot);
	struct seen seen = look(o.out);

	tap_ok(seen.lines >= LINES_LEAST && seen.lines <= LINES_MAX &&
	       seen.widest <= 80 && !seen.disorder,
	       "%s: %zu lines, %zu columns", snapshot, seen.lines, seen.widest);
	output_free(&o);
}

/* Threads with 8M of stack above a guard of a page, the first one at the top. */
#define STACKS	0x7f0000000000
#define STACK	(8ULL << 20)

static uint64_t end_of_stack(unsigned int nr, unsigned int thread)
{
	return STACKS + (nr - thread) * (STACK + PAGE);
}

/* The guards are mappings, or entries of the one mapping of all stacks. */
static void build_stacks(struct build *b, unsigned int nr, bool entries)
{
	uint64_t start = STACKS, end = end_of_stack(nr, 0);
	struct vma all = { .start = start, .end = end, .perms = "rw-p" };

	if (entries) {
		build_vma(b, &all);
		for (unsigned int i = 0; i < nr; i++) {
			struct run guard = {
				.start = start + i * (STACK + PAGE),
				.raw = 0x8, .nr = 1, .level = MMSCOPE_PTE,
				.kind = MMSCOPE_MARKER_GUARD,
			};

			build_runs(b, &guard, 1);
		}
		return;
	}
	for (; start < end; start += STACK + PAGE) {
		struct vma guard = { .start = start, .end = start + PAGE,
				     .perms = "---p" };
		struct vma stack = { .start = start + PAGE,
				     .end = start + PAGE + STACK,
				     .perms = "rw-p" };

		build_vma(b, &guard);
		build_vma(b, &stack);
	}
}

static void build_threads(struct build *b, unsigned int nr, bool entries)
{
	struct mmscope_mm mm = build_some_mm(4);

	build_header(b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			   MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_THREADS, 0);
	build_task(b, 212, "memcached", 0);
	build_mm(b, &mm, "/bin/memcached", "");
	build_stacks(b, nr, entries);
	for (unsigned int i = 0; i < nr; i++) {
		uint64_t end = end_of_stack(nr, i);
		struct mmscope_thread thread = {
			.tid = (int)(213 + i), .tgid = 212, .state = 'S',
			.flags = MMSCOPE_THREAD_CURRENT, .sp = end - 5120,
			.tls = end - 2368, .comm = "mc-worker",
		};

		build_thread(b, &thread);
	}
	build_end(b, 0, 0);
}

static void test_threads(unsigned int nr, bool entries)
{
	struct build b = { 0 };
	struct output o;
	char want[96];

	build_threads(&b, nr, entries);
	o = RUN("-i", build_file(&b));
	tap_ok(strstr(o.out, "TID NAME             USED GUARD TLS\n"),
	       "%u stacks, guards are %s: a table of threads", nr,
	       entries ? "entries" : "mappings");
	snprintf(want, sizeof(want), "213 mc-worker          5K    4K %" PRIx64 "\n",
		 end_of_stack(nr, 0) - 2368);
	tap_ok(strstr(o.out, want), "the first thread: used, guard, TLS");
	snprintf(want, sizeof(want), "|      others: mc-worker 217-%u\n", 212 + nr);
	tap_ok(nr == 5 || strstr(o.out, want), "the others: %s", want);
	tap_ok(look(o.out).lines <= LINES_MAX && !strstr(o.out, "guess"),
	       "%zu lines, no guess", look(o.out).lines);
	output_free(&o);
	build_free(&b);
}

static void test_labels(void)
{
	struct build b = { 0 };
	struct output o;

	build_threads(&b, 9, false);
	o = RUN("-i", build_file(&b));
	tap_ok(strstr(o.out, "|    9 thread stacks                rw-p   72M "),
	       "stacks are one kind");
	output_free(&o);
	o = RUN("-a", "-i", build_file(&b));
	tap_ok(strstr(o.out, "| stack of thread 220 mc-worker   rw-p    8M "),
	       "with -a, each stack has a box");
	tap_ok(strstr(o.out, "stack 8M, guard 4K, used 5K, TLS 7f00010016c0"),
	       "and its parts");
	output_free(&o);
	build_free(&b);
	build_threads(&b, 30, true);
	o = RUN("-i", build_file(&b));
	tap_ok(strstr(o.out, "+- stacks of 30 threads "), "one mapping of 30");
	output_free(&o);
	o = RUN("-a", "-i", build_file(&b));
	tap_ok(strstr(o.out, "| stacks of 30 threads ") &&
	       strstr(o.out, "|         213 mc-worker ") &&
	       strstr(o.out, "|         242 mc-worker "), "with -a, all are named");
	output_free(&o);
	build_free(&b);
}

/* Kinds of mappings in turn, so that neighbours never are of one kind. */
static void build_many(struct build *b, size_t nr, const struct vma *kinds,
		       size_t nr_kinds, uint64_t step)
{
	struct mmscope_mm mm = build_some_mm(4);
	uint64_t start = 0x10000000000;

	build_header(b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			   MMSCOPE_PART_PAGETABLE, 0);
	build_task(b, 7, "many", 0);
	build_mm(b, &mm, "/bin/many", "");
	for (size_t i = 0; i < nr; i++, start += step) {
		struct vma vma = kinds[i % nr_kinds];

		vma.start = start;
		vma.end = start + 2 * PAGE;
		build_vma(b, &vma);
	}
	build_end(b, 0, 0);
}

static void test_many(size_t nr, uint64_t step)
{
	static const struct vma kinds[] = {
		{ .perms = "rw-p" },
		{ .perms = "r--p", .name = "/var/lib/file", .ino = 1000 },
		{ .perms = "r-xp", .name = "/bin/many", .ino = 1,
		  .segment = MMSCOPE_SEG_CODE },
		{ .perms = "rw-p", .name = "[heap]",
		  .segment = MMSCOPE_SEG_HEAP },
		{ .perms = "rw-p", .name = "[stack]",
		  .segment = MMSCOPE_SEG_STACK },
		{ .perms = "r-xp", .name = "/lib/lib.so", .ino = 2 },
	};

	for (size_t nr_kinds = 1; nr_kinds <= ARRAY_SIZE(kinds); nr_kinds++) {
		struct build b = { 0 };
		struct output o;
		struct seen seen;

		build_many(&b, nr, kinds, nr_kinds, step);
		o = RUN("-i", build_file(&b));
		seen = look(o.out);
		tap_ok(o.code == 0 && seen.lines <= LINES_MAX,
		       "%zu mappings of %zu kinds: %zu lines", nr, nr_kinds,
		       seen.lines);
		output_free(&o);
		build_free(&b);
	}
}

static void test_counts(void)
{
	static const struct vma anon = { .perms = "rw-p" };
	struct build b = { 0 };
	struct output o;

	build_many(&b, 60000, &anon, 1, 3 * PAGE);
	o = RUN("-i", build_file(&b));
	tap_ok(strstr(o.out, "60,000 mappings  "), "the area is counted");
	tap_ok(strstr(o.out, "|    60,000 anonymous "), "its kind, too");
	output_free(&o);
	build_free(&b);
}

static void test_limit(void)
{
	static const struct vma stack = {
		.start = 0x7ffe00000000, .end = 0x7ffe00021000, .perms = "rw-p",
		.name = "[stack]", .segment = MMSCOPE_SEG_STACK,
	};
	struct mmscope_mm mm = build_some_mm(4);
	struct build b = { 0 };
	struct output o;

	mm.rlimit_stack = 8 << 20;
	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			    MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 1, "x", 0);
	build_mm(&b, &mm, "/x", "x");
	build_vma(&b, &stack);
	build_end(&b, 0, 0);
	o = RUN("-i", build_file(&b));
	/* 0x7ffe00021000 - 8M */
	tap_ok(strstr(o.out, "\n    7ffdff821000 :    <- stack may grow to here (RLIMIT_STACK)"),
	       "the limit is marked where it is");
	output_free(&o);
	build_free(&b);
}

int main(void)
{
	static const char *const widths[] = { "60", "71", "80", "132" };

	for (size_t i = 0; i < 4; i++)
		for (unsigned int levels = 4; levels <= 5; levels++)
			test_process(levels, widths[i]);
	test_words();
	test_sums();
	each_recorded(test_recorded);
	for (unsigned int entries = 0; entries <= 1; entries++) {
		test_threads(5, entries);
		test_threads(9, entries);
		test_threads(999, entries);
	}
	test_labels();
	test_many(60000, 3 * PAGE);
	test_many(3000, 8ULL << 30);
	test_counts();
	test_limit();
	return tap_done();
}
