/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory of all processes. */
#ifndef PROCESSES_H
#define PROCESSES_H

/*
 * The cases "ps" and "cmd-ps", as lines of cases.h: the sums of 200 processes of varied
 * kinds, and of the few others that run. The first one is what the module costs, the
 * second one the whole command, which prints a table of them.
 */
void processes_run(const char *only);

#endif
