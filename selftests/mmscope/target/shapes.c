// SPDX-License-Identifier: GPL-2.0-only
/* Shapes of ordinary pages in memory. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/proc.h"
#include "target/shape.h"
#include "target/shapes.h"
#include "target/target.h"

#ifndef PROT_MTE
#define PROT_MTE		0x20
#endif

void make_anon(struct shape *shape)
{
	shape_map(shape, 48, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	shape_touch(shape, 32, 8);
	shape_part(shape, 0, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 16, 16, MMSCOPE_NONE, 0);
	shape_part(shape, 32, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_EXEC | MMSCOPE_ATTR_SPECIAL |
		MMSCOPE_ATTR_GLOBAL | MMSCOPE_ATTR_UNCACHED;
	shape_part(shape, 40, 8, MMSCOPE_NONE, 0);
}

void make_untouched(struct shape *shape)
{
	shape_map(shape, 3000, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_part(shape, 0, 3000, MMSCOPE_NONE, 0);
}

void make_executable(struct shape *shape)
{
	shape_map(shape, 8, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE,
		  -1);
	shape_touch(shape, 0, 8);
	shape_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN | MMSCOPE_ATTR_EXEC;
}

/* Tagged memory of arm64 has another memory type, but is cached. */
void make_tagged(struct shape *shape)
{
	struct part *part;

	shape_map(shape, 8, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	if (mprotect(shape->start, shape->size, PROT_READ | PROT_WRITE | PROT_MTE)) {
		strcpy(shape->skip, "the processor has no memory tags");
		return;
	}
	shape_touch(shape, 0, 8);
	part = shape_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE);
	part->with = WRITTEN;
	part->without = MMSCOPE_ATTR_UNCACHED;
}

/* A file of an ordinary file system: the program itself, if it is large enough. */
static int file_of_pages(size_t pages)
{
	const char *path = "/proc/self/exe";
	struct stat st;
	int fd;

	if (stat(path, &st) || st.st_size < pages * PAGE)
		path = "/bin/bash";
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) || st.st_size < pages * PAGE)
		die("no file has %zu pages", pages);
	return fd;
}

