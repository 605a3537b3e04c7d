/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules of uapi/mmscope.h. */
#ifndef RULES_H
#define RULES_H

#include "stream/stream.h"

/*
 * Find the records in the bytes of a stream, and see that they keep all rules.
 * Where one is broken, @stream->wrong has it.
 */
void rules_check(struct stream *stream);

#endif
