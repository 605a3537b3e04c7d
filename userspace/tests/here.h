/* SPDX-License-Identifier: GPL-2.0-only */
/* Running a command in the process of the test, which may replace open() and write(). */
#ifndef MMSCOPE_TESTS_HERE_H
#define MMSCOPE_TESTS_HERE_H

#include "command.h"
#include "tap.h"

struct output run_here(const struct command *cmd, const char *const *args);
void keep_formats(const struct command *cmd, const char *operand);

#endif
