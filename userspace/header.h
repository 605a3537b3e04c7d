/* SPDX-License-Identifier: GPL-2.0-only */
/* The header of a stream. */
#ifndef MMSCOPE_HEADER_H
#define MMSCOPE_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "uapi/mmscope.h"

const char *header_check(const struct mmscope_header *h, size_t *at);
unsigned int header_above(const struct mmscope_header *h, unsigned int level);
unsigned int header_below(const struct mmscope_header *h, unsigned int level);
unsigned int header_user_bits(const struct mmscope_header *h);
uint64_t header_untag(const struct mmscope_header *h, uint64_t addr);

#endif
