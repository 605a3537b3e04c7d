// SPDX-License-Identifier: GPL-2.0-only
/* The picture to scale, parsed from the text. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "array.h"
#include "build.h"
#include "lines.h"
#include "tap.h"

/* The next line; the text is cut up. */
static char *next_line(char **at)
{
	return *at && **at ? strsep(at, "\n") : NULL;
}

static bool is_border(const char *line)
{
	return strlen(line) > MARGIN + 1 && line[MARGIN + 1] == '+';
}

static uint64_t margin(const char *line)
{
	return strtoull(line, NULL, 16);
}

/* Height of a box in lines, as the caption states it. */
static unsigned int lines_to_scale(uint64_t pages)
{
	char hex[24];
	int digits = snprintf(hex, sizeof(hex), "%" PRIx64, pages);

	return (unsigned int)(digits + 1) / 2;
}

/**
 * struct seen - what a picture shows
 * @lines: lines in all
 * @widest: columns of the longest
 * @borders: number of borders
 * @disorder: borders or marks that are not below the one before
 * @low: boxes lower than their size asks for
 * @high: boxes of one line of text that are higher
 * @escapes: bytes outside printable ASCII
 */
struct seen {
	size_t lines, widest, borders, disorder, low, high, escapes;
};

static void see_box(struct seen *seen, uint64_t upper, uint64_t lower,
		    unsigned int height, unsigned int texts)
{
	uint64_t last = upper == UINT64_MAX ? upper : upper - 1;
	unsigned int want = lines_to_scale((last - lower) / PAGE + 1);

	seen->low += height < want;
	seen->high += texts <= 1 && height > want;
}

static struct seen look(const char *picture)
{
	struct seen seen = { 0 };
	uint64_t upper = 0, last = UINT64_MAX;
	unsigned int height = 0, texts = 0;
	char *copy = strdup(picture), *at = copy, *line;

	while ((line = next_line(&at))) {
		size_t len = strlen(line);

		seen.lines++;
		seen.widest = len > seen.widest ? len : seen.widest;
		for (size_t i = 0; i < len; i++)
			seen.escapes += line[i] < ' ' || line[i] > '~';
		if (!is_border(line)) {
			height++;
			texts += len > MARGIN + 3 &&
				 strspn(line + MARGIN + 2, " |:") <
					 strlen(line + MARGIN + 2);
			if (seen.borders && line[MARGIN - 1] != ' ') {
				seen.disorder += margin(line) >= last;
				last = margin(line);
			}
			continue;
		}
		if (seen.borders++) {
			seen.disorder += margin(line) >= last;
			see_box(&seen, upper, margin(line), height, texts);
		}
		upper = margin(line);
		last = upper;
		height = 0;
		texts = 0;
	}
	free(copy);
	return seen;
}

static void test_process(unsigned int levels, const char *width)
{
	struct build b = { 0 };
	struct output o;
	struct seen seen;
	size_t missing = 0;

	build_process(&b, levels);
	o = RUN("-a", "-i", build_file(&b), "--width", width);
	seen = look(o.out);
	tap_ok(o.code == 0 && !*o.err, "picture, %u levels, %s columns: %s",
	       levels, width, o.err);
	tap_ok(seen.widest <= strtoul(width, NULL, 10), "%zu columns",
	       seen.widest);
	tap_ok(!seen.disorder, "addresses go down (%zu do not)", seen.disorder);
	tap_ok(!seen.low && !seen.high, "to scale (%zu low, %zu high)",
	       seen.low, seen.high);
	tap_ok(!seen.escapes, "plain ASCII");
	/* bounds of mappings that have a gap next to them */
	for (size_t i = 1; i < process_nr_vmas; i++)
		if (process_vmas[i].start != process_vmas[i - 1].end)
			missing += !has_line(o.out, process_vmas[i].start, "+") +
				   !has_line(o.out, process_vmas[i - 1].end, "+");
	tap_ok(!missing, "each gap is drawn (%zu are not)", missing);
	tap_ok(has_line(o.out, levels == 5 ? 1ULL << 56 : 1ULL << 47, "+"),
	       "start of the hole");
	tap_ok(strstr(o.out, levels == 5 ? " 64P" : " 128T"),
	       "size of the kernel half");
	output_free(&o);
	build_free(&b);
}

