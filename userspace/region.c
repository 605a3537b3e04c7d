// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "region.h"
#include "text.h"

static struct region *append(struct regions *all)
{
	all->region = more(all->region, all->nr, &all->room,
			   sizeof(*all->region));
	all->region[all->nr] = (struct region){ 0 };
	return &all->region[all->nr++];
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
