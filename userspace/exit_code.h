/* SPDX-License-Identifier: GPL-2.0-only */
/* What the program exits with, see EXIT STATUS in the man page. */
#ifndef MMSCOPE_EXIT_CODE_H
#define MMSCOPE_EXIT_CODE_H

#include <stdbool.h>

enum exit_code {
	EXIT_FINE = 0,
	EXIT_USAGE = 1,
	EXIT_FAILED = 2,
	EXIT_PARTIAL = 3,
	EXIT_NO_PROCESS = 4,
};

/* Nothing useful was printed, and an error message was. */
static inline bool exit_is_failure(int code)
{
	return code != EXIT_FINE && code != EXIT_PARTIAL;
}

#endif
