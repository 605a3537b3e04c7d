// SPDX-License-Identifier: GPL-2.0-only
#include "array.h"
#include "page_cases.h"

static const struct mmscope_name flags[] = {
	{ 0, "rd" }, { 10, "pf" }, { 14, "io" }, { 20, "um" }, { 21, "ui" },
	{ 22, "ss" }, { 33, "pkey1" }, { 8, "gd" }, { 13, "lo" }, { 24, "ht" },
};

#define FILE_NAME	"/data/file"
#define MEMFD	"/memfd:m (deleted)"

const struct page_case page_cases[] = {
	{ "rw-p", 0, 0, MMSCOPE_NONE, 0, 0, .want = "maps-zero-page r,zeroed w,denied x" },
	{ "rwxp", 0, 0, MMSCOPE_NONE, 0, 0, .want = "maps-zero-page rx,zeroed w" },
	{ "rw-p", 0, 0, MMSCOPE_PRESENT, RW, ONCE, .want = "works r,write-own w,denied x" },
	{ "rwxp", 0, 0, MMSCOPE_PRESENT, RW | RX, ONCE, .want = "works rx,write-own w" },
	{ "rw-p", 0, 0, MMSCOPE_PRESENT, RO, ONCE, .want = "works r,copy-unless-alone w" },
	{ "rw-p", 0, 0, MMSCOPE_PRESENT, RO, OFTEN, .want = "copy-shared w" },
	{ "rw-p", 0, 0, MMSCOPE_PRESENT, RO, OFTEN | PAGE_BIT(KSM), .want = "copy-ksm w" },
	{ "rw-p", 0, 0, MMSCOPE_PRESENT, RO, 0, .want = "copy-unknown w" },
	{ "r--p", 0, 0, MMSCOPE_PRESENT, RO, ONCE, .want = "works r,denied wx" },
	{ "---p", 0, 0, MMSCOPE_PROTNONE, RW, ONCE, .want = "denied rwx" },
	{ "---p", 0, 0, MMSCOPE_NONE, 0, 0, .want = "denied rwx" },
	{ "-w-p", 0, 0, MMSCOPE_PRESENT, RW, ONCE, .want = "works r,write-own w" },
	{ "--xp", 0, 0, MMSCOPE_NONE, 0, 0, .want = "maps-zero-page rx,denied w" },
	{ "rw-p", 0, 0, MMSCOPE_ZERO, RO, 0, .want = "reads-zero-page r,leaves-zero-page w" },
	{ "rw-p", 0, 0, MMSCOPE_SWAP, 0, 0, .want = "swap-in rw" },
	{ "rw-p", 0, 0, MMSCOPE_SWAP, MMSCOPE_ATTR_UFFD_WP, 0, .want = "swap-in r,uffd w" },
	{ "rw-p", 0, 0, MMSCOPE_MIGRATION, 0, 0, .want = "wait rw" },
	{ "rw-p", 0, 0, MMSCOPE_PRESENT, 0, ONCE, .want = "wait rw", .level = MMSCOPE_PMD },
	{ "rw-p", 0, 0, MMSCOPE_PRESENT, RW, ONCE, .want = "write-own w", .level = MMSCOPE_PMD },
	{ "rw-p", 0, 0, MMSCOPE_DEVICE_PRIVATE, 0, 0, .want = "from-device rw" },
	{ "rw-p", 0, 0, MMSCOPE_DEVICE_EXCLUSIVE, 0, 0, .want = "from-device rw" },
	{ "rw-p", 0, 0, MMSCOPE_NUMA_HINT, RW, ONCE, .want = "numa rw" },
	{ "rw-p", 0, 0, MMSCOPE_HWPOISON, 0, 0, .want = "poison rw" },
	{ "rw-p", 0, 0, MMSCOPE_MARKER_POISON, 0, 0, .want = "poison rw" },
	{ "rw-p", 0, 0, MMSCOPE_MARKER_GUARD, 0, 0, .want = "guard-entry rw" },
	{ "r--p", 0, 0, MMSCOPE_MARKER_GUARD, 0, 0, .want = "guard-entry r,denied wx" },
	{ "rw-p", 0, 0, MMSCOPE_MARKER_UFFD_WP, 0, 0, .want = "maps-zero-page r,uffd w" },
	{ "rw-p", 0, 0, MMSCOPE_UFFD_RWP, RW, ONCE, .want = "uffd rw" },
	{ "rw-p", 0, 0, MMSCOPE_MARKER, 0, 0, .want = "unknown rw" },
	{ "rw-p", 0, 0, 200, 0, 0, .want = "unknown rw" },
	{ "rw-p", 0, F_UM, MMSCOPE_NONE, 0, 0, .want = "uffd rw" },
	{ "rw-s", MEMFD, F_UI, MMSCOPE_NONE, 0, 0, .want = "uffd rw" },
	{ "rw-p", 0, 0, MMSCOPE_PRESENT, RO | MMSCOPE_ATTR_UFFD_WP, ONCE,
	  .want = "works r,uffd w" },
	{ "rw-p", 0, F_SS, MMSCOPE_PRESENT, RW, ONCE, .want = "works r,shadow-stack w" },
	{ "rwxp", 0, F_PKEY, MMSCOPE_PRESENT, RW | RX, ONCE, .want = "pkey rw,works x" },
	{ "r--p", 0, F_PKEY, MMSCOPE_PRESENT, RO, ONCE, .want = "pkey r,denied wx" },
	{ "rw-p", FILE_NAME, 0, MMSCOPE_NONE, 0, 0, .want = "file-in r,copy-in w,end-of-file -" },
	{ "rw-p", FILE_NAME, 0, MMSCOPE_PRESENT, RO, CACHE, .want = "works r,copy-file w" },
	{ "rw-p", FILE_NAME, 0, MMSCOPE_PRESENT, RW, ONCE,
	  .want = "parted -,works r,write-own w" },
	{ "rw-p", FILE_NAME, 0, MMSCOPE_PRESENT, RO, OFTEN, .want = "copy-shared w" },
	{ "r-xp", FILE_NAME, 0, MMSCOPE_NONE, 0, 0, .want = "file-in rx,denied w" },
	{ "rw-s", FILE_NAME, 0, MMSCOPE_NONE, 0, 0,
	  .want = "file-in r,file-write-in w,end-of-file -" },
	{ "rw-s", FILE_NAME, 0, MMSCOPE_PRESENT, RW, CACHE, .want = "works r,write-file w" },
	{ "rw-s", FILE_NAME, 0, MMSCOPE_PRESENT, RO, CACHE, .want = "works r,notify-file w" },
	{ "rw-s", FILE_NAME, 0, MMSCOPE_ZERO, RO, 0, .want = "reads-zero-page r,file-write-in w" },
	{ "rw-s", 0, 0, MMSCOPE_NONE, 0, 0, .want = "shared-in r,shared-write-in w" },
	{ "rw-s", "/SYSV00000000 (deleted)", 0, MMSCOPE_PRESENT, RW, CACHE,
	  .want = "works r,write-shared w" },
	{ "rw-s", MEMFD, 0, MMSCOPE_NONE, 0, 0, .want = "shared-write-in w,end-of-file -" },
	{ "rw-s", "/dev/shm/x", 0, MMSCOPE_PRESENT, RO, CACHE, .want = "unprotect w" },
	{ "rw-p", MEMFD, 0, MMSCOPE_PRESENT, RO, CACHE, .want = "copy-file w" },
	{ "rw-p", "/anon_hugepage (deleted)", F_HT, MMSCOPE_NONE, 0, 0, .want = "hugetlb-in rw" },
	{ "rw-p", "/anon_hugepage (deleted)", F_HT, MMSCOPE_PRESENT, RO, KNOWN,
	  .want = "works r,hugetlb-copy w" },
	{ "rw-s", "/dev/dri/card0", F_PF, MMSCOPE_PRESENT, RW, 0, .want = "driver rw" },
	{ "rw-s", "/dev/kvm", 0, MMSCOPE_NONE, 0, 0, .want = "driver rw" },
	{ "rw-s", "anon_inode:[perf_event]", F_PF, MMSCOPE_NONE, 0, 0, .want = "driver rw" },
	{ "r-xp", "[vdso]", 0, MMSCOPE_NONE, 0, 0, .want = "kernel-in rx,denied w",
	  .segment = MMSCOPE_SEG_VDSO },
	{ "--xp", "[uprobes]", 0, MMSCOPE_NONE, 0, 0, .want = "kernel-in rx,denied w",
	  .segment = MMSCOPE_SEG_SPECIAL },
};

