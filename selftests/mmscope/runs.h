/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs of page-table entries, one by one. */
#ifndef RUNS_H
#define RUNS_H

#include <linux/types.h>
#include <stdbool.h>

#include "uapi.h"

struct stream;

/**
 * struct run - entries in a row; of a packed record, all that is said of one run
 * @start: address the first entry maps
 * @frame: of the first entry, as in struct mmscope_runs
 * @raw: the first entry as the hardware holds it
 * @page: page facts
 * @nr: number of entries
 * @attrs: MMSCOPE_ATTR_*
 * @level: enum mmscope_level
 * @kind: enum mmscope_kind
 * @raw_shift: how raw entries grow, as in struct mmscope_runs
 */
struct run {
	__u64 start;
	__u64 frame;
	__u64 raw;
	__u64 page;
	__u64 nr;
	__u16 attrs;
	__u8 level;
	__u8 kind;
	__s32 raw_shift;
};

/*
 * Add the runs of a record to the stream's. Returns false, and notes it as what
 * is wrong with the stream, if the record breaks a rule.
 */
bool runs_expand(struct stream *stream, const struct mmscope_runs *runs);

__u64 run_size(const struct stream *stream, const struct run *run);
__u64 run_end(const struct stream *stream, const struct run *run);

/* Frame and raw entry of the page at @addr, which lies in @run. */
__u64 run_frame(const struct stream *stream, const struct run *run, __u64 addr);
__u64 run_raw(const struct stream *stream, const struct run *run, __u64 addr);

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