static void test_words(void)
{
	static const char *const words[] = {
		"thing\\012\"x\\\\033 (PID 4711) on Linux 6.1.0-test",
		"flexible layout, ASLR on, 4-level", "page tables 80K",
		"31 mappings", "swapped 20K", "library libc.so.6",
		"--- brk --", "--- start_brk --", "<- mmap_base",
		"<- start_stack", "<- arg_start", "<- arg_end, env_start",
		"<- env_end", "<- task_size", "stack ", "heap ", "bss ",
		"<- start_data", "<- end_data", "--- start_code --",
		"<- end_code", "mmap_base, mappings grow down v",
		"data, relro thing", "grows down v, no limit",
		"guard gap 1M", "grows up ^", "data thing", "rodata thing",
		"text thing", "vdso", "vvar",
		"stack of thread 4712 worker", "used 4K", "TLS 7f00208006c0",
		"memfd box", "POSIX shm sem.x",
		"SysV shm SYSV00000000", "device card0",
		"file locale-archive", "kernel half", "hole", "gap",
		"malloc arena (a guess)", "hugetlb",
	};
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	o = RUN("-a", "--color=never", "-i", build_file(&b));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		tap_ok(strstr(o.out, words[i]), "the picture says %s",
		       words[i]);
	output_free(&o);
	build_free(&b);
}

static void test_colors(void)
{
	struct build b = { 0 };
	struct output plain, colored;
	const char *file;
	char *to, *from;

	build_process(&b, 4);
	file = build_file(&b);
	plain = RUN("-a", "-i", file);
	colored = RUN("-a", "-i", file, "--color=always");
	tap_ok(strstr(colored.out, "\033["), "coloured with --color=always");
	/* remove the colours */
	for (to = from = colored.out; *from; from++) {
		if (*from == '\033')
			from += strcspn(from, "m");
		else
			*to++ = *from;
	}
	*to = '\0';
	tap_ok(!strcmp(plain.out, colored.out), "colours change nothing else");
	output_free(&plain);
	output_free(&colored);
	build_free(&b);
}

static void test_locale(void)
{
	static const char *const locales[] = { "C", "C.UTF-8", "de_DE.UTF-8" };
	struct build b = { 0 };
	struct output first = { 0 };

	build_process(&b, 4);
	for (size_t i = 0; i < 3; i++) {
		struct output o;

		setenv("LC_ALL", locales[i], 1);
		setenv("TERM", i ? "dumb" : "xterm-256color", 1);
		o = RUN("-a", "-i", build_file(&b));
		if (!i) {
			first = o;
			continue;
		}
		tap_ok(!strcmp(first.out, o.out), "the same under %s",
		       locales[i]);
		output_free(&o);
	}
	output_free(&first);
	build_free(&b);
}

/* COLUMNS is the width of the picture, unless it is nonsense or --width is given. */
static void test_columns(void)
{
	static const struct {
		const char *value;
		size_t want;
	} cases[] = {
		{ "132", 132 }, { "70", 70 }, { "10", 60 }, { "9999", 500 },
		{ "", 80 }, { "0", 80 }, { "x", 80 }, { "-70", 80 },
	};
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		setenv("COLUMNS", cases[i].value, 1);
		o = RUN("-a", "-i", build_file(&b));
		tap_ok(widest_line(o.out) == cases[i].want,
		       "COLUMNS=%s: %zu columns", cases[i].value,
		       widest_line(o.out));
		output_free(&o);
	}
	setenv("COLUMNS", "132", 1);
	o = RUN("-a", "-i", build_file(&b), "--width=90");
	tap_ok(widest_line(o.out) == 90, "--width outweighs COLUMNS");
	output_free(&o);
	unsetenv("COLUMNS");
	build_free(&b);
}

