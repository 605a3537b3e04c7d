/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * mmscope: the binary stream, and the query that asks for one.
 *
 * A stream is one struct mmscope_header, then records, each led by a struct
 * mmscope_head, and last a record of type MMSCOPE_REC_END. A stream without
 * END was cut off. Integers are fixed in width and in the byte order of the
 * machine that wrote them (see @byte_order); records start on multiples of 8.
 *
 * Rules for change, so that old and new readers keep working:
 *  - A reader skips record types it does not know, reads no further into a
 *    record than it knows, and takes a header of at least its own size.
 *  - Adding a record type, a bit, an enum value, or a field at the end of a
 *    fixed record needs no new version. Where something follows the fixed
 *    part, a size or count field of the record says where it begins.
 *  - struct mmscope_runs and mmscope_names do not grow before their arrays.
 *  - Changing the meaning, place or unit of anything bumps MMSCOPE_ABI.
 *  - Padding is written as zero and not looked at; reserved query fields must
 *    be zero.
 */
#ifndef _UAPI_MMSCOPE_H
#define _UAPI_MMSCOPE_H

#include <linux/types.h>

#define MMSCOPE_ABI		2
#define MMSCOPE_MAGIC		"mmscope"	/* 8 bytes with its NUL */
#define MMSCOPE_BYTE_ORDER	0x01020304u

/* Levels of the page tables, from the leaves up; 0 is no level. */
enum mmscope_level {
	MMSCOPE_PTE = 1,
	MMSCOPE_PMD,
	MMSCOPE_PUD,
	MMSCOPE_P4D,
	MMSCOPE_PGD,
	MMSCOPE_LEVELS,			/* number of values, 0 included */
};

/**
 * struct mmscope_header - what stands first in a stream
 * @magic: MMSCOPE_MAGIC
 * @byte_order: MMSCOPE_BYTE_ORDER, as the writer stores it
 * @abi: MMSCOPE_ABI of the writer
 * @size: of this header in bytes; the first record follows
 * @machine: EM_X86_64, EM_AARCH64: what the raw entries mean
 * @page_shift: log2 of the base page's size
 * @levels: page-table levels in use
 * @parts: MMSCOPE_PART_* this stream was asked for
 * @flags: MMSCOPE_QUERY_* it was asked with
 * @time_ns: CLOCK_REALTIME when the stream was begun
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
	__u8	level_shift[8];
	char	release[64];
	char	module[16];
};

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
};

/**
 * struct mmscope_head - what every record begins with
 * @type: enum mmscope_rec
 * @size: of the whole record in bytes, a multiple of 8
 */
struct mmscope_head {
	__u32	type;
	__u32	size;
};

/* struct mmscope_task @flags */
#define MMSCOPE_TASK_KTHREAD	(1u << 0)	/* has no user address space */
#define MMSCOPE_TASK_RANDOMIZED	(1u << 1)	/* layout randomised at execve */
#define MMSCOPE_TASK_ADDRESSES	(1u << 2)	/* kernel addresses are shown */

/**
 * struct mmscope_task - whom the stream speaks of
 * @pid: thread id asked for, in the pid namespace of the opener
 * @tgid: process id, in the same namespace
 * @flags: MMSCOPE_TASK_*
 * @personality: as /proc/PID/personality
 * @start_ns: CLOCK_BOOTTIME at which the thread asked for was started
 * @comm: name of the thread asked for, NUL-terminated
 */
struct mmscope_task {
	struct mmscope_head head;
	__s32	pid;
	__s32	tgid;
	__u32	flags;
	__u32	personality;
	__u64	start_ns;
	char	comm[16];
};

/* struct mmscope_mm @layout */
enum mmscope_layout {
	MMSCOPE_LAYOUT_FLEXIBLE = 1,	/* mmap area grows down from the stack */
	MMSCOPE_LAYOUT_CLASSIC,		/* and here up from a third of task_size */
};

#define MMSCOPE_GAP_ASSUMED	1	/* @stack_guard_gap is the kernel's default */

