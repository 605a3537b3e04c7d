/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables and JSON, through libsmartcols, in constant memory. */
#ifndef MMSCOPE_TABLE_H
#define MMSCOPE_TABLE_H

#include "command.h"
#include "stream.h"

struct table;

struct table *table_open(const struct options *opt, const struct stream *s);
void table_row(struct table *t, const void *row);
void table_close(struct table *t, const struct stream *s);

void cell_address(struct text *out, uint64_t addr, const struct options *opt);
void cell_bytes(struct text *out, uint64_t bytes, const struct options *opt);
void cell_string(struct text *out, const char *s, const struct options *opt);
void cell_range(struct text *out, uint64_t start, uint64_t last,
		const struct options *opt);

#endif
