// SPDX-License-Identifier: GPL-2.0-only
/* A process with one mapping and one entry of each kind. */
#include "array.h"
#include "build.h"
#include "page.h"

#define EXE	"/usr/bin/thing"
#define LIBC	"/usr/lib/libc.so.6"
#define OLDLIB	"/usr/lib/libold.so"
#define PRESENT_RW	(MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | \
			 MMSCOPE_ATTR_USER | MMSCOPE_ATTR_ACCESSED | \
			 MMSCOPE_ATTR_DIRTY)
#define PRESENT_RX	(MMSCOPE_ATTR_READ | MMSCOPE_ATTR_EXEC | \
			 MMSCOPE_ATTR_USER | MMSCOPE_ATTR_ACCESSED)

#define KNOWN_PAGE	(MMSCOPE_PAGE_KNOWN | PAGE_BIT(UPTODATE) | \
			 PAGE_BIT(LRU))
#define FILE_PAGE	(KNOWN_PAGE | MMSCOPE_PAGE_SHARED | \
			 1ULL << MMSCOPE_PAGE_NODE_SHIFT)
#define ANON_PAGE	(KNOWN_PAGE | MMSCOPE_PAGE_EXCLUSIVE | PAGE_BIT(ANON) | \
			 PAGE_BIT(SWAPBACKED))
#define HUGE_PAGE	(MMSCOPE_PAGE_KNOWN | MMSCOPE_PAGE_EXCLUSIVE | \
			 PAGE_BIT(HUGETLB))

#define IO_FLAG	(1ULL << 14)

const struct vma process_vmas[] = {
	/* start, end, perms, name, ino, segment, page_shift, flags, pgoff */
	{ 0x555500000000, 0x555500002000, "r--p", EXE, 11, 0, 0, 0, 0 },
	{ 0x555500002000, 0x555500006000, "r-xp", EXE, 11,
	  MMSCOPE_SEG_CODE, 0, 0, 2 },
	{ 0x555500006000, 0x555500007000, "r--p", EXE, 11, 0, 0, 0, 6 },
	{ 0x555500007000, 0x555500008000, "r--p", EXE, 11,
	  MMSCOPE_SEG_DATA, 0, 0, 6 },
	{ 0x555500008000, 0x555500009000, "rw-p", EXE, 11,
	  MMSCOPE_SEG_DATA, 0, 0, 7 },
	{ 0x555500009000, 0x55550000b000, "rw-p", 0, 0, 0, 0, 0, 0 },
	{ 0x555510000000, 0x555510021000, "rw-p", "[heap]", 0,
	  MMSCOPE_SEG_HEAP, 0, 0, 0 },
	{ 0x7f0000000000, 0x7f0000021000, "rw-p", 0, 0, 0, 0, 0, 0 },
	{ 0x7f0000021000, 0x7f0004000000, "---p", 0, 0, 0, 0, 0, 0 },
	{ 0x7f0010000000, 0x7f0010400000, "rw-p",
	  "/anon_hugepage (deleted)", 77, 0, 21, 0, 0 },
	{ 0x7f0020000000, 0x7f0020001000, "---p", 0, 0, 0, 0, 0, 0 },
	{ 0x7f0020001000, 0x7f0020801000, "rw-p", 0, 0, 0, 0, 0, 0 },
	{ 0x7f0030000000, 0x7f0030010000, "rw-s", "/SYSV00000000 (deleted)",
	  5, 0, 0, 0, 0 },
	{ 0x7f0030010000, 0x7f0030020000, "rw-s", "/memfd:box (deleted)", 6,
	  0, 0, 0, 0 },
	{ 0x7f0030020000, 0x7f0030030000, "rw-s", "/dev/shm/sem.x", 7, 0, 0,
	  0, 0 },
	{ 0x7f0030030000, 0x7f0030040000, "rw-s", "/dev/zero (deleted)", 8, 0,
	  0, 0, 0 },
	{ 0x7f0030040000, 0x7f0030041000, "rw-s", "/dev/dri/card0", 9, 0, 0,
	  IO_FLAG, 0 },
	{ 0x7f0030100000, 0x7f0030200000, "r--p",
	  "/usr/lib/locale/locale-archive", 21, 0, 0, 0, 0 },
	{ 0x7f0040000000, 0x7f0040028000, "r--p", LIBC, 31, 0, 0, 0, 0 },
	{ 0x7f0040028000, 0x7f00401a0000, "r-xp", LIBC, 31, 0, 0, 0, 0x28 },
	{ 0x7f00401a0000, 0x7f00401f8000, "r--p", LIBC, 31, 0, 0, 0, 0x1a0 },
	{ 0x7f00401f8000, 0x7f00401fc000, "r--p", LIBC, 31, 0, 0, 0, 0x1f7 },
	{ 0x7f00401fc000, 0x7f00401fe000, "rw-p", LIBC, 31, 0, 0, 0, 0x1fb },
	{ 0x7f00401fe000, 0x7f004020b000, "rw-p", 0, 0, 0, 0, 0, 0 },
	{ 0x7f0050000000, 0x7f0050010000, "r-xp", OLDLIB, 32, 0, 0, 0, 0 },
	{ 0x7f0050010000, 0x7f0050020000, "---p", OLDLIB, 32, 0, 0, 0, 0x10 },
	{ 0x7f0050020000, 0x7f0050021000, "rw-p", OLDLIB, 32, 0, 0, 0, 0x10 },
	{ 0x7f0060000000, 0x7f0060001000, "rw-p", "[anon:pool \033[31m]", 0,
	  0, 0, 0, 0 },
	{ 0x7ffe00000000, 0x7ffe00021000, "rw-p", "[stack]", 0,
	  MMSCOPE_SEG_STACK, 0, 0, 0 },
	{ 0x7ffe00100000, 0x7ffe00104000, "r--p", "[vvar]", 0,
	  MMSCOPE_SEG_VVAR, 0, 0, 0 },
	{ 0x7ffe00104000, 0x7ffe00106000, "r-xp", "[vdso]", 0,
	  MMSCOPE_SEG_VDSO, 0, 0, 0 },
};

