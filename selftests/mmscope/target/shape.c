// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/proc.h"
#include "target/shape.h"
#include "target/target.h"

struct part *shape_part(struct shape *shape, size_t from, size_t nr,
			unsigned int kind, unsigned int level)
{
	struct part *part = &shape->part[shape->nr_parts++];

	part->from = from;
	part->nr = nr;
	part->kind = kind;
	part->level = level;
	return part;
}

struct part *shape_part_huge(struct shape *shape, size_t from, size_t nr,
			     unsigned int kind)
{
	return shape_part(shape, from * TABLE_ENTRIES, nr * TABLE_ENTRIES, kind,
			  kernel_huge_level());
}

void shape_map(struct shape *shape, size_t pages, int prot, int flags, int fd)
{
	shape->size = pages * PAGE;
	shape->start = target_map(NULL, shape->size, prot, flags, fd);
	madvise(shape->start, shape->size, MADV_NOHUGEPAGE);
}

int shape_map_memfd(struct shape *shape, size_t pages)
{
	int fd = memfd_create("pages", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, pages * PAGE))
		die("cannot make a memfd: %s", strerror(errno));
	shape_map(shape, pages, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	return fd;
}

/* Map @size bytes at a multiple of @align, which the kernel may use huge pages for. */
static bool map_aligned(struct shape *shape, size_t size, size_t align)
{
	char *start, *aligned;

	if (!kernel_has_thp()) {
		strcpy(shape->skip, LACKS_THP);
		return false;
	}
	start = target_map(NULL, size + align, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE, -1);
	aligned = (char *)(((unsigned long)start + align - 1) & -align);
	if (aligned > start)
		munmap(start, aligned - start);
	munmap(aligned + size, start + align - aligned);
	shape->start = aligned;
	shape->size = size;
	if (madvise(aligned, size, MADV_HUGEPAGE))
		die("MADV_HUGEPAGE: %s", strerror(errno));
	return true;
}

bool shape_map_huge(struct shape *shape, size_t nr)
{
	return map_aligned(shape, nr * HUGE, HUGE);
}

size_t shape_block(void)
{
	switch (PAGE) {
	case 16 * KIB:
		return 128;
	case 64 * KIB:
		return 32;
	default:
		return 16;
	}
}

/* A file about folios of one contiguous block, in sysfs. */
static const char *folio_file(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path),
		 "/sys/kernel/mm/transparent_hugepage/hugepages-%lukB/%s",
		 shape_block() * PAGE / KIB, name);
	return path;
}

static long long folios_allocated(void)
{
	return file_number(folio_file("stats/anon_fault_alloc"), -1);
}

/* The first write to a page of a folio allocates the whole folio. */
void shape_map_folios(struct shape *shape, size_t folios)
{
	const size_t block = shape_block();
	long long before = folios_allocated();
	size_t i;

	if (!map_aligned(shape, folios * block * PAGE, block * PAGE))
		return;
	if (before < 0) {
		strcpy(shape->skip, "this kernel has no such folios");
		return;
	}
	file_write(folio_file("enabled"), "madvise");
	for (i = 0; i < folios; i++)
		shape_touch(shape, i * block, 1);
	file_write(folio_file("enabled"), "never");
	if (folios_allocated() < before + folios)
		strcpy(shape->skip, "the kernel gave no such folios");
}

void shape_map_split(struct shape *shape)
{
	char *last;

	if (!shape_map_huge(shape, 1))
		return;
	shape_touch(shape, 0, 1);
	if (!shape_need_thp(shape, TABLE_ENTRIES))
		return;
	last = shape->start + HUGE - PAGE;
	if (mprotect(last, PAGE, PROT_READ) ||
	    mprotect(last, PAGE, PROT_READ | PROT_WRITE))
		die("mprotect: %s", strerror(errno));
}

void shape_touch(struct shape *shape, size_t from, size_t nr)
{
	target_touch(shape->start + from * PAGE, nr * PAGE);
}

void shape_look(struct shape *shape, size_t from, size_t nr)
{
	target_look(shape->start + from * PAGE, nr * PAGE);
}

void shape_advise(struct shape *shape, size_t from, size_t nr, int advice)
{
	if (madvise(shape->start + from * PAGE, nr * PAGE, advice))
		die("madvise(%d): %s", advice, strerror(errno));
}

void shape_fork(void)
{
	pid_t parent = getpid();

	if (!fork()) {
		die_with(parent);
		pause();
		_exit(0);
	}
}

bool shape_is_thp(struct shape *shape, size_t pages)
{
	struct proc_maps *maps = proc_maps(getpid(), "smaps");
	__u64 kb = smaps_kb(proc_vma_at(maps, (unsigned long)shape->start),
			    "AnonHugePages");

	proc_maps_free(maps);
	return kb == pages * PAGE / KIB;
}

bool shape_need_thp(struct shape *shape, size_t pages)
{
	if (shape_is_thp(shape, pages))
		return true;
	strcpy(shape->skip, "the kernel allocated no huge page");
	return false;
}
