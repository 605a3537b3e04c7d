// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <err.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "array.h"
#include "command.h"
#include "text.h"

/**
 * grow - reallocarray() that ends the program when there is no memory
 * @mem: what was allocated before, or NULL
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
 * more - grow() an array that is full, so that there is room for one more
 * @mem: the array, or NULL
 * @nr: elements in it
 * @room: elements it has memory for
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
 * text_clear - make it empty, keep the room
 * @t: the text
 */
void text_clear(struct text *t)
{
	t->len = 0;
	if (t->s)
		t->s[0] = '\0';
}

/**
 * text_free - give the memory back; the text is empty and usable afterwards
 * @t: the text
 */
void text_free(struct text *t)
{
	free(t->s);
	*t = (struct text){ 0 };
}

static void make_room(struct text *t, size_t len)
{
	if (t->len + len + 1 <= t->room)
		return;
	t->room = (t->len + len + 1) * 2;
	t->s = grow(t->s, t->room, 1);
}

/**
 * text_add - append bytes
 * @t: the text
 * @s: the bytes
 * @len: how many
 */
void text_add(struct text *t, const char *s, size_t len)
{
	make_room(t, len);
	memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = '\0';
}

/**
 * text_puts - append a string
 * @t: the text
 * @s: NUL-terminated
 */
void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

/**
 * text_printf - append what printf would print
 * @t: the text
 * @fmt: as in printf(3)
 */
void text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	make_room(t, (size_t)n);
	va_start(ap, fmt);
	vsnprintf(t->s + t->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	t->len += (size_t)n;
}

/**
 * text_fill - append a string many times
 * @t: the text
 * @s: NUL-terminated
 * @times: how often
 */
void text_fill(struct text *t, const char *s, size_t times)
{
	while (times--)
		text_puts(t, s);
}

/**
 * text_size - append a size: "132K", "1.3M", "128T"
 * @t: the text
 * @bytes: the size
 * @exact: as a plain number of bytes
 *
 * Units are powers of 1024; below ten there is one decimal unless it is 0.
 */
void text_size(struct text *t, uint64_t bytes, bool exact)
{
	static const char units[] = "BKMGTPE";
	uint64_t tenths;
	unsigned int unit = 0;

	if (exact || !bytes) {
		text_printf(t, "%" PRIu64, bytes);
		return;
	}
	/* As long as the rest stays below 2^60, ten times it fits. */
	while (bytes >= 1ULL << 60) {
		bytes = (bytes >> 10) + ((bytes >> 9) & 1);
		unit++;
	}
	tenths = bytes * 10;
	while (tenths >= 10235) {
		tenths = (tenths >> 10) + ((tenths >> 9) & 1);
		unit++;
	}
	if (tenths < 100 && tenths % 10)
		text_printf(t, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10,
			    tenths % 10, units[unit]);
	else
		text_printf(t, "%" PRIu64 "%c", (tenths + 5) / 10, units[unit]);
}

/**
 * text_count - append a number with a comma at every thousand
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

/* Marks that turn the direction of text would show a name other than it is. */
static bool is_direction(uint32_t wc)
{
	return wc == 0x061c || wc == 0x200e || wc == 0x200f ||
	       (wc >= 0x2028 && wc <= 0x202e) || (wc >= 0x2066 && wc <= 0x2069);
}

static bool is_shown(uint32_t wc, bool utf8)
{
	if (wc < 0x80)
		return wc >= 0x20 && wc != 0x7f;
	return utf8 && !is_direction(wc) && iswprint((wint_t)wc);
}

/**
 * text_escape - append untrusted text so that a terminal takes no order from it
 * @t: the text
 * @s: NUL-terminated, any bytes
 * @utf8: characters outside ASCII that can be printed may stay
 *
 * All other bytes become \ooo, as /proc/PID/maps writes a newline.
 */
void text_escape(struct text *t, const char *s, bool utf8)
{
	while (*s) {
		uint32_t wc;
		size_t len = utf8_char((const unsigned char *)s, &wc);

		if (len && is_shown(wc, utf8)) {
			text_add(t, s, len);
			s += len;
			continue;
		}
		for (size_t i = 0; i < (len ? len : 1); i++)
			text_printf(t, "\\%03o", (unsigned char)*s++);
	}
}

/**
 * text_utf8 - append text, bytes that are no UTF-8 as \ooo
 * @t: the text
 * @s: NUL-terminated, any bytes
 */
void text_utf8(struct text *t, const char *s)
{
	while (*s) {
		uint32_t wc;
		size_t len = utf8_char((const unsigned char *)s, &wc);

		if (len)
			text_add(t, s, len);
		else
			text_printf(t, "\\%03o", (unsigned char)*s);
		s += len ? len : 1;
	}
}