const size_t process_nr_vmas = ARRAY_SIZE(process_vmas);

/* Names that the reader should give them. */
const char *const process_segments[] = {
	"rodata", "text", "rodata", "relro", "data", "bss", "heap", "arena",
	"reserve", "hugetlb", "guard:4712", "stack:4712", "sysv-shm", "memfd",
	"posix-shm", "shared-anon", "device", "file", "lib-rodata",
	"lib-text", "lib-rodata", "lib-rodata", "lib-data", "lib-bss",
	"lib-text", "guard", "lib-data", "anon", "stack", "vvar", "vdso",
};

const struct run process_runs[] = {
	/* start, frame, raw, page, nr, attrs, level, kind, raw_shift, has_raw */
	{ 0x555500002000, 0x1000, 0x1000025, FILE_PAGE, 4, PRESENT_RX,
	  MMSCOPE_PTE, MMSCOPE_PRESENT, 12, true },
	{ 0x555510000000, 0x2000, 0x2000067, ANON_PAGE, 3, PRESENT_RW,
	  MMSCOPE_PTE, MMSCOPE_PRESENT, 12, true },
	{ 0x555510003000, 1ULL << MMSCOPE_SWAP_SHIFT | 0x777, 0xabc, 0, 5, 0,
	  MMSCOPE_PTE, MMSCOPE_SWAP, -9, true },
	{ 0x555510008000, 0x42, 0x42025, 0, 2, MMSCOPE_ATTR_READ, MMSCOPE_PTE,
	  MMSCOPE_ZERO, 0, true },
	{ 0x7f0010000000, 0x40000, 0x400000e7, HUGE_PAGE, 2, PRESENT_RW,
	  MMSCOPE_PMD, MMSCOPE_PRESENT, 12, true },
	{ 0x7f0020001000, 0, 0x8, 0, 1, 0, MMSCOPE_PTE, MMSCOPE_MARKER_GUARD, 0,
	  true },
	{ 0x7f0020002000, 0x9000, 0x1f00, 0, 1, 0, MMSCOPE_PTE,
	  MMSCOPE_MIGRATION, 0, true },
	{ 0x7f0020003000, 0x9001, 0x1f00, 0, 1, PRESENT_RW, MMSCOPE_PTE,
	  MMSCOPE_PROTNONE, 0, true },
	{ 0x7f0020004000, 0x9002, 0x1f00, 0, 1, PRESENT_RW, MMSCOPE_PTE,
	  MMSCOPE_NUMA_HINT, 0, true },
	{ 0x7f0020005000, 0x9003, 0x1f00, 0, 1, 0, MMSCOPE_PTE,
	  MMSCOPE_DEVICE_PRIVATE, 0, true },
	{ 0x7f0020006000, 0x9004, 0x1f00, 0, 1, 0, MMSCOPE_PTE,
	  MMSCOPE_HWPOISON, 0, true },
	{ 0x7f0020007000, 1, 0x1f00, 0, 1, 0, MMSCOPE_PTE,
	  MMSCOPE_MARKER_UFFD_WP, 0, true },
	{ 0x7f0020008000, 0, 0x1f00, 0, 1, 0, MMSCOPE_PTE, 200, 0, true },
	{ 0x7f0030040000, 0xfee00, 0xfee0003b, 0, 1,
	  PRESENT_RW | MMSCOPE_ATTR_SPECIAL | MMSCOPE_ATTR_UNCACHED,
	  MMSCOPE_PTE, MMSCOPE_PRESENT, 12, true },
	{ 0x7ffe0001c000, 0x3100, 0x3100067, ANON_PAGE, 1, PRESENT_RW,
	  MMSCOPE_PTE, MMSCOPE_PRESENT, 12, true },
	{ 0x7ffe0001f000, 0x3000, 0x3000067, ANON_PAGE, 2, PRESENT_RW,
	  MMSCOPE_PTE, MMSCOPE_PRESENT, 12, true },
};

