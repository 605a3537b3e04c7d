/* SPDX-License-Identifier: GPL-2.0-only */
/* Errors of standard output. */
#ifndef MMSCOPE_OUTPUT_H
#define MMSCOPE_OUTPUT_H

int output_close(int code);
void output_check(void);

#endif
