/* SPDX-License-Identifier: GPL-2.0-only */
/* mmscope's answers, through its file "query". */
#ifndef SCOPE_H
#define SCOPE_H

#include "ask.h"
#include "stream/stream.h"

/* Read the answer to its end, and forget it. */
void scope_measure(const struct ask *ask, struct cost *cost);

/* The answer itself; dies if it breaks a rule of the stream. */
struct stream *scope_stream(const struct ask *ask);

#endif
