// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "die.h"
#include "sizes.h"
#include "target/giants.h"
#include "target/target.h"

#define PAGE		4096UL
#define RW		(PROT_READ | PROT_WRITE)

#define NR_REPLACED	500

static void touch(struct giant *giant, size_t at)
{
	giant->start[at] = 1;
	giant->touched++;
}

/* 64 GiB with three touched pages. */
void giant_sparse(struct giant *giant)
{
	giant->size = 64 * GIB;
	giant->start = target_map(NULL, giant->size, RW,
				  MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(giant->start, giant->size, MADV_NOHUGEPAGE);
	touch(giant, 0);
	touch(giant, 33 * GIB + 5 * PAGE);
	touch(giant, giant->size - PAGE);
}

/* One touched page in each GiB: many tables with one entry each. */
void giant_strewn(struct giant *giant)
{
	size_t at;

	giant->size = 64 * GIB;
	giant->start = target_map(NULL, giant->size, RW,
				  MAP_PRIVATE | MAP_NORESERVE, -1);
	madvise(giant->start, giant->size, MADV_NOHUGEPAGE);
	for (at = 0; at < giant->size; at += GIB)
		touch(giant, at + 77 * PAGE);
}

#define TABLE		(512 * GIB)	/* a PUD table maps this much */
#define HOLLOW_TABLES	60

/*
 * PUD tables without an entry: the kernel keeps a table as long as a mapping needs
 * it. In the end all mappings are merged into one.
 */
void giant_hollow(struct giant *giant)
{
	const int flags = MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED;
	size_t room = (HOLLOW_TABLES + 1) * TABLE;
	char *p, *end;

	p = target_map(NULL, room, RW, MAP_PRIVATE | MAP_NORESERVE, -1);
	munmap(p, room);
	giant->start = p + (-(unsigned long)p & (TABLE - 1));
	giant->size = HOLLOW_TABLES * TABLE;
	end = giant->start + giant->size;
	for (p = giant->start; p < end; p += TABLE) {
		target_map(p, PAGE, RW, flags, -1);
		target_map(p + 8 * GIB, PAGE, RW, flags, -1);
		p[8 * GIB] = 1;
		munmap(p + 8 * GIB, PAGE);
	}
	for (p = giant->start; p < end; p += TABLE)
		target_map(p + PAGE, TABLE - PAGE, RW, flags, -1);
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

/* Nearly as many as the default of max_map_count allows. */
void giant_most(struct giant *giant)
{
	map_vmas(giant, MOST_VMAS);
}

/* 48 MiB with every other page touched: each is a run. */
void giant_dense(struct giant *giant)
{
	size_t at;

	giant->size = 48 * MIB;
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
