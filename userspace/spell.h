/* SPDX-License-Identifier: GPL-2.0-only */
/* What a misspelt word was meant to be. */
#ifndef MMSCOPE_SPELL_H
#define MMSCOPE_SPELL_H

#include <stddef.h>

size_t spell_distance(const char *a, const char *b);

#endif
