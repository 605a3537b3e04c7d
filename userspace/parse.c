// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "parse.h"

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
 * parse_address - parse a hexadecimal address, with or without 0x
 * @s: text
 * @addr: the address
 *
 * Return: false if it is not valid or has more than 64 bits
 */
bool parse_address(const char *s, uint64_t *addr)
{
	return parse_hex(s, s + strlen(s), addr);
}

/* How lengths end, as in other tools: K and KiB are 1024, KB is 1000. */
static bool parse_unit(const char *s, uint64_t *unit)
{
	static const char letters[] = "kmgtpe";
	const char *letter = *s ? strchr(letters, *s | 0x20) : NULL;
	bool decimal;

	*unit = 1;
	if (!*s)
		return true;
	if (!letter)
		return false;
	s++;
	decimal = !strcmp(s, "B");
	if (*s && !decimal && strcmp(s, "iB"))
		return false;
	for (const char *at = letters; at <= letter; at++)
		*unit *= decimal ? 1000 : 1024;
	return true;
}

/**
 * parse_length - parse a length: decimal, or hexadecimal with 0x, and a unit
 * @s: text, such as 16, 0x10, 4k, 1MiB
 * @len: length in bytes
 *
 * Return: false if it is not valid, 0, or too long
 */
bool parse_length(const char *s, uint64_t *len)
{
	size_t digits = has_0x(s) ? 2 + strspn(s + 2, "0123456789abcdefABCDEF") :
				    strspn(s, "0123456789");
	uint64_t unit;

	if (has_0x(s) ? !parse_hex(s, s + digits, len) :
			!parse_digits(s, s + digits, 10, len))
		return false;
	return *len && parse_unit(s + digits, &unit) &&
	       !__builtin_mul_overflow(*len, unit, len);
}

/*
 * Ranges are printed with an exclusive end. That of all addresses, 2^64, is printed as
 * the last address.
 */
static bool parse_end(const char *s, uint64_t start, uint64_t *end)
{
	*end = 0;
	if (!strcmp(s + (has_0x(s) ? 2 : 0), "10000000000000000"))
		return true;
	if (!parse_address(s, end) || *end <= start)
		return false;
	if (*end == UINT64_MAX)
		*end = 0;
	return true;
}

/**
 * parse_range - parse START-END, START+LENGTH or ADDRESS
 * @s: text
 * @start: first address
 * @end: exclusive; 0 for 2^64
 *
 * Return: false if it is not valid or empty
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
