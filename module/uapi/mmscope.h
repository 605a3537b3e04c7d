/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * mmscope: the binary stream, and the query that asks for one.
 *
 * A stream is one struct mmscope_header, then records, each of which begins
 * with a struct mmscope_head, and last a record of type MMSCOPE_REC_END. A
 * stream without END was cut off. Integers have a fixed width and the byte order
 * of the machine that wrote them (see @byte_order); records start on multiples
 * of 8 bytes.
 *
 * How the format grows, so that old and new readers keep working:
 *  - MMSCOPE_*_SIZE_MIN is the size of a record in its first published version
 *    and never changes. A reader accepts any size from there up, takes fields
 *    that are missing as zero, and ignores bytes after those it knows.
 *  - Fields are only added at the end of a record's fixed part. Names, words and
 *    steps follow the fixed part, at the offset that the record's @fixed gives:
 *    never at sizeof(). Elements that can grow have a size of their own in the
 *    record.
 *  - A reader skips record types that it does not know, and keeps unknown bits
 *    and values. New types, bits, values and fields need no new MMSCOPE_ABI.
 *  - A change of the meaning, place or unit of anything bumps MMSCOPE_ABI.
 *  - Padding is written as zero and ignored by readers; reserved fields of a
 *    query must be zero.
 *
 * Order and number of records are part of the format:
 *  - TASK comes first, END last, each exactly once.
 *  - NAMES come before VMA, MM and WALK records; at most one for each @of.
 *  - MM at most once, before VMA records.
 *  - VMA records ascend and do not overlap. RESIDENCY follows its VMA.
 *  - UPPER follow the VMA records. Their entries ascend, see struct mmscope_upper.
 *  - RUNS follow VMA and UPPER records. Their runs ascend, see struct mmscope_runs.
 *  - TABLES ascend and do not overlap; TABLES_SUM follows them, at most once.
 *  - WALK at most once.
 *  - SUMS at most once.
 *  - THREAD records follow all of these. Their @tid ascends.
 *  - KERNEL, once, then KERNEL_REGION records. They ascend; a region may lie inside
 *    one before it, but never crosses its end.
 *  - KERNEL_RUN records last. They ascend; a huge entry that replaced a table
 *    during the read may begin before the end of the run before.
 */
#ifndef _UAPI_MMSCOPE_H
#define _UAPI_MMSCOPE_H

#include <linux/types.h>

#define MMSCOPE_ABI		3
#define MMSCOPE_MAGIC		"mmscope"	/* 8 bytes with its NUL */
#define MMSCOPE_BYTE_ORDER	0x01020304u

/* No field of a first version may move: its last one is where it was. */
#ifdef __cplusplus
#define __MMSCOPE_ASSERT	static_assert
#else
#define __MMSCOPE_ASSERT	_Static_assert
#endif
#define __MMSCOPE_LAST(type, field, at)					\
	__MMSCOPE_ASSERT(__builtin_offsetof(struct type, field) == (at), \
			 "a field was moved")

/* Page-table levels, from the leaves up; 0 is no level. */
enum mmscope_level {
	MMSCOPE_PTE = 1,
	MMSCOPE_PMD,
	MMSCOPE_PUD,
	MMSCOPE_P4D,
	MMSCOPE_PGD,
};

/* Size of arrays indexed by enum mmscope_level. */
#define MMSCOPE_LEVEL_SLOTS	8

/**
 * struct mmscope_header - the first bytes of a stream
 * @magic: MMSCOPE_MAGIC
 * @byte_order: MMSCOPE_BYTE_ORDER, as the writer stores it
 * @abi: MMSCOPE_ABI of the writer
 * @size: of this header in bytes; the first record follows
 * @machine: EM_X86_64, EM_AARCH64: what the raw entries mean
 * @page_shift: log2 of the base page's size
 * @levels: page-table levels in use
 * @parts: MMSCOPE_PART_* of the query
 * @flags: MMSCOPE_QUERY_* of the query
 * @time_ns: CLOCK_REALTIME at the start of the stream
 * @level_shift: log2 of what one entry of the level maps, by enum
 *	mmscope_level; 0 where the level is not in use
 * @release: the kernel's, as uname -r prints it, NUL-terminated
 * @module: version of the module, NUL-terminated
 */
struct mmscope_header {
	__u8	magic[8];
	__u32	byte_order;
	__u32	abi;
	__u32	size;
	__u16	machine;
	__u8	page_shift;
	__u8	levels;
	__u32	parts;
	__u32	flags;
	__u64	time_ns;
	__u8	level_shift[MMSCOPE_LEVEL_SLOTS];
	char	release[64];
	char	module[16];
};

#define MMSCOPE_HEADER_SIZE_MIN	128
__MMSCOPE_LAST(mmscope_header, module, MMSCOPE_HEADER_SIZE_MIN - 16);

/* struct mmscope_head @type */
enum mmscope_rec {
	MMSCOPE_REC_TASK = 1,
	MMSCOPE_REC_MM,
	MMSCOPE_REC_NAMES,
	MMSCOPE_REC_VMA,
	MMSCOPE_REC_RUNS,
	MMSCOPE_REC_WALK,
	MMSCOPE_REC_END,
	MMSCOPE_REC_RESIDENCY,
	MMSCOPE_REC_TABLES,
	MMSCOPE_REC_TABLES_SUM,
	MMSCOPE_REC_THREAD,
	MMSCOPE_REC_UPPER,
	MMSCOPE_REC_KERNEL,
	MMSCOPE_REC_KERNEL_REGION,
	MMSCOPE_REC_KERNEL_RUN,
	MMSCOPE_REC_SUMS,
};