/**
 * struct mmscope_mm - the fields of struct mm_struct
 *
 * Addresses and @pgtables_bytes, @rlimit_stack, @stack_guard_gap are in bytes,
 * *_vm, *_rss and @rss_* in base pages. @pgd and @get_unmapped_area are kernel
 * addresses, zero unless the opener has CAP_SYSLOG; @get_unmapped_area is also
 * zero in kernels without that pointer.
 *
 * @exe_len: bytes of the path in @text, NUL not counted
 * @area_len: bytes of the symbol's name that follow the path's NUL
 * @fixed: offset of @text from the record's start
 * @text: path of the executable, NUL, symbol behind get_unmapped_area, NUL
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
	char	text[];
};

/* What the names of a struct mmscope_names are of. */
enum mmscope_names_of {
	MMSCOPE_NAMES_VMA_FLAGS = 1,	/* bits of mmscope_vma.flags */
	MMSCOPE_NAMES_MM_FLAGS,		/* bits of mmscope_mm.flags */
	MMSCOPE_NAMES_POLICIES,		/* values of mmscope_vma.policy */
};

struct mmscope_name {
	__u32	value;			/* bit number, or value */
	char	name[28];		/* NUL-terminated */
};

/**
 * struct mmscope_names - names of flags whose place differs between kernels
 * @of: enum mmscope_names_of
 * @nr: number of names
 *
 * Flags travel as the kernel holds them; this record makes them readable on
 * another machine. Two-letter names are those of VmFlags in /proc/PID/smaps.
 */
struct mmscope_names {
	struct mmscope_head head;
	__u32	of;
	__u32	nr;
	struct mmscope_name name[];
};

/* struct mmscope_vma @perms */
#define MMSCOPE_READ		(1u << 0)
#define MMSCOPE_WRITE		(1u << 1)
#define MMSCOPE_EXEC		(1u << 2)
#define MMSCOPE_SHARED		(1u << 3)

/* struct mmscope_vma @kind: the four kinds of mapping */
enum mmscope_vma_kind {
	MMSCOPE_PRIVATE_ANON = 1,
	MMSCOPE_PRIVATE_FILE,
	MMSCOPE_SHARED_ANON,
	MMSCOPE_SHARED_FILE,
};

/* struct mmscope_vma @segment: as far as the mm knows it */
enum mmscope_segment {
	MMSCOPE_SEG_MMAP = 1,		/* none of the others */
	MMSCOPE_SEG_CODE,		/* overlaps start_code-end_code */
	MMSCOPE_SEG_DATA,		/* overlaps start_data-end_data */
	MMSCOPE_SEG_HEAP,		/* overlaps start_brk-brk */
	MMSCOPE_SEG_STACK,		/* holds start_stack */
	MMSCOPE_SEG_VDSO,
	MMSCOPE_SEG_VVAR,
	MMSCOPE_SEG_SPECIAL,		/* another mapping the kernel named */
};

/* struct mmscope_vma @name_kind */
enum mmscope_name_kind {
	MMSCOPE_NAME_NONE,
	MMSCOPE_NAME_PATH,		/* " (deleted)" appended as in maps */
	MMSCOPE_NAME_SPECIAL,		/* [vdso], [heap], [stack], ... */
	MMSCOPE_NAME_ANON,		/* given by prctl(PR_SET_VMA_ANON_NAME) */
	MMSCOPE_NAME_TOO_LONG,		/* a path longer than PATH_MAX */
};

