// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lines.h"

/**
 * count_lines - count lines
 * @s: the output
 *
 * Return: their number
 */
size_t count_lines(const char *s)
{
	size_t lines = 0;

	for (; *s; s++)
		lines += *s == '\n';
	return lines;
}

/**
 * widest_line - measure the longest line
 * @s: ASCII; lines of a terminal end in CR LF
 *
 * Return: its columns
 */
size_t widest_line(const char *s)
{
	size_t widest = 0, len;

	for (; *s; s += len, s += strspn(s, "\r\n")) {
		len = strcspn(s, "\r\n");
		if (len > widest)
			widest = len;
	}
	return widest;
}

/**
 * squeeze - replace runs of blanks by one blank, and remove them where lines begin
 * @s: the output
 */
void squeeze(char *s)
{
	char *to = s, before = '\n';

	for (; *s; s++)
		if (*s != ' ' || (before != ' ' && before != '\n'))
			before = *to++ = *s;
	*to = '\0';
}

/**
 * has_line - whether a line of a picture, but the first one, begins with an address
 * @picture: the picture
 * @addr: the address
 * @rest: what follows after a blank
 *
 * Return: true if there is one
 */
bool has_line(const char *picture, uint64_t addr, const char *rest)
{
	char want[64];

	snprintf(want, sizeof(want), "\n%*" PRIx64 " %s", MARGIN, addr, rest);
	return strstr(picture, want);
}
