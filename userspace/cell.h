/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands in the cells of tables. */
#ifndef MMSCOPE_CELL_H
#define MMSCOPE_CELL_H

#include "command.h"
#include "run.h"
#include "text.h"

void cell_address(struct text *out, uint64_t addr, const struct options *opt);
void cell_bytes(struct text *out, uint64_t bytes, const struct options *opt);
void cell_string(struct text *out, const char *s, const struct options *opt);
void cell_range(struct text *out, uint64_t start, uint64_t last,
		const struct options *opt);
void cell_frame(struct text *out, unsigned int kind, uint64_t frame,
		const struct options *opt);

/**
 * struct run_row - a row that shows a run; where it shows more, what it begins with
 * @header: the stream's
 * @run: the run
 */
struct run_row {
	const struct mmscope_header *header;
	const struct run *run;
};

/* struct column @cell of such rows, by what they show of the run. */
void run_cell_range(struct text *out, const void *row,
		    const struct options *opt);
void run_cell_start(struct text *out, const void *row,
		    const struct options *opt);
void run_cell_level(struct text *out, const void *row,
		    const struct options *opt);
void run_cell_index(struct text *out, const void *row,
		    const struct options *opt);
void run_cell_kind(struct text *out, const void *row,
		   const struct options *opt);
void run_cell_entries(struct text *out, const void *row,
		      const struct options *opt);
void run_cell_size(struct text *out, const void *row,
		   const struct options *opt);
void run_cell_frame(struct text *out, const void *row,
		    const struct options *opt);
void run_cell_frames(struct text *out, const void *row,
		     const struct options *opt);
void run_cell_attrs(struct text *out, const void *row,
		    const struct options *opt);
void run_cell_raw(struct text *out, const void *row,
		  const struct options *opt);
void run_cell_mapped(struct text *out, const void *row,
		     const struct options *opt);
void run_cell_node(struct text *out, const void *row,
		   const struct options *opt);
void run_cell_page(struct text *out, const void *row,
		   const struct options *opt);

#endif
