/* SPDX-License-Identifier: GPL-2.0-only */
/* Looking at lines of output. */
#ifndef MMSCOPE_TESTS_LINES_H
#define MMSCOPE_TESTS_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Columns of the picture for an address. */
#define MARGIN	16

size_t count_lines(const char *s);
size_t widest_line(const char *s);
void squeeze(char *s);
bool has_line(const char *picture, uint64_t addr, const char *rest);

#endif
