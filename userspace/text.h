/* SPDX-License-Identifier: GPL-2.0-only */
/* Growing strings, sizes, numbers and the escaping of untrusted text. */
#ifndef MMSCOPE_TEXT_H
#define MMSCOPE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct text - a string that grows; all zero is an empty one
 * @s: NUL-terminated once something was added, else NULL
 * @len: bytes in @s, NUL not counted
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
void text_fill(struct text *t, const char *s, size_t times);
void text_size(struct text *t, uint64_t bytes, bool exact);
void text_count(struct text *t, uint64_t nr);
void text_escape(struct text *t, const char *s, bool utf8);
void text_utf8(struct text *t, const char *s);
void text_json(struct text *t, const char *s);
void text_fit(struct text *t, const char *s, size_t width, const char *more);
size_t text_width(const char *s);

bool parse_address(const char *s, uint64_t *addr);
bool parse_length(const char *s, uint64_t *len);
bool parse_range(const char *s, uint64_t *start, uint64_t *end);

#endif
