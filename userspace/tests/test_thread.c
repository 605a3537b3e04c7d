// SPDX-License-Identifier: GPL-2.0-only
/* Where the stacks of threads are: streams with mappings, entries and threads. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "tap.h"
#include "thread.h"

#define K	1024ULL
#define BASE	0x7f0000000000ULL
#define STACK	(64 * K)
#define TLS_AT	0x940ULL	/* below the end of a stack */

/**
 * struct want - what is expected of a thread
 * @start: of its stack
 * @end: exclusive; 0: not known
 */
struct want {
	uint64_t start;
	uint64_t end;
	uint64_t guard_size;
	enum guard guard;
	enum origin origin;
	unsigned int guess;
	uint64_t resident;
};

#define ALL_GUESSED	(GUESS_START | GUESS_END | GUESS_ORIGIN)

/**
 * struct scene - an address space with threads
 * @mm: with @has_mm
 */
struct scene {
	const char *name;
	uint16_t machine;
	bool has_mm;
	struct mmscope_mm mm;
	struct vma vma[5];
	struct run run[6];
	struct mmscope_thread thread[4];
	struct want want[4];
};

#define ANON(from, to)	{ .start = (from), .end = (to), .perms = "rw-p" }
#define NO_ACCESS(from, to) { .start = (from), .end = (to), .perms = "---p" }
#define GUARD_RUN(at)	{ .start = (at), .nr = 1, .level = MMSCOPE_PTE, \
			  .kind = MMSCOPE_MARKER_GUARD }
#define PAGES(at, n)	{ .start = (at), .nr = (n), .frame = 1, .raw_shift = 12, \
			  .level = MMSCOPE_PTE, .kind = MMSCOPE_PRESENT }
#define THREAD(id, at, base) \
	{ .tid = (id), .tgid = 1, .sp = (at), .tls = (base), .state = 'S' }

