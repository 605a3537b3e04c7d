/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DIE_H
#define DIE_H

#include <stdnoreturn.h>

/* The kernel's name for it. */
#ifndef __printf
#define __printf(a, b)	__attribute((format(printf, a, b)))
#endif

/* A line of explanation. */
__printf(1, 2)
void note(const char *format, ...);

/* What a test cannot go on without is not there: the test fails. */
__printf(1, 2)
noreturn void die(const char *format, ...);

#endif