/**
 * text_json - append text as a JSON string, quotes included
 * @t: the text
 * @s: NUL-terminated, any bytes
 */
void text_json(struct text *t, const char *s)
{
	struct text clean = { 0 };

	text_utf8(&clean, s);
	text_puts(t, "\"");
	for (size_t i = 0; i < clean.len; i++) {
		unsigned char c = (unsigned char)clean.s[i];

		if (c < 0x20)
			text_printf(t, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			text_printf(t, "\\%c", c);
		else
			text_add(t, &clean.s[i], 1);
	}
	text_puts(t, "\"");
	text_free(&clean);
}

/* Columns one character takes on a terminal. */
static size_t char_width(uint32_t wc)
{
	int width = wc < 0x80 ? 1 : wcwidth((wchar_t)wc);

	/* Without a UTF-8 locale only our own line drawing gets here. */
	return width < 0 ? 1 : (size_t)width;
}

/**
 * text_width - columns that escaped text takes on a terminal
 * @s: NUL-terminated, valid UTF-8
 *
 * Return: the number of columns
 */
size_t text_width(const char *s)
{
	size_t width = 0;
	uint32_t wc;

	for (size_t len; *s; s += len) {
		len = utf8_char((const unsigned char *)s, &wc);
		width += len ? char_width(wc) : 1;
		if (!len)
			len = 1;
	}
	return width;
}

/**
 * text_fit - append escaped text in exactly so many columns
 * @t: the text
 * @s: NUL-terminated, valid UTF-8
 * @width: columns; what is shorter is filled with blanks
 * @more: ends what had to be cut
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

static bool parse_digits(const char *s, const char *end, unsigned int base,
			 uint64_t *value)
{
	*value = 0;
	if (s == end)
		return false;
	for (; s < end; s++) {
		unsigned int digit;

		if (*s >= '0' && *s <= '9')
			digit = (unsigned int)(*s - '0');
		else if ((*s | 0x20) >= 'a' && (*s | 0x20) <= 'f')
			digit = (unsigned int)((*s | 0x20) - 'a' + 10);
		else
			return false;
		if (digit >= base || __builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(*value, digit, value))
			return false;
	}
	return true;
}

static bool has_0x(const char *s)
{
	return s[0] == '0' && (s[1] | 0x20) == 'x';
}

static bool parse_hex(const char *s, const char *end, uint64_t *value)
{
	if (end - s > 2 && has_0x(s))
		s += 2;
	return parse_digits(s, end, 16, value);
}

/**
 * parse_address - a hexadecimal address, with or without 0x
 * @s: what was typed
 * @addr: the address
 *
 * Return: false if it is none, or longer than 64 bits
 */
bool parse_address(const char *s, uint64_t *addr)
{
	return parse_hex(s, s + strlen(s), addr);
}

/**
 * parse_length - a length: decimal, or hexadecimal with 0x; k, M, G, T may follow
 * @s: what was typed
 * @len: the length in bytes
 *
 * Return: false if it is none, 0, or too long
 */
bool parse_length(const char *s, uint64_t *len)
{
	static const char units[] = "kmgt";
	const char *end = s + strlen(s);
	const char *unit = end > s ? strchr(units, end[-1] | 0x20) : NULL;
	unsigned int shift = 0;

	if (unit) {
		shift = 10 * (unsigned int)(unit - units + 1);
		end--;
	}
	if (has_0x(s) ? !parse_hex(s, end, len) : !parse_digits(s, end, 10, len))
		return false;
	if (!*len || *len > UINT64_MAX >> shift)
		return false;
	*len <<= shift;
	return true;
}

/* As ranges are printed, the last one may end behind all addresses. */
static bool parse_end(const char *s, uint64_t start, uint64_t *end)
{
	*end = 0;
	if (!strcmp(s + (has_0x(s) ? 2 : 0), "10000000000000000"))
		return true;
	return parse_address(s, end) && *end > start;
}

/**
 * parse_range - START-END, START+LENGTH or ADDRESS
 * @s: what was typed
 * @start: first address
 * @end: first address behind, 0 if that is behind all
 *
 * Return: false if it is none of them, or empty
 */
bool parse_range(const char *s, uint64_t *start, uint64_t *end)
{
	const char *sep = strpbrk(s, "-+");
	uint64_t len = 1;

	if (!parse_hex(s, sep ? sep : s + strlen(s), start))
		return false;
	if (sep && *sep == '-')
		return parse_end(sep + 1, *start, end);
	if (sep && !parse_length(sep + 1, &len))
		return false;
	return !__builtin_add_overflow(*start, len, end) || !*end;
}
