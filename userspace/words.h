/* SPDX-License-Identifier: GPL-2.0-only */
/* Sentences in lines of a certain width. */
#ifndef MMSCOPE_WORDS_H
#define MMSCOPE_WORDS_H

#include <stddef.h>
#include <stdio.h>

void words_print(FILE *out, const char *words, size_t indent, size_t width);

#endif
