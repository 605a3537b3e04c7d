/* SPDX-License-Identifier: GPL-2.0-only */
/* The process that a word on the command line stands for. */
#ifndef MMSCOPE_TARGET_H
#define MMSCOPE_TARGET_H

#include <stdbool.h>

bool target_exists(const char *word);
int target_find(const char *word, int *pid);

#endif
