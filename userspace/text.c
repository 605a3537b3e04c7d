// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <endian.h>
#include <err.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "array.h"
#include "ascii.h"
#include "exit_code.h"
#include "text.h"

/* Above this, JavaScript and jq round integers. */
#define JSON_INTEGER_MAX	((1ULL << 53) - 1)

/**
 * grow - reallocarray() that exits if there is no memory
 * @mem: earlier allocation, or NULL
 * @nr: number of elements
 * @size: of one, in bytes
 *
 * Return: the memory, never NULL
 */
void *grow(void *mem, size_t nr, size_t size)
{
	void *new = reallocarray(mem, nr ? nr : 1, size);

	if (!new)
		errx(EXIT_FAILED, "out of memory");
	return new;
}

/**
 * more - grow() an array that is full, to make room for one more element
 * @mem: the array, or NULL
 * @nr: elements in it
 * @room: number of elements allocated
 * @size: of one, in bytes
 *
 * Return: the memory, never NULL
 */
void *more(void *mem, size_t nr, size_t *room, size_t size)
{
	if (nr < *room)
		return mem;
	*room = *room ? *room * 2 : 64;
	return grow(mem, *room, size);
}

/**
 * copy_string - strdup() that exits if there is no memory
 * @s: the string
 *
 * Return: the copy, never NULL
 */
char *copy_string(const char *s)
{
	size_t len = strlen(s) + 1;

	return memcpy(grow(NULL, len, 1), s, len);
}

/**
 * text_free - free the memory; the text is empty and usable afterwards
 * @t: the text
 */
void text_free(struct text *t)
{
	free(t->s);
	*t = (struct text){ 0 };
}

/**
 * text_grow - allocate more memory
 * @t: the text
 * @len: number of bytes to append
 */
void text_grow(struct text *t, size_t len)
{
	t->room = (t->len + len + 1) * 2 + TEXT_SLACK;
	t->s = grow(t->s, t->room, 1);
}

/**
 * text_vprintf - append formatted text
 * @t: the text
 * @fmt: as in vprintf(3)
 * @ap: arguments
 */
void text_vprintf(struct text *t, const char *fmt, va_list ap)
{
	va_list again;
	size_t room;
	int n;

	text_end(t, 32);
	room = t->room - t->len;
	va_copy(again, ap);
	n = vsnprintf(t->s + t->len, room, fmt, ap);
	if (n >= 0 && (size_t)n >= room) {
		text_end(t, (size_t)n);
		vsnprintf(t->s + t->len, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	if (n > 0)
		t->len += (size_t)n;
	t->s[t->len] = '\0';
}

/**
 * text_printf - append formatted text
 * @t: the text
 * @fmt: as in printf(3)
 */
void text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(t, fmt, ap);
	va_end(ap);
}

/* The eight digits of a number, all at once: a byte for each. */
static void put_eight(char *to, uint32_t nr)
{
	uint64_t digits = nr;

	digits = (digits & 0xffff) | (digits & 0xffff0000) << 16;
	digits = (digits & 0x000000ff000000ff) | (digits & 0x0000ff000000ff00) << 8;
	digits = (digits & 0x000f000f000f000f) | (digits & 0x00f000f000f000f0) << 4;
	/* Six more than 9 has a carry. */
	digits += 0x3030303030303030 +
		  ((digits + 0x0606060606060606) >> 4 & 0x0101010101010101) *
		  ('a' - '0' - 10);
	digits = htobe64(digits);
	memcpy(to, &digits, sizeof(digits));
}

/**
 * text_hex - append an unsigned number in hexadecimal
 * @t: the text
 * @nr: the number
 */
void text_hex(struct text *t, uint64_t nr)
{
	size_t len = (67 - (unsigned int)__builtin_clzll(nr | 1)) / 4;
	char digits[32];

	put_eight(digits + 8, (uint32_t)nr);
	if (nr >> 32)
		put_eight(digits, (uint32_t)(nr >> 32));
	/* What is after the digits goes into the slack. */
	memcpy(text_end(t, len), digits + 16 - len, 16);
	text_wrote(t, len);
}

static void put_decimal(struct text *t, uint64_t nr)
{
	char digits[40], *at = digits + 20;
	size_t len;

	do {
		*--at = (char)('0' + nr % 10);
		nr /= 10;
	} while (nr);
	len = (size_t)(digits + 20 - at);
	memcpy(text_end(t, len), at, len);
	text_wrote(t, len);
}

/**
 * text_number - append an unsigned number
 * @t: the text
 * @nr: the number
 * @base: 10 or 16
 *
 * Tables consist of numbers, and printf(3) takes several times as long.
 */
void text_number(struct text *t, uint64_t nr, unsigned int base)
{
	if (base == 16)
		text_hex(t, nr);
	else if (nr < 10)
		text_putc(t, (char)('0' + nr));
	else
		put_decimal(t, nr);
}

/**
 * text_fill - append a string many times
 * @t: the text
 * @s: NUL-terminated
 * @times: number of times
 */
void text_fill(struct text *t, const char *s, size_t times)
{
	size_t len = strlen(s);

	if (len == 1) {
		memset(text_end(t, times), *s, times);
		text_wrote(t, times);
		return;
	}
	while (times--)
		text_add(t, s, len);
}

/**
 * text_size - append a size: "132K", "1.3M", "128T"
 * @t: the text
 * @bytes: the size
 * @exact: append the number of bytes
 *
 * Units are powers of 1024; below ten there is one decimal unless it is 0.
 */
void text_size(struct text *t, uint64_t bytes, bool exact)
{
	static const char units[] = "BKMGTPE";
	uint64_t tenths;
	unsigned int unit = 0;

	if (exact || !bytes) {
		text_number(t, bytes, 10);
		return;
	}
	/* Below 2^60, ten times the size fits in 64 bits. */
	while (bytes >= 1ULL << 60) {
		bytes = (bytes >> 10) + ((bytes >> 9) & 1);
		unit++;
	}
	tenths = bytes * 10;
	while (tenths >= 10235) {
		tenths = (tenths >> 10) + ((tenths >> 9) & 1);
		unit++;
	}
	if (tenths < 100 && tenths % 10) {
		text_number(t, tenths / 10, 10);
		text_putc(t, '.');
		text_number(t, tenths % 10, 10);
	} else {
		text_number(t, (tenths + 5) / 10, 10);
	}
	text_putc(t, units[unit]);
}

/**
 * text_count - append a number with commas: 59,812
 * @t: the text
 * @nr: the number
 */
void text_count(struct text *t, uint64_t nr)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, nr);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			text_puts(t, ",");
		text_add(t, &digits[i], 1);
	}
}