/* What a stream consists of. TASK and END are in every stream. */
#define MMSCOPE_PART_MM		(1u << 0)
#define MMSCOPE_PART_VMAS	(1u << 1)
#define MMSCOPE_PART_PAGETABLE	(1u << 2)
#define MMSCOPE_PART_WALK	(1u << 3)
#define MMSCOPE_PART_TABLES	(1u << 4)
#define MMSCOPE_PART_THREADS	(1u << 5)
#define MMSCOPE_PART_UPPER	(1u << 6)
#define MMSCOPE_PART_KERNEL_LAYOUT	(1u << 7)
#define MMSCOPE_PART_KERNEL_PAGETABLE	(1u << 8)
#define MMSCOPE_PART_SUMS	(1u << 9)

/**
 * struct mmscope_head - the first bytes of every record
 * @type: enum mmscope_rec
 * @size: of the whole record in bytes, a multiple of 8
 */
struct mmscope_head {
	__u32	type;
	__u32	size;
};

__MMSCOPE_LAST(mmscope_head, size, 4);

/* struct mmscope_task @flags */
#define MMSCOPE_TASK_KTHREAD	(1u << 0)	/* has no user address space */
#define MMSCOPE_TASK_RANDOMIZED	(1u << 1)	/* layout randomised at execve */
#define MMSCOPE_TASK_ADDRESSES	(1u << 2)	/* kernel addresses are shown */

/**
 * struct mmscope_task - the task that the stream describes
 * @pid: thread id of the query, in the pid namespace of the opener
 * @tgid: process id, in the same namespace
 * @flags: MMSCOPE_TASK_*
 * @personality: as /proc/PID/personality
 * @start_ns: CLOCK_BOOTTIME at which that thread was started
 * @comm: name of that thread, NUL-terminated
 * @threads: number of threads of its process
 */
struct mmscope_task {
	struct mmscope_head head;
	__s32	pid;
	__s32	tgid;
	__u32	flags;
	__u32	personality;
	__u64	start_ns;
	char	comm[16];
	__u32	threads;
	__u32	__pad;
};

#define MMSCOPE_TASK_SIZE_MIN	48
__MMSCOPE_LAST(mmscope_task, comm, MMSCOPE_TASK_SIZE_MIN - 16);

/* struct mmscope_mm @layout */
enum mmscope_layout {
	MMSCOPE_LAYOUT_FLEXIBLE = 1,	/* mmap area grows down from the stack */
	MMSCOPE_LAYOUT_CLASSIC,		/* grows up from a third of task_size */
};

#define MMSCOPE_GAP_ASSUMED	1	/* @stack_guard_gap is the kernel's default */

/**
 * struct mmscope_mm - the fields of struct mm_struct
 *
 * Addresses and @pgtables_bytes, @rlimit_stack, @stack_guard_gap are in bytes,
 * *_vm, *_rss and @rss_* in base pages. @mmap_base and @mmap_legacy_base are
 * those that the task's own mmap() uses: a 32-bit task has its own. @pgd and
 * @get_unmapped_area are kernel addresses, zero unless the reader may see such;
 * @get_unmapped_area is also zero in kernels without that pointer.
 *
 * @fixed: offset of the text from the start of the record: the path of the
 *	executable, NUL, the symbol at @get_unmapped_area, NUL
 * @exe_len: bytes of the path, without its NUL
 * @area_len: bytes of the symbol, without its NUL
 */
struct mmscope_mm {
	struct mmscope_head head;
	__u16	fixed;
	__u16	exe_len;
	__u16	area_len;
	__u8	layout;
	__u8	gap_flags;
	__u64	get_unmapped_area;
	__u64	pgd;
	__u64	mmap_base;
	__u64	mmap_legacy_base;
	__u64	task_size;
	__u64	start_code, end_code;
	__u64	start_data, end_data;
	__u64	start_brk, brk;
	__u64	start_stack;
	__u64	arg_start, arg_end;
	__u64	env_start, env_end;
	__u64	total_vm;
	__u64	locked_vm;
	__u64	pinned_vm;
	__u64	data_vm;
	__u64	exec_vm;
	__u64	stack_vm;
	__u64	hiwater_rss;
	__u64	hiwater_vm;
	__u64	rss_file;
	__u64	rss_anon;
	__u64	rss_swap;
	__u64	rss_shmem;
	__u64	pgtables_bytes;
	__u64	rlimit_stack;		/* all ones: unlimited */
	__u64	stack_guard_gap;
	__u64	def_flags;		/* named by MMSCOPE_NAMES_VMA_FLAGS */
	__u64	flags;			/* named by MMSCOPE_NAMES_MM_FLAGS */
	__u32	map_count;
	__u32	mm_users;
	__u32	mm_count;
	__u32	__pad;
};

#define MMSCOPE_MM_SIZE_MIN	296
__MMSCOPE_LAST(mmscope_mm, __pad, MMSCOPE_MM_SIZE_MIN - 4);

/* struct mmscope_names @of: what the names belong to */
enum mmscope_names_of {
	MMSCOPE_NAMES_VMA_FLAGS = 1,	/* bits of mmscope_vma.flags */
	MMSCOPE_NAMES_MM_FLAGS,		/* bits of mmscope_mm.flags */
	MMSCOPE_NAMES_POLICIES,		/* values of mmscope_vma.policy */
};

struct mmscope_name {
	__u32	value;			/* bit number, or value */
	char	name[28];		/* NUL-terminated */
};

#define MMSCOPE_NAME_SIZE_MIN	32
__MMSCOPE_LAST(mmscope_name, name, MMSCOPE_NAME_SIZE_MIN - 28);

/**
 * struct mmscope_names - names of flags whose bits differ between kernels
 * @of: enum mmscope_names_of
 * @nr: number of names
 * @fixed: offset of the first struct mmscope_name from the start of the record
 * @name_size: bytes from one name to the next
 *
 * Flags are recorded as the kernel holds them; this record makes them readable
 * on another machine. Two-letter names are those of VmFlags in /proc/PID/smaps.
 */
struct mmscope_names {
	struct mmscope_head head;
	__u32	of;
	__u32	nr;
	__u16	fixed;
	__u16	name_size;
	__u32	__pad;
};

