/* SPDX-License-Identifier: GPL-2.0-only */
/* A stream in memory, record by record. */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "die.h"
#include "uapi.h"

/**
 * struct run - entries in a row, unpacked from a record of runs
 * @start: address the first entry maps
 * @frame: of the first entry, as in struct mmscope_runs
 * @raw: the first entry as the hardware holds it
 * @page: page facts
 * @nr: number of entries
 * @attrs: MMSCOPE_ATTR_*
 * @level: enum mmscope_level
 * @kind: enum mmscope_kind
 * @raw_shift: step between raw entries, as in struct mmscope_runs
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
	__s16 raw_shift;
};

/**
 * struct upper - an entry that leads to a table, unpacked
 * @start: first address that it maps
 * @frame: of the table
 * @raw: the entry as the hardware holds it
 * @attrs: MMSCOPE_ATTR_*
 * @level: enum mmscope_level
 */
struct upper {
	__u64 start;
	__u64 frame;
	__u64 raw;
	__u32 attrs;
	__u8 level;
};

/**
 * struct stream - a stream in memory
 * @data: its bytes
 * @len: number of bytes
 * @wrong: the first rule of uapi/mmscope.h that it breaks, or ""
 * @header: of the stream
 * @task: NULL if missing, like the following records
 * @mm: mm record
 * @walk: walk record
 * @end: never NULL unless @wrong is set
 * @names: by enum mmscope_names_of
 * @sum: sum of all tables
 * @sums: sums of residency
 * @vma: VMAs in order
 * @residency: of each VMA, if the query asks for it
 * @nr_vmas: number of VMAs
 * @nr_residencies: at most the number of VMAs
 * @run: runs in order
 * @nr_runs: number of runs
 * @overlaps: how many runs begin before the last one ends: only where small
 *	pages became a huge one during the walk
 * @upper: entries that lead to tables, in order
 * @nr_upper: number of these entries
 * @top: physical address of the top table, 0 without such entries
 * @tables: tables of VMAs in order
 * @nr_tables: number of VMAs with tables
 * @thread: threads in order
 * @nr_threads: number of threads
 * @kernel: the kernel half
 * @region: regions of the kernel half in order
 * @nr_regions: number of these regions
 * @krun: runs of the kernel half in order
 * @nr_kruns: number of these runs
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
	const struct mmscope_sums *sums;
	const struct mmscope_vma **vma;
	const struct mmscope_residency **residency;
	size_t nr_vmas;
	size_t nr_residencies;
	struct run *run;
	size_t nr_runs;
	size_t overlaps;
	struct upper *upper;
	size_t nr_upper;
	__u64 top;
	const struct mmscope_tables **tables;
	size_t nr_tables;
	const struct mmscope_thread **thread;
	size_t nr_threads;
	const struct mmscope_kernel *kernel;
	const struct mmscope_kernel_region **region;
	size_t nr_regions;
	const struct mmscope_kernel_run **krun;
	size_t nr_kruns;
};

/* Set @stream->wrong if it is empty. Returns false, for "return wrong(...)". */
__printf(2, 3)
bool wrong(struct stream *stream, const char *format, ...);

void stream_free(struct stream *stream);

const struct mmscope_vma *vma_at(const struct stream *stream, __u64 addr);

/* The thread of that id, or NULL. */
const struct mmscope_thread *thread_of(const struct stream *stream, pid_t tid);

/* The entry of that level that maps an address and leads to a table, or NULL. */
const struct upper *upper_at(const struct stream *stream, unsigned int level,
			     __u64 addr);
/* The first region of that area, or NULL. */
const struct mmscope_kernel_region *region_of(const struct stream *stream, __u32 area);

/* A name by number, or NULL. */
const char *name_of(const struct stream *stream, enum mmscope_names_of of,
		    __u32 value);

/* Is the flag of that name set in @flags? Dies if there is no such flag. */
bool flag_set(const struct stream *stream, enum mmscope_names_of of,
	      __u64 flags, const char *name);

#endif
