/* SPDX-License-Identifier: GPL-2.0-only */
/* mmscope's answers, through its file "query". */
#ifndef SCOPE_H
#define SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "ask.h"
#include "mmscope.h"

/* Read the answer to its end, and forget it. */
void scope_measure(const struct ask *ask, struct cost *cost);

/**
 * struct scope - an answer that is kept
 * @data: the stream
 * @len: of it
 * @at: where the next record begins
 */
struct scope {
	char *data;
	size_t len;
	size_t at;
};

void scope_load(struct scope *scope, const struct ask *ask);
void scope_free(struct scope *scope);

/* The next record of that type, NULL if none is left. */
const void *scope_next(struct scope *scope, enum mmscope_rec type);

/* log2 of what an entry of that level maps. */
unsigned int scope_shift(const struct scope *scope, unsigned int level);

#endif