static const struct scene scenes[] = {
	{
		.name = "a mapping as guard",
		.vma = { NO_ACCESS(BASE, BASE + PAGE),
			 ANON(BASE + PAGE, BASE + STACK) },
		.run = { PAGES(BASE + STACK - 3 * PAGE, 3) },
		.thread = { THREAD(2, BASE + STACK - 2 * PAGE,
				   BASE + STACK - TLS_AT) },
		.want = { { BASE + PAGE, BASE + STACK, PAGE, GUARD_MAPPING,
			    ORIGIN_LIBRARY, 0, 3 * PAGE } },
	}, {
		.name = "guard entries between stacks of one mapping",
		.vma = { ANON(BASE, BASE + 2 * STACK) },
		.run = { GUARD_RUN(BASE), PAGES(BASE + STACK - PAGE, 1),
			 GUARD_RUN(BASE + STACK),
			 PAGES(BASE + 2 * STACK - 2 * PAGE, 2) },
		.thread = { THREAD(2, BASE + 2 * STACK - PAGE,
				   BASE + 2 * STACK - TLS_AT),
			    THREAD(3, BASE + STACK - PAGE,
				   BASE + STACK - TLS_AT) },
		.want = { { BASE + STACK + PAGE, BASE + 2 * STACK, PAGE,
			    GUARD_ENTRIES, ORIGIN_LIBRARY, 0, 2 * PAGE },
			  { BASE + PAGE, BASE + STACK, PAGE, GUARD_ENTRIES,
			    ORIGIN_LIBRARY, 0, PAGE } },
	}, {
		.name = "memory that was merged above a stack",
		.vma = { NO_ACCESS(BASE, BASE + PAGE),
			 ANON(BASE + PAGE, BASE + STACK + 8 * PAGE) },
		.run = { PAGES(BASE + STACK - PAGE, 5) },
		.thread = { THREAD(2, BASE + STACK - PAGE,
				   BASE + STACK - TLS_AT) },
		.want = { { BASE + PAGE, BASE + STACK, PAGE, GUARD_MAPPING,
			    ORIGIN_LIBRARY, GUESS_END, PAGE } },
	}, {
		.name = "stacks given by the program, without guards",
		.vma = { ANON(BASE, BASE + 2 * STACK) },
		.thread = { THREAD(2, BASE + STACK - PAGE,
				   BASE + STACK - TLS_AT),
			    THREAD(3, BASE + 2 * STACK - PAGE,
				   BASE + 2 * STACK - TLS_AT) },
		.want = { { BASE, BASE + STACK, 0, GUARD_NONE, ORIGIN_PROGRAM,
			    ALL_GUESSED, 0 },
			  { BASE + STACK, BASE + 2 * STACK, 0, GUARD_NONE,
			    ORIGIN_PROGRAM, GUESS_START | GUESS_ORIGIN, 0 } },
	}, {
		.name = "a runtime that has many stacks in one mapping",
		.vma = { ANON(BASE, BASE + 64 * STACK) },
		.thread = { THREAD(2, BASE + 2 * PAGE, BASE + 900),
			    THREAD(3, BASE + 9 * PAGE, BASE + 500),
			    THREAD(4, BASE + 20 * PAGE, 0x1000) },
		.want = { { 0, 0, 0, GUARD_UNKNOWN, ORIGIN_UNKNOWN, 0, 0 },
			  { 0, 0, 0, GUARD_UNKNOWN, ORIGIN_UNKNOWN, 0, 0 },
			  { 0, 0, 0, GUARD_UNKNOWN, ORIGIN_UNKNOWN, 0, 0 } },
	}, {
		.name = "a child after vfork()",
		.vma = { NO_ACCESS(BASE, BASE + PAGE),
			 ANON(BASE + PAGE, BASE + STACK) },
		.thread = { THREAD(2, BASE + STACK - 2 * PAGE,
				   BASE + STACK - TLS_AT),
			    THREAD(3, BASE + STACK - 2 * PAGE - 64,
				   BASE + STACK - TLS_AT) },
		.want = { { BASE + PAGE, BASE + STACK, PAGE, GUARD_MAPPING,
			    ORIGIN_LIBRARY, 0, 0 },
			  { BASE + PAGE, BASE + STACK, PAGE, GUARD_MAPPING,
			    ORIGIN_LIBRARY, 0, 0 } },
	}, {
		.name = "a process with a stack of its own, by clone()",
		.vma = { ANON(BASE, BASE + STACK) },
		.thread = { THREAD(2, BASE + STACK - 32, 0x1000) },
		.want = { { BASE, BASE + STACK, 0, GUARD_NONE, ORIGIN_PROGRAM,
			    ALL_GUESSED, 0 } },
	}, {
		.name = "a stack that was overrun",
		.vma = { NO_ACCESS(BASE, BASE + PAGE),
			 ANON(BASE + PAGE, BASE + STACK) },
		.thread = { THREAD(2, BASE + 16, BASE + STACK - TLS_AT) },
		.want = { { BASE + PAGE, BASE + STACK, PAGE, GUARD_MAPPING,
			    ORIGIN_LIBRARY, 0, 0 } },
	}, {
		.name = "a stack that was overrun into guard entries",
		.vma = { ANON(BASE, BASE + STACK) },
		.run = { GUARD_RUN(BASE) },
		.thread = { THREAD(2, BASE + 16, BASE + STACK - TLS_AT) },
		.want = { { BASE + PAGE, BASE + STACK, PAGE, GUARD_ENTRIES,
			    ORIGIN_LIBRARY, 0, 0 } },
	}, {
		.name = "a thread on its alternate stack",
		.vma = { NO_ACCESS(BASE, BASE + PAGE),
			 ANON(BASE + PAGE, BASE + STACK),
			 ANON(BASE + 4 * STACK, BASE + 4 * STACK + 8 * K) },
		.thread = { { .tid = 2, .sp = BASE + 4 * STACK + 4 * K,
			      .tls = BASE + STACK - TLS_AT,
			      .altstack_start = BASE + 4 * STACK,
			      .altstack_size = 8 * K } },
		.want = { { BASE + PAGE, BASE + STACK, PAGE, GUARD_MAPPING,
			    ORIGIN_LIBRARY, GUESS_START | GUESS_END, 0 } },
	}, {
		.name = "a stack in the heap",
		.vma = { { .start = BASE, .end = BASE + STACK, .perms = "rw-p",
			   .name = "[heap]", .segment = MMSCOPE_SEG_HEAP } },
		.thread = { THREAD(2, BASE + 8 * K, 0x1000) },
		.want = { { 0, 0, 0, GUARD_UNKNOWN, ORIGIN_UNKNOWN, 0, 0 } },
	}, {
		.name = "a thread of the kernel's own",
		.vma = { ANON(BASE, BASE + STACK) },
		.thread = { { .tid = 2, .flags = MMSCOPE_THREAD_WORKER,
			      .sp = BASE + 16 } },
		.want = { { 0, 0, 0, GUARD_UNKNOWN, ORIGIN_UNKNOWN, 0, 0 } },
	}, {
		.name = "a stack pointer outside all mappings",
		.vma = { ANON(BASE, BASE + STACK) },
		.thread = { THREAD(2, UINT64_MAX, UINT64_MAX) },
		.want = { { 0, 0, 0, GUARD_UNKNOWN, ORIGIN_UNKNOWN, 0, 0 } },
	}, {
		.name = "TLS above the control block, as on arm64",
		.machine = EM_AARCH64,
		.vma = { NO_ACCESS(BASE, BASE + PAGE),
			 ANON(BASE + PAGE, BASE + STACK) },
		.thread = { THREAD(2, BASE + 4 * PAGE, BASE + STACK - 5 * PAGE) },
		.want = { { BASE + PAGE, BASE + STACK, PAGE, GUARD_MAPPING,
			    ORIGIN_LIBRARY, 0, 0 } },
	}, {
		.name = "the main thread, whose stack may grow",
		.has_mm = true,
		.mm = { .rlimit_stack = 16 * STACK, .stack_guard_gap = STACK },
		.vma = { ANON(BASE - 64 * STACK, BASE - 63 * STACK),
			 { .start = BASE, .end = BASE + STACK, .perms = "rw-p",
			   .name = "[stack]", .segment = MMSCOPE_SEG_STACK } },
		.thread = { THREAD(2, BASE + 8 * K, 0x1000) },
		.want = { { BASE, BASE + STACK, STACK, GUARD_GAP, ORIGIN_KERNEL,
			    0, 0 } },
	},
};

