// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "die.h"

static void print_line(const char *format, va_list args)
{
	printf("#     ");
	vprintf(format, args);
	printf("\n");
	fflush(stdout);
}

/* One fault can cause thousands of notes. */
#define MAX_NOTES	40

void note(const char *format, ...)
{
	static int notes;
	va_list args;

	if (notes++ >= MAX_NOTES)
		return;
	va_start(args, format);
	print_line(format, args);
	va_end(args);
}

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line(format, args);
	va_end(args);
	_exit(1);
}