#define MMSCOPE_NAMES_SIZE_MIN	24
__MMSCOPE_LAST(mmscope_names, __pad, MMSCOPE_NAMES_SIZE_MIN - 4);

/* struct mmscope_vma @perms */
#define MMSCOPE_READ		(1u << 0)
#define MMSCOPE_WRITE		(1u << 1)
#define MMSCOPE_EXEC		(1u << 2)
#define MMSCOPE_SHARED		(1u << 3)

/*
 * struct mmscope_vma @kind: the four kinds of mapping. Memory is anonymous if it
 * was mapped without a descriptor, as SysV memory is, or from /dev/zero. Memfds
 * and anonymous inodes (perf, aio, io_uring, secretmem) are files.
 */
enum mmscope_vma_kind {
	MMSCOPE_PRIVATE_ANON = 1,
	MMSCOPE_PRIVATE_FILE,
	MMSCOPE_SHARED_ANON,
	MMSCOPE_SHARED_FILE,
};

/* struct mmscope_vma @segment: what the mm knows of it */
enum mmscope_segment {
	MMSCOPE_SEG_MMAP = 1,		/* none of the others */
	MMSCOPE_SEG_CODE,		/* overlaps start_code-end_code */
	MMSCOPE_SEG_DATA,		/* overlaps start_data-end_data */
	MMSCOPE_SEG_HEAP,		/* overlaps start_brk-brk, if not empty */
	MMSCOPE_SEG_STACK,		/* contains start_stack */
	MMSCOPE_SEG_VDSO,
	MMSCOPE_SEG_VVAR,
	MMSCOPE_SEG_SPECIAL,		/* another mapping named by the kernel */
};

/* struct mmscope_vma @name_kind */
enum mmscope_name_kind {
	MMSCOPE_NAME_NONE,
	MMSCOPE_NAME_PATH,		/* " (deleted)" appended as in maps */
	MMSCOPE_NAME_SPECIAL,		/* [vdso], [heap], [stack], ... */
	MMSCOPE_NAME_ANON,		/* given by prctl(PR_SET_VMA_ANON_NAME) */
	MMSCOPE_NAME_TOO_LONG,		/* a path longer than PATH_MAX */
};

/* struct mmscope_vma @node_flags */
#define MMSCOPE_NODES_CUT	(1u << 0)	/* nodes from 64 up are missing */

/**
 * struct mmscope_vma - one struct vm_area_struct
 * @start: first address
 * @end: exclusive
 * @pgoff: offset in the file in base pages; for private anonymous memory, the
 *	kernel's vm_pgoff, which /proc/PID/maps shows as 0
 * @flags: vm_flags, named by MMSCOPE_NAMES_VMA_FLAGS
 * @ino: inode number; 0 without a file
 * @dev_major: of the file system
 * @dev_minor: of the file system
 * @perms: MMSCOPE_READ ... MMSCOPE_SHARED, as in /proc/PID/maps
 * @kind: enum mmscope_vma_kind
 * @segment: enum mmscope_segment
 * @page_shift: log2 of the page size it is mapped with (hugetlb)
 * @policy: NUMA policy in force, named by MMSCOPE_NAMES_POLICIES; 0 for that of
 *	the task
 * @name_kind: enum mmscope_name_kind
 * @name_len: bytes of the name, without its NUL
 * @policy_nodes: nodes 0 to 63 of the policy, a bit each
 * @fixed: offset of the name, which ends with a NUL, from the start of the record
 * @node_flags: MMSCOPE_NODES_*
 *
 * As in /proc/PID/maps, a VMA that grew downwards or merged during the read is
 * cut at the end of the VMA before.
 */
struct mmscope_vma {
	struct mmscope_head head;
	__u64	start;
	__u64	end;
	__u64	pgoff;
	__u64	flags;
	__u64	ino;
	__u32	dev_major;
	__u32	dev_minor;
	__u8	perms;
	__u8	kind;
	__u8	segment;
	__u8	page_shift;
	__u8	policy;
	__u8	name_kind;
	__u16	name_len;
	__u64	policy_nodes;
	__u16	fixed;
	__u8	node_flags;
	__u8	__pad[5];
};

#define MMSCOPE_VMA_SIZE_MIN	80
__MMSCOPE_LAST(mmscope_vma, __pad, MMSCOPE_VMA_SIZE_MIN - 5);

/**
 * struct mmscope_residency - what of a VMA is in memory
 * @start: of the VMA, as in its record
 * @end: of the VMA, exclusive; a VMA of which the query asks a part is counted
 *	as a whole
 * @pte: pages with a struct page that entries of that level map
 * @pmd: the same by huge entries of that level
 * @pud: the same by huge entries of that level
 * @cont: pages of these three in blocks with a contiguous hint
 * @anon: anonymous pages of these three
 * @file: pages of the page cache of a file, or the kernel's own, such as [vdso]
 * @shmem: pages of tmpfs, a memfd, shared anonymous or SysV memory
 * @hugetlb: pages of hugetlb, which do not count as any of @anon, @file, @shmem
 * @exclusive: pages mapped here and nowhere else
 * @shared: pages mapped more than once
 * @dirty: pages dirty by their entry or their own flag, as in smaps
 * @accessed: pages accessed by their entry or their own flags, as Referenced in
 *	smaps
 * @zero: entries that map the shared page of zeroes
 * @special: pages without a struct page to count with, such as device memory
 * @swapped: entries that name a place in swap
 * @other: all other entries: markers, poisoned pages, and entries that name a
 *	page but do not map it (migrating, lent to or held by a device), which smaps
 *	has in Rss
 * @never: no entry; so it is for swapped-out pages of tmpfs, which smaps has in
 *	Swap
 * @pss_bytes: each page divided by the number of its mappings, in bytes; 0 for
 *	hugetlb
 *
 * In base pages, but for @pss_bytes. These sums hold:
 *  - @pte + @pmd + @pud = @anon + @file + @shmem + @hugetlb
 *  - @pte + @pmd + @pud = @exclusive + @shared
 *  - @pte + @pmd + @pud + @zero + @special + @swapped + @other + @never = the VMA
 */
