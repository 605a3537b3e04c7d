// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of page-table entries, against /proc/PID/pagemap, kpageflags and smaps,
 * and against what the target is known to have done.
 */
#include <errno.h>
#include <fcntl.h>
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
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "pages.h"
#include "proc.h"
#include "stream.h"
#include "target.h"
#include "text.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT		21
#endif
#ifndef UFFD_FEATURE_WP_HUGETLBFS_SHMEM
#define UFFD_FEATURE_WP_HUGETLBFS_SHMEM	0x1000
#endif

#define PAGE	4096UL
#define HUGE	(2 * MIB)

#define MAX_PARTS	8

/**
 * struct part - pages that the target did the same with
 * @from: first page, counted from the shape's start
 * @nr: number of pages
 * @kind: what their entries are: enum mmscope_kind, NONE for no run
 * @level: of their entries
 * @frame: of the first page, if that is known before, else 0
 * @with: attributes that their entries have
 * @without: attributes that they do not have
 */
struct part {
	size_t from;
	size_t nr;
	unsigned int kind;
	unsigned int level;
	__u64 frame;
	unsigned int with;
	unsigned int without;
};

/**
 * struct shape - what a target made of its memory; shared with it
 * @start: address of the mapping
 * @size: of it in bytes
 * @part: what is known of it
 * @nr_parts: their number
 * @skip: why the kernel cannot do that, "" if it can
 */
struct shape {
	char *start;
	size_t size;
	struct part part[MAX_PARTS];
	unsigned int nr_parts;
	char skip[128];
};

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
static void map(struct shape *shape, size_t pages, int prot, int flags, int fd)
{
	shape->size = pages * PAGE;
	shape->start = target_map(NULL, shape->size, prot, flags, fd);
	madvise(shape->start, shape->size, MADV_NOHUGEPAGE);
}

/* A mapping that begins where a huge page can. */
static void map_huge(struct shape *shape, size_t nr)
{
	char *start = target_map(NULL, (nr + 1) * HUGE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE, -1);
	char *aligned = (char *)(((unsigned long)start + HUGE - 1) & -HUGE);

	munmap(start, aligned - start);
	munmap(aligned + nr * HUGE, start + HUGE - aligned);
	shape->start = aligned;
	shape->size = nr * HUGE;
	if (madvise(aligned, shape->size, MADV_HUGEPAGE))
		die("MADV_HUGEPAGE: %s", strerror(errno));
}

static void touch(struct shape *shape, size_t from, size_t nr)
{
	target_touch(shape->start + from * PAGE, nr * PAGE);
}

static void look(struct shape *shape, size_t from, size_t nr)
{
	target_look(shape->start + from * PAGE, nr * PAGE);
}

static void advise(struct shape *shape, size_t from, size_t nr, int advice)
{
	if (madvise(shape->start + from * PAGE, nr * PAGE, advice))
		die("madvise(%d): %s", advice, strerror(errno));
}

/* The shapes */

