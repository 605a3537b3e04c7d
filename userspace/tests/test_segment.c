// SPDX-License-Identifier: GPL-2.0-only
/* Which segment mappings are, and how much of them is resident. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "entry.h"
#include "region.h"
#include "tap.h"

/* The address space that the current test loaded, and what its mappings are. */
static struct classes classes;

static void load(struct space *sp, const struct build *b)
{
	struct stream s = { 0 };
	int fd = build_fd(b);

	tap_ok(stream_open(&s, fd), "open");
	space_load(sp, &s);
	tap_ok(s.ended, "read to its end");
	stream_close(&s);
	close(fd);
	classify(&classes, sp);
}

static void unload(struct space *sp)
{
	classes_free(&classes);
	space_free(sp);
}

static void test_process(void)
{
	struct build b = { 0 };
	struct space sp;

	build_process(&b, 4);
	load(&sp, &b);
	for (size_t i = 0; i < process_nr_vmas; i++) {
		struct text is = { 0 };

		class_put(&is, &classes, &sp.map[i]);
		tap_ok(!strcmp(is.s, process_segments[i]),
		       "%zu: %s %s is %s: %s", i, process_vmas[i].perms,
		       process_vmas[i].name ? process_vmas[i].name : "",
		       process_segments[i], is.s);
		text_free(&is);
	}
	unload(&sp);
	build_free(&b);
}

/* Worked out by hand: 16K of text; 12K and 20K swapped of the heap ... */
static void test_resident(void)
{
	static const struct {
		uint64_t start, resident, swapped;
	} want[] = {
		{ 0x555500002000, 16 << 10, 0 },
		{ 0x555510000000, 12 << 10, 20 << 10 },
		{ 0x7f0010000000, 4 << 20, 0 },
		{ 0x7f0020001000, 16 << 10, 0 },
		{ 0x7f0030040000, 0, 0 },
		{ 0x7ffe00000000, 12 << 10, 0 },
	};
	struct build b = { 0 };
	struct space sp;

	build_process(&b, 4);
	load(&sp, &b);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const struct mapping *map = space_find(&sp, want[i].start);

		tap_ok(map && map->start == want[i].start &&
		       map->resident == want[i].resident &&
		       map->swapped == want[i].swapped,
		       "resident and swapped at %llx",
		       (unsigned long long)want[i].start);
	}
	tap_ok(!space_find(&sp, 0x7ffe00106000), "nothing above the vdso");
	unload(&sp);
	build_free(&b);
}

static bool is_segment(const struct space *sp, size_t i, const char *name)
{
	return !strcmp(class_name(&classes, &sp->map[i]), name);
}

