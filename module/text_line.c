// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of text, without the cost of printf.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "text_line.h"

/* Digits of U64_MAX. */
#define DECIMAL_DIGITS	20

static const char hex_digits[] = "0123456789abcdef";

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
	line->full = room <= MMSCOPE_LINE_SLACK;
	line->end = line->start + (line->full ? 0 : room - MMSCOPE_LINE_SLACK);
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

static __always_inline void put_pair(char *to, u8 byte)
{
	to[0] = hex_digits[byte >> 4];
	to[1] = hex_digits[byte & 15];
}

static __always_inline void put_eight(char *to, u32 nr)
{
	put_pair(to, nr >> 24);
	put_pair(to + 2, nr >> 16);
	put_pair(to + 4, nr >> 8);
	put_pair(to + 6, nr);
}

/* Too many of them, but no more than there is slack. */
static void put_blanks(char *to, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i += 8)
		memcpy(to + i, "        ", 8);
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
	for (; width >= 8; width -= 8, nr >>= 32)
		put_eight(to + width - 8, nr);
	for (; width >= 2; width -= 2, nr >>= 8)
		put_pair(to + width - 2, nr);
	if (width)
		*to = hex_digits[nr & 15];
}

/* User addresses seldom have more. */
#define ADDRESS_DIGITS	12

static __always_inline void put_address(char *to, u64 addr)
{
	put_pair(to, addr >> 40);
	put_pair(to + 2, addr >> 32);
	put_eight(to + 4, addr);
}

static noinline void put_long_range(struct mmscope_line *line, u64 start,
				    u64 end)
{
	mmscope_line_hex(line, start, ADDRESS_DIGITS);
	mmscope_line_char(line, '-');
	mmscope_line_hex(line, end < start ? U64_MAX : end, ADDRESS_DIGITS);
}

/**
 * mmscope_line_range() - append a range of addresses
 * @line: open
 * @start: first address
 * @end: exclusive; less than @start if it wrapped. As in the kernel's lists of its
 *	page tables, the end of all addresses is printed as the last one
 */
void mmscope_line_range(struct mmscope_line *line, u64 start, u64 end)
{
	char *to;

	if ((start | end) >> 4 * ADDRESS_DIGITS) {
		put_long_range(line, start, end);
		return;
	}
	to = mmscope_line_room(line, 2 * ADDRESS_DIGITS + 1);
	if (!to)
		return;
	put_address(to, start);
	to[ADDRESS_DIGITS] = '-';
	put_address(to + ADDRESS_DIGITS + 1, end);
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
	put_blanks(to, width - len);
	for (to += width - len; len; len--)
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
	if (to)
		put_blanks(to, width - used);
}

/**
 * mmscope_line_repeat() - append part of an earlier line
 * @line: open
 * @phrase: the part
 * @a: key of the part that is wanted
 * @b: the rest of its key
 *
 * Return: false if it is another one: append the part, then call
 * mmscope_line_keep().
 */
bool mmscope_line_repeat(struct mmscope_line *line,
			 const struct mmscope_phrase *phrase, u64 a, u64 b)
{
	if (!phrase->len || phrase->key[0] != a || phrase->key[1] != b)
		return false;
	mmscope_line_add(line, phrase->chars, phrase->len);
	return true;
}

/**
 * mmscope_line_keep() - keep part of a line for later ones
 * @line: open
 * @phrase: takes it
 * @a: its key
 * @b: the rest of its key
 * @from: where the part starts; it ends where the line does
 */
void mmscope_line_keep(const struct mmscope_line *line,
		       struct mmscope_phrase *phrase, u64 a, u64 b,
		       const char *from)
{
	size_t len = line->at - from;

	if (line->full || len > sizeof(phrase->chars))
		return;
	memcpy(phrase->chars, from, len);
	phrase->len = len;
	phrase->key[0] = a;
	phrase->key[1] = b;
}
