/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules of streams, by uapi/mmscope.h. */
#ifndef RULES_H
#define RULES_H

#include "stream/stream.h"

/*
 * Find the records in the bytes of a stream and check that they keep all rules.
 * Sets @stream->wrong if one is broken.
 */
void rules_check(struct stream *stream);

#endif
