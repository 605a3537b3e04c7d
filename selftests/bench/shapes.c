// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "machine.h"
#include "oracle/proc.h"
#include "shapes.h"
#include "sizes.h"
#include "target/target.h"

#define HUGE_PAGE	(2 * MIB)
#define MEMFD_SIZE	(64 * MIB)

/* Divides the small pages of a huge one. */
#define BLOCK		8

/* Components of a path; each takes two bytes of it. */
#define PATH_DEPTH	500

static long page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* Map at a multiple of the size of a huge page. */
static char *map_aligned(size_t size)
{
	char *p = target_map(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	size_t before = -(unsigned long)p % HUGE_PAGE;

	if (before)
		munmap(p, before);
	munmap(p + before + size, HUGE_PAGE - before);
	return p + before;
}

void shape_map(struct shape *shape)
{
	shape->size = shape->amount * page_size();
	shape->start = map_aligned(shape->size);
}

static void touch(char *page)
{
	*(volatile char *)page = 1;
}

static void touch_each(struct shape *shape, size_t nth)
{
	size_t i;

	for (i = 0; i < shape->amount; i += nth)
		touch(shape->start + i * page_size());
}

static void touch_huge(struct shape *shape, size_t stride)
{
	size_t i, nr = shape->size / HUGE_PAGE;

	if (madvise(shape->start, shape->size, MADV_HUGEPAGE))
		die("MADV_HUGEPAGE: %s", strerror(errno));
	for (i = 0; i < nr; i++)
		touch(shape->start + i * stride % nr * HUGE_PAGE);
}

void make_scattered(struct shape *shape)
{
	size_t i;

	shape_map(shape);
	for (i = 0; i < shape->amount; i++)
		touch(shape->start + i * SHAPE_STRIDE % shape->amount * page_size());
}

void make_plain(struct shape *shape)
{
	shape_map(shape);
	touch_each(shape, 1);
}

void make_thp(struct shape *shape)
{
	shape_map(shape);
	touch_huge(shape, 1);
}

void make_thp_apart(struct shape *shape)
{
	shape_map(shape);
	touch_huge(shape, SHAPE_STRIDE);
}

/* A page without data would become the zero page. */
void split_huge(struct shape *shape)
{
	touch_each(shape, 1);
	machine_split_huge(shape->start, shape->size);
}

/* Holes make the runs, so that there are as many of them wherever the frames lie. */
void make_blocks(struct shape *shape)
{
	size_t i;

	make_thp(shape);
	split_huge(shape);
	for (i = 0; i < shape->amount; i += BLOCK)
		if (madvise(shape->start + i * page_size(), page_size(),
			    MADV_DONTNEED))
			die("MADV_DONTNEED: %s", strerror(errno));
}

void make_sparse(struct shape *shape)
{
	shape_map(shape);
	touch_each(shape, 128);
}

void make_sixteenth(struct shape *shape)
{
	shape_map(shape);
	touch_each(shape, 16);
}

void make_third(struct shape *shape)
{
	shape_map(shape);
	touch_each(shape, 3);
}

/* The kernel merges neighbours with the same permissions. */
void make_vmas(struct shape *shape)
{
	size_t i, size = 2 * page_size();

	shape->size = shape->amount * size;
	shape->start = map_aligned(shape->size);
	for (i = 0; i < shape->amount; i++) {
		char *p = shape->start + i * size;

		touch(p);
		if (i % 2 && mprotect(p, size, PROT_READ))
			die("mapping %zu: %s", i, strerror(errno));
	}
}

/* Create a file below @depth folders, each with a name of one letter. */
static int deep_file(unsigned int depth)
{
	int fd, folder = open("/dev/shm", O_DIRECTORY);

	while (depth--) {
		mkdirat(folder, "d", 0700);
		fd = openat(folder, "d", O_DIRECTORY);
		if (fd < 0)
			die("cannot create a folder: %s", strerror(errno));
		close(folder);
		folder = fd;
	}
	fd = openat(folder, "f", O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, page_size()))
		die("cannot create a file: %s", strerror(errno));
	close(folder);
	return fd;
}

/* All map the same page of the file, so that the kernel merges none of them. */
void make_paths(struct shape *shape)
{
	int fd = deep_file(PATH_DEPTH);
	size_t i;

	shape_map(shape);
	for (i = 0; i < shape->amount; i++)
		target_map(shape->start + i * page_size(), page_size(),
			   PROT_READ, MAP_SHARED | MAP_FIXED, fd);
	close(fd);
}

static int memfd = -1;

void shapes_prepare(void)
{
	static char block[64 * KIB];
	size_t i;

	memfd = memfd_create("bench", MFD_CLOEXEC);
	for (i = 0; i < MEMFD_SIZE; i += sizeof(block))
		if (write(memfd, block, sizeof(block)) != sizeof(block))
			die("cannot fill a memfd: %s", strerror(errno));
}

/* A page fault maps neighbours, too. */
static void map_memfd(char *at)
{
	size_t i;

	target_map(at, MEMFD_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, memfd);
	for (i = 0; i < MEMFD_SIZE; i += page_size())
		(void)*(volatile char *)(at + i);
}

void make_entries(struct shape *shape)
{
	size_t i;

	shape->size = shape->amount * MEMFD_SIZE;
	shape->start = map_aligned(shape->size);
	machine_fault_around(HUGE_PAGE);
	for (i = 0; i < shape->amount; i++)
		map_memfd(shape->start + i * MEMFD_SIZE);
	machine_fault_around(16 * page_size());
}

/* Map @size bytes; the shape is two MiB in small pages in the middle. */
static void split_middle(struct shape *shape, size_t size)
{
	shape->start = map_aligned(size);
	if (madvise(shape->start, size, MADV_HUGEPAGE))
		die("MADV_HUGEPAGE: %s", strerror(errno));
	shape->start += size / 2;
	shape->size = HUGE_PAGE;
	shape->amount = HUGE_PAGE / page_size();
	split_huge(shape);
}

void make_small(struct shape *shape)
{
	split_middle(shape, 2 * HUGE_PAGE);
}

void make_huge(struct shape *shape)
{
	size_t i, size = 64 * GIB;
	char *p;

	split_middle(shape, size);
	p = shape->start - size / 2;
	for (i = 0; i < size; i += GIB)
		touch(p + i);
}

/*
 * The target shares pages with its parent, the reader. Copy them now: later the
 * reader's writes would change the residency of the target.
 */
static void unshare_memory(void)
{
	struct proc_maps *maps;
	size_t i;

	/* The heap must not shrink after its size was read. */
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	maps = proc_maps(getpid(), "maps");
	for (i = 0; i < maps->nr; i++) {
		volatile char *p = (char *)maps->vma[i].start;

		if (strcmp(maps->vma[i].perms, "rw-p"))
			continue;
		for (; p < (char *)maps->vma[i].end; p += page_size())
			*p = *p;
	}
	proc_maps_free(maps);
}

void shape_make(void *arg, int step)
{
	struct shape *shape = arg;

	if (!step)
		unshare_memory();
	shape->make(shape);
}