/* Cases that look alike and are not. */
static void test_alike(void)
{
	static const struct vma vmas[] = {
		/* a mapped data file is not a library */
		{ 0x10000, 0x20000, "rw-p", "/var/lib/x", 1, 0, 0, 0, 0 },
		{ 0x20000, 0x30000, "rw-p", 0, 0, 0, 0, 0, 0 },
		/* memory after a library's code is not its bss */
		{ 0x100000, 0x110000, "r-xp", "/lib/y", 2, 0, 0, 0, 0 },
		{ 0x110000, 0x120000, "rw-p", 0, 0, 0, 0, 0, 0 },
		/* nor is memory with a name, or at a distance */
		{ 0x200000, 0x210000, "r-xp", "/lib/z", 3, 0, 0, 0, 0 },
		{ 0x210000, 0x220000, "rw-p", "/lib/z", 3, 0, 0, 0, 16 },
		{ 0x220000, 0x230000, "rw-p", "[anon:x]", 0, 0, 0, 0, 0 },
		{ 0x240000, 0x250000, "r-xp", "/lib/w", 4, 0, 0, 0, 0 },
		{ 0x250000, 0x260000, "rw-p", "/lib/w", 4, 0, 0, 0, 16 },
		{ 0x261000, 0x270000, "rw-p", 0, 0, 0, 0, 0, 0 },
		/* at a distance from all others, it guards nothing */
		{ 0x300000, 0x301000, "---p", 0, 0, 0, 0, 0, 0 },
		/* more memory after a library than the library has */
		{ 0x380000, 0x381000, "r-xp", "/lib/v", 6, 0, 0, 0, 0 },
		{ 0x381000, 0x382000, "rw-p", "/lib/v", 6, 0, 0, 0, 1 },
		{ 0x382000, 0x385000, "rw-p", 0, 0, 0, 0, 0, 0 },
		/* shared code, as of a cache of compiled code */
		{ 0x400000, 0x410000, "r-xs", "/tmp/cache", 5, 0, 0, 0, 0 },
		/* a library's data after a hole that holds other mappings */
		{ 0x500000, 0x528000, "r-xp", "/lib/u", 7, 0, 0, 0, 0 },
		{ 0x528000, 0x529000, "r--p", "/usr/a", 8, 0, 0, 0, 0 },
		{ 0x530000, 0x534000, "rw-p", 0, 0, 0, 0, 0, 0 },
		{ 0x53e000, 0x540000, "r--p", "/lib/u", 7, 0, 0, 0, 0x2e },
		{ 0x540000, 0x541000, "rw-p", "/lib/u", 7, 0, 0, 0, 0x30 },
		{ 0x541000, 0x542000, "rw-p", 0, 0, 0, 0, 0, 0 },
		/* too far from it, or a part that it has already */
		{ 0x562000, 0x563000, "r--p", "/lib/u", 7, 0, 0, 0, 0 },
		{ 0x590000, 0x591000, "r--p", "/lib/u", 7, 0, 0, 0, 0x40 },
	};
	static const char *const want[] = {
		"file", "anon", "lib-text", "anon", "lib-text", "lib-data",
		"anon", "lib-text", "lib-data", "anon", "reserve",
		"lib-text", "lib-data", "anon", "file", "lib-text", "file",
		"anon", "lib-rodata", "lib-data", "lib-bss", "file", "file",
	};
	struct build b = { 0 };
	struct space sp;

	build_header(&b, 4, MMSCOPE_PART_VMAS, 0);
	build_task(&b, 1, "init", 0);
	for (size_t i = 0; i < ARRAY_SIZE(vmas); i++)
		build_vma(&b, &vmas[i]);
	build_end(&b, 0, 0);
	load(&sp, &b);
	for (size_t i = 0; i < sp.nr; i++)
		tap_ok(is_segment(&sp, i, want[i]), "alike %zu: %s", i,
		       want[i]);
	unload(&sp);
	build_free(&b);
}

/* Memory without access that has pages. */
static void test_locked_away(void)
{
	static const struct vma vmas[] = {
		{ 0x100000, 0x110000, "rw-p", 0, 0, 0, 0, 0, 0 },
		{ 0x110000, 0x120000, "---p", 0, 0, 0, 0, 0, 0 },
		{ 0x800000, 0xa00000, "---p", 0, 0, 0, 0, 0, 0 },
	};
	static const struct run runs[] = {
		{ 0x110000, 0x10, 0x10000, 0, 16, 0, MMSCOPE_PTE,
		  MMSCOPE_PROTNONE, 12, true },
		{ 0x800000, 0x20, 0x20000, 0, 512, 0, MMSCOPE_PTE,
		  MMSCOPE_PROTNONE, 12, true },
	};
	static const char *const want[] = { "anon", "guard", "reserve" };

	for (uint32_t nr = 0; nr <= ARRAY_SIZE(runs); nr += 2) {
		struct build b = { 0 };
		struct space sp;

		build_header(&b, 4, MMSCOPE_PART_VMAS | MMSCOPE_PART_PAGETABLE,
			     0);
		build_task(&b, 1, "init", 0);
		for (size_t i = 0; i < ARRAY_SIZE(vmas); i++)
			build_vma(&b, &vmas[i]);
		build_runs(&b, runs, nr);
		build_end(&b, 0, 0);
		load(&sp, &b);
		for (size_t i = 0; i < sp.nr; i++)
			tap_ok(is_segment(&sp, i, want[i]),
			       "%u runs, no access %zu: %s", nr, i, want[i]);
		unload(&sp);
		build_free(&b);
	}
}

