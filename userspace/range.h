/* SPDX-License-Identifier: GPL-2.0-only */
/* The operand RANGE: addresses, the name of a segment, or the stack of a thread. */
#ifndef MMSCOPE_RANGE_H
#define MMSCOPE_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "space.h"

int range_of(const struct options *opt, uint64_t *start, uint64_t *end);
bool range_has(const struct mapping *map, uint64_t start, uint64_t end);
void range_widen(const struct options *opt, const struct space *sp,
		 uint64_t *start, uint64_t *end);
int range_with_neighbours(const struct options *opt, uint64_t *start,
			  uint64_t *end);

#endif
