// SPDX-License-Identifier: GPL-2.0-only
/* Shapes of huge pages and folios. */
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

#define PAGE	4096UL
#define HUGE	(2 * MIB)

void make_thp(struct shape *shape)
{
	if (!shape_map_huge(shape, 4))
		return;
	shape_touch(shape, 0, 1024);
	shape_touch(shape, 1536, 1);
	if (!shape_need_thp(shape, 1536))
		return;
	shape_part(shape, 0, 1024, MMSCOPE_PRESENT, MMSCOPE_PMD)->with =
		WRITTEN;
	shape_part(shape, 1024, 512, MMSCOPE_NONE, 0);
	shape_part(shape, 1536, 512, MMSCOPE_PRESENT, MMSCOPE_PMD)->with =
		WRITTEN;
}

/* A huge page that a child maps, too, between small pages of the target alone. */
void make_thp_forked(struct shape *shape)
{
	if (!shape_map_huge(shape, 3))
		return;
	munmap(shape->start, HUGE / 2);
	munmap(shape->start + 3 * HUGE - HUGE / 2, HUGE / 2);
	shape->start += HUGE / 2;
	shape->size = 2 * HUGE;
	shape_touch(shape, 256, 512);
	if (!shape_need_thp(shape, 512))
		return;
	shape_fork();
	shape_touch(shape, 0, 256);
	shape_touch(shape, 768, 256);
	shape_part(shape, 0, 256, MMSCOPE_PRESENT, MMSCOPE_PTE)->with = WRITTEN;
	shape_part(shape, 256, 512, MMSCOPE_PRESENT, MMSCOPE_PMD)->without =
		MMSCOPE_ATTR_WRITE;
	shape_part(shape, 768, 256, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN;
}

/* A huge page with a hole has to be mapped by PTEs. */
void make_thp_split(struct shape *shape)
{
	if (!shape_map_huge(shape, 2))
		return;
	shape_touch(shape, 0, 1024);
	if (!shape_need_thp(shape, 1024))
		return;
	shape_advise(shape, 100, 1, MADV_DONTNEED);
	shape_part(shape, 0, 100, MMSCOPE_PRESENT, MMSCOPE_PTE);
	shape_part(shape, 100, 1, MMSCOPE_NONE, 0);
	shape_part(shape, 101, 411, MMSCOPE_PRESENT, MMSCOPE_PTE);
	shape_part(shape, 512, 512, MMSCOPE_PRESENT, MMSCOPE_PMD);
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
	shape_look(shape, 512, 1);
	shape_part(shape, 0, 1024, MMSCOPE_ZERO, MMSCOPE_PMD)->without =
		MMSCOPE_ATTR_WRITE;
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
	shape_part(shape, 0, pages, MMSCOPE_PRESENT, level)->with =
		WRITTEN | attrs;
	shape_part(shape, pages, pages, MMSCOPE_NONE, 0);
	shape_part(shape, 2 * pages, 2 * pages, MMSCOPE_PRESENT, level)->with =
		WRITTEN | attrs;
}

void make_hugetlb(struct shape *shape)
{
	hugetlb(shape, HUGE, MMSCOPE_PMD, 0);
}

/* Pages of arm64 that take sixteen contiguous entries. */
void make_hugetlb_ptes(struct shape *shape)
{
	hugetlb(shape, 16 * PAGE, MMSCOPE_PTE, MMSCOPE_ATTR_CONT);
}

void make_hugetlb_pmds(struct shape *shape)
{
	hugetlb(shape, 16 * HUGE, MMSCOPE_PMD, MMSCOPE_ATTR_CONT);
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
	shape_part(shape, 0, GIB / PAGE, MMSCOPE_PRESENT, MMSCOPE_PUD)->with =
		WRITTEN;
	shape_part(shape, GIB / PAGE, GIB / PAGE, MMSCOPE_NONE, 0);
}

/* Folios, two of which lose their contiguous hint. */
void make_folios(struct shape *shape)
{
	shape_map_folios(shape, 8);
	if (*shape->skip)
		return;
	mprotect(shape->start + 37 * PAGE, PAGE, PROT_READ);
	shape_advise(shape, 70, 1, MADV_DONTNEED);
	shape_part(shape, 0, 32, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN | MMSCOPE_ATTR_CONT;
	shape_part(shape, 32, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_CONT;
	shape_part(shape, 48, 16, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN | MMSCOPE_ATTR_CONT;
	shape_part(shape, 64, 6, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_CONT;
	shape_part(shape, 70, 1, MMSCOPE_NONE, 0);
	shape_part(shape, 71, 9, MMSCOPE_PRESENT, MMSCOPE_PTE)->without =
		MMSCOPE_ATTR_CONT;
	shape_part(shape, 80, 48, MMSCOPE_PRESENT, MMSCOPE_PTE)->with =
		WRITTEN | MMSCOPE_ATTR_CONT;
}
