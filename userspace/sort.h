/* SPDX-License-Identifier: GPL-2.0-only */
/* The rows of a table in order of a column. */
#ifndef MMSCOPE_SORT_H
#define MMSCOPE_SORT_H

#include "format.h"

struct sorter *sorter_new(const struct options *opt);
void sorter_add(struct sorter *sorter, const struct table *t, const void *row);
void sorter_print(struct sorter *sorter, struct table *t);
void sorter_free(struct sorter *sorter);

#endif