static void make_anon(struct shape *shape)
{
	map(shape, 48, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	touch(shape, 0, 16);
	touch(shape, 32, 8);
	add_part(shape, 0, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 16, 16, MMSCOPE_NONE, 0);
	add_part(shape, 32, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_EXEC | MMSCOPE_ATTR_SPECIAL |
		MMSCOPE_ATTR_GLOBAL | MMSCOPE_ATTR_UNCACHED;
	add_part(shape, 40, 8, MMSCOPE_NONE, 0);
}

static void make_untouched(struct shape *shape)
{
	map(shape, 3000, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	add_part(shape, 0, 3000, MMSCOPE_NONE, 0);
}

static void make_executable(struct shape *shape)
{
	map(shape, 8, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, -1);
	touch(shape, 0, 8);
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

static void make_private_file(struct shape *shape)
{
	map(shape, 12, PROT_READ | PROT_WRITE, MAP_PRIVATE, own_file());
	/* Around what is read more is mapped: say nothing of the last ones. */
	look(shape, 0, 4);
	touch(shape, 4, 4);
	add_part(shape, 0, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_DIRTY;
	add_part(shape, 4, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

static void make_shared_file(struct shape *shape)
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
	map(shape, 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	touch(shape, 0, 8);
	add_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 16, 4, MMSCOPE_NONE, 0);
}

static void make_shmem(struct shape *shape)
{
	map(shape, 32, PROT_READ | PROT_WRITE, MAP_SHARED, -1);
	touch(shape, 8, 8);
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

static void make_memfd(struct shape *shape)
{
	map(shape, 32, PROT_READ | PROT_WRITE, MAP_SHARED,
	    open_memfd(32));
	touch(shape, 0, 8);
	add_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

/* Shared with a child from fork() on, so nobody may write without a copy. */
static void make_forked(struct shape *shape)
{
	map(shape, 16, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	touch(shape, 0, 16);
	if (!fork()) {
		pause();
		_exit(0);
	}
	touch(shape, 8, 8);
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

static void make_thp(struct shape *shape)
{
	map_huge(shape, 4);
	touch(shape, 0, 1024);
	touch(shape, 1536, 1);
	if (!own_thp(shape, 1536)) {
		strcpy(shape->skip, "the kernel gave no huge pages");
		return;
	}
	add_part(shape, 0, 1024, MMSCOPE_PRESENT, MMSCOPE_PMD)->with = WRITTEN;
	add_part(shape, 1024, 512, MMSCOPE_NONE, 0);
	add_part(shape, 1536, 512, MMSCOPE_PRESENT, MMSCOPE_PMD)->with = WRITTEN;
}

/* A huge page of which only some is mapped has to be mapped by small entries. */
static void make_thp_split(struct shape *shape)
{
	map_huge(shape, 2);
	touch(shape, 0, 1024);
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

static void make_huge_zero(struct shape *shape)
{
	const char *switch_file = "/sys/kernel/mm/transparent_hugepage/use_zero_page";

	if (file_number(switch_file, 0) != 1) {
		strcpy(shape->skip, "use_zero_page is off");
		return;
	}
	map_huge(shape, 2);
	look(shape, 0, 1);
	look(shape, 512, 1);
	add_part(shape, 0, 1024, MMSCOPE_ZERO, MMSCOPE_PMD)->without =
		MMSCOPE_ATTR_WRITE;
}

static void make_hugetlb(struct shape *shape)
{
	if (file_number("/proc/sys/vm/nr_hugepages", 0) < 4)
		file_write("/proc/sys/vm/nr_hugepages", "4");
	shape->size = 4 * HUGE;
	shape->start = mmap(NULL, shape->size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (shape->start == MAP_FAILED) {
		strcpy(shape->skip, "no hugetlb page could be reserved");
		return;
	}
	touch(shape, 0, 1);
	touch(shape, 1024, 513);
	add_part(shape, 0, 512, MMSCOPE_PRESENT, MMSCOPE_PMD)->with = WRITTEN;
	add_part(shape, 512, 512, MMSCOPE_NONE, 0);
	add_part(shape, 1024, 1024, MMSCOPE_PRESENT, MMSCOPE_PMD)->with = WRITTEN;
}

/* MADV_PAGEOUT is a wish: ask until it is fulfilled. */
static bool page_out(struct shape *shape, size_t from, size_t nr)
{
	char *start = shape->start + from * PAGE;
	__u64 entry[512];
	size_t i, left = nr;
	int attempt;

	for (attempt = 0; left && attempt < 500; attempt++) {
		advise(shape, from, nr, MADV_PAGEOUT);
		proc_pagemap(getpid(), (unsigned long)start, nr, entry);
		for (i = left = 0; i < nr; i++)
			left += !(entry[i] & PM_SWAP);
		if (left)
			usleep(10000);
	}
	return !left;
}

static void make_swapped(struct shape *shape)
{
	map(shape, 64, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	touch(shape, 0, 64);
	if (!page_out(shape, 0, 48)) {
		strcpy(shape->skip, "there is no swap space");
		return;
	}
	/* Come back from swap, some read only. */
	touch(shape, 8, 4);
	look(shape, 20, 4);
	add_part(shape, 0, 8, MMSCOPE_SWAP, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_USER;
	add_part(shape, 8, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 20, 1, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, 48, 16, MMSCOPE_PRESENT, MMSCOPE_PTE);
}

static void make_protnone(struct shape *shape)
{
	map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	touch(shape, 0, 16);
	if (mprotect(shape->start, shape->size, PROT_NONE))
		die("mprotect: %s", strerror(errno));
	add_part(shape, 0, 16, MMSCOPE_PROTNONE, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_EXEC |
		MMSCOPE_ATTR_GLOBAL;
	add_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

static void make_protnone_thp(struct shape *shape)
{
	map_huge(shape, 2);
	touch(shape, 0, 1024);
	if (!own_thp(shape, 1024)) {
		strcpy(shape->skip, "the kernel gave no huge pages");
		return;
	}
	if (mprotect(shape->start, shape->size, PROT_NONE))
		die("mprotect: %s", strerror(errno));
	add_part(shape, 0, 1024, MMSCOPE_PROTNONE, MMSCOPE_PMD);
}

static void make_zero(struct shape *shape)
{
	map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	look(shape, 0, 16);
	touch(shape, 8, 1);
	add_part(shape, 0, 8, MMSCOPE_ZERO, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_WRITE;
	add_part(shape, 8, 1, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 9, 7, MMSCOPE_ZERO, MMSCOPE_PTE);
	add_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

static void make_freed(struct shape *shape)
{
	map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	touch(shape, 0, 32);
	advise(shape, 0, 16, MADV_FREE);
	touch(shape, 8, 2);
	add_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_DIRTY | MMSCOPE_ATTR_ACCESSED;
	add_part(shape, 8, 2, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	add_part(shape, 10, 6, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_DIRTY;
	add_part(shape, 16, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

static void make_dontneeded(struct shape *shape)
{
	map(shape, 1500, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	touch(shape, 0, 1500);
	advise(shape, 100, 1300, MADV_DONTNEED);
	add_part(shape, 0, 100, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, 100, 1300, MMSCOPE_NONE, 0);
	add_part(shape, 1400, 100, MMSCOPE_PRESENT, MMSCOPE_PTE);
}

static void make_guard(struct shape *shape)
{
	map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	touch(shape, 0, 16);
	if (madvise(shape->start + 8 * PAGE, 16 * PAGE, MADV_GUARD_INSTALL)) {
		strcpy(shape->skip, "this kernel has no guard regions");
		return;
	}
	add_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, 8, 16, MMSCOPE_MARKER_GUARD, MMSCOPE_PTE);
	add_part(shape, 24, 8, MMSCOPE_NONE, 0);
}

static void make_moved(struct shape *shape)
{
	void *to;

	map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	touch(shape, 4, 4);
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

static int uffd_open(struct shape *shape, __u64 features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	struct uffdio_register range = {
		.range = { (unsigned long)shape->start, shape->size },
		.mode = UFFDIO_REGISTER_MODE_WP,
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

static void make_uffd_wp(struct shape *shape)
{
	int fd;

	map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	touch(shape, 0, 16);
	fd = uffd_open(shape, UFFD_FEATURE_PAGEFAULT_FLAG_WP);
	if (fd < 0)
		return;
	uffd_protect(shape, fd, 4, 4);
	add_part(shape, 0, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_UFFD_WP;
	add_part(shape, 4, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		MMSCOPE_ATTR_UFFD_WP;
	add_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

static void make_uffd_wp_shmem(struct shape *shape)
{
	int fd;

	map(shape, 32, PROT_READ | PROT_WRITE, MAP_SHARED,
	    open_memfd(32));
	touch(shape, 0, 16);
	fd = uffd_open(shape, UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
	if (fd < 0)
		return;
	uffd_protect(shape, fd, 8, 16);
	add_part(shape, 8, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		MMSCOPE_ATTR_UFFD_WP;
	add_part(shape, 16, 8, MMSCOPE_MARKER_UFFD_WP, MMSCOPE_PTE);
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

/* Frames in one row, more than any slice takes: there has to be one run. */
static void make_pfnmap(struct shape *shape)
{
	/* O_SYNC asks for a mapping that is not cached. */
	int fd = open("/dev/mem", O_RDONLY | O_SYNC | O_CLOEXEC);
	__u64 phys = behind_memory();
	struct part *part;

	shape->size = 256 * MIB;
	shape->start = mmap(NULL, shape->size, PROT_READ, MAP_SHARED, fd, phys);
	if (shape->start == MAP_FAILED) {
		strcpy(shape->skip, "/dev/mem cannot be mapped");
		return;
	}
	part = add_part(shape, 0, shape->size / PAGE, MMSCOPE_PRESENT,
			MMSCOPE_PTE);
	part->frame = phys / PAGE;
	part->with = MMSCOPE_ATTR_READ | MMSCOPE_ATTR_SPECIAL |
		     MMSCOPE_ATTR_UNCACHED;
	part->without = MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_EXEC;
}

/* More entries, and more runs, than one slice takes. */
static void make_large(struct shape *shape)
{
	map(shape, 20000, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	touch(shape, 0, 20000);
	add_part(shape, 0, 20000, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

static void make_scattered(struct shape *shape)
{
	size_t i;

	map(shape, 16000, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	for (i = 0; i < 16000; i += 3)
		touch(shape, i, 1);
	add_part(shape, 15999, 1, MMSCOPE_PRESENT, MMSCOPE_PTE);
	add_part(shape, 15997, 2, MMSCOPE_NONE, 0);
}

FIXTURE(shape)
{
	struct shape *shape;
	struct target target;
};

FIXTURE_VARIANT(shape)
{
	void (*make)(struct shape *shape);
};

FIXTURE_VARIANT_ADD(shape, anon) {
	.make = make_anon,
};

FIXTURE_VARIANT_ADD(shape, untouched) {
	.make = make_untouched,
};

FIXTURE_VARIANT_ADD(shape, executable) {
	.make = make_executable,
};

FIXTURE_VARIANT_ADD(shape, private_file) {
	.make = make_private_file,
};

FIXTURE_VARIANT_ADD(shape, shared_file) {
	.make = make_shared_file,
};

FIXTURE_VARIANT_ADD(shape, shmem) {
	.make = make_shmem,
};

FIXTURE_VARIANT_ADD(shape, memfd) {
	.make = make_memfd,
};

FIXTURE_VARIANT_ADD(shape, forked) {
	.make = make_forked,
};

FIXTURE_VARIANT_ADD(shape, thp) {
	.make = make_thp,
};

FIXTURE_VARIANT_ADD(shape, thp_split) {
	.make = make_thp_split,
};

FIXTURE_VARIANT_ADD(shape, huge_zero) {
	.make = make_huge_zero,
};

FIXTURE_VARIANT_ADD(shape, hugetlb) {
	.make = make_hugetlb,
};

FIXTURE_VARIANT_ADD(shape, swapped) {
	.make = make_swapped,
};

FIXTURE_VARIANT_ADD(shape, protnone) {
	.make = make_protnone,
};

FIXTURE_VARIANT_ADD(shape, protnone_thp) {
	.make = make_protnone_thp,
};

FIXTURE_VARIANT_ADD(shape, zero) {
	.make = make_zero,
};

FIXTURE_VARIANT_ADD(shape, freed) {
	.make = make_freed,
};

FIXTURE_VARIANT_ADD(shape, dontneeded) {
	.make = make_dontneeded,
};

FIXTURE_VARIANT_ADD(shape, guard) {
	.make = make_guard,
};

FIXTURE_VARIANT_ADD(shape, moved) {
	.make = make_moved,
};

FIXTURE_VARIANT_ADD(shape, uffd_wp) {
	.make = make_uffd_wp,
};

FIXTURE_VARIANT_ADD(shape, uffd_wp_shmem) {
	.make = make_uffd_wp_shmem,
};

FIXTURE_VARIANT_ADD(shape, pfnmap) {
	.make = make_pfnmap,
};

FIXTURE_VARIANT_ADD(shape, large) {
	.make = make_large,
};

FIXTURE_VARIANT_ADD(shape, scattered) {
	.make = make_scattered,
};

struct making {
	void (*make)(struct shape *shape);
	struct shape *shape;
};

static void do_make(void *arg, int step)
{
	struct making *making = arg;

	(void)step;
	making->make(making->shape);
}

FIXTURE_SETUP(shape)
{
	struct making making = { .make = variant->make };

	module_need();
	kernel_stop_sampling();
	self->shape = target_share(sizeof(*self->shape));
	making.shape = self->shape;
	target_start(&self->target, do_make, &making);
}

FIXTURE_TEARDOWN(shape)
{
	target_stop(&self->target);
}

static size_t differs_from_part(const struct stream *s, const struct shape *shape,
				const struct part *part, size_t page)
{
	__u64 addr = (unsigned long)shape->start + page * PAGE;
	const struct mmscope_run *run = run_at(s, addr);
	unsigned int kind = run ? run->kind : MMSCOPE_NONE;

	if (kind != part->kind)
		note("page %zu: kind %u, made as %u", page, kind, part->kind);
	else if (run && run->level != part->level)
		note("page %zu: level %u, made as %u", page, run->level,
		     part->level);
	else if (run && ((run->attrs & part->with) != part->with ||
			 run->attrs & part->without))
		note("page %zu: attrs %x, made with %x, without %x", page,
		     run->attrs, part->with, part->without);
	else if (part->frame &&
		 run_frame(s, run, addr) != part->frame + page - part->from)
		note("page %zu: frame %llx", page, run_frame(s, run, addr));
	else
		return 0;
	return 1;
}

TEST_F(shape, is_as_it_was_made)
{
	struct shape *shape = self->shape;
	unsigned long start = (unsigned long)shape->start;
	size_t differ = 0, i, page;
	struct stream *s;

	if (*self->shape->skip)
		SKIP(return, "%s", self->shape->skip);
	s = stream_get(self->target.pid, MMSCOPE_PART_PAGETABLE, start,
		       start + shape->size);
	ASSERT_NE(0, shape->nr_parts);
	for (i = 0; i < shape->nr_parts; i++) {
		const struct part *part = &shape->part[i];

		for (page = part->from; page < part->from + part->nr; page++)
			if (differ < 10)
				differ += differs_from_part(s, shape, part, page);
	}
	EXPECT_EQ(0, differ);
	stream_free(s);
}

/* Frames that follow each other make one run, however many slices it takes. */
TEST_F(shape, has_as_few_runs_as_possible)
{
	unsigned long start = (unsigned long)self->shape->start;
	struct stream *s;
	size_t i;

	if (*self->shape->skip)
		SKIP(return, "%s", self->shape->skip);
	s = stream_get(self->target.pid, MMSCOPE_PART_PAGETABLE, start,
		       start + self->shape->size);
	for (i = 1; i < s->nr_runs; i++)
		EXPECT_FALSE(runs_mergeable(s, &s->run[i - 1], &s->run[i]));
	if (variant->make == make_pfnmap) {
		EXPECT_EQ(1, s->nr_runs);
		EXPECT_EQ(self->shape->size / PAGE, s->end->entries);
	}
	stream_free(s);
}

TEST_F(shape, agrees_with_pagemap)
{
	if (*self->shape->skip)
		SKIP(return, "%s", self->shape->skip);
	EXPECT_EQ(0, pages_compare_all(self->target.pid));
}

TEST_F(shape, has_huge_entries_where_the_kernel_says_so)
{
	struct shape *shape = self->shape;
	bool hugetlb = variant->make == make_hugetlb;
	bool seen = false;
	struct stream *s;
	size_t i;

	if (*self->shape->skip)
		SKIP(return, "%s", self->shape->skip);
	s = stream_get(self->target.pid, MMSCOPE_PART_PAGETABLE,
		       (unsigned long)shape->start,
		       (unsigned long)shape->start + shape->size);
	for (i = 0; i < s->nr_runs; i++) {
		const struct mmscope_run *run = &s->run[i];

		if (run->level == MMSCOPE_PTE)
			continue;
		seen = true;
		EXPECT_TRUE(proc_kpageflags(run->frame) &
			    (hugetlb ? KPF_HUGE : KPF_THP));
		EXPECT_EQ(0, run->frame % 512);
	}
	EXPECT_EQ(variant->make == make_thp || variant->make == make_thp_split ||
		  variant->make == make_huge_zero || hugetlb ||
		  variant->make == make_protnone_thp, seen);
	stream_free(s);
}

static void look_at_all(pid_t pid)
{
	stream_free(stream_get(pid, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			       MMSCOPE_PART_PAGETABLE, 0, 0));
	free(text_get(pid, "mm"));
	free(text_get(pid, "vmas"));
	free(text_get(pid, "pagetable"));
}

TEST_F(shape, is_not_changed_by_looking)
{
	if (*self->shape->skip)
		SKIP(return, "%s", self->shape->skip);
	EXPECT_FALSE(pages_changed_by(self->target.pid, look_at_all));
}

TEST_F(shape, is_the_same_as_text)
{
	struct stream *s;
	char *text;

	if (*self->shape->skip)
		SKIP(return, "%s", self->shape->skip);
	text = text_get(self->target.pid, "pagetable");
	s = stream_get(self->target.pid, MMSCOPE_PART_PAGETABLE, 0, 0);
	EXPECT_EQ(0, text_compare_runs(text, s));
	EXPECT_EQ(0, strncmp(text, "# mmscope pagetable, abi ", 25));
	stream_free(s);
	free(text);
}

/* Ranges: each has to be what the whole says about it. */

struct piece {
	__u64 start;
	__u64 frame;
	__u64 nr;
};

/* What remains of a run in a range: entries that touch it, and those whole. */
static struct piece clip(const struct stream *s, const struct mmscope_run *run,
			 __u64 start, __u64 end)
{
	__u64 size = run_size(s, run), first = 0, last = run->nr;

	if (start > run->start)
		first = (start - run->start) / size;
	if (end < run_end(s, run))
		last = (end - run->start + size - 1) / size;
	return (struct piece){
		run->start + first * size,
		run_frame(s, run, run->start + first * size),
		last - first,
	};
}

static size_t compare_range(const struct stream *whole, pid_t pid, __u64 start,
			    __u64 end)
{
	struct stream *s = stream_get(pid, MMSCOPE_PART_PAGETABLE, start, end);
	size_t i, k = 0, differ = 0;

	for (i = 0; i < whole->nr_runs; i++) {
		const struct mmscope_run *run = &whole->run[i], *is = &s->run[k];
		struct piece piece;

		if (run_end(whole, run) <= start || run->start >= end)
			continue;
		piece = clip(whole, run, start, end);
		if (k++ >= s->nr_runs)
			continue;
		/* Of swap, run_frame() counts the offset: that is what adds up. */
		if (is->start != piece.start || is->nr != piece.nr ||
		    is->kind != run->kind || is->level != run->level ||
		    is->attrs != run->attrs ||
		    (is->kind < MMSCOPE_MARKER_UFFD_WP &&
		     is->frame != piece.frame) ||
		    (piece.start == run->start && is->raw != run->raw)) {
			note("%llx-%llx: %llx +%u frame %llx (%x), not %llx +%llu frame %llx (%x)",
			     start, end, is->start, is->nr, is->frame, is->attrs,
			     piece.start, piece.nr, piece.frame, run->attrs);
			differ++;
		}
	}
	if (k != s->nr_runs) {
		note("%llx-%llx: %zu runs instead of %zu", start, end,
		     s->nr_runs, k);
		differ++;
	}
	stream_free(s);
	return differ;
}

static size_t compare_ranges(pid_t pid, __u64 start, __u64 size)
{
	struct stream *whole = stream_get(pid, MMSCOPE_PART_PAGETABLE, 0, 0);
	/* In units of an eighth of the mapping, and bytes. */
	static const struct {
		int eighth, bytes;
	} bound[] = {
		{ 0, -4096 }, { 0, 0 }, { 0, 1 }, { 0, 4096 }, { 1, 0 },
		{ 1, 5000 }, { 3, 0 }, { 3, -1 }, { 4, 8192 }, { 6, 4095 },
		{ 8, -4096 }, { 8, -1 }, { 8, 0 }, { 8, 4096 },
	};
	size_t i, k, differ = 0;

	for (i = 0; i < ARRAY_SIZE(bound); i++) {
		for (k = i + 1; k < ARRAY_SIZE(bound); k++) {
			__u64 from = start + size / 8 * bound[i].eighth +
				     bound[i].bytes;
			__u64 to = start + size / 8 * bound[k].eighth +
				   bound[k].bytes;

			if (from < to)
				differ += compare_range(whole, pid, from, to);
		}
	}
	stream_free(whole);
	return differ;
}

TEST_F(shape, in_ranges_is_part_of_the_whole)
{
	if (*self->shape->skip)
		SKIP(return, "%s", self->shape->skip);
	EXPECT_EQ(0, compare_ranges(self->target.pid,
				    (unsigned long)self->shape->start,
				    self->shape->size));
}

/* Bits that the kernel clears on demand */

FIXTURE(bits)
{
	struct shape *shape;
	struct target target;
};

#define BITS_PAGES	32

/* Step N touches every Nth page, -N looks at it. */
static void touch_some(void *arg, int step)
{
	struct shape *shape = arg;
	int i;

	if (!step) {
		map(shape, BITS_PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
		touch(shape, 0, BITS_PAGES);
		return;
	}
	/* clear_refs leaves the TLB alone, and that remembers accessed pages. */
	mprotect(shape->start, shape->size, PROT_NONE);
	mprotect(shape->start, shape->size, PROT_READ | PROT_WRITE);
	for (i = 0; i < BITS_PAGES; i += abs(step)) {
		if (step > 0)
			touch(shape, i, 1);
		else
			look(shape, i, 1);
	}
}

FIXTURE_SETUP(bits)
{
	module_need();
	kernel_stop_sampling();
	self->shape = target_share(sizeof(*self->shape));
	target_start(&self->target, touch_some, self->shape);
}

FIXTURE_TEARDOWN(bits)
{
	target_stop(&self->target);
}

/* Return: bit N set if page N has the attribute. */
static __u64 pages_with(pid_t pid, const struct shape *shape, unsigned int attr)
{
	unsigned long start = (unsigned long)shape->start;
	struct stream *s = stream_get(pid, MMSCOPE_PART_PAGETABLE, start,
				      start + shape->size);
	__u64 with = 0;
	int i;

	for (i = 0; i < BITS_PAGES; i++) {
		const struct mmscope_run *run = run_at(s, start + i * PAGE);

		if (!run)
			die("page %d is gone", i);
		if (run->attrs & attr)
			with |= 1ULL << i;
	}
	stream_free(s);
	return with;
}

TEST_F(bits, accessed)
{
	pid_t pid = self->target.pid;

	EXPECT_EQ(0xffffffff, pages_with(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	proc_clear_refs(pid, 1);
	EXPECT_EQ(0, pages_with(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	target_step(&self->target, -4);
	EXPECT_EQ(0x11111111, pages_with(pid, self->shape, MMSCOPE_ATTR_ACCESSED));
	EXPECT_EQ(0xffffffff, pages_with(pid, self->shape, MMSCOPE_ATTR_DIRTY));
}

TEST_F(bits, soft_dirty)
{
	pid_t pid = self->target.pid;
	__u64 entry[BITS_PAGES], oracle = 0;
	int i;

	proc_clear_refs(pid, 4);
	EXPECT_EQ(0, pages_with(pid, self->shape, MMSCOPE_ATTR_SOFT_DIRTY));
	EXPECT_EQ(0, pages_with(pid, self->shape, MMSCOPE_ATTR_WRITE));
	target_step(&self->target, 8);
	proc_pagemap(pid, (unsigned long)self->shape->start, BITS_PAGES, entry);
	for (i = 0; i < BITS_PAGES; i++)
		if (entry[i] & PM_SOFT_DIRTY)
			oracle |= 1ULL << i;
	ASSERT_EQ(0x01010101, oracle);
	EXPECT_EQ(oracle, pages_with(pid, self->shape, MMSCOPE_ATTR_SOFT_DIRTY));
	EXPECT_EQ(0, pages_compare_all(pid));
}

/* Whole programs */

FIXTURE(program)
{
	pid_t pid;
	bool missing;
};

FIXTURE_VARIANT(program)
{
	const char *argv[10];
	unsigned int threads;
};

FIXTURE_VARIANT_ADD(program, shell) {
	.argv = { "bash", "-c", "x=$(seq 1 20000); read y" },
	.threads = 1,
};

FIXTURE_VARIANT_ADD(program, memcached) {
	.argv = { "memcached", "-u", "root", "-l", "127.0.0.1", "-p", "0",
		  "-t", "4" },
	.threads = 5,
};

FIXTURE_VARIANT_ADD(program, python) {
	.argv = { "python3", "-c",
		  "import threading, time\n"
		  "x = [bytes(i) for i in range(3000)]\n"
		  "for i in range(4):\n"
		  "    threading.Thread(target=time.sleep, args=(9999,)).start()\n"
		  "time.sleep(9999)\n" },
	.threads = 5,
};

static bool installed(const char *program)
{
	char command[128];

	snprintf(command, sizeof(command), "command -v %s >/dev/null", program);
	return !system(command);
}

FIXTURE_SETUP(program)
{
	int in[2];

	module_need();
	kernel_stop_sampling();
	self->missing = !installed(variant->argv[0]);
	if (self->missing)
		return;
	/* Input that never comes. */
	ASSERT_EQ(0, pipe(in));
	ASSERT_EQ(0, dup2(in[0], 0));
	self->pid = target_spawn((char *const *)variant->argv);
	while (proc_status(self->pid, "Threads") < variant->threads)
		usleep(10000);
	target_await_state(self->pid, 'S');
	target_freeze(self->pid);
}

FIXTURE_TEARDOWN(program)
{
	if (self->pid)
		target_kill(self->pid);
}

TEST_F(program, agrees_with_pagemap)
{
	if (self->missing)
		SKIP(return, "%s is not installed", variant->argv[0]);
	EXPECT_LE(variant->threads, proc_status(self->pid, "Threads"));
	EXPECT_EQ(0, pages_compare_all(self->pid));
}

TEST_F(program, is_not_changed_by_looking)
{
	if (self->missing)
		SKIP(return, "%s is not installed", variant->argv[0]);
	EXPECT_FALSE(pages_changed_by(self->pid, look_at_all));
}

TEST_F(program, in_ranges_is_part_of_the_whole)
{
	struct proc_maps *maps;
	size_t i, differ = 0;

	if (self->missing)
		SKIP(return, "%s is not installed", variant->argv[0]);
	maps = proc_maps(self->pid, "maps");
	for (i = 0; i < maps->nr; i += 7)
		differ += compare_ranges(self->pid, maps->vma[i].start,
					 maps->vma[i].end - maps->vma[i].start);
	EXPECT_EQ(0, differ);
	proc_maps_free(maps);
}

/* More than four levels or fewer: what the processor says it does. */
FIXTURE(levels) {
};

FIXTURE_SETUP(levels)
{
	module_need();
}

FIXTURE_TEARDOWN(levels)
{
}

TEST_F(levels, agree_with_cpuinfo)
{
#ifdef __x86_64__
	struct stream *s = stream_get(getpid(), MMSCOPE_PART_PAGETABLE, 0, 0);
	bool five = file_has_word("/proc/cpuinfo", "la57");

	EXPECT_EQ(five ? 5 : 4, s->header->levels);
	EXPECT_EQ(12, s->header->level_shift[MMSCOPE_PTE]);
	EXPECT_EQ(21, s->header->level_shift[MMSCOPE_PMD]);
	EXPECT_EQ(30, s->header->level_shift[MMSCOPE_PUD]);
	EXPECT_EQ(five ? 39 : 0, s->header->level_shift[MMSCOPE_P4D]);
	EXPECT_EQ(five ? 48 : 39, s->header->level_shift[MMSCOPE_PGD]);
	stream_free(s);
#else
	SKIP(return, "levels are known for x86_64 only");
#endif
}

TEST_HARNESS_MAIN
