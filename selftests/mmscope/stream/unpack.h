/* SPDX-License-Identifier: GPL-2.0-only */
/* Unpack records of runs, and of entries that lead to tables. */
#ifndef UNPACK_H
#define UNPACK_H

#include <stdbool.h>

#include "stream/stream.h"

/*
 * Add the runs of a record to those of the stream. Returns false and sets
 * @stream->wrong if the record breaks a rule.
 */
bool runs_expand(struct stream *stream, const struct mmscope_runs *runs);

/* The same with the entries of a record. */
bool upper_expand(struct stream *stream, const struct mmscope_upper *rec);

#endif
