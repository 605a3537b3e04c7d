/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMANDS_H
#define COMMANDS_H

/*
 * Measure whole commands and what people type instead, from exec to exit, all
 * with /dev/null as output. The cases are those of ./commands.c that the
 * comma-separated list names, or all. Each prints the lines of ./cases.h;
 * ENTRIES is the number of lines that the command prints.
 */
void commands_run(const char *only);

#endif
