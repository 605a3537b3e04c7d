/* SPDX-License-Identifier: GPL-2.0-only */
/* What standard output can show. */
#ifndef MMSCOPE_TERMINAL_H
#define MMSCOPE_TERMINAL_H

#include "options.h"

void terminal_look(struct options *opt);
void terminal_words(const struct options *opt, const char *words, size_t indent);

#endif
