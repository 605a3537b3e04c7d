// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "area.h"
#include "text.h"

/* A gap of this size or more parts two areas. */
#define GAP_LEAST	(1ULL << 30)

/* If there are more areas, they may mix all kinds of regions. */
#define AREAS_MAX	20

/* Regions of the program are named if there are no more than these. */
#define PROGRAM_MAX	8

/* The same for other areas. */
#define LIST_MAX	4

/* Regions of two places are never in one area. */
enum place {
	PLACE_MMAP,
	PLACE_PROGRAM,
	PLACE_HEAP,
	PLACE_STACK,
};

static enum place place_of(const struct region *region)
{
	if (region->segment == SEGMENT_HEAP)
		return PLACE_HEAP;
	if (region->segment == SEGMENT_STACK)
		return PLACE_STACK;
	return segment_info(region->segment)->family == FAMILY_PROGRAM ?
		       PLACE_PROGRAM : PLACE_MMAP;
}

static bool is_mapped(const struct region *region)
{
	return region->type == REGION_MAPPINGS;
}

/* The region that continues the area which ends with region at, or 0. */
static size_t next_in_area(const struct regions *all, size_t at,
			   uint64_t gap_max, bool mixed)
{
	const struct region *region = all->region;
	size_t next = at + 1;

	if (!is_mapped(&region[at]))
		return 0;
	if (next < all->nr && region[next].type == REGION_GAP &&
	    region[next].last - region[next].start < gap_max)
		next++;
	if (next >= all->nr || !is_mapped(&region[next]))
		return 0;
	return mixed || place_of(&region[at]) == place_of(&region[next]) ?
		       next : 0;
}

static void cut(struct areas *areas, const struct regions *all,
		uint64_t gap_max, bool mixed)
{
	areas->nr = 0;
	for (size_t i = 0; i < all->nr;) {
		struct area area = { .first = i, .mapped = 1 };
		size_t last = i, next;
		size_t most = place_of(&all->region[i]) == PLACE_PROGRAM ?
				      PROGRAM_MAX : LIST_MAX;

		while ((next = next_in_area(all, last, gap_max, mixed))) {
			last = next;
			area.mapped++;
		}
		if (!is_mapped(&all->region[i]))
			area.mapped = 0;
		area.nr = last + 1 - i;
		area.listed = area.mapped <= most;
		areas->area = more(areas->area, areas->nr, &areas->room,
				   sizeof(*areas->area));
		areas->area[areas->nr++] = area;
		i = last + 1;
	}
}

/**
 * areas_build - cut an address space into a few areas, in linear time
 * @areas: the areas; the caller frees them with areas_free()
 * @all: its regions
 * @sp: the address space
 * @most: if there are more areas, only larger gaps part them
 */
void areas_build(struct areas *areas, const struct regions *all,
		 const struct space *sp, size_t most)
{
	uint64_t gap_max = GAP_LEAST, end = 1ULL << space_user_bits(sp);

	*areas = (struct areas){ 0 };
	cut(areas, all, gap_max, false);
	while (areas->nr > most && gap_max < end) {
		gap_max *= 2;
		cut(areas, all, gap_max, false);
	}
	if (areas->nr > AREAS_MAX)
		cut(areas, all, gap_max, true);
}

/**
 * areas_free - free the areas
 * @areas: the areas
 */
void areas_free(struct areas *areas)
{
	free(areas->area);
	*areas = (struct areas){ 0 };
}

static void add_region(struct region *sum, const struct region *region)
{
	sum->nr += region->nr;
	sum->size += region->size;
	sum->resident += region->resident;
	sum->swapped += region->swapped;
}

/**
 * area_sum - add up an area
 * @all: the regions
 * @area: the area
 * @sum: bounds and sizes of the area
 */
void area_sum(const struct regions *all, const struct area *area,
	      struct region *sum)
{
	const struct region *region = &all->region[area->first];

	*sum = *region;
	for (size_t i = 1; i < area->nr; i++)
		add_region(sum, &region[i]);
	sum->last = region[area->nr - 1].last;
}

static struct kind *find_kind(struct kinds *kinds, enum segment segment)
{
	struct kind *kind = kinds->kind;

	while (kind < &kinds->kind[kinds->nr] && kind->sum.segment != segment)
		kind++;
	if (kind == &kinds->kind[kinds->nr]) {
		kinds->nr++;
		*kind = (struct kind){
			.sum.segment = segment, .perms = PERMS_NONE,
		};
	}
	return kind;
}

/**
 * area_is_new - whether a region is not of the library of the one above
 * @pen: the pen
 * @region: the region
 * @object: library of the last such region, 0 for none; is updated
 *
 * A library with holes has several regions.
 *
 * Return: true also for all other regions
 */
bool area_is_new(const struct pen *pen, const struct region *region,
		 uint32_t *object)
{
	uint32_t last = *object;

	*object = pen->classes->part[region->first].object;
	return !*object || *object != last;
}

/**
 * area_kinds - add up each kind of an area
 * @pen: the pen
 * @all: the regions
 * @area: the area
 * @kinds: its kinds
 */
void area_kinds(const struct pen *pen, const struct regions *all,
		const struct area *area, struct kinds *kinds)
{
	const struct region *region = &all->region[area->first];

	kinds->nr = 0;
	for (size_t i = area->nr; i--;) {
		struct kind *kind;
		unsigned int perms;

		if (!is_mapped(&region[i]))
			continue;
		kind = find_kind(kinds, segment_merged(region[i].segment));
		perms = label_perms(pen, &region[i]);
		if (!kind->nr) {
			kind->last = &region[i];
			kind->perms = perms;
		}
		if (kind->perms != perms)
			kind->perms = PERMS_MIXED;
		kind->guess |= label_is_guess(pen, &region[i]);
		kind->nr += area_is_new(pen, &region[i], &kind->object);
		add_region(&kind->sum, &region[i]);
	}
}
