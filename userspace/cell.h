/* SPDX-License-Identifier: GPL-2.0-only */
/* Contents of cells. */
#ifndef MMSCOPE_CELL_H
#define MMSCOPE_CELL_H

#include "classify.h"
#include "options.h"
#include "run.h"
#include "space.h"
#include "text.h"

void cell_address(struct text *out, uint64_t addr, const struct options *opt);
void cell_bytes(struct text *out, uint64_t bytes, const struct options *opt);
void cell_string(struct text *out, const char *s, const struct options *opt);
void cell_range(struct text *out, uint64_t start, uint64_t last,
		const struct options *opt);
void cell_end(struct text *out, uint64_t last, const struct options *opt);
void cell_device(struct text *out, unsigned int major, unsigned int minor);
void cell_perms(struct text *out, unsigned int perms);
void cell_list(struct text *out, const char *item, const struct options *opt);
void cell_list_end(struct text *out, const struct options *opt);
void cell_flags(struct text *out, const struct space *sp,
		enum mmscope_names_of of, uint64_t flags,
		const struct options *opt);
void cell_page_names(struct text *out, uint64_t page,
		     const struct options *opt);
void cell_guess(struct text *out, const struct classes *classes,
		const struct mapping *map, const struct options *opt);
void cell_sections(struct text *out, const struct classes *classes,
		   const struct mapping *map, uint64_t start, uint64_t last,
		   const struct options *opt);
void cell_map_name(struct text *out, const struct mapping *map,
		   const struct options *opt);

/**
 * struct run_row - a row about a run, or the first member of such a row
 * @header: of the stream
 * @run: the run
 */
struct run_row {
	const struct mmscope_header *header;
	const struct run *run;
};

/* For columns of such rows. */
extern const struct column_key run_cell_keys[];

void run_cell_range(struct text *out, const void *row,
		    const struct options *opt);
void run_cell_start(struct text *out, const void *row,
		    const struct options *opt);
void run_cell_end(struct text *out, const void *row,
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
void run_cell_attr_names(struct text *out, const void *row,
			 const struct options *opt);
void run_cell_raw(struct text *out, const void *row,
		  const struct options *opt);
void run_cell_mapped(struct text *out, const void *row,
		     const struct options *opt);
void run_cell_node(struct text *out, const void *row,
		   const struct options *opt);
void run_cell_page(struct text *out, const void *row,
		   const struct options *opt);
void run_cell_page_names(struct text *out, const void *row,
			 const struct options *opt);

#endif
