/* SPDX-License-Identifier: GPL-2.0-only */
/* A stream, read through "query" or from "snapshot". */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "die.h"
#include "runs.h"
#include "uapi.h"

/* Parts that can be asked for by range. */
#define PARTS_RANGED	(MMSCOPE_PART_VMAS | MMSCOPE_PART_PAGETABLE)

/* All that can be asked for at once, and is told in slices. */
#define PARTS_USUAL	(MMSCOPE_PART_MM | PARTS_RANGED | MMSCOPE_PART_TABLES)
#define FLAGS_USUAL	(MMSCOPE_QUERY_RESIDENCY | MMSCOPE_QUERY_FACTS)

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

int query_open(void);

/* Size and version are filled in. Returns 0 or an errno. */
int query_put(int fd, struct mmscope_query query);

/* The same without flags and filters, or with usual parts and flags. */
int query_ask(int fd, pid_t pid, __u32 parts, __u64 start, __u64 end);
int query_ask_usual(int fd, pid_t pid);

/* Read to the end. Returns 0 and a stream, or the errno of read(). */
int stream_read(int fd, struct stream **stream);

/* Ask and read; dies if the stream cannot be had, is wrong or cut short. */
struct stream *stream_of(struct mmscope_query query);
struct stream *stream_get(pid_t pid, __u32 parts, __u64 start, __u64 end);
struct stream *stream_usual(pid_t pid);

/* The usual one without dying: 0 or an errno, END's status included. */
int stream_try(pid_t pid, struct stream **stream);

void stream_free(struct stream *stream);

const struct mmscope_vma *vma_at(const struct stream *stream, __u64 addr);

/* A name by number, or NULL. */
const char *name_of(const struct stream *stream, enum mmscope_names_of of,
		    __u32 value);

/* Is the flag of that name set in @flags? Dies if no flag is called so. */
bool flag_set(const struct stream *stream, enum mmscope_names_of of,
	      __u64 flags, const char *name);

#endif
