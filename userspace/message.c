// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "message.h"
#include "text.h"

/* A path or a process's name may hold anything: the terminal gets ASCII. */
static void print(const char *fmt, va_list ap)
{
	struct text plain = { 0 }, safe = { 0 };
	int saved = errno;

	text_vprintf(&plain, fmt, ap);
	text_puts(&safe, "mmscope: ");
	text_escape(&safe, plain.s, false);
	text_puts(&safe, "\n");
	fflush(stdout);
	fputs(safe.s, stderr);
	text_free(&plain);
	text_free(&safe);
	errno = saved;
}

/**
 * complain - print an error message
 * @code: exit code
 * @fmt: as in printf(3); one line without its newline
 *
 * Return: @code
 */
int complain(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print(fmt, ap);
	va_end(ap);
	return code;
}

/**
 * note - print a warning
 * @fmt: as in printf(3); one line without its newline
 */
void note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print(fmt, ap);
	va_end(ap);
}
