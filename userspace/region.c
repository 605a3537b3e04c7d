// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "region.h"
#include "text.h"

/* More regions of one family in a row than this become one. */
#define ROW_MAX		32

/* A gap of this size or more is never drawn as part of a row. */
#define ROW_GAP_MAX	(1ULL << 30)

/* More regions than this in all: families no longer matter. */
#define ALL_MAX		400

static struct region *append(struct regions *all)
{
	all->region = more(all->region, all->nr, &all->room,
			   sizeof(*all->region));
	all->region[all->nr] = (struct region){ 0 };
	return &all->region[all->nr++];
}

static enum family family_of(const struct region *region)
{
	return segment_info(region->segment)->family;
}

/* The guard below is as much part of a thread's stack as of anything. */
static bool is_guarded(const struct mapping *below, const struct mapping *map)
{
	return below->segment == SEGMENT_GUARD && !below->object &&
	       map->segment == SEGMENT_ANON;
}

/* What malloc has of its arena, and what it has yet to take. */
static bool is_arena(const struct mapping *below, const struct mapping *map)
{
	return below->segment == SEGMENT_ANON &&
	       map->segment == SEGMENT_RESERVE;
}

static bool same_file(const struct mapping *a, const struct mapping *b)
{
	return a->vma.ino && a->vma.ino == b->vma.ino &&
	       a->vma.dev_major == b->vma.dev_major &&
	       a->vma.dev_minor == b->vma.dev_minor;
}

static bool belong_together(const struct mapping *below,
			    const struct mapping *map)
{
	bool library = segment_info(below->segment)->family == FAMILY_LIBRARY ||
		       segment_info(map->segment)->family == FAMILY_LIBRARY;

	if (below->vma.end != map->start)
		return false;
	if (library)
		return below->object && below->object == map->object;
	if (below->segment == map->segment && below->segment != SEGMENT_ANON)
		return below->object == map->object &&
		       (same_file(below, map) || !map->vma.ino);
	return is_guarded(below, map) || is_arena(below, map);
}

static void add_mapping(struct region *region, const struct mapping *map)
{
	region->last = map->vma.end - 1;
	region->nr++;
	region->size += map->vma.end - map->start;
	region->resident += map->resident;
	region->swapped += map->swapped;
	if (region->nr == 1 || region->segment == SEGMENT_GUARD)
		region->segment = map->segment;
}

static void add_mappings(struct regions *all, const struct space *sp,
			 bool group)
{
	struct region *region = NULL;

	for (size_t i = 0; i < sp->nr; i++) {
		const struct mapping *map = &sp->map[i];

		if (!region || !group || !belong_together(map - 1, map)) {
			region = append(all);
			region->start = map->start;
			region->first = i;
		}
		add_mapping(region, map);
		/* a pair, not a chain of them */
		if (region->nr == 2 && (is_guarded(map - 1, map) ||
					is_arena(map - 1, map)))
			region = NULL;
	}
}

static void merge(struct region *into, const struct region *region)
{
	into->type = REGION_MANY;
	into->last = region->last;
	into->nr += region->nr;
	into->size += region->size;
	into->resident += region->resident;
	into->swapped += region->swapped;
}

static bool in_row(const struct region *a, const struct region *b,
		   uint64_t gap_max, bool families)
{
	return b->start - a->last - 1 < gap_max &&
	       (!families || family_of(a) == family_of(b));
}

/* Rows of more than ROW_MAX become one region each; linear, in place. */
static void collapse(struct regions *all, uint64_t gap_max, bool families)
{
	struct region *region = all->region;
	size_t kept = 0, end;

	for (size_t first = 0; first < all->nr; first = end) {
		size_t row = kept;

		for (end = first + 1; end < all->nr; end++)
			if (!in_row(&region[end - 1], &region[end], gap_max,
				    families))
				break;
		region[kept++] = region[first];
		for (size_t i = first + 1; i < end; i++) {
			if (end - first > ROW_MAX)
				merge(&region[row], &region[i]);
			else
				region[kept++] = region[i];
		}
	}
	all->nr = kept;
}

static void add_gap(struct regions *all, enum region_type type, uint64_t start,
		    uint64_t last)
{
	struct region *region = append(all);

	region->type = type;
	region->start = start;
	region->last = last;
}

/* Move the mappings over, with what lies between and above them. */
static void add_gaps(struct regions *all, const struct space *sp,
		     const struct regions *mapped)
{
	uint64_t user_end = 1ULL << space_user_bits(sp);
	uint64_t kernel = UINT64_MAX << space_kernel_bits(sp);
	uint64_t next = 0;

	for (size_t i = 0; i < mapped->nr; i++) {
		const struct region *region = &mapped->region[i];

		if (region->start > next)
			add_gap(all, REGION_GAP, next, region->start - 1);
		*append(all) = *region;
		next = region->last + 1;
	}
	if (next < user_end) {
		add_gap(all, REGION_GAP, next, user_end - 1);
		next = user_end;
	}
	if (next && next < kernel)
		add_gap(all, REGION_HOLE, next, kernel - 1);
	if (next && next <= kernel)
		add_gap(all, REGION_KERNEL, kernel, UINT64_MAX);
}

/**
 * regions_build - cut an address space into regions; linear in its mappings
 * @all: the regions; regions_free() is due
 * @sp: the address space, classified
 * @grouping: how much to put into one
 */
void regions_build(struct regions *all, const struct space *sp,
		   enum region_grouping grouping)
{
	struct regions mapped = { 0 };

	*all = (struct regions){ 0 };
	add_mappings(&mapped, sp, grouping != REGIONS_SINGLE);
	if (grouping == REGIONS_COLLAPSED && mapped.nr)
		collapse(&mapped, ROW_GAP_MAX, true);
	if (grouping == REGIONS_COLLAPSED && mapped.nr > ALL_MAX)
		collapse(&mapped, 1ULL << (space_user_bits(sp) - 8), false);
	add_gaps(all, sp, &mapped);
	regions_free(&mapped);
}

/**
 * regions_free - give the memory back
 * @all: the regions
 */
void regions_free(struct regions *all)
{
	free(all->region);
	*all = (struct regions){ 0 };
}