/* Without ASLR, the heap directly follows the bss. */
static void test_no_aslr(void)
{
	static const struct vma vmas[] = {
		{ 0x400000, 0x401000, "r-xp", "/bin/s", 1, MMSCOPE_SEG_CODE,
		  0, 0, 0 },
		{ 0x401000, 0x402000, "rw-p", "/bin/s", 1, MMSCOPE_SEG_DATA,
		  0, 0, 1 },
		{ 0x402000, 0x404000, "rw-p", 0, 0, 0, 0, 0, 0 },
		{ 0x404000, 0x425000, "rw-p", "[heap]", 0, MMSCOPE_SEG_HEAP,
		  0, 0, 0 },
	};
	static const char *const want[] = { "text", "data", "bss", "heap" };
	struct mmscope_mm mm = { .start_brk = 0x404000, .brk = 0x425000,
				 .task_size = 0x7ffffffff000 };
	struct build b = { 0 };
	struct space sp;

	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS, 0);
	build_task(&b, 1, "s", 0);
	build_mm(&b, &mm, "/bin/s", "");
	for (size_t i = 0; i < 4; i++)
		build_vma(&b, &vmas[i]);
	build_end(&b, 0, 0);
	load(&sp, &b);
	for (size_t i = 0; i < sp.nr; i++)
		tap_ok(is_segment(&sp, i, want[i]), "no ASLR: %s", want[i]);
	unload(&sp);
	build_free(&b);
}

/**
 * struct scene - mappings, and the segments that they are
 * @name: of the scene
 * @mm: fields of the mm
 * @exe: path of the executable
 * @vmas: the mappings; the first one that is all zero ends them
 * @want: their segments
 */
struct scene {
	const char *name;
	struct mmscope_mm mm;
	const char *exe;
	struct vma vmas[8];
	const char *want[8];
};

#define FLAG_IO	(1ULL << 14)
#define FLAG_PF	(1ULL << 10)
#define FLAG_HT	(1ULL << 22)