static void build_scene(struct build *b, const struct scene *scene)
{
	build_header(b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			   MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_THREADS, 0);
	if (scene->machine)
		memcpy(b->bytes + offsetof(struct mmscope_header, machine),
		       &scene->machine, sizeof(scene->machine));
	build_task(b, 1, "scene", 0);
	if (scene->has_mm)
		build_mm(b, &scene->mm, "", "");
	for (const struct vma *vma = scene->vma; vma->end; vma++)
		build_vma(b, vma);
	for (const struct run *run = scene->run; run->nr; run++)
		build_runs(b, run, 1);
	for (const struct mmscope_thread *t = scene->thread; t->tid; t++)
		build_thread(b, t);
	build_end(b, 0, 0);
}

/* Return: whether it was a stream without faults. */
static bool load(const struct build *b, struct space *sp, struct threads *all)
{
	struct stream s = { 0 };
	struct record rec;
	int fd = build_fd(b);
	bool fine = stream_open(&s, fd);

	space_init(sp, &s);
	threads_init(all, sp);
	while (stream_next(&s, &rec)) {
		space_add(sp, &rec);
		threads_add(all, &rec);
	}
	threads_find(all);
	fine &= !s.error;
	stream_close(&s);
	close(fd);
	return fine;
}

static bool is_as_wanted(const struct thread *t, const struct want *want)
{
	return t->start == want->start && t->end == want->end &&
	       t->guard == want->guard && t->origin == want->origin &&
	       t->guess == want->guess && t->resident == want->resident &&
	       t->guard_end - t->guard_start == want->guard_size;
}