struct mmscope_residency {
	struct mmscope_head head;
	__u64	start;
	__u64	end;
	__u64	pte;
	__u64	pmd;
	__u64	pud;
	__u64	cont;
	__u64	anon;
	__u64	file;
	__u64	shmem;
	__u64	hugetlb;
	__u64	exclusive;
	__u64	shared;
	__u64	dirty;
	__u64	accessed;
	__u64	zero;
	__u64	special;
	__u64	swapped;
	__u64	other;
	__u64	never;
	__u64	pss_bytes;
};

#define MMSCOPE_RESIDENCY_SIZE_MIN	168
__MMSCOPE_LAST(mmscope_residency, pss_bytes, MMSCOPE_RESIDENCY_SIZE_MIN - 8);

/**
 * struct mmscope_sums - what of an address space is in memory
 * @vmas: number of VMAs
 * @reserved: bytes of these
 * @pgtables_bytes: as in struct mmscope_mm, whatever the range
 * @pte: from here to @pss_bytes, sums of struct mmscope_residency over the VMAs
 * @hugetlb_exclusive: pages of @hugetlb that are @exclusive
 *
 * Totals alone cost less than a record for each VMA. If the query has a range, only
 * the part of a VMA that is in it counts. @pss_bytes is rounded once, as in
 * smaps_rollup. If the address space changes during the read, memory that moved may
 * be counted twice, or not at all.
 */
struct mmscope_sums {
	struct mmscope_head head;
	__u64	vmas;
	__u64	reserved;
	__u64	pgtables_bytes;
	__u64	pte;
	__u64	pmd;
	__u64	pud;
	__u64	cont;
	__u64	anon;
	__u64	file;
	__u64	shmem;
	__u64	hugetlb;
	__u64	exclusive;
	__u64	shared;
	__u64	dirty;
	__u64	accessed;
	__u64	zero;
	__u64	special;
	__u64	swapped;
	__u64	other;
	__u64	never;
	__u64	pss_bytes;
	__u64	hugetlb_exclusive;
};

#define MMSCOPE_SUMS_SIZE_MIN	184
__MMSCOPE_LAST(mmscope_sums, hugetlb_exclusive, MMSCOPE_SUMS_SIZE_MIN - 8);

/* What a page-table entry is. */
enum mmscope_kind {
	MMSCOPE_NONE,			/* empty; only in a struct mmscope_walk */
	MMSCOPE_TABLE,			/* a table; only in a struct mmscope_walk */
	MMSCOPE_PRESENT,		/* huge and without READ: being split */
	MMSCOPE_ZERO,			/* page of zeroes, readable or not */
	MMSCOPE_PROTNONE,		/* has a frame, any access faults */
	MMSCOPE_NUMA_HINT,		/* the same in a VMA that allows access */
	MMSCOPE_SWAP,			/* frame: offset, device: swap type */
	MMSCOPE_MIGRATION,		/* moving to another frame */
	MMSCOPE_DEVICE_PRIVATE,		/* held by a device's own memory */
	MMSCOPE_DEVICE_EXCLUSIVE,	/* lent to a device */
	MMSCOPE_HWPOISON,		/* the frame has a memory error */
	MMSCOPE_MARKER_UFFD_WP,
	MMSCOPE_MARKER_POISON,		/* swap-in failed, or UFFDIO_POISON */
	MMSCOPE_MARKER_GUARD,		/* MADV_GUARD_INSTALL */
	MMSCOPE_MARKER,			/* another marker; frame: its bits */
	MMSCOPE_UNKNOWN,
	MMSCOPE_UFFD_RWP,		/* as NUMA_HINT, by UFFDIO_RWPROTECT */
};

/* Attributes of an entry, in neutral names. */
#define MMSCOPE_ATTR_READ	(1u << 0)
#define MMSCOPE_ATTR_WRITE	(1u << 1)
#define MMSCOPE_ATTR_EXEC	(1u << 2)
#define MMSCOPE_ATTR_USER	(1u << 3)
#define MMSCOPE_ATTR_ACCESSED	(1u << 4)
#define MMSCOPE_ATTR_DIRTY	(1u << 5)
#define MMSCOPE_ATTR_SOFT_DIRTY	(1u << 6)
#define MMSCOPE_ATTR_UFFD_WP	(1u << 7)
#define MMSCOPE_ATTR_GLOBAL	(1u << 8)
#define MMSCOPE_ATTR_SPECIAL	(1u << 9)
#define MMSCOPE_ATTR_UNCACHED	(1u << 10)	/* not ordinary write-back memory */
#define MMSCOPE_ATTR_DEVMAP	(1u << 11)
#define MMSCOPE_ATTR_EXCLUSIVE	(1u << 12)	/* swap: anonymous, not shared */
#define MMSCOPE_ATTR_CONT	(1u << 13)	/* contiguous hint */
#define MMSCOPE_ATTR_KERNEL_EXEC (1u << 14)	/* no PXN; x86: !USER, !NX */

/*
 * Page facts, in one word: flags numbered as in /proc/kpageflags, the node, and
 * how the page is mapped. Flags of the page or of the first page of its folio:
 * LOCKED, REFERENCED, UPTODATE, DIRTY, LRU, ACTIVE, WRITEBACK, RECLAIM, SWAPCACHE,
 * SWAPBACKED, UNEVICTABLE, RESERVED, MLOCKED. Of the page itself: MMAP, ANON,
 * HUGE, HWPOISON, KSM, THP, ZERO_PAGE. SHARED and EXCLUSIVE are both clear where
 * it is not known, and for the page of zeroes.
 */