static const struct scene scenes[] = {
	/* device DAX has large pages, too */
	{ "device DAX", { .brk = 0 }, "",
	  { { 0x200000, 0x400000, "rw-s", "/dev/dax0.0", 5, 0, 21, 0, 0 },
	    { 0x600000, 0x800000, "rw-p", "/anon_hugepage (deleted)", 6, 0, 21,
	      FLAG_HT, 0 },
	    { 0xa00000, 0xa01000, "rw-s", "/dev/mem", 7, 0, 0, FLAG_IO | FLAG_PF,
	      0 } },
	  { "device", "hugetlb", "device" } },
	/* ordinary memory of the kernel, mapped by frame number */
	{ "perf ring", { .brk = 0 }, "",
	  { { 0x200000, 0x203000, "rw-s", "anon_inode:[perf_event]", 9, 0, 0,
	      FLAG_IO | FLAG_PF, 0 },
	    { 0x300000, 0x303000, "rw-s", "anon_inode:[io_uring]", 9, 0, 0, 0,
	      0 } },
	  { "pfnmap", "file" } },
	{ "program in a memfd",
	  { .start_code = 0x401000, .end_code = 0x402000,
	    .start_data = 0x403800, .end_data = 0x404010,
	    .start_brk = 0x500000, .brk = 0x500000 },
	  "/memfd:prog (deleted)",
	  { { 0x400000, 0x401000, "r--p", "/memfd:prog (deleted)", 3, 0, 0, 0, 0 },
	    { 0x401000, 0x402000, "r-xp", "/memfd:prog (deleted)", 3,
	      MMSCOPE_SEG_CODE, 0, 0, 1 },
	    { 0x403000, 0x404000, "r--p", "/memfd:prog (deleted)", 3,
	      MMSCOPE_SEG_DATA, 0, 0, 2 },
	    { 0x404000, 0x405000, "rw-p", "/memfd:prog (deleted)", 3,
	      MMSCOPE_SEG_DATA, 0, 0, 3 },
	    { 0x405000, 0x407000, "rw-p", 0, 0, 0, 0, 0, 0 },
	    { 0x600000, 0x601000, "rw-s", "/memfd:prog (deleted)", 3, 0, 0, 0,
	      0 } },
	  { "rodata", "text", "relro", "data", "bss", "memfd" } },
	{ "program in /dev/shm",
	  { .start_code = 0x400000, .end_code = 0x401000,
	    .start_data = 0x401000, .end_data = 0x402000 },
	  "/dev/shm/prog",
	  { { 0x400000, 0x401000, "r-xp", "/dev/shm/prog", 3, MMSCOPE_SEG_CODE,
	      0, 0, 0 },
	    { 0x401000, 0x402000, "rw-p", "/dev/shm/prog", 3, MMSCOPE_SEG_DATA,
	      0, 0, 1 },
	    { 0x600000, 0x601000, "r--p", "/dev/shm/other", 4, 0, 0, 0, 0 } },
	  { "text", "data", "posix-shm" } },
	/* subvolumes of btrfs: one device and inode, two files */
	{ "two files", { .brk = 0 }, "",
	  { { 0x400000, 0x401000, "r-xp", "/a/lib.so", 3, 0, 0, 0, 0 },
	    { 0x401000, 0x402000, "r--p", "/b/data", 3, 0, 0, 0, 0 } },
	  { "lib-text", "file" } },
	{ "the program's file again",
	  { .start_code = 0x400000, .end_code = 0x401000 }, "/bin/p",
	  { { 0x400000, 0x401000, "r-xp", "/bin/p", 3, MMSCOPE_SEG_CODE, 0, 0,
	      0 },
	    { 0x700000, 0x701000, "r-xp", "/bin/p", 3, 0, 0, 0, 0 },
	    { 0x800000, 0x801000, "r--p", "/bin/p", 3, 0, 0, 0, 0 } },
	  { "text", "text", "rodata" } },
	{ "the program's code moved away",
	  { .start_code = 0x400000, .end_code = 0x401000 }, "/bin/p",
	  { { 0x700000, 0x701000, "r-xp", "/bin/p", 3, 0, 0, 0, 0 },
	    { 0x900000, 0x901000, "r-xp", "/lib/l", 4, 0, 0, 0, 0 } },
	  { "text", "lib-text" } },
	/* the kernel puts the heap of a static PIE elsewhere */
	{ "static PIE",
	  { .start_code = 0x7f0000001000, .end_code = 0x7f0000002000,
	    .start_data = 0x7f0000002000, .end_data = 0x7f0000003000,
	    .start_brk = 0x555500000000, .brk = 0x555500021000 }, "/bin/s",
	  { { 0x555500000000, 0x555500021000, "rw-p", "[heap]", 0,
	      MMSCOPE_SEG_HEAP, 0, 0, 0 },
	    { 0x7f0000001000, 0x7f0000002000, "r-xp", "/bin/s", 3,
	      MMSCOPE_SEG_CODE, 0, 0, 1 },
	    { 0x7f0000002000, 0x7f0000003000, "rw-p", "/bin/s", 3,
	      MMSCOPE_SEG_DATA, 0, 0, 2 },
	    { 0x7f0000003000, 0x7f0000009000, "rw-p", 0, 0, 0, 0, 0, 0 } },
	  { "heap", "text", "data", "bss" } },
	/* linked for pages of 2M: too far for a hole, but the mm has the data */
	{ "data far from the text",
	  { .start_code = 0x400000, .end_code = 0x401000,
	    .start_data = 0x600010, .end_data = 0x601000,
	    .start_brk = 0x700000, .brk = 0x721000 }, "/bin/p",
	  { { 0x400000, 0x401000, "r-xp", "/bin/p", 3, MMSCOPE_SEG_CODE, 0, 0,
	      0 },
	    { 0x500000, 0x501000, "r--p", "/lib/l", 4, 0, 0, 0, 0 },
	    { 0x600000, 0x602000, "rw-p", "/bin/p", 3, MMSCOPE_SEG_DATA, 0, 0,
	      0 },
	    { 0x602000, 0x604000, "rw-p", 0, 0, 0, 0, 0, 0 },
	    { 0x700000, 0x721000, "rw-p", "[heap]", 0, MMSCOPE_SEG_HEAP, 0, 0,
	      0 } },
	  { "text", "file", "data", "bss", "heap" } },
	{ "a mapping over an empty heap",
	  { .start_brk = 0x500000, .brk = 0x500000 }, "",
	  { { 0x400000, 0x4400000, "rwxp", "[heap]", 0, MMSCOPE_SEG_HEAP, 0, 0,
	      0 } },
	  { "anon" } },
	{ "private /dev/zero", { .brk = 0 }, "",
	  { { 0x400000, 0x401000, "rwxp", "/dev/zero", 5, 0, 0, 0, 0 },
	    { 0x500000, 0x501000, "rw-s", "/dev/zero (deleted)", 6, 0, 0, 0,
	      0 } },
	  { "anon", "shared-anon" } },
	{ "stacks of threads", { .brk = 0 }, "",
	  { { 0x100000, 0x101000, "---p", 0, 0, 0, 0, 0, 0 },
	    { 0x101000, 0x181000, "rw-p", 0, 0, 0, 0, 0, 0 },
	    /* too small */
	    { 0x200000, 0x201000, "---p", 0, 0, 0, 0, 0, 0 },
	    { 0x201000, 0x203000, "rw-p", 0, 0, 0, 0, 0, 0 },
	    /* a guard of something else */
	    { 0x300000, 0x301000, "---p", "/lib/x", 7, 0, 0, 0, 0 },
	    { 0x301000, 0x381000, "rw-p", 0, 0, 0, 0, 0, 0 } },
	  { "guard", "thread-stack", "guard", "anon", "file", "anon" } },
};