/* Length of the valid UTF-8 sequence at s, its code point in *wc; 0 if none. */
static size_t utf8_char(const unsigned char *s, uint32_t *wc)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = {
		{ 0x80, 0x00, 0 },
		{ 0xe0, 0xc0, 0x80 },
		{ 0xf0, 0xe0, 0x800 },
		{ 0xf8, 0xf0, 0x10000 },
	};

	for (size_t n = 0; n < ARRAY_SIZE(forms); n++) {
		if ((*s & forms[n].mask) != forms[n].lead)
			continue;
		*wc = *s & (unsigned char)~forms[n].mask;
		for (size_t i = 1; i <= n; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return 0;
			*wc = *wc << 6 | (s[i] & 0x3f);
		}
		if (*wc < forms[n].least || *wc > 0x10ffff ||
		    (*wc >= 0xd800 && *wc <= 0xdfff))
			return 0;
		return n + 1;
	}
	return 0;
}

/*
 * Characters that act on a terminal, or make text look like other text: control
 * characters, and those of Default_Ignorable_Code_Point in Unicode, which are marks of
 * direction and characters that are not visible.
 */
static bool is_unsafe(uint32_t wc)
{
	static const uint32_t unsafe[][2] = {
		{ 0x0000, 0x001f },   { 0x007f, 0x009f },
		{ 0x00ad, 0x00ad },   { 0x034f, 0x034f },
		{ 0x061c, 0x061c },   { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
		{ 0x200b, 0x200f },   { 0x2028, 0x202e },
		{ 0x2060, 0x206f },   { 0x3164, 0x3164 },
		{ 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
		{ 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },
		{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
		{ 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < ARRAY_SIZE(unsafe); i++)
		if (wc >= unsafe[i][0] && wc <= unsafe[i][1])
			return true;
	return false;
}

static bool is_shown(uint32_t wc, bool utf8)
{
	if (wc < 0x80)
		return wc >= 0x20 && wc != 0x7f;
	return utf8 && !is_unsafe(wc) && iswprint((wint_t)wc);
}

static void add_octal(struct text *t, unsigned char byte)
{
	const char octal[] = { '\\', (char)('0' + (byte >> 6)),
			       (char)('0' + (byte >> 3 & 7)),
			       (char)('0' + (byte & 7)) };

	text_add(t, octal, sizeof(octal));
}

/**
 * text_escape - append untrusted text that is safe to print
 * @t: the text
 * @s: NUL-terminated, any bytes
 * @utf8: keep printable characters outside ASCII
 *
 * All other bytes become \ooo, as /proc/PID/maps writes a newline.
 */
void text_escape(struct text *t, const char *s, bool utf8)
{
	size_t all = strlen(s);

	if (!ascii_has(s, all, ASCII_NONE | ASCII_CONTROL)) {
		text_add(t, s, all);
		return;
	}
	while (*s) {
		uint32_t wc;
		size_t len = utf8_char((const unsigned char *)s, &wc);

		if (len && is_shown(wc, utf8)) {
			text_add(t, s, len);
			s += len;
			continue;
		}
		for (size_t i = 0; i < (len ? len : 1); i++)
			add_octal(t, (unsigned char)*s++);
	}
}

static void json_char(struct text *t, const char *s, size_t len, uint32_t wc)
{
	if (wc == '"' || wc == '\\') {
		text_puts(t, "\\");
		text_add(t, s, len);
	} else if (!is_unsafe(wc)) {
		text_add(t, s, len);
	} else if (wc < 0x10000) {
		text_printf(t, "\\u%04" PRIx32, wc);
	} else {
		wc -= 0x10000;
		text_printf(t, "\\u%04" PRIx32 "\\u%04" PRIx32,
			    0xd800 + (wc >> 10), 0xdc00 + (wc & 0x3ff));
	}
}

/**
 * text_json - append untrusted text as a JSON string with its quotes
 * @t: the text
 * @s: NUL-terminated, any bytes
 *
 * Characters that are not safe to print become \uXXXX, bytes that are not UTF-8
 * a backslash and three octal digits.
 */
void text_json(struct text *t, const char *s)
{
	size_t all = strlen(s);

	text_putc(t, '"');
	if (!ascii_has(s, all, ASCII_NONE | ASCII_CONTROL | ASCII_QUOTE)) {
		text_add(t, s, all);
		s += all;
	}
	while (*s) {
		uint32_t wc;
		size_t len = utf8_char((const unsigned char *)s, &wc);

		if (len) {
			json_char(t, s, len, wc);
			s += len;
			continue;
		}
		text_putc(t, '\\');
		add_octal(t, (unsigned char)*s++);
	}
	text_putc(t, '"');
}

/**
 * text_json_number - append a JSON number, or a string if readers would round it
 * @t: the text
 * @nr: the number
 */
void text_json_number(struct text *t, uint64_t nr)
{
	const char *quote = nr > JSON_INTEGER_MAX ? "\"" : "";

	text_puts(t, quote);
	text_number(t, nr, 10);
	text_puts(t, quote);
}

/* Columns of a character on a terminal. */
static size_t char_width(uint32_t wc)
{
	int width = wc < 0x80 ? 1 : wcwidth((wchar_t)wc);

	/* Outside a UTF-8 locale, the only such characters draw lines. */
	return width < 0 ? 1 : (size_t)width;
}

/**
 * text_width - columns of escaped text on a terminal
 * @s: NUL-terminated, valid UTF-8
 *
 * Return: the number of columns
 */
size_t text_width(const char *s)
{
	size_t width = strlen(s);
	uint32_t wc;

	/* Nearly all text is ASCII. */
	if (!ascii_has(s, width, ASCII_NONE))
		return width;
	width = 0;
	for (size_t len; *s; s += len) {
		len = utf8_char((const unsigned char *)s, &wc);
		width += len ? char_width(wc) : 1;
		if (!len)
			len = 1;
	}
	return width;
}

/**
 * text_fit - append escaped text in a field of a fixed width
 * @t: the text
 * @s: NUL-terminated, valid UTF-8
 * @width: columns of the field, filled with blanks
 * @more: what text that is cut ends with
 */
void text_fit(struct text *t, const char *s, size_t width, const char *more)
{
	size_t have = text_width(s), used = 0, room = width;
	bool cut = have > width;
	uint32_t wc;

	if (cut)
		room = width > text_width(more) ? width - text_width(more) : 0;
	while (*s) {
		size_t len = utf8_char((const unsigned char *)s, &wc);
		size_t cols = len ? char_width(wc) : 1;

		if (used + cols > room)
			break;
		text_add(t, s, len ? len : 1);
		used += cols;
		s += len ? len : 1;
	}
	if (cut && width >= text_width(more)) {
		text_puts(t, more);
		used += text_width(more);
	}
	text_fill(t, " ", width > used ? width - used : 0);
}
