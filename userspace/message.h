/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages on standard error. */
#ifndef MMSCOPE_MESSAGE_H
#define MMSCOPE_MESSAGE_H

int complain(int code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
