// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "proc.h"
#include "shapes.h"
#include "sizes.h"
#include "target.h"
#include "uapi.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT		21
#endif
#ifndef PROT_MTE
#define PROT_MTE		0x20
#endif
#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT		26
#endif
#ifndef UFFD_FEATURE_WP_HUGETLBFS_SHMEM
#define UFFD_FEATURE_WP_HUGETLBFS_SHMEM	0x1000
#endif

#ifndef UFFD_FEATURE_POISON
#define UFFD_FEATURE_POISON	0x4000
#endif

#define PAGE	4096UL
#define HUGE	(2 * MIB)

static struct part *add_part(struct shape *shape, size_t from, size_t nr,
			     unsigned int kind, unsigned int level)
{
	struct part *part = &shape->part[shape->nr_parts++];

	part->from = from;
	part->nr = nr;
	part->kind = kind;
	part->level = level;
	return part;
}

#define WRITTEN	(MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_USER | \
		 MMSCOPE_ATTR_DIRTY | MMSCOPE_ATTR_ACCESSED)

/* Pages of a mapping that is not to be huge. */
void shape_map(struct shape *shape, size_t pages, int prot, int flags, int fd)
{
	shape->size = pages * PAGE;
	shape->start = target_map(NULL, shape->size, prot, flags, fd);
	madvise(shape->start, shape->size, MADV_NOHUGEPAGE);
}

/* A mapping that begins where a page of @align bytes can. */
static void map_aligned(struct shape *shape, size_t size, size_t align)
{
	char *start = target_map(NULL, size + align, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE, -1);
	char *aligned = (char *)(((unsigned long)start + align - 1) & -align);

	if (aligned > start)
		munmap(start, aligned - start);
	munmap(aligned + size, start + align - aligned);
	shape->start = aligned;
	shape->size = size;
	if (madvise(aligned, size, MADV_HUGEPAGE))
		die("MADV_HUGEPAGE: %s", strerror(errno));
}

static void map_huge(struct shape *shape, size_t nr)
{
	map_aligned(shape, nr * HUGE, HUGE);
}

void shape_touch(struct shape *shape, size_t from, size_t nr)
{
	target_touch(shape->start + from * PAGE, nr * PAGE);
}

void shape_look(struct shape *shape, size_t from, size_t nr)
{
	target_look(shape->start + from * PAGE, nr * PAGE);
}

static void advise(struct shape *shape, size_t from, size_t nr, int advice)
{
	if (madvise(shape->start + from * PAGE, nr * PAGE, advice))
		die("madvise(%d): %s", advice, strerror(errno));
}

/* The shapes */