#define FLAG_AC	(1ULL << 20)
#define ARENA	(64ULL << 20)

/* Scenes with names of guesses: a question mark is appended to these. */
static const struct scene guessed[] = {
	{ "RELRO of a library", { .brk = 0 }, "",
	  { { 0x400000, 0x401000, "r-xp", "/lib/l", 4, 0, 0, 0, 0 },
	    { 0x401000, 0x402000, "r--p", "/lib/l", 4, 0, 0, 0, 1 },
	    { 0x402000, 0x403000, "r--p", "/lib/l", 4, 0, 0, FLAG_AC, 1 },
	    { 0x403000, 0x404000, "rw-p", "/lib/l", 4, 0, 0, FLAG_AC, 2 },
	    { 0x404000, 0x405000, "rw-p", 0, 0, 0, 0, FLAG_AC, 0 } },
	  { "lib-text", "lib-rodata", "lib-relro", "lib-data", "lib-bss?" } },
	{ "arena", { .brk = 0 }, "",
	  { { 2 * ARENA, 2 * ARENA + 0x21000, "rw-p", 0, 0, 0, 0, 0, 0 },
	    { 2 * ARENA + 0x21000, 3 * ARENA, "---p", 0, 0, 0, 0, 0, 0 },
	    /* not aligned */
	    { 5 * ARENA + 0x1000, 5 * ARENA + 0x21000, "rw-p", 0, 0, 0, 0, 0,
	      0 },
	    { 5 * ARENA + 0x21000, 6 * ARENA, "---p", 0, 0, 0, 0, 0, 0 },
	    /* too short */
	    { 8 * ARENA, 8 * ARENA + 0x21000, "rw-p", 0, 0, 0, 0, 0, 0 },
	    { 8 * ARENA + 0x21000, 9 * ARENA - 0x1000, "---p", 0, 0, 0, 0, 0,
	      0 },
	    /* code */
	    { 11 * ARENA, 11 * ARENA + 0x21000, "rwxp", 0, 0, 0, 0, 0, 0 },
	    { 11 * ARENA + 0x21000, 12 * ARENA, "---p", 0, 0, 0, 0, 0, 0 } },
	  { "arena?", "reserve?", "anon", "reserve?", "anon", "reserve?",
	    "anon", "reserve?" } },
	{ "a reserve of more than an arena", { .brk = 0 }, "",
	  { { 2 * ARENA, 2 * ARENA + 0x800000, "rw-p", 0, 0, 0, 0, 0, 0 },
	    { 2 * ARENA + 0x800000, 4 * ARENA - 0x1000, "---p", 0, 0, 0, 0, 0,
	      0 } },
	  { "anon", "reserve?" } },
	/* a full one before it; of both, hardly anything is left */
	{ "two arenas", { .brk = 0 }, "",
	  { { 2 * ARENA, 4 * ARENA - 0x1000, "rw-p", 0, 0, 0, 0, 0, 0 },
	    { 4 * ARENA - 0x1000, 4 * ARENA, "---p", 0, 0, 0, 0, 0, 0 },
	    { 4 * ARENA, 4 * ARENA + 0x21000, "rw-p", 0, 0, 0, 0, 0, 0 },
	    { 4 * ARENA + 0x21000, 5 * ARENA, "---p", 0, 0, 0, 0, 0, 0 },
	    /* named by glibc */
	    { 7 * ARENA + 0x1000, 7 * ARENA + 0x2000, "rw-p",
	      "[anon: glibc: malloc arena]", 0, 0, 0, 0, 0 } },
	  { "arena?", "reserve?", "arena?", "reserve?", "arena" } },
	{ "no arena of 32 bits", { .task_size = 0xffffe000 }, "",
	  { { 2 * ARENA, 2 * ARENA + 0x21000, "rw-p", 0, 0, 0, 0, 0, 0 },
	    { 2 * ARENA + 0x21000, 3 * ARENA, "---p", 0, 0, 0, 0, 0, 0 } },
	  { "anon", "reserve?" } },
	{ "shared memory", { .brk = 0 }, "",
	  { { 0x400000, 0x401000, "rw-s", "/SYSV0000002a (deleted)", 4, 0, 0,
	      0, 0 },
	    { 0x500000, 0x501000, "rw-s", "/memfd:x (deleted)", 5, 0, 0, 0,
	      0 },
	    { 0x600000, 0x601000, "rw-s", "/dev/shm/x (deleted)", 6, 0, 0, 0,
	      0 },
	    /* files in the root folder */
	    { 0x700000, 0x701000, "rw-s", "/SYSV0000002a", 7, 0, 0, 0, 0 },
	    { 0x800000, 0x801000, "rw-s", "/memfd:x", 8, 0, 0, 0, 0 },
	    { 0x900000, 0xa00000, "rw-s", "/SYSV0000002b (deleted)", 9, 0, 21,
	      FLAG_HT, 0 },
	    { 0xb00000, 0xb01000, "r-xp", "[uprobes]", 0,
	      MMSCOPE_SEG_SPECIAL, 0, 0, 0 } },
	  { "sysv-shm", "memfd", "posix-shm", "file", "file", "hugetlb",
	    "uprobes" } },
};

