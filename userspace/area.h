/* SPDX-License-Identifier: GPL-2.0-only */
/* Areas of the address space: regions that are near each other. */
#ifndef MMSCOPE_AREA_H
#define MMSCOPE_AREA_H

#include "label.h"
#include "region.h"

/**
 * struct area - neighbouring regions
 * @first: index of the first region
 * @nr: number of regions, with the gaps between
 * @mapped: number of those that are mappings; 0 for a gap, hole or kernel half
 * @listed: few enough to name each
 */
struct area {
	size_t first;
	size_t nr;
	size_t mapped;
	bool listed;
};

/**
 * struct areas - the whole address space, from 0 upwards
 * @area: the areas
 * @nr: number of areas
 */
struct areas {
	struct area *area;
	size_t nr;
	size_t room;
};

/**
 * struct kind - regions of an area that are the same segment
 * @nr: number of regions, or of libraries
 * @object: library of the lowest one
 * @guess: one of them is an arena by its shape only
 * @last: the highest one
 * @sum: their sizes; @sum.segment is the segment
 * @perms: their permissions, or PERMS_MIXED
 */
struct kind {
	size_t nr;
	uint32_t object;
	bool guess;
	const struct region *last;
	struct region sum;
	unsigned int perms;
};

/**
 * struct kinds - the kinds of an area, from the highest address down
 * @kind: the kinds
 * @nr: number of kinds
 */
struct kinds {
	struct kind kind[SEGMENTS];
	size_t nr;
};

void areas_build(struct areas *areas, const struct regions *all,
		 const struct space *sp, size_t most);
void areas_free(struct areas *areas);
void area_sum(const struct regions *all, const struct area *area,
	      struct region *sum);
bool area_is_new(const struct pen *pen, const struct region *region,
		 uint32_t *object);
void area_kinds(const struct pen *pen, const struct regions *all,
		const struct area *area, struct kinds *kinds);

#endif