/* Mappings with a page between them. */
static void build_many(struct build *b, size_t nr)
{
	struct mmscope_mm mm = build_some_mm(4);
	uint64_t start = 0x7f0000000000;

	build_header(b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			   MMSCOPE_PART_PAGETABLE, 0);
	build_task(b, 7, "many", 0);
	build_mm(b, &mm, "/bin/many", "");
	for (size_t i = 0; i < nr; i++, start += 3 * PAGE) {
		struct vma vma = { .start = start, .end = start + 2 * PAGE,
				   .perms = "rw-p" };

		build_vma(b, &vma);
	}
	build_end(b, 0, 0);
}

/* Each mapping has a box. */
static void test_all(size_t nr)
{
	struct build b = { 0 };
	size_t boxes = 0;
	struct output o;

	build_many(&b, nr);
	o = RUN("-a", "-i", build_file(&b));
	for (const char *at = o.out; (at = strstr(at, "| anonymous ")); at++)
		boxes++;
	tap_ok(o.code == 0 && boxes == nr, "-a: %zu boxes", boxes);
	output_free(&o);
	build_free(&b);
}

static void test_empty(void)
{
	struct build b = { 0 };
	struct output o;

	build_many(&b, 0);
	o = RUN("-a", "-i", build_file(&b));
	tap_ok(o.code == 0 && strstr(o.out, "0 mappings"), "no mapping at all");
	output_free(&o);
	build_free(&b);
}

/* Runs that overlap: together, they have more pages than the mapping. */
static void test_overfull(void)
{
	static const struct vma vma = {
		.start = 0x7f0000000000, .end = 0x7f0000200000, .perms = "rw-p",
	};
	static const struct run runs[] = {
		{ .start = 0x7f0000000000, .frame = 1, .raw = 2, .nr = 511,
		  .level = MMSCOPE_PTE, .kind = MMSCOPE_SWAP },
		{ .start = 0x7f0000000000, .frame = 512, .raw = 0x5067, .nr = 1,
		  .level = MMSCOPE_PMD, .kind = MMSCOPE_PRESENT },
	};
	struct mmscope_mm mm = build_some_mm(4);
	struct build b = { 0 };
	struct output o;

	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
		     MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 1, "x", 0);
	build_mm(&b, &mm, "/x", "x");
	build_vma(&b, &vma);
	build_runs(&b, &runs[0], 1);
	build_runs(&b, &runs[1], 1);
	build_end(&b, 0, 0);
	o = RUN("-a", "-i", build_file(&b));
	tap_ok(o.code == 0 && strstr(o.out, " 4K :sssssssss "),
	       "more pages than the mapping has: %d %s", o.code, o.err);
	output_free(&o);
	build_free(&b);
}

/* Draw a process with these mappings. */
static struct output picture_of(const struct mmscope_mm *mm,
				const struct vma *vmas, size_t nr)
{
	struct build b = { 0 };
	struct output o;

	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
		     MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 1, "x", 0);
	build_mm(&b, mm, "/x", "x");
	for (size_t i = 0; i < nr; i++)
		build_vma(&b, &vmas[i]);
	build_end(&b, 0, 0);
	o = RUN("-a", "-i", build_file(&b));
	build_free(&b);
	return o;
}

static void test_stack_limit(void)
{
	static const struct vma stack = {
		.start = 0x7ffe00000000, .end = 0x7ffe00021000, .perms = "rw-p",
		.name = "[stack]", .segment = MMSCOPE_SEG_STACK,
	};
	struct mmscope_mm mm = build_some_mm(4);
	struct output o;

	mm.rlimit_stack = 8 << 20;
	o = picture_of(&mm, &stack, 1);
	tap_ok(strstr(o.out, "grows down v, limit 8M (RLIMIT_STACK), guard gap 1M"),
	       "limits of the stack");
	/* 0x7ffe00021000 - 8M */
	tap_ok(strstr(o.out, "\n    7ffdff821000 : <- stack may grow to here"),
	       "the limit is marked where it is");
	output_free(&o);
}