const size_t nr_page_cases = ARRAY_SIZE(page_cases);

static void put_case(struct build *b, size_t i)
{
	const struct page_case *c = &page_cases[i];
	const struct vma vma = {
		CASE_AT(i), CASE_AT(i) + (2ULL << 20), c->perms, c->name,
		c->name && *c->name != '[' ? i + 1 : 0, c->segment, 0,
		c->flags, 0,
	};

	build_vma(b, &vma);
}

static void put_run(struct build *b, size_t i)
{
	const struct page_case *c = &page_cases[i];
	const struct run run = {
		CASE_AT(i), c->kind == MMSCOPE_SWAP ? 7 : 0x1000 + 512 * i, 0x25,
		c->page, 1, c->attrs, c->level ? c->level : MMSCOPE_PTE,
		c->kind, 0, true,
	};

	if (c->kind != MMSCOPE_NONE)
		build_runs(b, &run, 1);
}

/**
 * build_begin - begin the stream of a process, up to its mappings
 * @b: the stream
 * @machine: EM_*
 * @mm: its MM record
 */
void build_begin(struct build *b, uint16_t machine, const struct mmscope_mm *mm)
{
	build_header(b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
		     MMSCOPE_PART_PAGETABLE, MMSCOPE_QUERY_FACTS);
	((struct mmscope_header *)b->bytes)->machine = machine;
	build_task(b, 7, "x", 0);
	build_names(b, MMSCOPE_NAMES_VMA_FLAGS, flags, ARRAY_SIZE(flags));
	build_mm(b, mm, "/bin/x", "");
}

/**
 * build_cases - append the mappings and entries of all cases
 * @b: the stream
 */
void build_cases(struct build *b)
{
	for (size_t i = 0; i < nr_page_cases; i++)
		put_case(b, i);
	for (size_t i = 0; i < nr_page_cases; i++)
		put_run(b, i);
}