void make_anon(struct shape *shape)
{
	shape_map(shape, 48, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	shape_touch(shape, 32, 8);
	add_part(shape, 0, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 16, 16, MMSCOPE_NONE, 0);
	add_part(shape, 32, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_EXEC | MMSCOPE_ATTR_SPECIAL |
		MMSCOPE_ATTR_GLOBAL | MMSCOPE_ATTR_UNCACHED;
	add_part(shape, 40, 8, MMSCOPE_NONE, 0);
}

void make_untouched(struct shape *shape)
{
	shape_map(shape, 3000, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	add_part(shape, 0, 3000, MMSCOPE_NONE, 0);
}

void make_executable(struct shape *shape)
{
	shape_map(shape, 8, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE,
		  -1);
	shape_touch(shape, 0, 8);
	add_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN | MMSCOPE_ATTR_EXEC;
}

/* The program itself: a file of the file system it was installed to. */
static int own_file(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("cannot open myself: %s", strerror(errno));
	return fd;
}

/* Tagged memory of arm64 is of another type, but ordinary memory. */
void make_tagged(struct shape *shape)
{
	struct part *part;

	shape_map(shape, 8, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	if (mprotect(shape->start, shape->size, PROT_READ | PROT_WRITE | PROT_MTE)) {
		strcpy(shape->skip, "the processor has no memory tags");
		return;
	}
	shape_touch(shape, 0, 8);
	part = add_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE);
	part->with = WRITTEN;
	part->without = MMSCOPE_ATTR_UNCACHED;
}

void make_private_file(struct shape *shape)
{
	shape_map(shape, 12, PROT_READ | PROT_WRITE, MAP_PRIVATE, own_file());
	/* Around what is read more is mapped: say nothing of the last ones. */
	shape_look(shape, 0, 4);
	shape_touch(shape, 4, 4);
	add_part(shape, 0, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_DIRTY;
	add_part(shape, 4, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

void make_shared_file(struct shape *shape)
{
	char dir[] = "/tmp/mmscope-XXXXXX", path[64];
	int fd;

	/* Memory, but with pages of a file: tmpfs would be shmem. */
	if (unshare(CLONE_NEWNS) ||
	    mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) || !mkdtemp(dir) ||
	    mount("ramfs", dir, "ramfs", 0, NULL))
		die("no ramfs: %s", strerror(errno));
	snprintf(path, sizeof(path), "%s/file", dir);
	fd = target_file(path, 16 * PAGE);
	umount2(dir, MNT_DETACH);
	rmdir(dir);
	shape_map(shape, 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	shape_touch(shape, 0, 8);
	add_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 16, 4, MMSCOPE_NONE, 0);
}

void make_shmem(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_SHARED, -1);
	shape_touch(shape, 8, 8);
	add_part(shape, 0, 8, MMSCOPE_NONE, 0);
	add_part(shape, 8, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

static int open_memfd(size_t pages)
{
	int fd = memfd_create("pages", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, pages * PAGE))
		die("no memfd: %s", strerror(errno));
	return fd;
}

void make_memfd(struct shape *shape)
{
	struct part *part;

	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_SHARED,
		  open_memfd(32));
	shape_touch(shape, 0, 8);
	shape_look(shape, 8, 8);
	add_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	/* May be written, but has not been. */
	part = add_part(shape, 8, 8, MMSCOPE_PRESENT, MMSCOPE_PTE);
	part->with = MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_ACCESSED;
	part->without = MMSCOPE_ATTR_DIRTY;
}

/* Shared with a child from fork() on, so nobody may write without a copy. */
void make_forked(struct shape *shape)
{
	pid_t parent = getpid();

	shape_map(shape, 16, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	if (!fork()) {
		die_with(parent);
		pause();
		_exit(0);
	}
	shape_touch(shape, 8, 8);
	add_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_WRITE;
	add_part(shape, 8, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

static bool own_thp(struct shape *shape, size_t pages)
{
	struct proc_maps *maps = proc_maps(getpid(), "smaps");
	__u64 kb = smaps_kb(proc_vma_at(maps, (unsigned long)shape->start),
			    "AnonHugePages");

	proc_maps_free(maps);
	return kb == pages * 4;
}

void make_thp(struct shape *shape)
{
	map_huge(shape, 4);
	shape_touch(shape, 0, 1024);
	shape_touch(shape, 1536, 1);
	if (!own_thp(shape, 1536)) {
		strcpy(shape->skip, "the kernel gave no huge pages");
		return;
	}
	add_part(shape, 0, 1024, MMSCOPE_PRESENT, MMSCOPE_PMD)->with = WRITTEN;
	add_part(shape, 1024, 512, MMSCOPE_NONE, 0);
	add_part(shape, 1536, 512, MMSCOPE_PRESENT, MMSCOPE_PMD)->with = WRITTEN;
}

/* A huge page that a child maps, too, between small ones that nobody else does. */
void make_thp_forked(struct shape *shape)
{
	pid_t parent = getpid();

	map_huge(shape, 3);
	munmap(shape->start, HUGE / 2);
	munmap(shape->start + 3 * HUGE - HUGE / 2, HUGE / 2);
	shape->start += HUGE / 2;
	shape->size = 2 * HUGE;
	shape_touch(shape, 256, 512);
	if (!own_thp(shape, 512)) {
		strcpy(shape->skip, "the kernel gave no huge pages");
		return;
	}
	if (!fork()) {
		die_with(parent);
		pause();
		_exit(0);
	}
	shape_touch(shape, 0, 256);
	shape_touch(shape, 768, 256);
	add_part(shape, 0, 256, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 256, 512, MMSCOPE_PRESENT, MMSCOPE_PMD)->without =
		MMSCOPE_ATTR_WRITE;
	add_part(shape, 768, 256, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

/* A huge page of which only some is mapped has to be mapped by small entries. */
void make_thp_split(struct shape *shape)
{
	map_huge(shape, 2);
	shape_touch(shape, 0, 1024);
	if (!own_thp(shape, 1024)) {
		strcpy(shape->skip, "the kernel gave no huge pages");
		return;
	}
	advise(shape, 100, 1, MADV_DONTNEED);
	add_part(shape, 0, 100, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, 100, 1, MMSCOPE_NONE, 0);
	add_part(shape, 101, 411, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, 512, 512, MMSCOPE_PRESENT, MMSCOPE_PMD);
}

/* All of it is mapped by small entries, but could be by a huge one. */
void shape_map_split(struct shape *shape)
{
	char *last;

	map_huge(shape, 1);
	shape_touch(shape, 0, 1);
	if (!own_thp(shape, 512)) {
		strcpy(shape->skip, "the kernel gave no huge page");
		return;
	}
	last = shape->start + HUGE - PAGE;
	if (mprotect(last, PAGE, PROT_READ) ||
	    mprotect(last, PAGE, PROT_READ | PROT_WRITE))
		die("mprotect: %s", strerror(errno));
}

void make_huge_zero(struct shape *shape)
{
	const char *switch_file = "/sys/kernel/mm/transparent_hugepage/use_zero_page";

	if (file_number(switch_file, 0) != 1) {
		strcpy(shape->skip, "use_zero_page is off");
		return;
	}
	map_huge(shape, 2);
	shape_look(shape, 0, 1);
	shape_look(shape, 512, 1);
	add_part(shape, 0, 1024, MMSCOPE_ZERO, MMSCOPE_PMD)->without =
		MMSCOPE_ATTR_WRITE;
}

/* Four pages of hugetlb, of which the second one is not touched. */
static void hugetlb(struct shape *shape, size_t size, unsigned int level,
		    unsigned int attrs)
{
	size_t pages = size / PAGE;
	char file[96];

	snprintf(file, sizeof(file),
		 "/sys/kernel/mm/hugepages/hugepages-%zukB/nr_hugepages",
		 size / KIB);
	if (file_number(file, 4) < 4)
		file_write(file, "4");
	shape->size = 4 * size;
	shape->start = mmap(NULL, shape->size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB |
			    __builtin_ctzl(size) << MAP_HUGE_SHIFT, -1, 0);
	if (shape->start == MAP_FAILED) {
		strcpy(shape->skip, "no hugetlb page could be reserved");
		return;
	}
	shape_touch(shape, 0, 1);
	shape_touch(shape, 2 * pages, pages + 1);
	add_part(shape, 0, pages, MMSCOPE_PRESENT, level)->with =
		WRITTEN | attrs;
	add_part(shape, pages, pages, MMSCOPE_NONE, 0);
	add_part(shape, 2 * pages, 2 * pages, MMSCOPE_PRESENT, level)->with =
		WRITTEN | attrs;
}

void make_hugetlb(struct shape *shape)
{
	hugetlb(shape, HUGE, MMSCOPE_PMD, 0);
}

/* One page, and room for another. */
void make_hugetlb_1g(struct shape *shape)
{
	const char *file = "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages";

	if (!file_number(file, 0) && !access(file, W_OK))
		file_write(file, "1");
	shape->size = 2 * GIB;
	shape->start = mmap(NULL, shape->size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE |
			    MAP_HUGETLB | 30 << MAP_HUGE_SHIFT, -1, 0);
	if (!file_number(file, 0) || shape->start == MAP_FAILED) {
		strcpy(shape->skip, "no GiB of memory in one piece");
		return;
	}
	shape_touch(shape, 0, 1);
	add_part(shape, 0, GIB / PAGE, MMSCOPE_PRESENT, MMSCOPE_PUD)->with =
		WRITTEN;
	add_part(shape, GIB / PAGE, GIB / PAGE, MMSCOPE_NONE, 0);
}

/* Pages of arm64 that take sixteen entries. */
void make_hugetlb_ptes(struct shape *shape)
{
	hugetlb(shape, 16 * PAGE, MMSCOPE_PTE, MMSCOPE_ATTR_CONT);
}

void make_hugetlb_pmds(struct shape *shape)
{
	hugetlb(shape, 16 * HUGE, MMSCOPE_PMD, MMSCOPE_ATTR_CONT);
}

#define FOLIOS	"/sys/kernel/mm/transparent_hugepage/hugepages-64kB/"

/* Pages in folios of 64 KiB, each as soon as one of its pages is touched. */
void shape_map_folios(struct shape *shape, size_t folios)
{
	long long before = file_number(FOLIOS "stats/anon_fault_alloc", -1);
	size_t i;

	map_aligned(shape, folios * 16 * PAGE, 16 * PAGE);
	if (before < 0) {
		strcpy(shape->skip, "this kernel makes no folios of 64 KiB");
		return;
	}
	file_write(FOLIOS "enabled", "madvise");
	for (i = 0; i < folios; i++)
		shape_touch(shape, i * 16, 1);
	file_write(FOLIOS "enabled", "never");
	if (file_number(FOLIOS "stats/anon_fault_alloc", 0) < before + folios)
		strcpy(shape->skip, "the kernel gave no folios of 64 KiB");
}

/* Some of which are no more mapped as one. */
void make_folios(struct shape *shape)
{
	shape_map_folios(shape, 8);
	if (*shape->skip)
		return;
	mprotect(shape->start + 37 * PAGE, PAGE, PROT_READ);
	advise(shape, 70, 1, MADV_DONTNEED);
	add_part(shape, 0, 32, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN | MMSCOPE_ATTR_CONT;
	add_part(shape, 32, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_CONT;
	add_part(shape, 48, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN | MMSCOPE_ATTR_CONT;
	add_part(shape, 64, 6, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_CONT;
	add_part(shape, 70, 1, MMSCOPE_NONE, 0);
	add_part(shape, 71, 9, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_CONT;
	add_part(shape, 80, 48, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN | MMSCOPE_ATTR_CONT;
}

/* Pages that pagemap does not call swapped, which is all that is elsewhere. */
static size_t pages_here(struct shape *shape, size_t from, size_t nr)
{
	__u64 entry[512];
	size_t i, here = 0;

	proc_pagemap(getpid(), (unsigned long)shape->start + from * PAGE, nr,
		     entry);
	for (i = 0; i < nr; i++)
		here += !(entry[i] & PM_SWAP);
	return here;
}

/* MADV_PAGEOUT is a wish: ask until it is fulfilled. */
static bool page_out(struct shape *shape, size_t from, size_t nr)
{
	int attempt;

	for (attempt = 0; attempt < 500; attempt++) {
		advise(shape, from, nr, MADV_PAGEOUT);
		if (!pages_here(shape, from, nr))
			return true;
		usleep(10000);
	}
	return false;
}

void make_swapped(struct shape *shape)
{
	shape_map(shape, 64, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 64);
	if (!page_out(shape, 0, 48)) {
		strcpy(shape->skip, "there is no swap space");
		return;
	}
	/* Come back from swap, some read only. */
	shape_touch(shape, 8, 4);
	shape_look(shape, 20, 4);
	add_part(shape, 0, 8, MMSCOPE_SWAP, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_USER;
	add_part(shape, 8, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 20, 1, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, 48, 16, MMSCOPE_PRESENT, MMSCOPE_PTE);
}

/* A huge page goes out as one, but its entries are small then. */
void make_swapped_thp(struct shape *shape)
{
	map_huge(shape, 1);
	/* Instead of zeroes, some kernels would map the page of zeroes. */
	memset(shape->start, 's', HUGE);
	if (!own_thp(shape, 512)) {
		strcpy(shape->skip, "the kernel gave no huge page");
		return;
	}
	if (!page_out(shape, 0, 512)) {
		strcpy(shape->skip, "there is no swap space");
		return;
	}
	add_part(shape, 0, 512, MMSCOPE_SWAP, MMSCOPE_PTE);
}

void make_protnone(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	if (mprotect(shape->start, shape->size, PROT_NONE))
		die("mprotect: %s", strerror(errno));
	add_part(shape, 0, 16, MMSCOPE_PROTNONE, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_EXEC |
		MMSCOPE_ATTR_GLOBAL;
	add_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

void make_protnone_thp(struct shape *shape)
{
	map_huge(shape, 2);
	shape_touch(shape, 0, 1024);
	if (!own_thp(shape, 1024)) {
		strcpy(shape->skip, "the kernel gave no huge pages");
		return;
	}
	if (mprotect(shape->start, shape->size, PROT_NONE))
		die("mprotect: %s", strerror(errno));
	add_part(shape, 0, 1024, MMSCOPE_PROTNONE, MMSCOPE_PMD);
}

void make_zero(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_look(shape, 0, 16);
	shape_touch(shape, 8, 1);
	add_part(shape, 0, 8, MMSCOPE_ZERO, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_WRITE;
	add_part(shape, 8, 1, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 9, 7, MMSCOPE_ZERO, MMSCOPE_PTE);
	add_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

void make_freed(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 32);
	advise(shape, 0, 16, MADV_FREE);
	shape_touch(shape, 8, 2);
	add_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_DIRTY | MMSCOPE_ATTR_ACCESSED;
	add_part(shape, 8, 2, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 10, 6, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_DIRTY;
	add_part(shape, 16, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

void make_dontneeded(struct shape *shape)
{
	shape_map(shape, 1500, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 1500);
	advise(shape, 100, 1300, MADV_DONTNEED);
	add_part(shape, 0, 100, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, 100, 1300, MMSCOPE_NONE, 0);
	add_part(shape, 1400, 100, MMSCOPE_PRESENT, MMSCOPE_PTE);
}

void make_guard(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	if (madvise(shape->start + 8 * PAGE, 16 * PAGE, MADV_GUARD_INSTALL)) {
		strcpy(shape->skip, "this kernel has no guard regions");
		return;
	}
	add_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, 8, 16, MMSCOPE_MARKER_GUARD, MMSCOPE_PTE);
	add_part(shape, 24, 8, MMSCOPE_NONE, 0);
}

void make_moved(struct shape *shape)
{
	void *to;

	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 4, 4);
	to = target_map(NULL, 64 * PAGE, PROT_NONE, MAP_PRIVATE, -1);
	shape->start = mremap(shape->start, shape->size, 2 * shape->size,
			      MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (shape->start == MAP_FAILED)
		die("mremap: %s", strerror(errno));
	shape->size *= 2;
	add_part(shape, 0, 4, MMSCOPE_NONE, 0);
	add_part(shape, 4, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 8, 56, MMSCOPE_NONE, 0);
}

static int uffd_open(struct shape *shape, __u64 features, __u64 mode)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	struct uffdio_register range = {
		.range = { (unsigned long)shape->start, shape->size },
		.mode = mode,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &range)) {
		strcpy(shape->skip, "no userfaultfd that protects from writes");
		return -1;
	}
	return fd;
}

static void uffd_protect(struct shape *shape, int fd, size_t from, size_t nr)
{
	struct uffdio_writeprotect range = {
		.range = { (unsigned long)shape->start + from * PAGE, nr * PAGE },
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};

	if (ioctl(fd, UFFDIO_WRITEPROTECT, &range))
		die("UFFDIO_WRITEPROTECT: %s", strerror(errno));
}

void make_uffd_wp(struct shape *shape)
{
	int fd;

	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	fd = uffd_open(shape, UFFD_FEATURE_PAGEFAULT_FLAG_WP,
		       UFFDIO_REGISTER_MODE_WP);
	if (fd < 0)
		return;
	uffd_protect(shape, fd, 4, 4);
	add_part(shape, 0, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_UFFD_WP;
	add_part(shape, 4, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		MMSCOPE_ATTR_UFFD_WP;
	add_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

void make_uffd_wp_shmem(struct shape *shape)
{
	int fd;

	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_SHARED,
		  open_memfd(32));
	shape_touch(shape, 0, 16);
	fd = uffd_open(shape, UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
		       UFFDIO_REGISTER_MODE_WP);
	if (fd < 0)
		return;
	uffd_protect(shape, fd, 8, 16);
	add_part(shape, 8, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		MMSCOPE_ATTR_UFFD_WP;
	add_part(shape, 16, 8, MMSCOPE_MARKER_UFFD_WP, MMSCOPE_PTE);
	add_part(shape, 24, 8, MMSCOPE_NONE, 0);
}

/* A place that userfaultfd says is broken. */
void make_uffd_poison(struct shape *shape)
{
	struct {
		struct uffdio_range range;
		__u64 mode;
		__s64 updated;
	} poison;
	int fd;

	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	fd = uffd_open(shape, UFFD_FEATURE_POISON, UFFDIO_REGISTER_MODE_MISSING);
	if (fd < 0) {
		strcpy(shape->skip, "no userfaultfd that poisons");
		return;
	}
	poison.range.start = (unsigned long)shape->start + 20 * PAGE;
	poison.range.len = 4 * PAGE;
	poison.mode = 0;
	if (ioctl(fd, _IOWR(UFFDIO, 0x08, poison), &poison))
		die("UFFDIO_POISON: %s", strerror(errno));
	add_part(shape, 0, 16, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, 16, 4, MMSCOPE_NONE, 0);
	add_part(shape, 20, 4, MMSCOPE_MARKER_POISON, MMSCOPE_PTE);
	add_part(shape, 24, 8, MMSCOPE_NONE, 0);
}

/* Where the machine has no memory: the first GiB behind all of it. */
static __u64 behind_memory(void)
{
	FILE *file = fopen("/proc/iomem", "r");
	__u64 start, end, last = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%llx-%llx : ", &start, &end) == 2 &&
		    strstr(line, ": System RAM") && end > last)
			last = end;
	if (!last)
		die("no memory in /proc/iomem");
	fclose(file);
	return (last / GIB + 2) * GIB;
}

static bool map_phys(struct shape *shape, size_t size, __u64 phys)
{
	/* O_SYNC asks for a mapping that is not cached. */
	int fd = open("/dev/mem", O_RDONLY | O_SYNC | O_CLOEXEC);
	struct part *part;

	shape->size = size;
	shape->start = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, phys);
	close(fd);
	if (shape->start == MAP_FAILED)
		return false;
	part = add_part(shape, 0, shape->size / PAGE, MMSCOPE_PRESENT,
			MMSCOPE_PTE);
	part->frame = phys / PAGE;
	part->with = MMSCOPE_ATTR_READ | MMSCOPE_ATTR_SPECIAL |
		     MMSCOPE_ATTR_UNCACHED;
	part->without = MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_EXEC;
	return true;
}

/* Frames in one row, more than any slice takes: there has to be one run. */
void make_pfnmap(struct shape *shape)
{
	if (!map_phys(shape, 256 * MIB, behind_memory()))
		strcpy(shape->skip, "/dev/mem cannot be mapped");
}

/* The same in the upper half of all addresses that the processor can have. */
void make_pfnmap_high(struct shape *shape)
{
	int bit;

	for (bit = 51; bit > 32; bit--)
		if (map_phys(shape, 4 * MIB, 7ULL << (bit - 2)))
			return;
	strcpy(shape->skip, "/dev/mem cannot be mapped");
}

/* Pages that may not go out to swap, though nobody used some of them. */
void make_mlocked(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 8);
	if (mlock(shape->start, 16 * PAGE))
		die("mlock: %s", strerror(errno));
	add_part(shape, 0, 16, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

/* Used by read() after accessed bits were cleared: only the page tells. */
void make_referenced(struct shape *shape)
{
	int fd = open_memfd(16);
	char page[PAGE];
	size_t i;

	shape_map(shape, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	shape_touch(shape, 0, 16);
	proc_clear_refs(getpid(), 1);
	for (i = 0; i < 8; i++)
		if (pread(fd, page, PAGE, i * PAGE) != PAGE)
			die("cannot read a memfd: %s", strerror(errno));
	add_part(shape, 0, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_ACCESSED;
}

#define KSM	"/sys/kernel/mm/ksm/"

/* Pages alike, which KSM makes one of. */
void make_ksm(struct shape *shape)
{
	int attempt;
	size_t i;

	if (file_number(KSM "run", -1) < 0) {
		strcpy(shape->skip, "this kernel has no KSM");
		return;
	}
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	memset(shape->start, 'k', 24 * PAGE);
	for (i = 16; i < 24; i++)
		shape->start[i * PAGE] = i;
	advise(shape, 0, 32, MADV_MERGEABLE);
	file_write(KSM "sleep_millisecs", "1");
	file_write(KSM "pages_to_scan", "10000");
	file_write(KSM "run", "1");
	for (attempt = 0; attempt < 2000; attempt++) {
		usleep(10000);
		if (file_number(KSM "pages_sharing", 0) >= 15)
			break;
	}
	/* What is merged stays so. */
	file_write(KSM "run", "0");
	if (attempt == 2000) {
		strcpy(shape->skip, "KSM does not come to it");
		return;
	}
	add_part(shape, 0, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_WRITE;
	add_part(shape, 16, 8, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, 24, 8, MMSCOPE_NONE, 0);
}

/* The kernel insists on telling, so it has to be somebody. */
static void take_note(int signal)
{
	(void)signal;
}

/* Memory that the kernel is told is broken: it takes these pages out of use. */
void make_hwpoison(struct shape *shape)
{
	__u64 frame;

	shape_map(shape, 16, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	/* Of whom such memory was is told, even if he does not use it any more. */
	signal(SIGBUS, take_note);
	frame = PM_FRAME(proc_page(getpid(),
				   (unsigned long)shape->start + 5 * PAGE));
	if (madvise(shape->start + 5 * PAGE, PAGE, MADV_HWPOISON)) {
		strcpy(shape->skip, "this kernel takes no memory out of use");
		return;
	}
	add_part(shape, 0, 5, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 5, 1, MMSCOPE_HWPOISON, MMSCOPE_PTE)->frame = frame;
	add_part(shape, 6, 10, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

/*
 * A driver of the kernel's own tests plays a device that has memory of its own.
 * It takes pages, and tells what is in them.
 */
#define DEVICE		"/dev/hmm_dmirror0"

struct device_command {
	__u64 addr;
	__u64 buffer;
	__u64 pages;
	__u64 copied;
	__u64 faults;
};

#define DEVICE_TAKE	_IOWR('H', 2, struct device_command)
#define DEVICE_BORROW	_IOWR('H', 5, struct device_command)

static int device_open(struct shape *shape)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		snprintf(shape->skip, sizeof(shape->skip), "there is no %s",
			 DEVICE);
	return fd;
}

/* Pages that somebody else has in his hands stay: ask again. */
static void device_get(struct shape *shape, int fd, unsigned long request,
		       size_t from, size_t nr)
{
	static char buffer[HUGE];
	struct device_command command = {
		.addr = (unsigned long)shape->start + from * PAGE,
		.buffer = (unsigned long)buffer,
		.pages = nr,
	};
	int attempt;

	for (attempt = 0; attempt < 500; attempt++) {
		if (!ioctl(fd, request, &command) &&
		    !pages_here(shape, from, nr))
			return;
		usleep(10000);
	}
	die("the device does not get its pages: %s", strerror(errno));
}

/* Gone to the device: a page that the processor could not even read. */
void make_device_private(struct shape *shape)
{
	int fd;

	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	fd = device_open(shape);
	if (fd < 0)
		return;
	device_get(shape, fd, DEVICE_TAKE, 4, 8);
	add_part(shape, 0, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 4, 8, MMSCOPE_DEVICE_PRIVATE, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_USER;
	add_part(shape, 12, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

/* In one piece, with one entry, if the kernel knows how: 6.19 does. */
void make_device_private_thp(struct shape *shape)
{
	int fd;

	map_huge(shape, 2);
	memset(shape->start, 'd', HUGE);
	if (!own_thp(shape, 512)) {
		strcpy(shape->skip, "the kernel gave no huge page");
		return;
	}
	fd = device_open(shape);
	if (fd < 0)
		return;
	device_get(shape, fd, DEVICE_TAKE, 0, 512);
	add_part(shape, 0, 512, MMSCOPE_DEVICE_PRIVATE,
		 own_thp(shape, 512) ? MMSCOPE_PMD : MMSCOPE_PTE);
	add_part(shape, 512, 512, MMSCOPE_NONE, 0);
}

/* Where it was, but the device alone may use it until somebody else wants to. */
void make_device_exclusive(struct shape *shape)
{
	__u64 frame;
	int fd;

	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	fd = device_open(shape);
	if (fd < 0)
		return;
	frame = PM_FRAME(proc_page(getpid(),
				   (unsigned long)shape->start + 4 * PAGE));
	device_get(shape, fd, DEVICE_BORROW, 4, 8);
	add_part(shape, 0, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 4, 1, MMSCOPE_DEVICE_EXCLUSIVE, MMSCOPE_PTE)->frame =
		frame;
	add_part(shape, 5, 7, MMSCOPE_DEVICE_EXCLUSIVE, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_USER;
	add_part(shape, 12, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

/* How often the kernel takes away access: a file that has moved. */
static bool scan_often(void)
{
	static const char * const file[] = {
		"/sys/kernel/debug/sched/numa_balancing/scan_delay_ms",
		"/sys/kernel/debug/sched/numa_balancing/scan_period_min_ms",
		"/proc/sys/kernel/numa_balancing_scan_delay_ms",
		"/proc/sys/kernel/numa_balancing_scan_period_min_ms",
	};
	size_t i;
	int found = 0;

	for (i = 0; i < ARRAY_SIZE(file); i++) {
		if (access(file[i], W_OK))
			continue;
		file_write(file[i], i % 2 ? "20" : "1");
		found++;
	}
	return found;
}

static bool bind(const struct shape *shape, int mode, const unsigned long *nodes)
{
	return !syscall(SYS_mbind, shape->start, shape->size, mode, nodes,
			nodes ? 65 : 0, nodes ? MPOL_MF_MOVE : 0);
}

static bool pages_of_other_node(struct shape *shape)
{
	unsigned long other = 1 << 1;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) ||
	    !bind(shape, MPOL_BIND, &other))
		return false;
	shape_touch(shape, 0, 16);
	/*
	 * Some kernels, 5.10 for one, leave pages alone that wait for their list:
	 * to ask once more puts them there. Where there is no policy, pages may go
	 * where they are wanted.
	 */
	return bind(shape, MPOL_BIND, &other) && bind(shape, MPOL_DEFAULT, NULL);
}

#define NUMA_BALANCING	"/proc/sys/kernel/numa_balancing"

/*
 * Access is taken away to see who wants it: the kernel counts for how many. The
 * more time a look took, the farther away is the next: begin with pages there.
 */
static bool await_hints(size_t nr)
{
	long long before = file_value("/proc/vmstat", "numa_pte_updates"), now;
	time_t start = time(NULL);

	file_write(NUMA_BALANCING, "1");
	do {
		now = file_value("/proc/vmstat", "numa_pte_updates");
	} while (now < before + nr && time(NULL) < start + 3);
	file_write(NUMA_BALANCING, "0");
	return now >= before + nr;
}

/* What nobody uses is looked at a few times only: then a new mapping helps. */
static bool balance(struct shape *shape)
{
	int attempt;

	for (attempt = 0; attempt < 20; attempt++) {
		shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
		if (!pages_of_other_node(shape))
			die("no pages of the other node: %s", strerror(errno));
		if (await_hints(16))
			return true;
	}
	return false;
}

void make_numa_hint(struct shape *shape)
{
	if (access("/sys/devices/system/node/node1", F_OK) ||
	    access(NUMA_BALANCING, W_OK) || !scan_often()) {
		strcpy(shape->skip, "the machine has no second node");
		return;
	}
	if (!balance(shape))
		strcpy(shape->skip, "the kernel does not balance memory");
	add_part(shape, 0, 16, MMSCOPE_NUMA_HINT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_EXEC;
	add_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

/* More entries, and more runs, than one slice takes. */
void make_large(struct shape *shape)
{
	shape_map(shape, 20000, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 20000);
	add_part(shape, 0, 20000, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

#define EDGES	32

/*
 * Pages on both sides of where tables meet, with nothing in between, that likely
 * have frames in a row: so that only their addresses keep them apart.
 */
void make_edges(struct shape *shape)
{
	size_t per_table = HUGE / PAGE, i, first;

	shape_map(shape, (EDGES + 2) * per_table, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE, -1);
	first = per_table - (unsigned long)shape->start / PAGE % per_table;
	for (i = 0; i <= EDGES; i++)
		shape_touch(shape, first + i * per_table + 200, 1);
	for (i = 1; i <= EDGES; i++) {
		shape_touch(shape, first + i * per_table - 1 - i % 9, 1);
		shape_touch(shape, first + i * per_table, 1);
	}
	add_part(shape, first + 1, 199, MMSCOPE_NONE, 0);
	add_part(shape, first + 200, 1, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, first + 4 * per_table, 1, MMSCOPE_PRESENT, MMSCOPE_PTE);
}

void make_scattered(struct shape *shape)
{
	size_t i;

	shape_map(shape, 16000, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	for (i = 0; i < 16000; i += 3)
		shape_touch(shape, i, 1);
	add_part(shape, 15999, 1, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, 15997, 2, MMSCOPE_NONE, 0);
}
