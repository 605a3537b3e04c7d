/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables, trees and JSON, through libsmartcols; all but trees in constant memory. */
#ifndef MMSCOPE_TABLE_H
#define MMSCOPE_TABLE_H

#include "command.h"
#include "stream.h"

struct table;
struct libscols_line;

struct table *table_open(const struct options *opt, const struct stream *s);
void table_row(struct table *t, const void *row);
struct libscols_line *table_child(struct table *t, struct libscols_line *parent,
				  const void *row);
void table_total(struct table *t, const void *row);
void table_member(struct table *t, const char *name, const char *json);
void table_close(struct table *t, const struct stream *s);

#endif
