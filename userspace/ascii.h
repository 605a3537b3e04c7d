/* SPDX-License-Identifier: GPL-2.0-only */
/* What kinds of characters a string has, found out eight bytes at a time. */
#ifndef MMSCOPE_ASCII_H
#define MMSCOPE_ASCII_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ASCII_BLANK	(1u << 0)	/* a blank */
#define ASCII_NONE	(1u << 1)	/* a byte outside ASCII */
#define ASCII_CONTROL	(1u << 2)	/* a control character or DEL */
#define ASCII_QUOTE	(1u << 3)	/* a double quote or a backslash */

#define ASCII_EACH(byte)	(0x0101010101010101ULL * (byte))

/* Nonzero if a byte of the word is zero. */
static inline uint64_t ascii_zero(uint64_t word)
{
	return (word - ASCII_EACH(1)) & ~word & ASCII_EACH(0x80);
}

/* Nonzero if a byte of the word is of one of these kinds. */
static inline uint64_t ascii_word(uint64_t word, unsigned int kinds)
{
	uint64_t found = 0;

	if (kinds & ASCII_BLANK)
		found |= ascii_zero(word ^ ASCII_EACH(' '));
	if (kinds & ASCII_NONE)
		found |= word & ASCII_EACH(0x80);
	if (kinds & ASCII_CONTROL)
		found |= ascii_zero(word ^ ASCII_EACH(0x7f)) |
			 ((word - ASCII_EACH(0x20)) & ~word & ASCII_EACH(0x80));
	if (kinds & ASCII_QUOTE)
		found |= ascii_zero(word ^ ASCII_EACH('"')) |
			 ascii_zero(word ^ ASCII_EACH('\\'));
	return found;
}

/**
 * ascii_has - whether a string has characters of certain kinds
 * @s: the string
 * @len: its length
 * @kinds: ASCII_*, a constant, so that the compiler leaves out the other tests
 *
 * Return: true if it has one
 */
static inline bool ascii_has(const char *s, size_t len, unsigned int kinds)
{
	uint64_t word, found = 0;
	size_t i;

	for (i = 0; i + sizeof(word) <= len; i += sizeof(word)) {
		memcpy(&word, s + i, sizeof(word));
		found |= ascii_word(word, kinds);
	}
	/* Fill the last word with a character of no kind. */
	word = ASCII_EACH('x');
	for (; i < len; i++)
		word = word << 8 | (unsigned char)s[i];
	return found | ascii_word(word, kinds);
}

/**
 * ascii_has_padded - the same, of a string with 7 more bytes that can be read
 * @s: the string
 * @len: its length
 * @kinds: ASCII_*, a constant
 *
 * Return: true if it has one
 */
static inline bool ascii_has_padded(const char *s, size_t len,
				    unsigned int kinds)
{
	uint64_t word, found = 0;
	size_t i;

	for (i = 0; i + sizeof(word) <= len; i += sizeof(word)) {
		memcpy(&word, s + i, sizeof(word));
		found |= ascii_word(word, kinds);
	}
	/* The bytes after the string become characters of no kind. */
	memcpy(&word, s + i, sizeof(word));
	word = le64toh(word) & ~(UINT64_MAX << 8 * (len - i));
	word |= ASCII_EACH('x') << 8 * (len - i);
	return found | ascii_word(word, kinds);
}

#endif
