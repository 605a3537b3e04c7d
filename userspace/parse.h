/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses, lengths and ranges as users write them. */
#ifndef MMSCOPE_PARSE_H
#define MMSCOPE_PARSE_H

#include <stdbool.h>
#include <stdint.h>

bool parse_address(const char *s, uint64_t *addr);
bool parse_length(const char *s, uint64_t *len);
bool parse_range(const char *s, uint64_t *start, uint64_t *end);

#endif
