/* SPDX-License-Identifier: GPL-2.0-only */
/* Standard output, and its errors. */
#ifndef MMSCOPE_OUTPUT_H
#define MMSCOPE_OUTPUT_H

#include "text.h"

int output_close(int code);
void output_check(void);
void output_write(struct text *out);

/* What is written at once, unless there is a terminal. */
#define OUTPUT_SIZE	(32u << 10)

/**
 * output_lines - write lines to standard output, many at once
 * @out: the lines; empty after they were written
 * @now: write them even if they are few
 */
static inline void output_lines(struct text *out, bool now)
{
	if (now || out->len >= OUTPUT_SIZE)
		output_write(out);
}

#endif
