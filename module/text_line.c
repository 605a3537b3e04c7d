// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of text, without the cost of printf.
 */
#include <asm/byteorder.h>
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "text_line.h"

#define EACH_BYTE(byte)	(0x0101010101010101ULL * (byte))

/* Digits of U64_MAX. */
#define DECIMAL_DIGITS	20

/**
 * mmscope_line_open() - begin to write into a file
 * @line: to be closed with mmscope_line_close()
 * @m: the file; nothing else may write into it until then
 */
void mmscope_line_open(struct mmscope_line *line, struct seq_file *m)
{
	size_t room = seq_get_buf(m, &line->start);

	line->file = m;
	line->at = line->start;
	line->end = line->start + room;
	line->full = !room;
}

/**
 * mmscope_line_close() - add what was written to the file
 * @line: open
 *
 * If it did not fit, seq_file will have the record printed again, into a larger
 * buffer or with the next read.
 */
void mmscope_line_close(struct mmscope_line *line)
{
	seq_commit(line->file, line->full ? -1 : line->at - line->start);
}

/**
 * mmscope_line_string() - append a string
 * @line: open
 * @s: the string
 */
void mmscope_line_string(struct mmscope_line *line, const char *s)
{
	char *to = line->at;

	while (*s && to < line->end)
		*to++ = *s++;
	line->at = to;
	if (*s)
		line->full = true;
}

/**
 * mmscope_line_word() - append a string and fill its field with blanks
 * @line: open
 * @s: the string
 * @width: of the field
 */
void mmscope_line_word(struct mmscope_line *line, const char *s,
		       unsigned int width)
{
	const char *from = line->at;

	mmscope_line_string(line, s);
	mmscope_line_fill(line, from, width);
}

/* The eight digits of a number, the first one in the most significant byte. */
static u64 hex_digits(u32 nr)
{
	u64 x = nr;

	x = (x | x << 16) & 0x0000ffff0000ffffULL;
	x = (x | x << 8) & 0x00ff00ff00ff00ffULL;
	x = (x | x << 4) & 0x0f0f0f0f0f0f0f0fULL;
	/* Adding 6 carries into the next bit from 10 on: these are letters. */
	return x + EACH_BYTE('0') +
	       ((x + EACH_BYTE(6)) >> 4 & EACH_BYTE(1)) * ('a' - '0' - 10);
}

/**
 * mmscope_line_hex() - append a number in hexadecimal
 * @line: open
 * @nr: the number
 * @width: least number of digits, filled with zeroes
 */
void mmscope_line_hex(struct mmscope_line *line, u64 nr, unsigned int width)
{
	unsigned int digits = DIV_ROUND_UP(fls64(nr), 4);
	char *to;

	width = max(max(width, digits), 1u);
	to = mmscope_line_room(line, width);
	if (!to)
		return;
	for (to += width; width >= 8; width -= 8, nr >>= 32) {
		__be64 eight = cpu_to_be64(hex_digits(nr));

		to -= 8;
		memcpy(to, &eight, 8);
	}
	for (; width; width--, nr >>= 4)
		*--to = "0123456789abcdef"[nr & 15];
}

/**
 * mmscope_line_decimal() - append a number in decimal
 * @line: open
 * @nr: the number
 * @width: least number of characters, filled with blanks on the left
 */
void mmscope_line_decimal(struct mmscope_line *line, u64 nr,
			  unsigned int width)
{
	char digits[DECIMAL_DIGITS], *at = digits + sizeof(digits);
	unsigned int len;
	char *to;

	do {
		u32 digit;

		nr = div_u64_rem(nr, 10, &digit);
		*--at = '0' + digit;
	} while (nr);
	len = digits + sizeof(digits) - at;
	width = max(width, len);
	to = mmscope_line_room(line, width);
	if (!to)
		return;
	for (; width > len; width--)
		*to++ = ' ';
	while (len--)
		*to++ = *at++;
}

/**
 * mmscope_line_fill() - fill a field with blanks on the right
 * @line: open
 * @from: where the field starts
 * @width: of the field
 */
void mmscope_line_fill(struct mmscope_line *line, const char *from,
		       unsigned int width)
{
	unsigned int used = line->at - from;
	char *to;

	if (used >= width)
		return;
	to = mmscope_line_room(line, width - used);
	if (!to)
		return;
	for (; used < width; used++)
		*to++ = ' ';
}