const size_t process_nr_runs = ARRAY_SIZE(process_runs);

/* Residency of its mappings, in agreement with the runs. */
static const struct {
	uint64_t start;
	struct mmscope_residency counts;
} residency[] = {
	{ 0x555500002000, { .pte = 4, .file = 4, .shared = 4, .accessed = 4,
			    .pss_bytes = 5000 } },
	{ 0x555510000000, { .pte = 3, .anon = 3, .exclusive = 3, .dirty = 3,
			    .accessed = 3, .zero = 2, .swapped = 5,
			    .pss_bytes = 3 * PAGE } },
	{ 0x7f0010000000, { .pmd = 1024, .hugetlb = 1024, .exclusive = 1024,
			    .dirty = 1024, .accessed = 1024 } },
	{ 0x7f0020001000, { .pte = 2, .anon = 2, .exclusive = 2, .other = 5,
			    .pss_bytes = 2 * PAGE } },
	{ 0x7f0030040000, { .special = 1 } },
	{ 0x7ffe00000000, { .pte = 3, .anon = 3, .exclusive = 3, .dirty = 3,
			    .accessed = 3, .pss_bytes = 3 * PAGE } },
};

/* Its page tables: one of PTEs for the text, and one for the heap. */
static const struct mmscope_tables tables[] = {
	{ .start = 0x555500002000, .end = 0x555500006000,
	  .pages = { 0, 1, 1, 1, 0, 1 }, .used = { 0, 4, 1, 1, 0, 1 } },
	{ .start = 0x555510000000, .end = 0x555510021000,
	  .pages = { 0, 1 }, .used = { 0, 10 } },
};

static const struct mmscope_tables_sum tables_sum = {
	.pages = { 0, 2, 1, 1, 0, 1 },
	.used = { 0, 14, 2, 1, 0, 1 },
	.deposited = 3,
	.pgtables_bytes = 7 * PAGE,
	.table_bytes = PAGE,
	.fill = { [MMSCOPE_PTE] = { [3] = 1, [4] = 1 },
		  [MMSCOPE_PMD] = { [2] = 1 }, [MMSCOPE_PUD] = { [1] = 1 },
		  [MMSCOPE_PGD] = { [1] = 1 } },
};

/* Its main thread, and one on the stack above the guard. */
static const struct mmscope_thread threads[] = {
	{ .tid = 4711, .tgid = 4711, .flags = MMSCOPE_THREAD_CURRENT,
	  .sp = 0x7ffe0001e000, .ip = 0x7f0040100000, .tls = 0x7f00401fe740,
	  .kernel_size = 16384, .kernel_used = 320, .state = 'S',
	  .comm = "thing\n\"x\\\033" },
	{ .tid = 4712, .tgid = 4711, .sp = 0x7f0020800000, .ip = 0x555500002010,
	  .tls = 0x7f00208006c0, .altstack_start = 0x7f0000001000,
	  .altstack_size = 8192, .kernel_size = 16384, .state = 'R',
	  .comm = "worker" },
};

