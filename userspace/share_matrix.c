// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "cell.h"
#include "output.h"
#include "screen.h"
#include "share_matrix.h"
#include "text.h"

/**
 * struct matrix - what is printed
 * @opt: the options
 * @s: the numbers of frames
 * @member: the processes
 * @page_shift: log2 of the base page's size
 */
struct matrix {
	const struct options *opt;
	const struct share *s;
	const struct share_member *member;
	unsigned int page_shift;
};

/* Columns of the matrix before those of processes: PID, EXCLUSIVE */
#define LEFT	2

/* Append what a line of the matrix has in a column; line 0 are the headings. */
static void matrix_cell(struct text *out, const struct matrix *m,
			uint32_t line, uint32_t column)
{
	const struct share *s = m->s;
	uint64_t frames;

	if (!line && column < LEFT) {
		text_puts(out, column ? "EXCLUSIVE" : "PID");
	} else if (!line || !column) {
		uint32_t i = line ? line - 1 : column - LEFT;

		text_number(out, (uint64_t)m->member[i].task.pid, 10);
	} else {
		frames = column < LEFT ? s->process[line - 1].exclusive :
					 share_common(s, line - 1, column - LEFT);
		cell_bytes(out, frames << m->page_shift, m->opt);
	}
}

static size_t *matrix_widths(const struct matrix *m)
{
	size_t *width = grow(NULL, m->s->nr + LEFT, sizeof(*width));
	struct text cell = { 0 };

	for (uint32_t column = 0; column < m->s->nr + LEFT; column++) {
		width[column] = 0;
		for (uint32_t line = 0; line <= m->s->nr; line++) {
			text_clear(&cell);
			matrix_cell(&cell, m, line, column);
			if (cell.len > width[column])
				width[column] = cell.len;
		}
	}
	text_free(&cell);
	return width;
}

/* A terminal gets no more than its width. */
static void print_line(const struct options *opt, const struct text *line,
		       enum color color)
{
	struct text cut = { 0 };

	if (opt->cut && text_width(line->s) > opt->width)
		text_fit(&cut, line->s, opt->width, screen_more(opt));
	printf("%s%s%s\n", color_start(opt->colors, color),
	       cut.s ? cut.s : line->s, color_end(opt->colors, color));
	text_free(&cut);
	output_check();
}

static void put_right(struct text *out, const struct matrix *m,
		      uint32_t line, uint32_t column, size_t width)
{
	struct text cell = { 0 };

	matrix_cell(&cell, m, line, column);
	if (cell.len < width)
		text_fill(out, " ", width - cell.len);
	text_puts(out, cell.s);
	text_puts(out, " ");
	text_free(&cell);
}

static void matrix_line(const struct matrix *m, const size_t *width,
			uint32_t line, uint32_t from, uint32_t end)
{
	struct text out = { 0 };

	for (uint32_t column = 0; column < LEFT; column++)
		put_right(&out, m, line, column, width[column]);
	for (uint32_t column = from; column < end; column++)
		put_right(&out, m, line, column, width[column]);
	if (line)
		cell_string(&out, m->member[line - 1].task.comm, m->opt);
	else
		text_puts(&out, "COMMAND");
	print_line(m->opt, &out, line ? COLOR_NONE : COLOR_HEADER);
	text_free(&out);
}

/* The columns from one on that fit on a terminal, and one in any case. */
static uint32_t block_end(const struct matrix *m, const size_t *width,
			  uint32_t from)
{
	size_t used = width[0] + width[1] + sizeof("  COMMAND");
	uint32_t end = from;

	do
		used += width[end++] + 1;
	while (end < m->s->nr + LEFT &&
	       (!m->opt->cut || used + width[end] < m->opt->width));
	return end;
}

/**
 * share_matrix - print how many frames each two processes have in common
 * @opt: the options
 * @s: the result of share_count()
 * @member: the processes
 * @page_shift: log2 of the base page's size
 */
void share_matrix(const struct options *opt, const struct share *s,
		  const struct share_member *member, unsigned int page_shift)
{
	const struct matrix m = { opt, s, member, page_shift };
	size_t *width = matrix_widths(&m);
	uint32_t end;

	printf("Frames in common; the diagonal has all frames of a process:\n");
	for (uint32_t from = LEFT; from < s->nr + LEFT; from = end) {
		end = block_end(&m, width, from);
		for (uint32_t line = 0; line <= s->nr; line++)
			matrix_line(&m, width, line, from, end);
		printf("\n");
	}
	free(width);
}
