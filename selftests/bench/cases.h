/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CASES_H
#define CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "question.h"

/*
 * Measure the cases of ./targets.c that a comma-separated list names, or all of
 * them. For each case, size and reader (mmscope or a peer) a line is printed,
 * with tabs between its words:
 *
 *   cost CASE SIZE READER INSNS BYTES VMAS RUNS ENTRIES HOLDS LONGEST
 *
 * INSNS is the median of the rounds, LONGEST the second longest. For peers, all after
 * BYTES is 0. Where mmscope's answer has no entries, ENTRIES is the number of
 * pages or VMAs of the target.
 */
void cases_run(const char *only);

/* Is the name in the comma-separated list @only, or is that NULL? */
bool cases_wanted(const char *only, const char *name);

/*
 * Measure some rounds of @fn, and print such a line. @amount stands for the entries of
 * an answer without any: pages, VMAs or processes.
 */
void cases_measure(const char *name, int size, const char *reader,
		   void (*fn)(const void *arg, struct cost *cost),
		   const void *arg, size_t amount);

/* Print one such line. */
void cases_print(const char *name, int size, const char *reader,
		 const struct cost *cost);

#endif
