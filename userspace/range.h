/* SPDX-License-Identifier: GPL-2.0-only */
/* The operand RANGE: addresses, the name of a segment, or the stack of a thread. */
#ifndef MMSCOPE_RANGE_H
#define MMSCOPE_RANGE_H

#include <stdint.h>

#include "options.h"

int range_of(const struct options *opt, uint64_t *start, uint64_t *end);

#endif
