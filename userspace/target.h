/* SPDX-License-Identifier: GPL-2.0-only */
/* The process that a word of the command line stands for. */
#ifndef MMSCOPE_TARGET_H
#define MMSCOPE_TARGET_H

#include <stdbool.h>

#include "process.h"

/**
 * struct target - a word, and the processes that it may stand for
 * @word: the word
 * @named: processes of this name; empty for a number and for "self"
 * @code: EXIT_FINE, or another exit code if /proc could not be read
 */
struct target {
	const char *word;
	struct processes named;
	int code;
};

void target_look_up(struct target *t, const char *word);
bool target_exists(const struct target *t);
int target_choose(const struct target *t, int *pid);
void target_free(struct target *t);
int target_find(const char *word, int *pid);

#endif
