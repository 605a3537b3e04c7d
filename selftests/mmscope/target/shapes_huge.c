// SPDX-License-Identifier: GPL-2.0-only
/* Shapes of huge pages and folios. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sizes.h"
#include "oracle/proc.h"
#include "target/shape.h"
#include "target/shapes.h"

#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT		26
#endif

void make_thp(struct shape *shape)
{
	if (!shape_map_huge(shape, 4))
		return;
	shape_touch(shape, 0, 2 * TABLE_ENTRIES);
	shape_touch(shape, 3 * TABLE_ENTRIES, 1);
	if (!shape_need_thp(shape, 3 * TABLE_ENTRIES))
		return;
	shape_part_huge(shape, 0, 2, MMSCOPE_PRESENT)->with = WRITTEN;
	shape_part(shape, 2 * TABLE_ENTRIES, TABLE_ENTRIES, MMSCOPE_NONE, 0);
	shape_part_huge(shape, 3, 1, MMSCOPE_PRESENT)->with = WRITTEN;
}

/* A huge page that a child maps, too, between small pages of the target alone. */
void make_thp_forked(struct shape *shape)
{
	const size_t half = TABLE_ENTRIES / 2;

	if (!shape_map_huge(shape, 3))
		return;
	munmap(shape->start, HUGE / 2);
	munmap(shape->start + 3 * HUGE - HUGE / 2, HUGE / 2);
	shape->start += HUGE / 2;
	shape->size = 2 * HUGE;
	shape_touch(shape, half, 2 * half);
	if (!shape_need_thp(shape, TABLE_ENTRIES))
		return;
	shape_fork();
	shape_touch(shape, 0, half);
	shape_touch(shape, 3 * half, half);
	shape_part(shape, 0, half, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, half, 2 * half, MMSCOPE_PRESENT,
		   kernel_huge_level())->without = MMSCOPE_ATTR_WRITE;
	shape_part(shape, 3 * half, half, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN;
}

/* A huge page with a hole has to be mapped by PTEs. */
void make_thp_split(struct shape *shape)
{
	if (!shape_map_huge(shape, 2))
		return;
	shape_touch(shape, 0, 2 * TABLE_ENTRIES);
	if (!shape_need_thp(shape, 2 * TABLE_ENTRIES))
		return;
	shape_advise(shape, 100, 1, MADV_DONTNEED);
	shape_part(shape, 0, 100, MMSCOPE_PRESENT, MMSCOPE_PTE);
	shape_part(shape, 100, 1, MMSCOPE_NONE, 0);
	shape_part(shape, 101, TABLE_ENTRIES - 101, MMSCOPE_PRESENT, MMSCOPE_PTE);
	shape_part_huge(shape, 1, 1, MMSCOPE_PRESENT);
}

void make_huge_zero(struct shape *shape)
{
	const char *switch_file = "/sys/kernel/mm/transparent_hugepage/use_zero_page";

	if (!shape_map_huge(shape, 2))
		return;
	if (file_number(switch_file, 0) != 1) {
		strcpy(shape->skip, "use_zero_page is off");
		return;
	}
	shape_look(shape, 0, 1);
	shape_look(shape, TABLE_ENTRIES, 1);
	shape_part_huge(shape, 0, 2, MMSCOPE_ZERO)->without = MMSCOPE_ATTR_WRITE;
}

/* Not all kernels can make pages that are larger than the allocator's largest. */
static void try_to_reserve(const char *file)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	/* If that fails, there is nothing to map. */
	(void)!write(fd, "4", 1);
	close(fd);
}

/* Four pages of hugetlb; the second one is not touched. */
static void hugetlb(struct shape *shape, size_t size, unsigned int level,
		    unsigned int attrs)
{
	size_t pages = size / PAGE;
	char file[96];

	snprintf(file, sizeof(file),
		 "/sys/kernel/mm/hugepages/hugepages-%zukB/nr_hugepages",
		 size / KIB);
	if (file_number(file, 4) < 4)
		try_to_reserve(file);
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
	shape_part(shape, 0, pages, MMSCOPE_PRESENT, level)->with =
		WRITTEN | attrs;
	shape_part(shape, pages, pages, MMSCOPE_NONE, 0);
	shape_part(shape, 2 * pages, 2 * pages, MMSCOPE_PRESENT, level)->with =
		WRITTEN | attrs;
}

void make_hugetlb(struct shape *shape)
{
	hugetlb(shape, HUGE, kernel_huge_level(), 0);
}

/* Pages of arm64 that take a block of contiguous entries. */
void make_hugetlb_ptes(struct shape *shape)
{
	hugetlb(shape, shape_block() * PAGE, MMSCOPE_PTE, MMSCOPE_ATTR_CONT);
}

/* A block of PMDs, or what the level above PTEs is. */
static size_t huge_block(void)
{
	return PAGE == 4 * KIB ? 16 : 32;
}

void make_hugetlb_pmds(struct shape *shape)
{
	hugetlb(shape, huge_block() * HUGE, kernel_huge_level(), MMSCOPE_ATTR_CONT);
}

/* A GiB is what a table of PMDs maps, or with pages of 16 KiB a block of PMDs. */
static void part_1g(struct shape *shape)
{
	if (huge_block() * HUGE == GIB)
		shape_part(shape, 0, GIB / PAGE, MMSCOPE_PRESENT,
			   kernel_huge_level())->with =
			WRITTEN | MMSCOPE_ATTR_CONT;
	else
		shape_part(shape, 0, GIB / PAGE, MMSCOPE_PRESENT,
			   kernel_levels() > 3 ? MMSCOPE_PUD :
						 MMSCOPE_PGD)->with = WRITTEN;
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
		strcpy(shape->skip, "no page of 1 GiB could be reserved");
		return;
	}
	shape_touch(shape, 0, 1);
	part_1g(shape);
	shape_part(shape, GIB / PAGE, GIB / PAGE, MMSCOPE_NONE, 0);
}

/* Folios, two of which lose their contiguous hint. */
void make_folios(struct shape *shape)
{
	const size_t block = shape_block(), hole = 4 * block + 6;

	shape_map_folios(shape, 8);
	if (*shape->skip)
		return;
	mprotect(shape->start + (2 * block + 5) * PAGE, PAGE, PROT_READ);
	shape_advise(shape, hole, 1, MADV_DONTNEED);
	shape_part(shape, 0, 2 * block, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN | MMSCOPE_ATTR_CONT;
	shape_part(shape, 2 * block, block, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_CONT;
	shape_part(shape, 3 * block, block, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN | MMSCOPE_ATTR_CONT;
	shape_part(shape, 4 * block, 6, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_CONT;
	shape_part(shape, hole, 1, MMSCOPE_NONE, 0);
	shape_part(shape, hole + 1, block - 7, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_CONT;
	shape_part(shape, 5 * block, 3 * block, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN | MMSCOPE_ATTR_CONT;
}
