/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows as text or JSON, in constant memory. */
#ifndef MMSCOPE_TABLE_H
#define MMSCOPE_TABLE_H

#include "options.h"
#include "stream.h"

struct table;

struct table *table_open(const struct options *opt, const struct stream *s);
void table_row(struct table *t, const void *row);
void table_branch(struct table *t, const void *row, unsigned int depth);
void table_total(struct table *t, const void *row);
void table_member(struct table *t, const char *name, const char *json);
void table_close(struct table *t, const struct stream *s);

#endif
