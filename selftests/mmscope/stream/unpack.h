/* SPDX-License-Identifier: GPL-2.0-only */
/* Packed records of runs, run by run. */
#ifndef UNPACK_H
#define UNPACK_H

#include <stdbool.h>

#include "stream/stream.h"

/*
 * Add the runs of a record to the stream's. Returns false, and notes it as what
 * is wrong with the stream, if the record breaks a rule.
 */
bool runs_expand(struct stream *stream, const struct mmscope_runs *runs);

#endif