static void build_scene(struct build *b, const struct scene *scene)
{
	static const struct mmscope_name flags[] = {
		{ 10, "pf" }, { 14, "io" }, { 20, "ac" }, { 22, "ht" },
	};

	build_header(b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS, 0);
	build_task(b, 1, "x", 0);
	build_names(b, MMSCOPE_NAMES_VMA_FLAGS, flags, ARRAY_SIZE(flags));
	build_mm(b, &scene->mm, scene->exe, "");
	for (size_t i = 0; i < ARRAY_SIZE(scene->vmas); i++)
		if (scene->vmas[i].end)
			build_vma(b, &scene->vmas[i]);
	build_end(b, 0, 0);
}

static void test_scene(const struct scene *scene)
{
	struct build b = { 0 };
	struct space sp;

	build_scene(&b, scene);
	load(&sp, &b);
	for (size_t i = 0; i < sp.nr; i++)
		tap_ok(is_segment(&sp, i, scene->want[i]), "%s, %zu: %s is %s",
		       scene->name, i, scene->want[i],
		       class_name(&classes, &sp.map[i]));
	unload(&sp);
	build_free(&b);
}

static void test_guessed(const struct scene *scene)
{
	struct build b = { 0 };
	struct space sp;

	build_scene(&b, scene);
	load(&sp, &b);
	for (size_t i = 0; i < sp.nr; i++) {
		struct text is = { 0 };

		text_puts(&is, class_name(&classes, &sp.map[i]));
		text_puts(&is, class_is_guess(&classes, &sp.map[i]) ? "?" : "");
		tap_ok(!strcmp(is.s, scene->want[i]), "%s, %zu: %s is %s",
		       scene->name, i, scene->want[i], is.s);
		text_free(&is);
	}
	unload(&sp);
	build_free(&b);
}

