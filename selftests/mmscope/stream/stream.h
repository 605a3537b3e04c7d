/* SPDX-License-Identifier: GPL-2.0-only */
/* A stream in memory, record by record. */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "die.h"
#include "uapi.h"

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
	__u32 attrs;
	__u8 level;
	__u8 kind;
	__s32 raw_shift;
};

/**
 * struct stream - a stream in memory
 * @data: its bytes
 * @len: their number
 * @wrong: the first rule of uapi/mmscope.h it breaks, or an empty string
 * @header: of the stream
 * @task: NULL if not there, like those below
 * @mm: NULL if not asked for
 * @walk: NULL if not asked for
 * @end: never NULL in a stream that is not @wrong
 * @names: by enum mmscope_names_of
 * @sum: NULL if not asked for
 * @vma: the VMAs in order
 * @residency: of each VMA, if asked for
 * @nr_vmas: their number
 * @nr_residencies: their number, not more than of VMAs
 * @run: the runs in order
 * @nr_runs: their number
 * @overlaps: how many of them begin before the one before ends: only where pages
 *	became huge meanwhile
 * @tables: the tables of VMAs in order
 * @nr_tables: number of these VMAs
 */
struct stream {
	unsigned char *data;
	size_t len;
	char wrong[160];
	const struct mmscope_header *header;
	const struct mmscope_task *task;
	const struct mmscope_mm *mm;
	const struct mmscope_walk *walk;
	const struct mmscope_end *end;
	const struct mmscope_names *names[MMSCOPE_NAMES_POLICIES + 1];
	const struct mmscope_tables_sum *sum;
	const struct mmscope_vma **vma;
	const struct mmscope_residency **residency;
	size_t nr_vmas;
	size_t nr_residencies;
	struct run *run;
	size_t nr_runs;
	size_t overlaps;
	const struct mmscope_tables **tables;
	size_t nr_tables;
};

/* Note the first thing that is wrong. Returns false, for return. */
__printf(2, 3)
bool wrong(struct stream *stream, const char *format, ...);

void stream_free(struct stream *stream);

const struct mmscope_vma *vma_at(const struct stream *stream, __u64 addr);

/* A name by number, or NULL. */
const char *name_of(const struct stream *stream, enum mmscope_names_of of,
		    __u32 value);

/* Is the flag of that name set in @flags? Dies if no flag is called so. */
bool flag_set(const struct stream *stream, enum mmscope_names_of of,
	      __u64 flags, const char *name);

#endif
