/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs of page-table entries, unpacked from RUNS records. */
#ifndef MMSCOPE_RUN_H
#define MMSCOPE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

/**
 * struct run - consecutive entries with consecutive frames
 * @start: address that the first entry maps
 * @frame: of the first entry, see struct mmscope_runs
 * @raw: the first entry as the hardware holds it, if @has_raw
 * @page: page facts, 0 if not recorded
 * @nr: number of entries
 * @attrs: MMSCOPE_ATTR_*
 * @level: enum mmscope_level that the stream uses
 * @kind: enum mmscope_kind, or a newer one
 * @raw_shift: how raw entries grow with their frames, see struct mmscope_runs
 * @has_raw: @raw is valid, with all its bits
 */
struct run {
	uint64_t start;
	uint64_t frame;
	uint64_t raw;
	uint64_t page;
	uint64_t nr;
	uint32_t attrs;
	uint8_t level;
	uint8_t kind;
	int8_t raw_shift;
	bool has_raw;
};

/**
 * struct unpack - position in a RUNS record
 * @h: header of its stream
 * @rec: the record, as stream_next() returned it
 * @at: number of the next word
 */
struct unpack {
	const struct mmscope_header *h;
	const struct record *rec;
	uint32_t at;
};

bool unpack_next(struct unpack *u, struct run *run);

uint64_t run_last(const struct mmscope_header *h, const struct run *run);
uint64_t run_frames(const struct mmscope_header *h, const struct run *run);
struct run run_part(const struct mmscope_header *h, const struct run *run,
		    uint64_t index, uint64_t nr);
struct run run_clip(const struct mmscope_header *h, const struct run *run,
		    uint64_t start, uint64_t end);

#endif
