// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "die.h"
#include "sizes.h"
#include "oracle/proc.h"
#include "target/giants.h"
#include "target/target.h"

#define RW		(PROT_READ | PROT_WRITE)

#define NR_REPLACED	500

static void touch(struct giant *giant, size_t at)
{
	giant->start[at] = 1;
	giant->touched++;
}

/* 64 GiB, or as much as fits into the address space. */
static size_t sparse_size(void)
{
	return kernel_user_bits() < 39 ? 16 * GIB : 64 * GIB;
}

/* Nearly nothing of it is touched: three pages. */
void giant_sparse(struct giant *giant)
{
	giant->size = sparse_size();
	giant->start = target_map(NULL, giant->size, RW,
				  MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(giant->start, giant->size, MADV_NOHUGEPAGE);
	touch(giant, 0);
	touch(giant, giant->size / 2 + GIB + 5 * PAGE);
	touch(giant, giant->size - PAGE);
}

/* One touched page in each GiB: many tables with one entry each. */
void giant_strewn(struct giant *giant)
{
	size_t at;

	giant->size = sparse_size();
	giant->start = target_map(NULL, giant->size, RW,
				  MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(giant->start, giant->size, MADV_NOHUGEPAGE);
	for (at = 0; at < giant->size; at += GIB)
		touch(giant, at + 77 * PAGE);
}

#define HOLLOW_TABLES	60

/* What a PUD table maps, or the highest table below the top one. */
static size_t table_maps(void)
{
	unsigned int levels = kernel_levels();
	size_t size = HUGE;

	if (levels > 2)
		size *= TABLE_ENTRIES;
	if (levels > 3)
		size *= TABLE_ENTRIES;
	return size;
}

/*
 * Tables without an entry: the kernel keeps a table as long as a mapping needs
 * it. In the end all mappings are merged into one.
 */
void giant_hollow(struct giant *giant)
{
	const int flags = MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED;
	const size_t table = table_maps(), far = table / 64;
	size_t room = (HOLLOW_TABLES + 1) * table;
	char *p, *end;

	p = target_map(NULL, room, RW, MAP_PRIVATE | MAP_NORESERVE, -1);
	munmap(p, room);
	giant->start = p + (-(unsigned long)p & (table - 1));
	giant->size = HOLLOW_TABLES * table;
	end = giant->start + giant->size;
	for (p = giant->start; p < end; p += table) {
		target_map(p, PAGE, RW, flags, -1);
		target_map(p + far, PAGE, RW, flags, -1);
		p[far] = 1;
		munmap(p + far, PAGE);
	}
	for (p = giant->start; p < end; p += table)
		target_map(p + PAGE, table - PAGE, RW, flags, -1);
	touch(giant, 0);
}

/* Every other page has other permissions: each page is a VMA. */
static void map_vmas(struct giant *giant, size_t nr)
{
	size_t at;

	giant->size = nr * PAGE;
	giant->start = target_map(NULL, giant->size, RW,
				  MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(giant->start, giant->size, MADV_NOHUGEPAGE);
	touch(giant, 7 * PAGE);
	for (at = 0; at < giant->size; at += 2 * PAGE)
		if (mprotect(giant->start + at, PAGE, PROT_READ))
			die("mprotect: %s", strerror(errno));
}

void giant_many(struct giant *giant)
{
	map_vmas(giant, MANY_VMAS);
}

/* Nearly as many as max_map_count allows, but no more than its default does. */
size_t giant_most_vmas(void)
{
	long long most = file_number("/proc/sys/vm/max_map_count", 65530);

	return (most < 65530 ? most : 65530) / 12 * 11;
}

void giant_most(struct giant *giant)
{
	map_vmas(giant, giant_most_vmas());
}

/* 12288 pages with every other page touched: each is a run. */
void giant_dense(struct giant *giant)
{
	size_t at;

	giant->size = 12288 * PAGE;
	giant->start = target_map(NULL, giant->size, RW,
				  MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(giant->start, giant->size, MADV_NOHUGEPAGE);
	for (at = 0; at < giant->size; at += 2 * PAGE)
		touch(giant, at);
}

/* Other permissions: the totals of the mm stay. */
static void replace(char *p)
{
	if (munmap(p, NR_REPLACED * PAGE))
		die("munmap: %s", strerror(errno));
	target_map(p, NR_REPLACED * PAGE, PROT_NONE, MAP_PRIVATE | MAP_FIXED, -1);
}

void giant_live(void *arg, int step)
{
	struct giant *giant = arg;

	if (step == GIANT_CHANGE) {
		target_map(NULL, 500 * PAGE, PROT_READ, MAP_PRIVATE, -1);
	} else if (step == GIANT_REPLACE) {
		replace(giant->replaced);
	} else {
		giant->replaced = target_map(NULL, NR_REPLACED * PAGE,
					     PROT_READ, MAP_PRIVATE, -1);
		giant->make(giant);
	}
}
