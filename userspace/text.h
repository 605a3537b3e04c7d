/* SPDX-License-Identifier: GPL-2.0-only */
/* Strings that grow, and the escaping of untrusted text. */
#ifndef MMSCOPE_TEXT_H
#define MMSCOPE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
void text_clear(struct text *t);
void text_free(struct text *t);
void text_add(struct text *t, const char *s, size_t len);
void text_puts(struct text *t, const char *s);
void text_printf(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *t, const char *fmt, va_list ap);
void text_number(struct text *t, uint64_t nr, unsigned int base);
void text_fill(struct text *t, const char *s, size_t times);
void text_size(struct text *t, uint64_t bytes, bool exact);
void text_count(struct text *t, uint64_t nr);
void text_escape(struct text *t, const char *s, bool utf8);
void text_json(struct text *t, const char *s);
void text_json_number(struct text *t, uint64_t nr);
void text_fit(struct text *t, const char *s, size_t width, const char *more);
size_t text_width(const char *s);

#endif
