/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DIE_H
#define DIE_H

#include <stdnoreturn.h>

/* As in the kernel. */
#ifndef __printf
#define __printf(a, b)	__attribute((format(printf, a, b)))
#endif

/* Print a line that explains a failure. */
__printf(1, 2)
void note(const char *format, ...);

/* Print a line and end the test: it cannot go on. */
__printf(1, 2)
noreturn void die(const char *format, ...);

#endif