#define MMSCOPE_PAGE_FLAGS	((1ULL << 48) - 1)
#define MMSCOPE_PAGE_NODE_SHIFT	48
#define MMSCOPE_PAGE_NODE(page)	(((page) >> MMSCOPE_PAGE_NODE_SHIFT) & 0x3ff)
#define MMSCOPE_PAGE_EXCLUSIVE	(1ULL << 61)	/* mapped once: here */
#define MMSCOPE_PAGE_SHARED	(1ULL << 62)	/* mapped more than once */
#define MMSCOPE_PAGE_KNOWN	(1ULL << 63)	/* 0: there is no struct page */

/**
 * struct mmscope_runs - runs: consecutive entries with consecutive frames
 * @start: address that the first entry maps
 * @raw: the first entry as the hardware holds it; with MMSCOPE_ATTR_CONT, accessed
 *	and dirty are those of its contiguous block
 * @page: page facts, 0 without MMSCOPE_QUERY_FACTS; of a huge entry those of its
 *	first page
 * @attrs: MMSCOPE_ATTR_*
 * @nr: number of words
 * @fixed: offset of the first word from the start of the record
 * @level: enum mmscope_level
 * @kind: enum mmscope_kind
 * @raw_shift: raw entries grow by 1 << @raw_shift for each frame; if negative,
 *	they fall by 1 << -@raw_shift; 0: neither they nor the frames change
 *
 * What the runs of a record have in common is in it once. The words follow: the
 * runs in ascending order of address, one or two words each:
 *	MMSCOPE_RUN_FRAME()	frame of the first entry. MMSCOPE_SWAP: see
 *				MMSCOPE_SWAP_DEVICE(); markers: their bits; all
 *				others: its number in base pages
 *	MMSCOPE_RUN_INDEX()	number of entries from @start to the run
 *	MMSCOPE_RUN_LONG	set if the run has more than one entry: the next
 *				word is their number
 *
 * From entry to entry of a run the frame grows by the base pages that one entry
 * maps, but for MMSCOPE_ZERO and markers. Runs ascend and do not overlap, with
 * one exception: a huge entry is recorded whole, and one that replaced a table
 * during the read may begin before the end of the last run. A run lies within
 * one VMA. All raw entries follow from @raw in all their bits. The processor may
 * set accessed and dirty in any entry of a contiguous block, and they count for
 * each entry of it: entries are recorded as if all of them had these bits.
 *
 * Runs are as long as possible; a run begins a record of its own if its index
 * exceeds MMSCOPE_RUN_INDEX_MAX, its page facts differ, or its first raw entry
 * does not follow.
 */
struct mmscope_runs {
	struct mmscope_head head;
	__u64	start;
	__u64	raw;
	__u64	page;
	__u32	attrs;
	__u16	nr;
	__u16	fixed;
	__u8	level;
	__u8	kind;
	__s8	raw_shift;
	__u8	__pad[5];
};

#define MMSCOPE_RUNS_SIZE_MIN	48
__MMSCOPE_LAST(mmscope_runs, __pad, MMSCOPE_RUNS_SIZE_MIN - 5);

#define MMSCOPE_RUN_LONG		(1ULL << 63)
#define MMSCOPE_RUN_INDEX_SHIFT		40
#define MMSCOPE_RUN_INDEX_MAX		((1u << 23) - 1)
#define MMSCOPE_RUN_INDEX(word)		\
	(((word) >> MMSCOPE_RUN_INDEX_SHIFT) & MMSCOPE_RUN_INDEX_MAX)
#define MMSCOPE_RUN_FRAME_MASK		((1ULL << MMSCOPE_RUN_INDEX_SHIFT) - 1)
#define MMSCOPE_RUN_FRAME(word)		((word) & MMSCOPE_RUN_FRAME_MASK)

/*
 * The frame of MMSCOPE_SWAP. Devices count from 0 in the order of swapon, which is
 * that of /proc/swaps if none was removed.
 */
#define MMSCOPE_SWAP_SHIFT	35
#define MMSCOPE_SWAP_DEVICE(frame)	((frame) >> MMSCOPE_SWAP_SHIFT)
#define MMSCOPE_SWAP_OFFSET(frame)	\
	((frame) & ((1ULL << MMSCOPE_SWAP_SHIFT) - 1))

/**
 * struct mmscope_upper - entries that lead to tables
 * @top: physical address of the top table
 * @start: first address that the first entry maps
 * @raw: the first entry as the hardware holds it
 * @attrs: MMSCOPE_ATTR_*, of all entries
 * @nr: number of entries
 * @fixed: offset of the first entry from the start of the record
 *
 * An entry that leads to a table on the way to an address of a VMA is recorded
 * once, in a word:
 *	MMSCOPE_UPPER_FRAME()	frame of the table that it leads to
 *	MMSCOPE_UPPER_INDEX()	of the entry in the table that it is in
 *	MMSCOPE_UPPER_LEVEL()	enum mmscope_level, above MMSCOPE_PTE
 *
 * Entries ascend by the first address that they map; of entries with the same
 * one, those of upper levels come first. An entry is in a table on the way to the
 * first address of the entry before: apart from its index, it has the bits of that
 * address down to those of its table, and zeroes below.
 *
 * All raw entries of a record follow from @raw: they grow by the size of a base page
 * for each frame. Others begin a record of their own.
 *
 * Runs are read later: in the meantime a table may have come or gone. Filters of the
 * query do not apply, so that there is a way to each run that they select.
 */
struct mmscope_upper {
	struct mmscope_head head;
	__u64	top;
	__u64	start;
	__u64	raw;
	__u32	attrs;
	__u16	nr;
	__u16	fixed;
};

#define MMSCOPE_UPPER_SIZE_MIN	40
__MMSCOPE_LAST(mmscope_upper, fixed, MMSCOPE_UPPER_SIZE_MIN - 2);

#define MMSCOPE_UPPER_FRAME(word)	((word) & ((1ULL << 40) - 1))
#define MMSCOPE_UPPER_INDEX_SHIFT	40
#define MMSCOPE_UPPER_INDEX(word)	\
	(((word) >> MMSCOPE_UPPER_INDEX_SHIFT) & 0xffff)
