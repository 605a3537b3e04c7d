/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads mmscope through its file "query". */
#ifndef SCOPE_H
#define SCOPE_H

#include "question.h"
#include "stream/stream.h"

/* Read the whole answer without keeping it. */
void scope_measure(const struct question *question, struct cost *cost);

/* Return the answer; die if it is not a valid stream. */
struct stream *scope_stream(const struct question *question);

#endif
