/* SPDX-License-Identifier: GPL-2.0-only */
/* The geometry of runs: addresses, frames and raw entries. */
#ifndef RUNS_H
#define RUNS_H

#include <linux/types.h>
#include <stdbool.h>

#include "stream/stream.h"

__u64 run_size(const struct stream *stream, const struct run *run);
__u64 run_end(const struct stream *stream, const struct run *run);

/* Frame and raw entry of the page at @addr, which lies in @run. */
__u64 run_frame(const struct stream *stream, const struct run *run, __u64 addr);
__u64 run_raw(const struct stream *stream, const struct run *run, __u64 addr);

/* The raw entry of the frame @frames after the first one. */
__u64 run_raw_grown(const struct run *run, __u64 frames);

/* Do all entries of a run have the same frame? */
bool run_frame_stays(const struct run *run);

/* The run that holds an address, or NULL. */
const struct run *run_at(const struct stream *stream, __u64 addr);

/* Could two runs in a row be one, if they lie in one VMA? */
bool runs_mergeable(const struct stream *stream, const struct run *run,
		    const struct run *next);

/* Do entries of that kind map a frame? */
bool kind_present(unsigned int kind);

/* Do entries of that kind name a frame of memory? */
bool kind_has_frame(unsigned int kind);

#endif