/**
 * struct mmscope_vma - one struct vm_area_struct
 * @start: first address
 * @end: first address behind
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
 * @policy: NUMA policy of its own, named by MMSCOPE_NAMES_POLICIES; 0 for none
 * @name_kind: enum mmscope_name_kind
 * @name_len: bytes in @name, NUL not counted
 * @fixed: offset of @name from the record's start
 * @policy_nodes: the policy's nodes 0 to 63
 * @name: NUL-terminated
 *
 * VMAs ascend and do not overlap: as in /proc/PID/maps, one that grew downwards
 * or merged while it was read is cut where the one before it ended.
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
	__u16	__pad[3];
	char	name[];
};

/**
 * struct mmscope_residency - what of a VMA is in memory
 * @start: as in the mmscope_vma record before
 * @end: as there; VMAs told only in part are looked at as a whole
 * @pte: mapped by entries of that level, of memory with a struct page; in the
 *	sums below are these and @pmd and @pud
 * @pmd: mapped by huge entries of that level
 * @pud: mapped by huge entries of that level
 * @cont: of these, in blocks with a contiguous hint
 * @anon: anonymous
 * @file: of the page cache of a file; and the kernel's own, such as [vdso]
 * @shmem: of tmpfs, a memfd, shared anonymous or SysV memory
 * @hugetlb: of hugetlb, which is in none of the three before
 * @exclusive: mapped here and nowhere else
 * @shared: mapped more than once
 * @dirty: by the entry or by the page's own flag, as in smaps
 * @accessed: by the entry or by the page's own flags, as Referenced in smaps
 * @zero: the shared pages of zeroes; not among the ones above, nor are:
 * @special: without a struct page to count with, such as memory of a device
 * @swapped: entries that name a place in swap
 * @other: entries of any other kind: markers, poisoned, and those that name a
 *	page but do not map it: migrating, lent to or held by a device; smaps has
 *	these in Rss
 * @never: no entry; swapped pages of tmpfs have none, smaps has them in Swap
 * @pss_bytes: each page divided by the number of times it is mapped, in bytes;
 *	0 for hugetlb
 *
 * In base pages, but for @pss_bytes. The VMA is
 * @pte + @pmd + @pud + @zero + @special + @swapped + @other + @never.
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

/* What a page-table entry is. */
enum mmscope_kind {
	MMSCOPE_NONE,			/* empty; only in a struct mmscope_walk */
	MMSCOPE_TABLE,			/* leads on; only in a struct mmscope_walk */
	MMSCOPE_PRESENT,		/* huge and without READ: being split */
	MMSCOPE_ZERO,			/* page of zeroes, readable or not */
	MMSCOPE_PROTNONE,		/* has a frame, all access faults */
	MMSCOPE_NUMA_HINT,		/* the same in a VMA that allows access */
	MMSCOPE_SWAP,			/* frame: offset, device: swap type */
	MMSCOPE_MIGRATION,		/* on the way to another frame */
	MMSCOPE_DEVICE_PRIVATE,		/* held by a device's own memory */
	MMSCOPE_DEVICE_EXCLUSIVE,	/* lent to a device */
	MMSCOPE_HWPOISON,		/* the frame is broken */
	MMSCOPE_MARKER_UFFD_WP,
	MMSCOPE_MARKER_POISON,		/* swap-in failed, or UFFDIO_POISON */
	MMSCOPE_MARKER_GUARD,		/* MADV_GUARD_INSTALL */
	MMSCOPE_MARKER,			/* another marker; frame: its bits */
	MMSCOPE_UNKNOWN,
	MMSCOPE_UFFD_RWP,		/* as NUMA_HINT, by UFFDIO_RWPROTECT */
	MMSCOPE_KINDS,			/* how many: newer ones stand before it */
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
#define MMSCOPE_ATTRS_ALL	((1u << 15) - 1)

/*
 * Page facts, in one word: flags of the page numbered as in /proc/kpageflags, and
 * what follows. Told are LOCKED, REFERENCED, UPTODATE, DIRTY, LRU, ACTIVE, WRITEBACK,
 * RECLAIM, SWAPCACHE, SWAPBACKED, UNEVICTABLE, RESERVED and MLOCKED; of the page
 * itself MMAP, ANON, HUGE, HWPOISON, KSM, THP and ZERO_PAGE.
 */
#define MMSCOPE_PAGE_FLAGS	((1ULL << 48) - 1)
#define MMSCOPE_PAGE_NODE_SHIFT	48
#define MMSCOPE_PAGE_NODE(page)	(((page) >> MMSCOPE_PAGE_NODE_SHIFT) & 0x3ff)
#define MMSCOPE_PAGE_SHARED	(1ULL << 62)	/* mapped more than once */
#define MMSCOPE_PAGE_KNOWN	(1ULL << 63)	/* 0: no struct page to ask */
#define MMSCOPE_PAGE_ALL	(~(0xfULL << 58))

/**
 * struct mmscope_runs - runs: consecutive entries with consecutive frames
 * @start: address the first entry maps
 * @raw: the first entry as the hardware holds it
 * @page: page facts, 0 unless asked for with MMSCOPE_QUERY_FACTS; of a huge
 *	entry those of its first page
 * @nr: number of words
 * @attrs: MMSCOPE_ATTR_*
 * @level: enum mmscope_level
 * @kind: enum mmscope_kind
 * @raw_shift: raw entries grow by 1 << @raw_shift for each frame; if negative,
 *	they fall by 1 << -@raw_shift; 0: they do not change, nor do frames
 * @word: the runs in ascending order of address, a word or two each:
 *	MMSCOPE_RUN_FRAME()	frame of the first entry: MMSCOPE_SWAP: see
 *				MMSCOPE_SWAP_DEVICE(); markers: their bits; all
 *				others: its number in base pages
 *	MMSCOPE_RUN_INDEX()	where it is: entries behind @start
 *	MMSCOPE_RUN_LONG	set if the run has more than one entry: the next
 *				word is their number
 *
 * What runs of one record have in common stands once. From entry to entry of a
 * run the frame grows by what one entry maps, in base pages, but for
 * MMSCOPE_ZERO and markers. Huge entries are told whole: one that took the place
 * of a table, half of which was told before, begins before what came last. All
 * else ascends, and does not overlap. A run lies within one VMA, its raw entries
 * follow from the first one. Those with MMSCOPE_ATTR_CONT do but for accessed
 * and dirty: the processor notes these in any one entry of a block, and they are
 * told of each of it.
 *
 * Runs are as long as they can be; only one with an index behind
 * MMSCOPE_RUN_INDEX_MAX, or with other page facts, begins a record of its own.
 */
struct mmscope_runs {
	struct mmscope_head head;
	__u64	start;
	__u64	raw;
	__u64	page;
	__u16	nr;
	__u16	attrs;
	__u8	level;
	__u8	kind;
	__s8	raw_shift;
	__u8	__pad;
	__u64	word[];
};

#define MMSCOPE_RUN_LONG		(1ULL << 63)
#define MMSCOPE_RUN_INDEX_SHIFT		40
#define MMSCOPE_RUN_INDEX_MAX		((1u << 23) - 1)
#define MMSCOPE_RUN_INDEX(word)		\
	(((word) >> MMSCOPE_RUN_INDEX_SHIFT) & MMSCOPE_RUN_INDEX_MAX)
#define MMSCOPE_RUN_FRAME_MASK		((1ULL << MMSCOPE_RUN_INDEX_SHIFT) - 1)
#define MMSCOPE_RUN_FRAME(word)		((word) & MMSCOPE_RUN_FRAME_MASK)

/*
 * The frame of MMSCOPE_SWAP; devices count from 0 as swapon took them, in the
 * order of /proc/swaps where none was taken out.
 */
#define MMSCOPE_SWAP_SHIFT	35
#define MMSCOPE_SWAP_DEVICE(frame)	((frame) >> MMSCOPE_SWAP_SHIFT)
#define MMSCOPE_SWAP_OFFSET(frame)	\
	((frame) & ((1ULL << MMSCOPE_SWAP_SHIFT) - 1))

/**
 * struct mmscope_tables - the page tables that one VMA needed
 * @start: of the VMA
 * @end: of the VMA
 * @pages: tables by level of the entries in them, enum mmscope_level; one that
 *	several VMAs share counts for the first
 * @used: entries of these levels in use in the VMA; one that leads to a table
 *	that several VMAs share counts for the first
 *
 * VMAs without tables of their own are left out.
 */
struct mmscope_tables {
	struct mmscope_head head;
	__u64	start;
	__u64	end;
	__u32	pages[8];
	__u64	used[8];
};

#define MMSCOPE_FILL_BUCKETS	16

/**
 * struct mmscope_tables_sum - the page tables of an address space
 * @pages: tables by level, enum mmscope_level
 * @used: entries in use in these
 * @deposited: further tables of PTEs, kept for when huge pages of anonymous
 *	memory are split; the kernel counts them
 * @pgtables_bytes: the kernel's count: bytes of tables of PTEs, PMDs and PUDs
 * @table_bytes: size of a table; that of the top level may be another, which the
 *	kernel keeps to itself
 * @fill: number of tables by level and by how full they are: [n][0] have no
 *	entry in use, [n][i] 1 << (i - 1) or more, but less than 1 << i
 */
struct mmscope_tables_sum {
	struct mmscope_head head;
	__u64	pages[8];
	__u64	used[8];
	__u64	deposited;
	__u64	pgtables_bytes;
	__u64	table_bytes;
	__u32	fill[8][MMSCOPE_FILL_BUCKETS];
};

/**
 * struct mmscope_step - one level of a translation
 * @table: physical address of the table
 * @raw: the entry as the hardware holds it
 * @index: of the entry in the table
 * @attrs: MMSCOPE_ATTR_*
 * @level: enum mmscope_level
 * @kind: enum mmscope_kind
 *
 * The entry's own physical address is @table + 8 * @index.
 */
struct mmscope_step {
	__u64	table;
	__u64	raw;
	__u32	index;
	__u16	attrs;
	__u8	level;
	__u8	kind;
};

/* struct mmscope_walk @stop: why the walk went no further */
enum mmscope_stop {
	MMSCOPE_STOP_ENTRY = 1,		/* at an entry: kind of the last step */
	MMSCOPE_STOP_GAP,		/* no VMA there, so nothing was walked */
	MMSCOPE_STOP_KERNEL,		/* not an address of the user half */
};

/**
 * struct mmscope_walk - translation of one address
 * @addr: the address asked for
 * @phys: where it lies; only if the last step is MMSCOPE_PRESENT, _ZERO,
 *	_PROTNONE, _NUMA_HINT or _UFFD_RWP
 * @frame: of the last step, as in struct mmscope_runs, for the page of @addr
 * @gap_start: MMSCOPE_STOP_GAP: end of the VMA before, 0 if there is none
 * @gap_end: MMSCOPE_STOP_GAP: start of the VMA behind, else task_size
 * @nr: number of steps
 * @stop: enum mmscope_stop
 * @page_shift: log2 of the size of the page found; 0 if none
 * @step: from the top level down; only the first @nr count
 * @page: page facts of the frame
 *
 * The VMA of @addr stands in the stream before this record.
 */
struct mmscope_walk {
	struct mmscope_head head;
	__u64	addr;
	__u64	phys;
	__u64	frame;
	__u64	gap_start;
	__u64	gap_end;
	__u8	nr;
	__u8	stop;
	__u8	page_shift;
	__u8	__pad[5];
	struct mmscope_step step[5];
	__u64	page;
};

#define MMSCOPE_END_CHANGED	(1u << 0)	/* VMAs changed while it was read */
#define MMSCOPE_END_CONSISTENT	(1u << 1)	/* VMAs are those of one moment */

/**
 * struct mmscope_end - the last record of every stream
 * @status: 0, or a positive errno that cut the stream short: ESRCH, when the
 *	address space died
 * @flags: MMSCOPE_END_*. Where a kernel does not count how often mmap_lock is
 *	taken for writing, changes show only if the totals of the mm differ
 * @vmas: number of mmscope_vma records
 * @runs: number of runs
 * @entries: number of page-table entries in these runs
 * @holds: how often mmap_lock was taken
 * @longest_ns: the longest time it was held
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
};

/* What a stream is made of, in this order. TASK and END are always there. */
#define MMSCOPE_PART_MM		(1u << 0)
#define MMSCOPE_PART_VMAS	(1u << 1)
#define MMSCOPE_PART_PAGETABLE	(1u << 2)
#define MMSCOPE_PART_WALK	(1u << 3)
#define MMSCOPE_PART_TABLES	(1u << 4)
#define MMSCOPE_PARTS_ALL	((1u << 5) - 1)

/* struct mmscope_query @flags */
#define MMSCOPE_QUERY_RESIDENCY	(1u << 0)	/* behind each VMA */
#define MMSCOPE_QUERY_FACTS	(1u << 1)	/* page facts with each run */
/*
 * All VMAs under one hold of mmap_lock, in as much memory as that takes: ENOMEM
 * if it is not to be had. Without RESIDENCY.
 */
#define MMSCOPE_QUERY_CONSISTENT (1u << 2)
#define MMSCOPE_QUERY_FLAGS	((1u << 3) - 1)

/**
 * struct mmscope_query - what to write to the file "query" before reading it
 * @size: sizeof(struct mmscope_query) as the writer knows it
 * @abi: MMSCOPE_ABI as the writer knows it
 * @parts: MMSCOPE_PART_*, at least one; WALK not with VMAS, PAGETABLE or TABLES
 * @flags: MMSCOPE_QUERY_*: RESIDENCY and CONSISTENT with VMAS, FACTS with
 *	PAGETABLE
 * @pid: process or thread, in the pid namespace of the writer
 * @__reserved: 0
 * @start: VMAS, PAGETABLE, TABLES: what ends at or before this address is left
 *	out. WALK: the address to translate
 * @end: VMAS, PAGETABLE, TABLES: what begins at or behind this address is left
 *	out; 0 for no bound. WALK: 0
 * @kinds: PAGETABLE: only entries of these, 1 << enum mmscope_kind each; 0: all
 * @levels: only entries of these, 1 << enum mmscope_level each; 0: all
 * @attrs_set: only entries that have all of these MMSCOPE_ATTR_*
 * @attrs_clear: only entries that have none of these
 * @__reserved2: 0
 * @page_set: FACTS: only pages that have all of these bits
 * @page_clear: FACTS: only pages that have none of these
 * @frame_start: only entries that name a frame in this range; not those whose
 *	frame is a place in swap or the bits of a marker
 * @frame_end: first frame behind the range; 0: no such filter
 *
 * One write takes one query whole, and pins the address space it speaks of;
 * a further write begins anew. EINVAL: a field, flag or version unknown or out
 * of range. E2BIG: longer than the module knows, and the rest is not zero.
 * ESRCH: no such task. Without a query, read fails with EINVAL. A shorter one
 * that ends behind @end is as one with zeroes there.
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
	__u16	attrs_set;
	__u16	attrs_clear;
	__u32	__reserved2;
	__u64	page_set;
	__u64	page_clear;
	__u64	frame_start;
	__u64	frame_end;
};

#define MMSCOPE_QUERY_SIZE_MIN	40

/* Neither side may shift a field unseen. */
#ifndef __cplusplus
_Static_assert(sizeof(struct mmscope_header) == 128, "mmscope_header");
_Static_assert(sizeof(struct mmscope_head) == 8, "mmscope_head");
_Static_assert(sizeof(struct mmscope_task) == 48, "mmscope_task");
_Static_assert(sizeof(struct mmscope_mm) == 296, "mmscope_mm");
_Static_assert(sizeof(struct mmscope_name) == 32, "mmscope_name");
_Static_assert(sizeof(struct mmscope_names) == 16, "mmscope_names");
_Static_assert(sizeof(struct mmscope_vma) == 80, "mmscope_vma");
_Static_assert(sizeof(struct mmscope_residency) == 168, "mmscope_residency");
_Static_assert(sizeof(struct mmscope_runs) == 40, "mmscope_runs");
_Static_assert(sizeof(struct mmscope_tables) == 120, "mmscope_tables");
_Static_assert(sizeof(struct mmscope_tables_sum) == 672, "mmscope_tables_sum");
_Static_assert(sizeof(struct mmscope_step) == 24, "mmscope_step");
_Static_assert(sizeof(struct mmscope_walk) == 184, "mmscope_walk");
_Static_assert(sizeof(struct mmscope_end) == 56, "mmscope_end");
_Static_assert(sizeof(struct mmscope_query) == 88, "mmscope_query");
#endif

#endif /* _UAPI_MMSCOPE_H */
