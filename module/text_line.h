/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_TEXT_LINE_H
#define _MMSCOPE_TEXT_LINE_H

#include <linux/types.h>

struct seq_file;

/**
 * struct mmscope_line - a line that is written straight into a seq_file's buffer
 * @file: the file
 * @start: where the line starts
 * @at: where the next character goes
 * @end: of the buffer
 * @full: something did not fit
 *
 * vsnprintf() takes several times as long, and it was most of the cost of a line.
 */
struct mmscope_line {
	struct seq_file *file;
	char *start;
	char *at;
	char *end;
	bool full;
};

void mmscope_line_open(struct mmscope_line *line, struct seq_file *m);
void mmscope_line_close(struct mmscope_line *line);
void mmscope_line_string(struct mmscope_line *line, const char *s);
void mmscope_line_word(struct mmscope_line *line, const char *s,
		       unsigned int width);
void mmscope_line_hex(struct mmscope_line *line, u64 nr, unsigned int width);
void mmscope_line_decimal(struct mmscope_line *line, u64 nr,
			  unsigned int width);
void mmscope_line_fill(struct mmscope_line *line, const char *from,
		       unsigned int width);

/**
 * mmscope_line_room() - make room in a line
 * @line: open
 * @len: number of characters
 *
 * Return: where to write them, or NULL if they do not fit.
 */
static inline char *mmscope_line_room(struct mmscope_line *line, size_t len)
{
	char *to = line->at;

	if (len > line->end - to) {
		line->full = true;
		return NULL;
	}
	line->at += len;
	return to;
}

/**
 * mmscope_line_char() - append a character
 * @line: open
 * @c: the character
 */
static inline void mmscope_line_char(struct mmscope_line *line, char c)
{
	char *to = mmscope_line_room(line, 1);

	if (to)
		*to = c;
}

#endif