/* Regions cover the address space once, with any grouping. */
static void test_regions(enum region_grouping grouping, unsigned int levels)
{
	struct build b = { 0 };
	struct regions all;
	struct space sp;
	uint64_t next = 0, size = 0, want = 0;
	bool whole = true;

	build_process(&b, levels);
	load(&sp, &b);
	regions_build(&all, &classes, grouping);
	for (size_t i = 0; i < all.nr; i++) {
		whole &= all.region[i].start == next &&
			 all.region[i].last >= all.region[i].start;
		next = all.region[i].last + 1;
		size += all.region[i].size;
	}
	for (size_t i = 0; i < process_nr_vmas; i++)
		want += process_vmas[i].end - process_vmas[i].start;
	tap_ok(whole && next == 0, "regions cover all, %d, %u levels", grouping,
	       levels);
	tap_ok(size == want, "regions reserve what the mappings do");
	tap_ok(all.region[all.nr - 1].start ==
		       -(levels == 5 ? 1ULL << 56 : 1ULL << 47),
	       "start of the kernel half");
	regions_free(&all);
	unload(&sp);
	build_free(&b);
}

static void test_small_gap(void)
{
	static const struct vma vmas[] = {
		{ 0x10000, 0x20000, "rw-p", 0, 0, 0, 0, 0, 0 },
		{ 0x21000, 0x30000, "rw-p", 0, 0, 0, 0, 0, 0 },
	};
	struct build b = { 0 };
	struct regions all;
	struct space sp;

	build_header(&b, 4, MMSCOPE_PART_VMAS, 0);
	build_task(&b, 1, "init", 0);
	build_vma(&b, &vmas[0]);
	build_vma(&b, &vmas[1]);
	build_end(&b, 0, 0);
	load(&sp, &b);
	regions_build(&all, &classes, REGIONS_GROUPED);
	tap_ok(all.nr > 2 && all.region[2].type == REGION_GAP &&
	       all.region[2].start == 0x20000 &&
	       all.region[2].last == 0x20fff,
	       "a gap of one page is one");
	regions_free(&all);
	unload(&sp);
	build_free(&b);
}

static void test_entries(void)
{
	struct text t = { 0 };

	entry_attrs(&t, MMSCOPE_ATTR_READ | MMSCOPE_ATTR_DIRTY |
				MMSCOPE_ATTR_GLOBAL | 1u << 15);
	tap_ok(!strcmp(t.s, "r----dG"), "letters of attributes");
	tap_ok(entry_kind(255)->name[0] == '?', "unknown kind");
	text_free(&t);
}

/* A section of the man page; the caller frees it. */
static char *man_section(const char *title)
{
	FILE *f = fopen("man/mmscope.1", "r");
	char *man = NULL, *section = NULL, *begin, *end;
	struct text heading = { 0 };
	size_t room = 0;

	text_printf(&heading, "\n.Ss %s\n", title);
	if (f && getdelim(&man, &room, '\0', f) > 0) {
		begin = strstr(man, heading.s);
		end = begin ? strstr(begin + 1, "\n.S") : NULL;
		if (end)
			section = strndup(begin, (size_t)(end - begin));
	}
	if (f)
		fclose(f);
	text_free(&heading);
	free(man);
	return section;
}

static void expect_word(const char *section, const char *word)
{
	struct text item = { 0 };

	text_printf(&item, "\n.It Cm %s\n", word);
	tap_ok(section && strstr(section, item.s), "the man page lists %s", word);
	text_free(&item);
}

/* Each name in a table has its line there. */
static void test_man(void)
{
	char *segments = man_section("Segments");
	char *kinds = man_section("Kinds of mappings");
	char *entries = man_section("Kinds of entries");

	for (unsigned int i = 0; i < SEGMENTS; i++)
		expect_word(segments, segment_info((enum segment)i)->name);
	for (unsigned int i = 1; *segment_kind(i) != '?'; i++)
		expect_word(kinds, segment_kind(i));
	for (unsigned int i = 0; *entry_kind(i)->name != '?'; i++)
		expect_word(entries, entry_kind(i)->name);
	free(segments);
	free(kinds);
	free(entries);
}

int main(void)
{
	test_process();
	test_resident();
	test_alike();
	test_locked_away();
	test_no_aslr();
	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		test_scene(&scenes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(guessed); i++)
		test_guessed(&guessed[i]);
	for (unsigned int levels = 4; levels <= 5; levels++) {
		test_regions(REGIONS_SINGLE, levels);
		test_regions(REGIONS_GROUPED, levels);
	}
	test_small_gap();
	test_entries();
	test_man();
	return tap_done();
}
