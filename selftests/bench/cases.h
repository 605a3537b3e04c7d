/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CASES_H
#define CASES_H

#include "ask.h"

/*
 * Measure all that are named in a comma-separated list, or all. What is found is
 * printed, a line for each case, size and who was asked:
 *
 *   cost CASE SIZE WHO INSNS BYTES VMAS RUNS ENTRIES HOLDS LONGEST
 *
 * with tabs between. INSNS are the median of the rounds, LONGEST is the longest
 * of them all. Peers have zeroes behind BYTES; where mmscope was not asked for
 * entries, it is the pages or VMAs it was asked about.
 */
void cases_run(const char *only);

/* One such line. */
void cases_print(const char *name, int size, const char *who,
		 const struct cost *cost);

#endif
