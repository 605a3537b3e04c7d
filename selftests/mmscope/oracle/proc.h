/* SPDX-License-Identifier: GPL-2.0-only */
/* What /proc reports. Every function here ends the test where /proc fails. */
#ifndef PROC_H
#define PROC_H

#include <linux/const.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Bits of /proc/PID/pagemap */
#define PM_SWAP_TYPE(e)		((e) & 0x1f)
#define PM_SWAP_OFFSET(e)	((e) >> 5 & ((1ULL << 50) - 1))
#define PM_FRAME(e)		((e) & ((1ULL << 55) - 1))
#define PM_SOFT_DIRTY		_BITULL(55)
#define PM_UFFD_WP		_BITULL(57)
#define PM_GUARD		_BITULL(58)
#define PM_SWAP			_BITULL(62)
#define PM_PRESENT		_BITULL(63)

/*
 * The first types are swap areas, at least so many of them; migration, device
 * and hwpoison entries have the types after those.
 */
#define PM_SWAP_TYPES		22

/* An entry that is neither present nor swapped looks like a swapped one. */
static inline bool pm_is_away(__u64 entry)
{
	return entry & PM_SWAP && PM_SWAP_TYPE(entry) >= PM_SWAP_TYPES;
}

/**
 * struct proc_vma - a mapping of /proc/PID/maps or smaps
 * @start: first address
 * @end: exclusive
 * @offset: as printed
 * @ino: as printed
 * @major: as printed
 * @minor: as printed
 * @perms: as printed: "rw-p"
 * @name: as printed, "" if there is none
 * @block: the lines that follow in smaps; "" if read from maps
 */
struct proc_vma {
	__u64 start;
	__u64 end;
	__u64 offset;
	__u64 ino;
	unsigned int major;
	unsigned int minor;
	char perms[5];
	char *name;
	char *block;
};

struct proc_maps {
	struct proc_vma *vma;
	size_t nr;
};

/* A file of /proc/PID, opened. */
int proc_open(pid_t pid, const char *file, int flags);
/* Its whole content with a NUL at the end; free() it. */
char *proc_read(pid_t pid, const char *file, size_t *len);
char *proc_link(pid_t pid, const char *file);

/*
 * All mappings; @file is "maps" or "smaps". Without [vsyscall], which is no VMA
 * but a page of the kernel half that /proc adds to every mm.
 */
struct proc_maps *proc_maps(pid_t pid, const char *file);
void proc_maps_free(struct proc_maps *maps);
const struct proc_vma *proc_vma_at(const struct proc_maps *maps, __u64 addr);
/* The only mapping of that name. */
const struct proc_vma *proc_vma_named(const struct proc_maps *maps,
				      const char *name);

/* A line of smaps: a number, or the text after the colon in a static buffer. */
__u64 smaps_kb(const struct proc_vma *vma, const char *name);
const char *smaps_text(const struct proc_vma *vma, const char *name);
/* Is one of VmFlags set? */
bool smaps_flag(const struct proc_vma *vma, const char *flag);

/* The number after "NAME:" in /proc/PID/status; whether there is such a line. */
__u64 proc_status(pid_t pid, const char *name);
bool proc_has_status(pid_t pid, const char *name);
/* Field of /proc/PID/stat, counted from 1 as in proc(5). */
__u64 proc_stat(pid_t pid, unsigned int field);
char proc_state(pid_t pid);
/* Column of /proc/PID/statm, counted from 0. */
__u64 proc_statm(pid_t pid, unsigned int column);
/* The value of an AT_* entry; of a 32-bit program, too. */
__u64 proc_auxv(pid_t pid, __u64 type);

/*
 * The heap, [start_brk, brk) rounded to pages, empty if the program never moved
 * brk. /proc has start_brk, but not brk: that is the end of the writable mapping
 * called [heap]. maps also calls a mapping [heap] that only covers an empty heap;
 * those of JIT compilers are executable, which what brk() maps is not.
 */
struct proc_heap {
	__u64 start;
	__u64 end;
};

struct proc_heap proc_heap(pid_t pid, const struct proc_maps *maps);

/* @pagemap: an open file, for callers that read many ranges */
void proc_pagemap_at(int pagemap, __u64 start, size_t nr, __u64 *entries);
void proc_pagemap(pid_t pid, __u64 start, size_t nr, __u64 *entries);
__u64 proc_page(pid_t pid, __u64 addr);
void proc_clear_refs(pid_t pid, int what);

/* Does /proc/iomem list that frame as system memory? */
bool proc_is_memory(__u64 frame);

/* Address of a symbol in /proc/kallsyms, 0 if there is none of that name. */
__u64 proc_symbol(const char *name);

/* The first number in a file, or @missing. */
long long file_number(const char *path, long long missing);
/* The number after a word at the start of a line; dies if there is none. */
long long file_value(const char *path, const char *name);
/* Write a string; dies if that fails. */
void file_write(const char *path, const char *text);
bool file_has_word(const char *path, const char *word);

/*
 * Keep the kernel from changing page tables by itself. From 6.17 on it may
 * sample accesses to all memory (DAMON_STAT) and clears accessed bits for that;
 * khugepaged collapses small pages into huge ones; NUMA balancing takes away
 * access to see which node uses a page.
 */
void kernel_stand_still(void);

/* Bits of a user address, as the processor or a system call reports them. */
unsigned int kernel_user_bits(void);

/* Levels of page tables, which follow from these bits and the page size. */
unsigned int kernel_levels(void);

/* The level of transparent huge pages: PMD, or PGD where there are two levels. */
unsigned int kernel_huge_level(void);

/* The default size of pages of hugetlb. */
size_t kernel_hugetlb_size(void);

/*
 * Was the kernel built with transparent huge pages? PREEMPT_RT kernels are not,
 * and refuse MADV_HUGEPAGE. Tests that need them are skipped for this reason.
 */
bool kernel_has_thp(void);
#define LACKS_THP	"this kernel has no transparent huge pages"

/* Is the kernel at least that old? */
bool kernel_since(unsigned int major, unsigned int minor);

#endif
