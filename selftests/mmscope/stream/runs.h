/* SPDX-License-Identifier: GPL-2.0-only */
/* Where runs of page-table entries are, and where they lead. */
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

/* The raw entry @frames after the first one's. */
__u64 run_raw_grown(const struct run *run, __u64 frames);

/* Do all entries of a run name the same frame? */
bool run_frame_stays(const struct run *run);

/* The run that holds an address, or NULL. */
const struct run *run_at(const struct stream *stream, __u64 addr);

/* Could two runs that follow each other be one, if they lie in one VMA? */
bool runs_mergeable(const struct stream *stream, const struct run *run,
		    const struct run *next);

/* Is there a frame behind entries of that kind? */
bool kind_present(unsigned int kind);

/* Is the frame of such entries one of memory? */
bool kind_has_frame(unsigned int kind);

#endif
