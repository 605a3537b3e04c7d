/* SPDX-License-Identifier: GPL-2.0-only */
/* Show long output in a pager. */
#ifndef MMSCOPE_PAGER_H
#define MMSCOPE_PAGER_H

#include "options.h"

bool pager_wanted(const struct options *opt);
void pager_show(const char *text, size_t len);

#endif