/* Nothing of a mapping over an empty heap is heap. */
static void test_empty_heap(void)
{
	static const struct vma over = {
		.start = 0x555510000000, .end = 0x555514000000, .perms = "rwxp",
		.segment = MMSCOPE_SEG_HEAP,
	};
	struct mmscope_mm mm = build_some_mm(4);
	struct output o;

	mm.start_brk = 0x555511000000;
	mm.brk = mm.start_brk;
	o = picture_of(&mm, &over, 1);
	tap_ok(strstr(o.out, "| anonymous ") && !strstr(o.out, "| heap "),
	       "a mapping over an empty heap is anonymous");
	tap_ok(strstr(o.out, "<- start_brk, brk: no heap"),
	       "the empty heap is marked");
	output_free(&o);
}

static void test_thread_stacks(void)
{
	static const struct vma vmas[] = {
		{ .start = 0x7f0000000000, .end = 0x7f0000001000, .perms = "---p" },
		{ .start = 0x7f0000001000, .end = 0x7f0000801000, .perms = "rw-p" },
		{ .start = 0x7f0000801000, .end = 0x7f0000802000, .perms = "---p" },
		{ .start = 0x7f0000802000, .end = 0x7f0001002000, .perms = "rw-p" },
		/* not next to these */
		{ .start = 0x7f0010000000, .end = 0x7f0010001000, .perms = "---p" },
		{ .start = 0x7f0010001000, .end = 0x7f0010801000, .perms = "rw-p" },
	};
	struct mmscope_mm mm = build_some_mm(4);
	struct output o = picture_of(&mm, vmas, ARRAY_SIZE(vmas));
	size_t boxes = 0;

	for (const char *at = o.out;
	     (at = strstr(at, "| thread stack (a guess)          rw-p    8M     0"));
	     at++)
		boxes++;
	tap_ok(boxes == 3, "each stack has a box (%zu)", boxes);
	tap_ok(strstr(o.out, "|   stack 8M, guard 4K"), "with its guard");
	output_free(&o);
}

static void put_kernel(struct build *b)
{
	static const struct mmscope_kernel_region regions[] = {
		{ .start = 0xffff888000000000, .size = 1ULL << 46,
		  .area = MMSCOPE_AREA_DIRECT_MAP },
		{ .start = 0xffffffff80000000, .size = 1 << 30,
		  .area = MMSCOPE_AREA_IMAGE_WINDOW },
		{ .start = 0xffffffff81000000, .size = 40 << 20,
		  .area = MMSCOPE_AREA_IMAGE },
		{ .start = 0xfffffffffffff000, .size = 4096, .area = 99 },
	};
	struct mmscope_kernel kernel = { .start = 1ULL << 63 };

	build_record(b, MMSCOPE_REC_KERNEL, &kernel.root, sizeof(kernel) - 8);
	for (size_t i = 0; i < ARRAY_SIZE(regions); i++)
		build_record(b, MMSCOPE_REC_KERNEL_REGION, &regions[i].start,
			     sizeof(regions[i]) - 8);
}

static void test_kernel(bool layout)
{
	static const char *const words[] = {
		"\nfffffffffffff000 |   area-99 ",
		"\nffffffff81000000 |     image: code and data ",
		"\nffffffff80000000 |   image-window ",
		"\nffff888000000000 |   direct-map: all RAM                  64T ",
	};
	struct mmscope_mm mm = build_some_mm(4);
	struct build b = { 0 };
	struct output o;

	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
		     MMSCOPE_PART_PAGETABLE |
		     (layout ? MMSCOPE_PART_KERNEL_LAYOUT : 0), 0);
	build_task(&b, 1, "x", 0);
	build_mm(&b, &mm, "/x", "x");
	if (layout)
		put_kernel(&b);
	build_end(&b, 0, 0);
	o = RUN("-a", "-i", build_file(&b));
	tap_ok(o.code == 0 && strstr(o.out, "| kernel half "), "the kernel half");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		tap_ok(!!strstr(o.out, words[i]) == layout, "%s: %s",
		       layout ? "has" : "has not", words[i] + 1);
	tap_ok(!look(o.out).disorder, "addresses go down");
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
	test_colors();
	test_locale();
	test_columns();
	test_stack_limit();
	test_empty_heap();
	test_thread_stacks();
	test_kernel(true);
	test_kernel(false);
	test_all(500);
	test_empty();
	test_overfull();
	return tap_done();
}
