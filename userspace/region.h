/* SPDX-License-Identifier: GPL-2.0-only */
/* The address space cut into what the picture draws as one box each. */
#ifndef MMSCOPE_REGION_H
#define MMSCOPE_REGION_H

#include <stdbool.h>

#include "space.h"

enum region_type {
	REGION_MAPPINGS,	/* one, or some that belong together */
	REGION_MANY,		/* like ones in a row, gaps between included */
	REGION_GAP,
	REGION_HOLE,		/* not canonical: no address can lie here */
	REGION_KERNEL,
};

/**
 * struct region - a stretch of the address space
 * @type: enum region_type
 * @start: first address
 * @last: last address
 * @first: index of the first mapping
 * @nr: number of mappings, 0 if it has none
 * @size: bytes reserved by them
 * @resident: bytes
 * @swapped: bytes
 * @segment: of the mapping that gives the region its name
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
 * @nr: how many
 */
struct regions {
	struct region *region;
	size_t nr;
	size_t room;
};

/* What to put into one region. */
enum region_grouping {
	REGIONS_SINGLE,		/* nothing: each mapping is one */
	REGIONS_GROUPED,	/* parts of one object */
	REGIONS_COLLAPSED,	/* that, and many like ones in a row */
};

void regions_build(struct regions *all, const struct space *sp,
		   enum region_grouping grouping);
void regions_free(struct regions *all);

#endif
