// SPDX-License-Identifier: GPL-2.0-only
/* Every thread stack has a name in the picture, and the picture fits one screen. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "build.h"
#include "tap.h"

#define SCREEN		50
#define FIRST		213
#define IDS_MAX		30000
#define STACK		(1ULL << 20)
#define STACKS		0x7f0000000000

/* Thread i has id FIRST + i * step, and this name; %u is i. */
struct crowd {
	const char *name;
	unsigned int nr;
	unsigned int step;
};

static void add_stack(struct build *b, unsigned int i)
{
	uint64_t start = STACKS + i * (STACK + PAGE);
	struct vma guard = { .start = start, .end = start + PAGE,
			     .perms = "---p" };
	struct vma stack = { .start = start + PAGE,
			     .end = start + PAGE + STACK, .perms = "rw-p" };

	build_vma(b, &guard);
	build_vma(b, &stack);
}

static void add_thread(struct build *b, int tid, const char *comm,
		       unsigned int i)
{
	uint64_t end = STACKS + (i + 1ULL) * (STACK + PAGE);
	struct mmscope_thread thread = {
		.tid = tid, .tgid = 212, .state = 'S',
		.flags = MMSCOPE_THREAD_CURRENT, .sp = end - 5120,
		.tls = end - 2368,
	};

	snprintf(thread.comm, sizeof(thread.comm), "%s", comm);
	build_thread(b, &thread);
}

static void begin(struct build *b, unsigned int nr)
{
	struct mmscope_mm mm = build_some_mm(4);

	build_header(b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			   MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_THREADS, 0);
	build_task(b, 212, "server", 0);
	build_mm(b, &mm, "/bin/server", "");
	for (unsigned int i = 0; i < nr; i++)
		add_stack(b, i);
}

static void build_crowd(struct build *b, const struct crowd *crowd)
{
	begin(b, crowd->nr);
	for (unsigned int i = 0; i < crowd->nr; i++) {
		char comm[32];

		snprintf(comm, sizeof(comm), crowd->name, i);
		add_thread(b, (int)(FIRST + i * crowd->step), comm, i);
	}
	build_end(b, 0, 0);
}

/* A row or a list of threads is indented; only names of libraries are, too. */
static bool is_of_threads(const char *line)
{
	return strlen(line) > 24 && !strncmp(line + 17, "|      ", 7);
}

/* Mark the ids of rows and lists: numbers, or ranges of them. */
static void mark_ids(const char *word, bool *seen)
{
	unsigned int first, last;
	int len = 0;

	if (sscanf(word, "%u%n", &first, &len) != 1)
		return;
	last = first;
	if (word[len] == '-' && sscanf(word + len + 1, "%u%n", &last, &len) == 1)
		word = strchr(word, '-') + 1;
	if (word[len] && strcmp(word + len, ","))
		return;
	for (; first <= last && first < IDS_MAX; first++)
		seen[first] = true;
}

/* Return: number of threads that the list says it leaves out. */
static unsigned int find_ids(const char *picture, bool *seen)
{
	char *copy = strdup(picture), *at = copy, *line;
	unsigned int left = 0, thousands;

	while ((line = strsep(&at, "\n"))) {
		if (!is_of_threads(line))
			continue;
		line += 18;
		if (sscanf(line, " and %u,%u more: see -a", &thousands, &left) == 2)
			left += thousands * 1000;
		else if (sscanf(line, " and %u more: see -a", &left) != 1)
			for (char *word; (word = strsep(&line, " "));)
				mark_ids(word, seen);
	}
	free(copy);
	return left;
}

static size_t count_lines(const char *s, size_t *widest)
{
	size_t lines = 0;

	for (*widest = 0; *s; s += strcspn(s, "\n") + 1, lines++)
		if (strcspn(s, "\n") > *widest)
			*widest = strcspn(s, "\n");
	return lines;
}

static struct output draw(const struct build *b, const char *width)
{
	size_t lines, widest;
	struct output o = RUN("-i", build_file(b), "--width", width);

	lines = count_lines(o.out, &widest);
	tap_ok(!o.code && lines <= SCREEN && widest <= strtoul(width, NULL, 10),
	       "--width %s: %zu lines, %zu columns", width, lines, widest);
	return o;
}

/* Return: number of threads in @crowd that are neither named nor counted as left. */
static unsigned int count_lost(const struct crowd *crowd, const char *picture,
			       unsigned int *left)
{
	bool *seen = calloc(IDS_MAX, sizeof(*seen));
	unsigned int named = 0;

	*left = find_ids(picture, seen);
	for (unsigned int i = 0; i < crowd->nr; i++)
		named += seen[FIRST + i * crowd->step];
	free(seen);
	return crowd->nr - named - *left;
}

static void test_crowd(const struct crowd *crowd, bool all)
{
	static const char *const widths[] = { "60", "80", "200" };
	struct build b = { 0 };

	build_crowd(&b, crowd);
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		struct output o = draw(&b, widths[i]);
		unsigned int left, lost = count_lost(crowd, o.out, &left);

		tap_ok(!lost && all == !left,
		       "%u threads \"%s\", ids in steps of %u: %u left out, %u lost",
		       crowd->nr, crowd->name, crowd->step, left, lost);
		output_free(&o);
	}
	build_free(&b);
}