/**
 * build_some_mm - an MM record that fits process_vmas
 * @levels: 4 or 5
 *
 * Return: the record, without its lengths
 */
struct mmscope_mm build_some_mm(unsigned int levels)
{
	uint64_t end = levels == 5 ? 1ULL << 56 : 1ULL << 47;

	return (struct mmscope_mm){
		.layout = MMSCOPE_LAYOUT_FLEXIBLE,
		.gap_flags = MMSCOPE_GAP_ASSUMED,
		.mmap_base = 0x7f0061000000,
		.mmap_legacy_base = 0x2aaaaaaab000,
		.task_size = end - PAGE,
		.start_code = 0x555500002000,
		.end_code = 0x5555000051f0,
		.start_data = 0x555500007d00,
		.end_data = 0x555500008010,
		.start_brk = 0x555510000000,
		.brk = 0x555510021000,
		.start_stack = 0x7ffe0001f120,
		.arg_start = 0x7ffe00020123,
		.arg_end = 0x7ffe00020130,
		.env_start = 0x7ffe00020130,
		.env_end = 0x7ffe00020fee,
		.total_vm = 12345,
		.rss_anon = 17,
		.pgtables_bytes = 81920,
		.rlimit_stack = UINT64_MAX,
		.stack_guard_gap = 1 << 20,
		.flags = 0x5,
		.map_count = (uint32_t)process_nr_vmas,
		.mm_users = 1,
		.mm_count = 2,
	};
}

static const struct mmscope_name vma_flags[] = {
	{ 0, "rd" }, { 1, "wr" }, { 2, "ex" }, { 10, "pf" }, { 14, "io" },
};

static const struct mmscope_name mm_flags[] = {
	{ 0, "dumpable" }, { 2, "odd \"\033" },
};

static void put_mapping(struct build *b, const struct vma *vma)
{
	static const struct mmscope_residency nothing;
	const struct mmscope_residency *counts = &nothing;

	for (size_t i = 0; i < ARRAY_SIZE(residency); i++)
		if (residency[i].start == vma->start)
			counts = &residency[i].counts;
	build_vma(b, vma);
	build_residency(b, vma, counts);
}

/**
 * build_process - build a whole stream of such a process
 * @b: the stream
 * @levels: 4 or 5
 */
void build_process(struct build *b, unsigned int levels)
{
	build_walked(b, levels, NULL, NULL);
}

/**
 * build_walked - the same with the translation of an address
 * @b: the stream
 * @levels: 4 or 5
 * @walk: a WALK record, or NULL
 * @steps: its steps
 */
void build_walked(struct build *b, unsigned int levels,
		  const struct mmscope_walk *walk,
		  const struct mmscope_step *steps)
{
	struct mmscope_mm mm = build_some_mm(levels);

	build_header(b, levels,
		     MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			     MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_TABLES |
			     MMSCOPE_PART_THREADS,
		     MMSCOPE_QUERY_RESIDENCY | MMSCOPE_QUERY_FACTS);
	build_task(b, 4711, "thing\n\"x\\\033", MMSCOPE_TASK_RANDOMIZED);
	build_names(b, MMSCOPE_NAMES_VMA_FLAGS, vma_flags,
		    ARRAY_SIZE(vma_flags));
	build_names(b, MMSCOPE_NAMES_MM_FLAGS, mm_flags,
		    ARRAY_SIZE(mm_flags));
	build_names(b, MMSCOPE_NAMES_POLICIES, NULL, 0);
	build_mm(b, &mm, EXE, "arch_get_unmapped_area_topdown");
	for (size_t i = 0; i < process_nr_vmas; i++)
		put_mapping(b, &process_vmas[i]);
	build_runs(b, process_runs, (uint32_t)process_nr_runs);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		build_tables(b, &tables[i]);
	build_tables_sum(b, &tables_sum);
	if (walk)
		build_walk(b, walk, steps);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		build_thread(b, &threads[i]);
	build_end(b, 0, 0);
}
