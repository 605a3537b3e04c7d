/* SPDX-License-Identifier: GPL-2.0-only */
/* Which segment each mapping is, from the mm and the list of mappings alone. */
#ifndef MMSCOPE_CLASSIFY_H
#define MMSCOPE_CLASSIFY_H

#include "segment.h"
#include "space.h"

/**
 * struct part - what one mapping is
 * @segment: enum segment
 * @object: number of the program or library that it belongs to, 0 for none
 */
struct part {
	enum segment segment;
	uint32_t object;
};

/**
 * struct classes - what all mappings of an address space are
 * @sp: the address space
 * @part: by index of the mapping
 */
struct classes {
	const struct space *sp;
	struct part *part;
};

void classify(struct classes *all, const struct space *sp);
void classes_free(struct classes *all);
enum segment class_of(const struct classes *all, const struct mapping *map);
const char *class_name(const struct classes *all, const struct mapping *map);

#endif
