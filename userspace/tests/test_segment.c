// SPDX-License-Identifier: GPL-2.0-only
/* What mappings are taken for, and how much of them is resident. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "entry.h"
#include "region.h"
#include "tap.h"

static void load(struct space *sp, const struct build *b)
{
	struct stream s = { 0 };
	int fd = build_fd(b);

	tap_ok(stream_open(&s, fd), "open");
	space_load(sp, &s);
	tap_ok(s.ended, "read to its end");
	stream_close(&s);
	close(fd);
}

static void test_process(void)
{
	struct build b = { 0 };
	struct space sp;

	build_process(&b, 4);
	load(&sp, &b);
	for (size_t i = 0; i < process_nr_vmas; i++) {
		const char *is = segment_info(sp.map[i].segment)->name;

		tap_ok(!strcmp(is, process_segments[i]),
		       "%zu: %s %s is %s: %s", i, process_vmas[i].perms,
		       process_vmas[i].name ? process_vmas[i].name : "",
		       process_segments[i], is);
	}
	space_free(&sp);
	build_free(&b);
}

/* By hand: 16K of text; 12K and 20K swapped of the heap; and so on. */
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
	space_free(&sp);
	build_free(&b);
}

static bool is_segment(const struct space *sp, size_t i, const char *name)
{
	return !strcmp(segment_info(sp->map[i].segment)->name, name);
}

/* Cases that look alike and are not. */
static void test_alike(void)
{
	static const struct vma vmas[] = {
		/* data read from a file is no library */
		{ 0x10000, 0x20000, "rw-p", "/var/lib/x", 1, 0, 0, 0, 0 },
		{ 0x20000, 0x30000, "rw-p", 0, 0, 0, 0, 0, 0 },
		/* memory behind a library's code is not its bss */
		{ 0x100000, 0x110000, "r-xp", "/lib/y", 2, 0, 0, 0, 0 },
		{ 0x110000, 0x120000, "rw-p", 0, 0, 0, 0, 0, 0 },
		/* nor is memory that was given a name, or lies apart */
		{ 0x200000, 0x210000, "r-xp", "/lib/z", 3, 0, 0, 0, 0 },
		{ 0x210000, 0x220000, "rw-p", "/lib/z", 3, 0, 0, 0, 16 },
		{ 0x220000, 0x230000, "rw-p", "[anon:x]", 0, 0, 0, 0, 0 },
		{ 0x240000, 0x250000, "r-xp", "/lib/w", 4, 0, 0, 0, 0 },
		{ 0x250000, 0x260000, "rw-p", "/lib/w", 4, 0, 0, 0, 16 },
		{ 0x261000, 0x270000, "rw-p", 0, 0, 0, 0, 0, 0 },
		/* far from all, a barrier guards nothing */
		{ 0x300000, 0x301000, "---p", 0, 0, 0, 0, 0, 0 },
		/* more behind a library than it has itself */
		{ 0x380000, 0x381000, "r-xp", "/lib/v", 6, 0, 0, 0, 0 },
		{ 0x381000, 0x382000, "rw-p", "/lib/v", 6, 0, 0, 0, 1 },
		{ 0x382000, 0x385000, "rw-p", 0, 0, 0, 0, 0, 0 },
		/* shared code, as of a cache of compiled code */
		{ 0x400000, 0x410000, "r-xs", "/tmp/cache", 5, 0, 0, 0, 0 },
		/* a library's data behind a hole, where others lie */
		{ 0x500000, 0x528000, "r-xp", "/lib/u", 7, 0, 0, 0, 0 },
		{ 0x528000, 0x529000, "r--p", "/usr/a", 8, 0, 0, 0, 0 },
		{ 0x530000, 0x534000, "rw-p", 0, 0, 0, 0, 0, 0 },
		{ 0x53e000, 0x540000, "r--p", "/lib/u", 7, 0, 0, 0, 0x2e },
		{ 0x540000, 0x541000, "rw-p", "/lib/u", 7, 0, 0, 0, 0x30 },
		{ 0x541000, 0x542000, "rw-p", 0, 0, 0, 0, 0, 0 },
		/* too far behind it, or what it has already */
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
	space_free(&sp);
	build_free(&b);
}

/* Memory that was used, and that nobody may touch any more. */
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
		space_free(&sp);
		build_free(&b);
	}
}

/* Without a randomised heap, it follows the bss and may be one with it. */
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
	space_free(&sp);
	build_free(&b);
}

/* All of the address space, nothing twice, whatever is grouped. */
static void test_regions(enum region_grouping grouping, unsigned int levels)
{
	struct build b = { 0 };
	struct regions all;
	struct space sp;
	uint64_t next = 0, size = 0, want = 0;
	bool whole = true;

	build_process(&b, levels);
	load(&sp, &b);
	regions_build(&all, &sp, grouping);
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
	space_free(&sp);
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
	regions_build(&all, &sp, REGIONS_COLLAPSED);
	tap_ok(all.nr > 2 && all.region[2].type == REGION_GAP &&
	       all.region[2].start == 0x20000 &&
	       all.region[2].last == 0x20fff,
	       "a gap of one page is one");
	regions_free(&all);
	space_free(&sp);
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

/* A section of the man page, to be freed. */
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
	tap_ok(section && strstr(section, item.s), "man tells of %s", word);
	text_free(&item);
}

/* Each word that stands in a table has its line there. */
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
	for (unsigned int levels = 4; levels <= 5; levels++) {
		test_regions(REGIONS_SINGLE, levels);
		test_regions(REGIONS_GROUPED, levels);
		test_regions(REGIONS_COLLAPSED, levels);
	}
	test_small_gap();
	test_entries();
	test_man();
	return tap_done();
}
