/* SPDX-License-Identifier: GPL-2.0-only */
/* Drawing lines of the picture. */
#ifndef MMSCOPE_PEN_H
#define MMSCOPE_PEN_H

#include <stdio.h>

#include "options.h"
#include "region.h"
#include "text.h"
#include "thread.h"

#define MARGIN		16	/* columns for an address */
#define MARKS_MAX	20

struct glyphs {
	const char *top_left, *top_right, *left, *right, *bottom_left,
		*bottom_right;
	const char *line, *side, *gap_side, *more, *mark;
	const char *full, *trace, *swapped, *empty;
	const char *up, *down;
};

/* A field of the mm that names an address. */
struct mark {
	uint64_t addr;
	const char *name;
};

/**
 * struct detail - how much an overview shows
 * @areas: if there are more, areas far from each other are joined
 * @threads: threads of an area with lines of their own
 * @ids: lines of names and ids of others, 0 for as many as there are
 * @nameless: only ids of others, without their names
 * @names: lines of names of libraries
 * @terse: no legend, no bounds of code and data that need lines of their own
 */
struct detail {
	unsigned int areas;
	unsigned int threads;
	unsigned int ids;
	bool nameless;
	unsigned int names;
	bool terse;
};

/**
 * struct pen - what is drawn, and how
 * @out: where to
 * @opt: colours, exact sizes
 * @sp: the address space
 * @classes: what its mappings are
 * @threads: threads and their stacks
 * @stacks: those of them that are not on the main stack, from the highest address
 *	down
 * @nr_stacks: number of these
 * @brief: draw an overview
 * @detail: how much of it
 * @glyph: characters to draw with
 * @inner: columns inside a box
 * @size_width: columns of a size
 * @bar: columns of the bar, 0 for none
 * @marks: fields of the mm, in descending order of address
 * @nr_marks: number of marks
 */
struct pen {
	FILE *out;
	const struct options *opt;
	const struct space *sp;
	const struct classes *classes;
	const struct threads *threads;
	const struct thread **stacks;
	size_t nr_stacks;
	bool brief;
	struct detail detail;
	const struct glyphs *glyph;
	size_t inner;
	size_t size_width;
	size_t bar;
	struct mark marks[MARKS_MAX];
	size_t nr_marks;
};

void pen_color(const struct pen *pen, enum color color);
void pen_color_off(const struct pen *pen, enum color color);
enum color pen_region_color(const struct region *region);
void pen_head(const struct pen *pen, const char *margin, const char *what,
	      enum color color);
void pen_line(const struct pen *pen, const struct region *region,
	      const char *margin, const char *what, enum color color);
void pen_text(const struct pen *pen, const struct region *region,
	      const char *margin, const char *what, enum color color);

#endif