static void test_scene(const struct scene *scene)
{
	struct build b = { 0 };
	struct threads all;
	struct space sp;
	bool fine;

	build_scene(&b, scene);
	fine = load(&b, &sp, &all);
	tap_ok(fine && all.nr, "%s: read", scene->name);
	for (size_t i = 0; i < all.nr; i++)
		tap_ok(is_as_wanted(&all.thread[i], &scene->want[i]),
		       "%s: thread %d: %llx-%llx guard %d, %llx origin %d guess %x resident %llx",
		       scene->name, all.thread[i].rec->tid,
		       (unsigned long long)all.thread[i].start,
		       (unsigned long long)all.thread[i].end,
		       all.thread[i].guard,
		       (unsigned long long)all.thread[i].guard_start,
		       all.thread[i].origin, all.thread[i].guess,
		       (unsigned long long)all.thread[i].resident);
	threads_free(&all);
	space_free(&sp);
	build_free(&b);
}

static const struct scene *scene_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		if (!strcmp(scenes[i].name, name))
			return &scenes[i];
	return NULL;
}

static void expect_row(const char *scene, const char *columns, const char *row)
{
	struct build b = { 0 };
	struct output o;

	build_scene(&b, scene_named(scene));
	o = RUN("threads", "-n", "-b", "-o", columns, "-i", build_file(&b));
	tap_ok(o.code == 0 && !strncmp(o.out, row, strlen(row)),
	       "%s of %s: %s%s", columns, scene, o.out, o.err);
	output_free(&o);
	build_free(&b);
}

static void test_rows(void)
{
	expect_row("a mapping as guard", "TID,USED,ROOM,TLS_TOP,GUESSES",
		   "2 8192 53248 2368 -\n");
	expect_row("a stack that was overrun", "USED,ROOM", "65520 0\n");
	expect_row("a thread on its alternate stack",
		   "USED,ROOM,ON_ALTSTACK,ALTSTACK",
		   "- - yes 7f0000040000-7f0000042000\n");
	expect_row("the main thread, whose stack may grow", "LIMIT,ROOM",
		   "7efffff10000 991232\n");
	expect_row("a thread of the kernel's own", "REGS,SP,IP,TLS", "- - - -\n");
	expect_row("a runtime that has many stacks in one mapping",
		   "TID,STACK,USED,RSS,MAPPING",
		   "2 - - - 7f0000000000-7f0000400000\n");
	expect_row("stacks given by the program, without guards",
		   "TID,GUARD_KIND,ORIGIN,GUESSES",
		   "2 none program start,end,origin\n"
		   "3 none program start,origin\n");
}

