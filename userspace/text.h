/* SPDX-License-Identifier: GPL-2.0-only */
/* Strings that grow, and the escaping of untrusted text. */
#ifndef MMSCOPE_TEXT_H
#define MMSCOPE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Bytes that are allocated after the NUL. Short copies and rows of blanks have a
 * constant size, which is cheaper, and may reach into them.
 */
#define TEXT_SLACK	32u

/**
 * struct text - a string that grows; all zero is an empty one
 * @s: NUL-terminated; NULL until something is appended
 * @len: bytes in @s, without its NUL
 * @room: bytes allocated
 */
struct text {
	char *s;
	size_t len;
	size_t room;
};

void *grow(void *mem, size_t nr, size_t size);
void *more(void *mem, size_t nr, size_t *room, size_t size);
char *copy_string(const char *s);
void text_free(struct text *t);
void text_grow(struct text *t, size_t len);
void text_printf(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *t, const char *fmt, va_list ap);
void text_hex(struct text *t, uint64_t nr);
void text_number(struct text *t, uint64_t nr, unsigned int base);
void text_fill(struct text *t, const char *s, size_t times);
void text_size(struct text *t, uint64_t bytes, bool exact);
void text_count(struct text *t, uint64_t nr);
void text_escape(struct text *t, const char *s, bool utf8);
void text_json(struct text *t, const char *s);
void text_json_number(struct text *t, uint64_t nr);
void text_fit(struct text *t, const char *s, size_t width, const char *more);
size_t text_width(const char *s);

/**
 * text_clear - make a text empty, keep its memory
 * @t: the text
 */
static inline void text_clear(struct text *t)
{
	t->len = 0;
	if (t->s)
		t->s[0] = '\0';
}

/**
 * text_end - make room at the end of a text
 * @t: the text
 * @len: number of bytes that will be written there, without the NUL
 *
 * Return: the end
 */
static inline char *text_end(struct text *t, size_t len)
{
	if (t->room < t->len + len + 1 + TEXT_SLACK)
		text_grow(t, len);
	return t->s + t->len;
}

/**
 * text_wrote - end a text after what was written at its end
 * @t: the text
 * @len: number of bytes written, at most those that text_end() made room for
 */
static inline void text_wrote(struct text *t, size_t len)
{
	t->len += len;
	t->s[t->len] = '\0';
}

/**
 * text_add - append bytes
 * @t: the text
 * @s: the bytes
 * @len: number of bytes
 */
static inline void text_add(struct text *t, const char *s, size_t len)
{
	memcpy(text_end(t, len), s, len);
	text_wrote(t, len);
}

/**
 * text_puts - append a string
 * @t: the text
 * @s: NUL-terminated
 */
static inline void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

/**
 * text_putc - append a character
 * @t: the text
 * @c: the character
 */
static inline void text_putc(struct text *t, char c)
{
	*text_end(t, 1) = c;
	text_wrote(t, 1);
}

/**
 * text_join - append another text
 * @t: the text
 * @other: the other one, to which something was appended before
 */
static inline void text_join(struct text *t, const struct text *other)
{
	char *to = text_end(t, other->len);

	if (other->len <= TEXT_SLACK)
		memcpy(to, other->s, TEXT_SLACK);
	else
		memcpy(to, other->s, other->len);
	text_wrote(t, other->len);
}

#endif