static void test_crowds(void)
{
	static const struct crowd some[] = {
		{ "mc-worker", 9, 1 }, { "mc-worker", 9, 3 },
		{ "pool-%u-thread", 20, 1 }, { "pool-%u-thread", 20, 2 },
		{ "GC Thread#%u", 40, 1 }, { "GC Thread#%u", 60, 5 },
		{ "\033[%u;1mred", 20, 2 }, { "%u", 20, 2 }, { "", 20, 2 },
		{ "mc-worker", 10000, 1 }, { "p%ut", 10000, 1 },
	};
	static const struct crowd many = { "p%ut", 10000, 2 };

	for (size_t i = 0; i < ARRAY_SIZE(some); i++)
		test_crowd(&some[i], true);
	test_crowd(&many, false);
}

/* Threads of these names, with ids from FIRST on. */
static struct output draw_names(const char *const *names, unsigned int nr)
{
	struct build b = { 0 };
	struct output o;

	begin(&b, nr);
	for (unsigned int i = 0; i < nr; i++)
		add_thread(&b, (int)(FIRST + i), names[i], i);
	build_end(&b, 0, 0);
	o = draw(&b, "80");
	build_free(&b);
	return o;
}

/* The threads of a Java machine, most of which have names of their own. */
static void test_java(void)
{
	static const char *const names[] = {
		"rmiregistry", "GC Thread#0", "G1 Main Marker", "G1 Conc#0",
		"G1 Refine#0", "G1 Service", "VM Thread", "Reference Handl",
		"Finalizer", "Signal Dispatch", "Service Thread",
		"Monitor Deflati", "C2 CompilerThre", "C1 CompilerThre",
		"Notification Th", "VM Periodic Tas", "Common-Cleaner",
		"RMI TCP Accept-", "RMI Reaper", "GC Thread#1", "GC Thread#2",
	};
	struct output o;

	o = draw_names(names, ARRAY_SIZE(names));
	/* The first ones are one group, the last ones have rows. */
	for (unsigned int i = 4; i < 17; i++) {
		char want[48];

		snprintf(want, sizeof(want), " %s %u", names[i], FIRST + i);
		tap_ok(strstr(o.out, want), "%s is named", want + 1);
	}
	output_free(&o);
}

/* Groups are in the order of their first ids; numbers at the end are one name. */
static void test_groups(void)
{
	static const char *const names[] = {
		"b-1", "c 7", "b-2", "a", "b-3", "c 7", "c 7", "a", "last",
	};
	struct output o;

	/* The last ones are highest, and have rows. */
	o = draw_names(names, ARRAY_SIZE(names));
	tap_ok(strstr(o.out, "|      others: b-* 213, 215, 217, c 7 214, a 216\n"),
	       "groups");
	output_free(&o);
}

/* Stacks that a program keeps in its heap have no mapping of their own. */
static void test_heap(void)
{
	static const struct vma heap = {
		.start = 0x555510000000, .end = 0x555510021000, .perms = "rw-p",
		.name = "[heap]", .segment = MMSCOPE_SEG_HEAP,
	};
	struct mmscope_mm mm = build_some_mm(4);
	struct mmscope_thread thread = {
		.tid = 214, .tgid = 212, .state = 'S', .comm = "coroutine",
		.flags = MMSCOPE_THREAD_CURRENT, .sp = heap.start + 4 * PAGE,
	};
	struct build b = { 0 };
	struct output o;

	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			    MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_THREADS, 0);
	build_task(&b, 212, "server", 0);
	build_mm(&b, &mm, "/bin/server", "");
	build_vma(&b, &heap);
	build_thread(&b, &thread);
	build_end(&b, 0, 0);
	o = draw(&b, "80");
	tap_ok(strstr(o.out, "         214 coroutine           -     - 0\n"),
	       "a stack in the heap");
	output_free(&o);
	build_free(&b);
}

/* The main thread has a row of its own, and its id is that of the process. */
static unsigned int count_unnamed(const char *snapshot, const char *picture,
				  unsigned int *nr)
{
	struct output o = RUN("threads", "-n", "-o", "TID,TGID", "-i", snapshot);
	bool *seen = calloc(IDS_MAX, sizeof(*seen));
	unsigned int tid, tgid, unnamed = 0;
	char *at = o.out, *line;

	find_ids(picture, seen);
	for (*nr = 0; (line = strsep(&at, "\n"));)
		if (sscanf(line, "%u %u", &tid, &tgid) == 2) {
			unnamed += tid != tgid && tid < IDS_MAX && !seen[tid];
			++*nr;
		}
	free(seen);
	output_free(&o);
	return unnamed;
}

static void test_recorded(void)
{
	static const char *const names[] = { "java", "node" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		unsigned int nr, unnamed;
		char snapshot[64];
		struct output o;

		snprintf(snapshot, sizeof(snapshot),
			 "tests/recorded/%s-x86_64-6.12.snapshot", names[i]);
		o = RUN("-i", snapshot, "--width", "80");
		unnamed = count_unnamed(snapshot, o.out, &nr);
		tap_ok(nr > 10 && !unnamed, "%s: %u threads, %u without name",
		       names[i], nr, unnamed);
		output_free(&o);
	}
}

int main(void)
{
	test_crowds();
	test_java();
	test_groups();
	test_heap();
	test_recorded();
	return tap_done();
}