#define MMSCOPE_UPPER_LEVEL_SHIFT	56
#define MMSCOPE_UPPER_LEVEL(word)	\
	(((word) >> MMSCOPE_UPPER_LEVEL_SHIFT) & 0xf)

/**
 * struct mmscope_tables - the page tables that one VMA needs
 * @start: of the VMA, cut like its record
 * @end: of the VMA, exclusive
 * @pages: tables by level of the entries in them, enum mmscope_level; a table that
 *	several VMAs share counts for the first
 * @used: entries of these levels in use in the VMA; an entry that leads to a table
 *	that several VMAs share counts for the first
 *
 * VMAs without tables of their own have no record.
 */
struct mmscope_tables {
	struct mmscope_head head;
	__u64	start;
	__u64	end;
	__u32	pages[MMSCOPE_LEVEL_SLOTS];
	__u64	used[MMSCOPE_LEVEL_SLOTS];
};

#define MMSCOPE_TABLES_SIZE_MIN	120
__MMSCOPE_LAST(mmscope_tables, used, MMSCOPE_TABLES_SIZE_MIN - 64);

#define MMSCOPE_FILL_BUCKETS	16

/**
 * struct mmscope_tables_sum - the page tables of an address space
 * @pages: tables by level, enum mmscope_level
 * @used: entries in use in these
 * @deposited: further PTE tables, kept for the split of huge anonymous pages; the
 *	kernel counts them
 * @pgtables_bytes: the kernel's count: bytes of PTE, PMD and PUD tables
 * @table_bytes: size of a table; the table of the top level may differ, the
 *	kernel does not export its size
 * @fill: number of tables by level and by entries in use: [n][0] no entry, [n][i]
 *	at least 1 << (i - 1), but less than 1 << i
 */
struct mmscope_tables_sum {
	struct mmscope_head head;
	__u64	pages[MMSCOPE_LEVEL_SLOTS];
	__u64	used[MMSCOPE_LEVEL_SLOTS];
	__u64	deposited;
	__u64	pgtables_bytes;
	__u64	table_bytes;
	__u32	fill[MMSCOPE_LEVEL_SLOTS][MMSCOPE_FILL_BUCKETS];
};

#define MMSCOPE_TABLES_SUM_SIZE_MIN	672
__MMSCOPE_LAST(mmscope_tables_sum, fill, MMSCOPE_TABLES_SUM_SIZE_MIN - 512);

/**
 * struct mmscope_step - one level of a translation
 * @table: physical address of the table
 * @raw: the entry, as in struct mmscope_runs
 * @index: of the entry in the table
 * @attrs: MMSCOPE_ATTR_*
 * @level: enum mmscope_level
 * @kind: enum mmscope_kind
 *
 * The physical address of the entry is @table + 8 * @index.
 */
struct mmscope_step {
	__u64	table;
	__u64	raw;
	__u32	index;
	__u32	attrs;
	__u8	level;
	__u8	kind;
	__u8	__pad[6];
};

#define MMSCOPE_STEP_SIZE_MIN	32
__MMSCOPE_LAST(mmscope_step, __pad, MMSCOPE_STEP_SIZE_MIN - 6);

/* struct mmscope_walk @stop: why the walk ended */
enum mmscope_stop {
	MMSCOPE_STOP_ENTRY = 1,		/* at an entry: kind of the last step */
	MMSCOPE_STOP_GAP,		/* no VMA there: nothing was walked */
	MMSCOPE_STOP_KERNEL,		/* not an address of the user half */
};

/**
 * struct mmscope_walk - translation of one address
 * @addr: the address, without a tag
 * @phys: its physical address; only if the last step is MMSCOPE_PRESENT, _ZERO,
 *	_PROTNONE, _NUMA_HINT or _UFFD_RWP
 * @frame: of the last step, as in struct mmscope_runs, for the page of @addr
 * @gap_start: MMSCOPE_STOP_GAP: end of the VMA before, 0 if there is none
 * @gap_end: MMSCOPE_STOP_GAP: start of the VMA after, else task_size
 * @page: page facts of the frame
 * @nr: number of steps
 * @stop: enum mmscope_stop
 * @page_shift: log2 of the size of the page found; 0 if none
 * @fixed: offset of the first struct mmscope_step from the start of the record;
 *	the steps go from the top level down
 * @step_size: bytes from one step to the next
 *
 * The VMA of @addr is in the stream before this record.
 */
struct mmscope_walk {
	struct mmscope_head head;
	__u64	addr;
	__u64	phys;
	__u64	frame;
	__u64	gap_start;
	__u64	gap_end;
	__u64	page;
	__u8	nr;
	__u8	stop;
	__u8	page_shift;
	__u8	__pad;
	__u16	fixed;
	__u16	step_size;
};

#define MMSCOPE_WALK_SIZE_MIN	64
__MMSCOPE_LAST(mmscope_walk, step_size, MMSCOPE_WALK_SIZE_MIN - 2);

/* struct mmscope_thread @flags */
#define MMSCOPE_THREAD_CURRENT	(1u << 0)	/* @sp, @ip and @tls are current */
#define MMSCOPE_THREAD_WORKER	(1u << 1)	/* never runs user code: io_uring, vhost */
#define MMSCOPE_THREAD_32BIT	(1u << 2)	/* runs 32-bit user code */

