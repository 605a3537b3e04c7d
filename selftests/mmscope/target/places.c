// SPDX-License-Identifier: GPL-2.0-only
#include <sys/mman.h>
#include <unistd.h>

#include "oracle/proc.h"
#include "sizes.h"
#include "target/places.h"
#include "target/target.h"

static char *map(size_t pages, int flags)
{
	char *p = target_map(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags,
			     -1);

	madvise(p, pages * PAGE, MADV_NOHUGEPAGE);
	return p;
}

static char *map_touched(size_t pages, int flags)
{
	char *p = map(pages, flags);

	target_touch(p, pages * PAGE);
	return p;
}

static char *map_swapped(void)
{
	char *p = map_touched(16, MAP_PRIVATE);

	return target_page_out(p, 16 * PAGE) ? p : NULL;
}

char *place_thp(void)
{
	char *p = target_map(NULL, 2 * HUGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE, -1);
	__u64 entry;

	p = (char *)(((unsigned long)p + HUGE - 1) & -HUGE);
	madvise(p, HUGE, MADV_HUGEPAGE);
	target_touch(p, PAGE);
	entry = proc_page(getpid(), (unsigned long)p + 300 * PAGE);
	return entry & PM_PRESENT ? p : NULL;
}

static char *map_hugetlb(void)
{
	char *p;

	if (file_number("/proc/sys/vm/nr_hugepages", 0) < 1)
		file_write("/proc/sys/vm/nr_hugepages", "1");
	p = mmap(NULL, kernel_hugetlb_size(), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	target_touch(p, PAGE);
	return p;
}

static char *map_distant(void)
{
	char *p = target_map(NULL, 8 * GIB, PROT_NONE,
			     MAP_PRIVATE | MAP_NORESERVE, -1);

	munmap(p, 8 * GIB);
	p = target_map(p + 4 * GIB, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_FIXED, -1);
	target_touch(p, PAGE);
	return p;
}

void make_places(void *arg, int step)
{
	struct places *places = arg;

	places->distant = map_distant();
	places->small = map(16, MAP_PRIVATE);
	target_touch(places->small, 8 * PAGE);
	target_look(places->small + 8 * PAGE, 4 * PAGE);
	places->denied = map_touched(4, MAP_PRIVATE);
	mprotect(places->denied, 4 * PAGE, PROT_NONE);
	places->swapped = map_swapped();
	places->thp = place_thp();
	places->hugetlb = map_hugetlb();
	places->shared = map_touched(4, MAP_SHARED);
	places->inside = map_touched(3, MAP_PRIVATE);
	munmap(places->inside + PAGE, PAGE);
}
