/* SPDX-License-Identifier: GPL-2.0-only */
/* Unpack records of runs. */
#ifndef UNPACK_H
#define UNPACK_H

#include <stdbool.h>

#include "stream/stream.h"

/*
 * Add the runs of a record to those of the stream. Returns false and sets
 * @stream->wrong if the record breaks a rule.
 */
bool runs_expand(struct stream *stream, const struct mmscope_runs *runs);

#endif
