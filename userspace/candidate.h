/* SPDX-License-Identifier: GPL-2.0-only */
/* The words that a half-typed word may become. */
#ifndef MMSCOPE_CANDIDATE_H
#define MMSCOPE_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/**
 * struct candidates - the candidates for a word, printed as they are offered
 * @word: the half-typed word
 * @typed: the end of it that is completed, such as what follows the last comma
 * @list: the first item of the list that @typed is the last one of, or NULL
 * @any_case: names are valid in lower case, too
 * @nr: number of candidates
 * @last: the last candidate
 */
struct candidates {
	const char *word;
	const char *typed;
	const char *list;
	bool any_case;
	size_t nr;
	struct text last;
};

void candidate_list(struct candidates *c);
void candidate_offer(struct candidates *c, const char *name, const char *help);
void candidate_files(void);
void candidate_end(struct candidates *c);

#endif
