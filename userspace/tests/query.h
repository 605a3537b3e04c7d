/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's query file, made by a test: open() is replaced for it. */
#ifndef MMSCOPE_TESTS_QUERY_H
#define MMSCOPE_TESTS_QUERY_H

#include "build.h"

/* What open() of the query file returns; it is set by the test. */
extern int (*query_open)(void);

/* The file that query_open_empty() made last. */
extern int query_fd;

int query_open_empty(void);
void query_answer(struct build *b);

#endif