void make_private_file(struct shape *shape)
{
	shape_map(shape, 12, PROT_READ | PROT_WRITE, MAP_PRIVATE,
		  file_of_pages(8));
	/* Fault-around may map the last pages, too: nothing is known of them. */
	shape_look(shape, 0, 4);
	shape_touch(shape, 4, 4);
	shape_part(shape, 0, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_DIRTY;
	shape_part(shape, 4, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

void make_shared_file(struct shape *shape)
{
	char dir[] = "/tmp/mmscope-XXXXXX", path[64];
	int fd;

	/* A file in the page cache: pages of tmpfs would be shmem. */
	if (unshare(CLONE_NEWNS) ||
	    mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) || !mkdtemp(dir) ||
	    mount("ramfs", dir, "ramfs", 0, NULL))
		die("cannot mount ramfs: %s", strerror(errno));
	snprintf(path, sizeof(path), "%s/file", dir);
	fd = target_file(path, 16 * PAGE);
	umount2(dir, MNT_DETACH);
	rmdir(dir);
	shape_map(shape, 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	shape_touch(shape, 0, 8);
	shape_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 16, 4, MMSCOPE_NONE, 0);
}

void make_shmem(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_SHARED, -1);
	shape_touch(shape, 8, 8);
	shape_part(shape, 0, 8, MMSCOPE_NONE, 0);
	shape_part(shape, 8, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

void make_memfd(struct shape *shape)
{
	struct part *part;

	shape_map_memfd(shape, 32);
	shape_touch(shape, 0, 8);
	shape_look(shape, 8, 8);
	shape_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	/* Writable, but not written to. */
	part = shape_part(shape, 8, 8, MMSCOPE_PRESENT, MMSCOPE_PTE);
	part->with = MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_ACCESSED;
	part->without = MMSCOPE_ATTR_DIRTY;
}

/* Shared with a child since fork(): read only, until the next write copies. */
void make_forked(struct shape *shape)
{
	shape_map(shape, 16, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 16);
	shape_fork();
	shape_touch(shape, 8, 8);
	shape_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_WRITE;
	shape_part(shape, 8, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

void make_zero(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_look(shape, 0, 16);
	shape_touch(shape, 8, 1);
	shape_part(shape, 0, 8, MMSCOPE_ZERO, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_WRITE;
	shape_part(shape, 8, 1, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 9, 7, MMSCOPE_ZERO, MMSCOPE_PTE);
	shape_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

void make_freed(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 32);
	shape_advise(shape, 0, 16, MADV_FREE);
	shape_touch(shape, 8, 2);
	shape_part(shape, 0, 8, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_DIRTY | MMSCOPE_ATTR_ACCESSED;
	shape_part(shape, 8, 2, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 10, 6, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_DIRTY;
	shape_part(shape, 16, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
}

void make_dontneeded(struct shape *shape)
{
	shape_map(shape, 1500, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 1500);
	shape_advise(shape, 100, 1300, MADV_DONTNEED);
	shape_part(shape, 0, 100, MMSCOPE_PRESENT, MMSCOPE_PTE);
	shape_part(shape, 100, 1300, MMSCOPE_NONE, 0);
	shape_part(shape, 1400, 100, MMSCOPE_PRESENT, MMSCOPE_PTE);
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
	shape_part(shape, 0, 4, MMSCOPE_NONE, 0);
	shape_part(shape, 4, 4, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 8, 56, MMSCOPE_NONE, 0);
}

/* mlock() faults in all pages of its range, also those not touched. */
void make_mlocked(struct shape *shape)
{
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 8);
	if (mlock(shape->start, 16 * PAGE))
		die("mlock: %s", strerror(errno));
	shape_part(shape, 0, 16, MMSCOPE_PRESENT, MMSCOPE_PTE);
	shape_part(shape, 16, 16, MMSCOPE_NONE, 0);
}

/* Used by read() after accessed bits were cleared: only page facts show it. */
void make_referenced(struct shape *shape)
{
	int fd = shape_map_memfd(shape, 16);
	char page[PAGE];
	size_t i;

	shape_touch(shape, 0, 16);
	proc_clear_refs(getpid(), 1);
	for (i = 0; i < 8; i++)
		if (pread(fd, page, PAGE, i * PAGE) != PAGE)
			die("cannot read a memfd: %s", strerror(errno));
	shape_part(shape, 0, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_ACCESSED;
}

#define KSM	"/sys/kernel/mm/ksm/"

#define MERGED	16	/* pages */

/* Have the first pages of a shape the same frame? */
static bool are_merged(const struct shape *shape)
{
	__u64 entry[MERGED];
	size_t i;

	proc_pagemap(getpid(), (unsigned long)shape->start, MERGED, entry);
	for (i = 1; i < MERGED; i++)
		if (PM_FRAME(entry[i]) != PM_FRAME(entry[0]))
			return false;
	return true;
}

/*
 * Pages with the same content, which KSM merges. Its count of pages would not do: it
 * has those of processes that are gone until KSM runs again.
 */
void make_ksm(struct shape *shape)
{
	size_t i;

	if (file_number(KSM "run", -1) < 0) {
		strcpy(shape->skip, "this kernel has no KSM");
		return;
	}
	shape_map(shape, 32, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	memset(shape->start, 'k', 24 * PAGE);
	for (i = MERGED; i < 24; i++)
		shape->start[i * PAGE] = i;
	shape_advise(shape, 0, 32, MADV_MERGEABLE);
	file_write(KSM "sleep_millisecs", "1");
	file_write(KSM "pages_to_scan", "10000");
	file_write(KSM "run", "1");
	while (!are_merged(shape))
		usleep(10000);
	/* Merged pages stay merged. */
	file_write(KSM "run", "0");
	shape_part(shape, 0, MERGED, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_WRITE;
	shape_part(shape, MERGED, 8, MMSCOPE_PRESENT, MMSCOPE_PTE);
	shape_part(shape, 24, 8, MMSCOPE_NONE, 0);
}

/* More entries than one slice takes. */
void make_large(struct shape *shape)
{
	shape_map(shape, 20000, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	shape_touch(shape, 0, 20000);
	shape_part(shape, 0, 20000, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN;
}

/* As many as memory allows to map. */
#define EDGES	(HUGE > 64 * MIB ? 4 : 32)

/*
 * Pages on both sides of the bounds of page tables, with gaps in between. They
 * probably have frames in a row, so that only their addresses part them.
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
	shape_part(shape, first + 1, 199, MMSCOPE_NONE, 0);
	shape_part(shape, first + 200, 1, MMSCOPE_PRESENT, MMSCOPE_PTE);
	shape_part(shape, first + 4 * per_table, 1, MMSCOPE_PRESENT,
		   MMSCOPE_PTE);
}

void make_scattered(struct shape *shape)
{
	size_t i;

	shape_map(shape, 16000, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	for (i = 0; i < 16000; i += 3)
		shape_touch(shape, i, 1);
	shape_part(shape, 15999, 1, MMSCOPE_PRESENT, MMSCOPE_PTE);
	shape_part(shape, 15997, 2, MMSCOPE_NONE, 0);
}