/**
 * struct mmscope_thread - a thread that shares the address space
 * @tid: its thread id, in the pid namespace of the opener
 * @tgid: id of its process, in the same namespace; another process than that of
 *	the TASK record after vfork(), or clone() with CLONE_VM only
 * @flags: MMSCOPE_THREAD_*
 * @altstack_flags: SS_AUTODISARM and others, as the kernel holds them
 * @start_ns: CLOCK_BOOTTIME at which it was started
 * @sp: user stack pointer at the last entry into the kernel
 * @ip: user instruction pointer, likewise
 * @tls: base of the thread-local storage: FS base, TPIDR_EL0; for 32-bit code the
 *	base of GS, TPIDRURO
 * @altstack_start: first address of the alternate signal stack
 * @altstack_size: of that stack in bytes; 0: none
 * @shadow_start: first address of the shadow stack that the kernel allocated
 * @shadow_size: of that stack in bytes; 0: none
 * @kernel_stack: address of the kernel stack, zero unless the reader may see it
 * @kernel_size: bytes of the kernel stack
 * @kernel_used: bytes of it in use; 0 if not known, because the thread was running
 * @state: a letter, as in /proc/PID/stat
 * @comm: its name, NUL-terminated
 *
 * Without MMSCOPE_THREAD_CURRENT the thread was running: @sp and @ip are those of
 * the last entry into the kernel, @tls may be as old as its last time off a CPU.
 * With it, they are those with which the thread goes on. All three are zero with
 * MMSCOPE_THREAD_WORKER.
 *
 * Threads that the pid namespace of the opener does not show are left out. A thread
 * that shares the address space during the whole read is recorded once; one that
 * was started, ended or executed a program meanwhile, once or not at all. But the
 * thread that executes a program takes the id of its process, and may be recorded
 * once with each.
 */
struct mmscope_thread {
	struct mmscope_head head;
	__s32	tid;
	__s32	tgid;
	__u32	flags;
	__u32	altstack_flags;
	__u64	start_ns;
	__u64	sp;
	__u64	ip;
	__u64	tls;
	__u64	altstack_start;
	__u64	altstack_size;
	__u64	shadow_start;
	__u64	shadow_size;
	__u64	kernel_stack;
	__u32	kernel_size;
	__u32	kernel_used;
	__u8	state;
	__u8	__pad[7];
	char	comm[16];
};

#define MMSCOPE_THREAD_SIZE_MIN	128
__MMSCOPE_LAST(mmscope_thread, comm, MMSCOPE_THREAD_SIZE_MIN - 16);

/* struct mmscope_kernel @flags */
#define MMSCOPE_KERNEL_PTI	(1u << 0)	/* user mode has tables of its own */
#define MMSCOPE_KERNEL_ONE_ROOT	(1u << 1)	/* one top table for all processes */

/**
 * struct mmscope_kernel - the kernel half of an address space
 * @root: physical address of the top table
 * @user_root: physical address of the top table that is in use in user mode, if that
 *	is another one: MMSCOPE_KERNEL_PTI; else 0
 * @start: first address of the kernel half; its end is that of all addresses
 * @flags: MMSCOPE_KERNEL_*
 * @other_pid: the process whose kernel half this one is compared with, in the pid
 *	namespace of the opener: process 1, or the reader if it has no process 1 or
 *	its address space is the one that is recorded
 * @used: entries in use in the kernel half of the top table
 * @same: those of them that lead to the same table in both processes
 * @own: those of them that every process has for itself: its LDT, with PTI
 * @user_used: entries in use in the kernel half of @user_root
 *
 * The kernel half is shared if @same + @own = @used. With MMSCOPE_KERNEL_ONE_ROOT
 * it always is: a register of its own leads to it.
 */
struct mmscope_kernel {
	struct mmscope_head head;
	__u64	root;
	__u64	user_root;
	__u64	start;
	__u32	flags;
	__s32	other_pid;
	__u32	used;
	__u32	same;
	__u32	own;
	__u32	user_used;
};

#define MMSCOPE_KERNEL_SIZE_MIN	56
__MMSCOPE_LAST(mmscope_kernel, user_used, MMSCOPE_KERNEL_SIZE_MIN - 4);

/* struct mmscope_kernel_region @area */
enum mmscope_kernel_area {
	MMSCOPE_AREA_GUARD_HOLE = 1,	/* reserved for a hypervisor */
	MMSCOPE_AREA_LDT,		/* the LDT of each process, with PTI */
	MMSCOPE_AREA_DIRECT_MAP,	/* all RAM; arm64: the linear map */
	MMSCOPE_AREA_KASAN_SHADOW,
	MMSCOPE_AREA_VMALLOC,
	MMSCOPE_AREA_VMEMMAP,		/* struct page of all RAM */
	MMSCOPE_AREA_CPU_ENTRY,		/* stacks and tables to enter the kernel */
	MMSCOPE_AREA_ESPFIX,		/* stacks to return to 16-bit code */
	MMSCOPE_AREA_EFI,		/* firmware, mapped only while it runs */
	MMSCOPE_AREA_IMAGE_WINDOW,	/* the kernel image is somewhere in it */
	MMSCOPE_AREA_IMAGE,		/* the kernel image */
	MMSCOPE_AREA_MODULES,
	MMSCOPE_AREA_FIXMAP,
	MMSCOPE_AREA_VSYSCALL,		/* a page that user mode may execute */
	MMSCOPE_AREA_PCI_IO,
};

/*
 * struct mmscope_kernel_region @flags. The bounds of the image are those of its
 * page tables.
 */
#define MMSCOPE_REGION_BEST_EFFORT	(1u << 0)	/* bounds by what is mapped */

/**
 * struct mmscope_kernel_region - a region of the kernel half
 * @start: first address
 * @size: in bytes
 * @area: enum mmscope_kernel_area
 * @flags: MMSCOPE_REGION_*
 */
struct mmscope_kernel_region {
	struct mmscope_head head;
	__u64	start;
	__u64	size;
	__u32	area;
	__u32	flags;
};

#define MMSCOPE_KERNEL_REGION_SIZE_MIN	32
__MMSCOPE_LAST(mmscope_kernel_region, flags,
	       MMSCOPE_KERNEL_REGION_SIZE_MIN - 4);

/* struct mmscope_kernel_run @flags */
#define MMSCOPE_KERNEL_RUN_WX	(1u << 0)	/* both writable and executable */

