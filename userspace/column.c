// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>

#include "column.h"

/**
 * column_variable - append the name of a column as a shell variable may have it
 * @out: the text
 * @col: the column
 */
void column_variable(struct text *out, const struct column *col)
{
	for (const char *s = col->name; *s; s++)
		if (*s == '%')
			text_puts(out, "_PCT");
		else
			text_putc(out, *s);
}

/**
 * column_member - append the name of a column as that of a JSON member
 * @out: the text
 * @col: the column
 */
void column_member(struct text *out, const struct column *col)
{
	size_t start = out->len;

	column_variable(out, col);
	for (size_t i = start; i < out->len; i++)
		out->s[i] = (char)tolower(out->s[i]);
}