/* The ranges to read: all stacks are in one, and there are few of them. */
static void test_ranges(void)
{
	const uint64_t step = 1ULL << 30;
	const size_t nr = 500;
	struct build b = { 0 };
	struct threads all;
	struct range *ranges;
	struct space sp;
	size_t nr_ranges, at = 0;
	bool fine = true;

	build_header(&b, 4, MMSCOPE_PART_VMAS | MMSCOPE_PART_THREADS, 0);
	build_task(&b, 1, "apart", 0);
	for (size_t i = 0; i < nr; i++) {
		struct vma stack = ANON(BASE + i * step, BASE + i * step + STACK);
		struct vma other = { .start = stack.end + STACK,
				     .end = BASE + (i + 1) * step - PAGE,
				     .perms = "r--s" };

		build_vma(&b, &stack);
		build_vma(&b, &other);
	}
	for (size_t i = 0; i < nr; i++) {
		const struct mmscope_thread thread =
			THREAD((int)i + 1, BASE + i * step + 8 * K, 0);

		build_thread(&b, &thread);
	}
	build_end(&b, 0, 0);
	tap_ok(load(&b, &sp, &all), "stacks that are far apart");
	ranges = threads_ranges(&all, &nr_ranges);
	for (size_t i = 0; i < nr; i++) {
		uint64_t start = BASE + i * step;

		while (at < nr_ranges && ranges[at].end <= start)
			at++;
		fine &= at < nr_ranges && ranges[at].start <= start &&
			ranges[at].end >= start + STACK;
	}
	tap_ok(fine && nr_ranges && nr_ranges <= 64, "are in %zu ranges",
	       nr_ranges);
	free(ranges);
	threads_free(&all);
	space_free(&sp);
	build_free(&b);
}

static void test_by_id(void)
{
	struct build b = { 0 };
	struct threads all;
	struct space sp;

	build_scene(&b, &scenes[1]);
	load(&b, &sp, &all);
	tap_ok(threads_by_id(&all, 2) == &all.thread[0] &&
	       threads_by_id(&all, 3) == &all.thread[1] &&
	       !threads_by_id(&all, 1) && !threads_by_id(&all, 4),
	       "threads by id");
	threads_free(&all);
	space_free(&sp);
	build_free(&b);
}

static void expect_segments(const char *scene, const char *segments)
{
	struct build b = { 0 };
	struct output o;

	build_scene(&b, scene_named(scene));
	o = RUN("vmas", "-n", "-o", "SEGMENT", "-i", build_file(&b));
	tap_ok(o.code == 0 && !strcmp(o.out, segments), "segments of %s: %s%s",
	       scene, o.out, o.err);
	output_free(&o);
	build_free(&b);
}

/* Mappings are named after the threads that have their stacks in them. */
static void test_segments(void)
{
	expect_segments("a mapping as guard", "guard:2\nstack:2\n");
	expect_segments("guard entries between stacks of one mapping",
			"stack:2+1\n");
	expect_segments("a runtime that has many stacks in one mapping",
			"anon\n");
	expect_segments("a stack in the heap", "heap\n");
	expect_segments("the main thread, whose stack may grow",
			"anon\nstack\n");
}

/* The stack of a thread as a range. */
static void test_range(void)
{
	static const struct {
		const char *range;
		int code;
		const char *err;
	} wrong[] = {
		{ "stack:9", 2, "there is no thread 9" },
		{ "stack:", 1, "invalid thread: \"stack:\"" },
		{ "stack:2k", 1, "invalid thread: \"stack:2k\"" },
		{ "stack:0", 1, "invalid thread" },
		{ "stack:99999999999", 1, "invalid thread" },
	};
	struct build b = { 0 };
	struct output o;

	build_scene(&b, scene_named("guard entries between stacks of one mapping"));
	o = RUN("pagetable", "-n", "-o", "RANGE", "-i", build_file(&b),
		"stack:3");
	tap_ok(o.code == 0 && !strcmp(o.out, "7f000000f000-7f0000010000\n"),
	       "entries of a stack: %s%s", o.out, o.err);
	output_free(&o);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		o = RUN("pagetable", "-i", build_file(&b), wrong[i].range);
		tap_ok(o.code == wrong[i].code && strstr(o.err, wrong[i].err),
		       "%s: %d %s", wrong[i].range, o.code, o.err);
		output_free(&o);
	}
	o = RUN("vmas", "-i", "-", "stack:3");
	tap_ok(o.code == 1 && strstr(o.err, "read twice"), "a pipe: %s", o.err);
	output_free(&o);
	build_free(&b);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		test_scene(&scenes[i]);
	test_rows();
	test_ranges();
	test_by_id();
	test_segments();
	test_range();
	return tap_done();
}