/**
 * struct mmscope_kernel_run - consecutive entries of the kernel half
 * @start: address that the first entry maps
 * @size: bytes that all of them map
 * @raw: the first entry as the hardware holds it
 * @attrs: MMSCOPE_ATTR_* of all entries. READ, WRITE, EXEC, KERNEL_EXEC and USER are
 *	in force: no table above takes them away. Without ACCESSED and DIRTY
 * @level: enum mmscope_level
 * @kind: MMSCOPE_PRESENT; or MMSCOPE_TABLE: these entries lead to the same table as
 *	the entry before @start, so that the same runs repeat
 * @flags: MMSCOPE_KERNEL_RUN_*
 *
 * Entries of a run have the same size, permissions and memory type; their frames
 * are not compared. All runs are best effort: nothing keeps the tables of the kernel
 * as they are while they are read.
 */
struct mmscope_kernel_run {
	struct mmscope_head head;
	__u64	start;
	__u64	size;
	__u64	raw;
	__u32	attrs;
	__u8	level;
	__u8	kind;
	__u8	flags;
	__u8	__pad;
};

#define MMSCOPE_KERNEL_RUN_SIZE_MIN	40
__MMSCOPE_LAST(mmscope_kernel_run, __pad, MMSCOPE_KERNEL_RUN_SIZE_MIN - 1);

/*
 * Set if the list of VMAs, or what maps shows of one, changed during the read, as
 * far as the module can know: not if the change was undone before the end, and
 * among more than 300 VMAs not if it was a change of VMAs that were still to be read
 * which left the totals of the mm as they were.
 */
#define MMSCOPE_END_CHANGED	(1u << 0)
#define MMSCOPE_END_CONSISTENT	(1u << 1)	/* VMAs are those of one moment */

/**
 * struct mmscope_end - the last record of every stream
 * @status: 0, or a positive errno that ended the stream early: ESRCH if the
 *	address space is gone
 * @flags: MMSCOPE_END_*
 * @vmas: number of mmscope_vma records
 * @runs: number of runs
 * @entries: number of page-table entries in these runs
 * @holds: how often mmap_lock was taken
 * @longest_ns: the longest time it was held
 * @threads: number of mmscope_thread records
 * @upper: number of entries in mmscope_upper records
 */
struct mmscope_end {
	struct mmscope_head head;
	__u32	status;
	__u32	flags;
	__u64	vmas;
	__u64	runs;
	__u64	entries;
	__u64	holds;
	__u64	longest_ns;
	__u64	threads;
	__u64	upper;
};

#define MMSCOPE_END_SIZE_MIN	56
__MMSCOPE_LAST(mmscope_end, longest_ns, MMSCOPE_END_SIZE_MIN - 8);

/* struct mmscope_query @flags */
#define MMSCOPE_QUERY_RESIDENCY	(1u << 0)	/* after each VMA */
#define MMSCOPE_QUERY_FACTS	(1u << 1)	/* page facts with each run */
/*
 * All VMAs under one hold of mmap_lock, in as much memory as that takes: ENOMEM
 * if it cannot be allocated. Not with RESIDENCY.
 */
#define MMSCOPE_QUERY_CONSISTENT (1u << 2)

/**
 * struct mmscope_query - what to write to the file "query" before reading it
 * @size: sizeof(struct mmscope_query) as the writer knows it
 * @abi: MMSCOPE_ABI as the writer knows it
 * @parts: MMSCOPE_PART_*, at least one; WALK not with VMAS, PAGETABLE, TABLES, UPPER
 *	or SUMS
 * @flags: MMSCOPE_QUERY_*: RESIDENCY and CONSISTENT with VMAS, FACTS with
 *	PAGETABLE
 * @pid: process or thread, in the pid namespace of the writer
 * @__reserved: 0
 * @start: VMAS, PAGETABLE, TABLES, UPPER, SUMS, KERNEL_PAGETABLE: skip what ends at
 *	or before this address. WALK: the address to translate
 * @end: VMAS, PAGETABLE, TABLES, UPPER, SUMS, KERNEL_PAGETABLE: skip what begins at or
 *	after this address; 0: no bound. WALK: 0. Tags are removed from both where
 *	the processor ignores them
 * @kinds: PAGETABLE: only entries of these, 1 << enum mmscope_kind each; 0: all
 * @levels: only entries of these, 1 << enum mmscope_level each; 0: all
 * @attrs_set: only entries that have all of these MMSCOPE_ATTR_*
 * @attrs_clear: only entries that have none of these
 * @page_set: FACTS: only pages that have all of these bits
 * @page_clear: FACTS: only pages that are known and have none of these
 * @frame_start: only entries that name a frame in this range; not those whose
 *	frame is a place in swap or the bits of a marker
 * @frame_end: exclusive; 0: no such filter
 *
 * One write is one whole query, and pins the address space that it names; the
 * next write starts over. EINVAL: a field, flag or version is unknown or out of
 * range. E2BIG: longer than the module knows, and the rest is not zero. ESRCH: no
 * such task. EPERM: the writer may not look, or KERNEL_* are asked for without the
 * right to see kernel addresses. Without a query, read fails with
 * EINVAL. A shorter query that ends after @end is taken as if zeroes followed.
 */
struct mmscope_query {
	__u32	size;
	__u32	abi;
	__u32	parts;
	__u32	flags;
	__s32	pid;
	__u32	__reserved;
	__u64	start;
	__u64	end;
	__u32	kinds;
	__u32	levels;
	__u32	attrs_set;
	__u32	attrs_clear;
	__u64	page_set;
	__u64	page_clear;
	__u64	frame_start;
	__u64	frame_end;
};

#define MMSCOPE_QUERY_SIZE_MIN	40
__MMSCOPE_LAST(mmscope_query, frame_end, 80);

#undef __MMSCOPE_LAST
#undef __MMSCOPE_ASSERT

#endif /* _UAPI_MMSCOPE_H */
