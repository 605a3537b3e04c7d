// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "region.h"
#include "text.h"

/* A row of more regions of one family becomes one region. */
#define ROW_MAX		32

/* A gap of this size or more ends a row. */
#define ROW_GAP_MAX	(1ULL << 30)

/* With more regions in all, rows may mix families. */
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

/* Memory with the guard below it. */
static bool is_guarded(const struct part *below, const struct part *part)
{
	return below->segment == SEGMENT_GUARD && !below->object &&
	       (part->segment == SEGMENT_ANON ||
		part->segment == SEGMENT_THREAD_STACK);
}

/* The part of a malloc arena that is in use, and the rest of it. */
static bool is_arena(const struct part *below, const struct part *part)
{
	return (below->segment == SEGMENT_ANON ||
		below->segment == SEGMENT_ARENA) &&
	       part->segment == SEGMENT_RESERVE;
}

static bool is_pair(const struct part *below, const struct part *part)
{
	return is_guarded(below, part) || is_arena(below, part);
}

static bool same_file(const struct mapping *a, const struct mapping *b)
{
	return a->vma.ino && a->vma.ino == b->vma.ino &&
	       a->vma.dev_major == b->vma.dev_major &&
	       a->vma.dev_minor == b->vma.dev_minor;
}

/* Mapping i and the one before it are drawn as one. */
static bool belong_together(const struct classes *classes, size_t i)
{
	const struct mapping *map = &classes->sp->map[i], *below = map - 1;
	const struct part *part = &classes->part[i], *lower = part - 1;

	if (below->vma.end != map->start)
		return false;
	if (segment_info(lower->segment)->family == FAMILY_LIBRARY ||
	    segment_info(part->segment)->family == FAMILY_LIBRARY)
		return lower->object && lower->object == part->object;
	if (lower->segment == part->segment && lower->segment != SEGMENT_ANON)
		return lower->object == part->object &&
		       (same_file(below, map) || !map->vma.ino);
	return is_pair(lower, part);
}

static void add_mapping(struct region *region, const struct mapping *map,
			enum segment segment)
{
	region->last = map->vma.end - 1;
	region->nr++;
	region->size += map->vma.end - map->start;
	region->resident += map->resident;
	region->swapped += map->swapped;
	if (region->nr == 1 || region->segment == SEGMENT_GUARD)
		region->segment = segment;
}

static void add_mappings(struct regions *all, const struct classes *classes,
			 bool group)
{
	const struct space *sp = classes->sp;
	struct region *region = NULL;

	for (size_t i = 0; i < sp->nr; i++) {
		const struct part *part = &classes->part[i];

		if (!region || !group || !belong_together(classes, i)) {
			region = append(all);
			region->start = sp->map[i].start;
			region->first = i;
		}
		add_mapping(region, &sp->map[i], part->segment);
		/* pairs do not chain */
		if (region->nr == 2 && is_pair(part - 1, part))
			region = NULL;
	}
}

static void add_region(struct region *into, const struct region *region)
{
	into->last = region->last;
	into->nr += region->nr;
	into->size += region->size;
	into->resident += region->resident;
	into->swapped += region->swapped;
}

static bool is_stack(const struct region *region)
{
	return region->segment == SEGMENT_THREAD_STACK;
}

/* Neighbouring stacks of threads become one region, in place. */
static void join_stacks(struct regions *all)
{
	struct region *last = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < all->nr; i++) {
		const struct region *region = &all->region[i];

		if (last && is_stack(last) && is_stack(region) &&
		    last->last + 1 == region->start) {
			last->type = REGION_STACKS;
			add_region(last, region);
			continue;
		}
		last = &all->region[kept++];
		*last = *region;
	}
	all->nr = kept;
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
			if (end - first <= ROW_MAX) {
				region[kept++] = region[i];
				continue;
			}
			region[row].type = REGION_MANY;
			add_region(&region[row], &region[i]);
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

/* Copy the regions, with the gaps between and the areas above them. */
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
 * regions_build - cut an address space into regions, in linear time
 * @all: the regions; the caller frees them with regions_free()
 * @classes: what its mappings are
 * @grouping: what becomes one region
 */
void regions_build(struct regions *all, const struct classes *classes,
		   enum region_grouping grouping)
{
	const struct space *sp = classes->sp;
	struct regions mapped = { 0 };

	*all = (struct regions){ 0 };
	add_mappings(&mapped, classes, grouping != REGIONS_SINGLE);
	if (grouping == REGIONS_COLLAPSED && mapped.nr) {
		join_stacks(&mapped);
		collapse(&mapped, ROW_GAP_MAX, true);
	}
	if (grouping == REGIONS_COLLAPSED && mapped.nr > ALL_MAX)
		collapse(&mapped, 1ULL << (space_user_bits(sp) - 8), false);
	add_gaps(all, sp, &mapped);
	regions_free(&mapped);
}

/**
 * regions_free - free the regions
 * @all: the regions
 */
void regions_free(struct regions *all)
{
	free(all->region);
	*all = (struct regions){ 0 };
}
