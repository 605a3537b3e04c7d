/* SPDX-License-Identifier: GPL-2.0-only */
/* The address space in regions, each a box of the picture. */
#ifndef MMSCOPE_REGION_H
#define MMSCOPE_REGION_H

#include <stdbool.h>

#include "classify.h"

enum region_type {
	REGION_MAPPINGS,	/* one, or some that belong together */
	REGION_GAP,
	REGION_HOLE,		/* not canonical: there are no such addresses */
	REGION_KERNEL,
};

/**
 * struct region - part of the address space
 * @type: enum region_type
 * @start: first address
 * @last: last address
 * @first: index of the first mapping
 * @nr: number of mappings
 * @size: of the mappings, in bytes
 * @resident: bytes
 * @swapped: bytes
 * @segment: of the mapping that the region is named after
 */
struct region {
	enum region_type type;
	uint64_t start;
	uint64_t last;
	size_t first;
	size_t nr;
	uint64_t size;
	uint64_t resident;
	uint64_t swapped;
	enum segment segment;
};

/**
 * struct regions - the whole address space, from 0 upwards, without holes
 * @region: the regions
 * @nr: number of regions
 */
struct regions {
	struct region *region;
	size_t nr;
	size_t room;
};

/* What becomes one region. */
enum region_grouping {
	REGIONS_SINGLE,		/* each mapping */
	REGIONS_GROUPED,	/* the parts of an object */
};

void regions_build(struct regions *all, const struct classes *classes,
		   enum region_grouping grouping);
void regions_free(struct regions *all);

#endif
