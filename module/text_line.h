/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_TEXT_LINE_H
#define _MMSCOPE_TEXT_LINE_H

#include <linux/string.h>
#include <linux/types.h>

struct seq_file;

/* Blanks are written eight at a time, and may reach that far after the line. */
#define MMSCOPE_LINE_SLACK	8

/* Longer ones are not kept. */
#define MMSCOPE_PHRASE_BYTES	128

/**
 * struct mmscope_phrase - part of an earlier line
 * @key: what it depends on, and nothing else
 * @len: number of characters, 0 for none
 * @chars: the characters
 *
 * The lines of a file have the same few words, of which some take long to make.
 */
struct mmscope_phrase {
	u64 key[2];
	unsigned int len;
	char chars[MMSCOPE_PHRASE_BYTES];
};

/**
 * struct mmscope_line - a line that is written straight into a seq_file's buffer
 * @file: the file
 * @start: where the line starts
 * @at: where the next character goes
 * @end: of what may be used of the buffer; MMSCOPE_LINE_SLACK bytes follow
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
void mmscope_line_range(struct mmscope_line *line, u64 start, u64 end);
void mmscope_line_decimal(struct mmscope_line *line, u64 nr,
			  unsigned int width);
void mmscope_line_fill(struct mmscope_line *line, const char *from,
		       unsigned int width);
bool mmscope_line_repeat(struct mmscope_line *line,
			 const struct mmscope_phrase *phrase, u64 a, u64 b);
void mmscope_line_keep(const struct mmscope_line *line,
		       struct mmscope_phrase *phrase, u64 a, u64 b,
		       const char *from);

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
 * mmscope_line_add() - append characters
 * @line: open
 * @s: the characters
 * @len: their number
 */
static inline void mmscope_line_add(struct mmscope_line *line, const char *s,
				    size_t len)
{
	char *to = mmscope_line_room(line, len);

	if (to)
		memcpy(to, s, len);
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
