/* SPDX-License-Identifier: GPL-2.0-only */
/* A stream, read through "query" or from "snapshot". */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "uapi.h"

/* Parts that can be asked for by range. */
#define PARTS_RANGED	(MMSCOPE_PART_VMAS | MMSCOPE_PART_PAGETABLE)

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
 * @vma: the VMAs in order
 * @nr_vmas: their number
 * @run: the runs in order, copied together
 * @nr_runs: their number
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
	const struct mmscope_vma **vma;
	size_t nr_vmas;
	struct mmscope_run *run;
	size_t nr_runs;
};

int query_open(void);

/* Returns 0 or an errno. */
int query_ask(int fd, pid_t pid, __u32 parts, __u64 start, __u64 end);

/* Read to the end. Returns 0 and a stream, or the errno of read(). */
int stream_read(int fd, struct stream **stream);

/* Ask and read; dies if the stream cannot be had, is wrong or cut short. */
struct stream *stream_get(pid_t pid, __u32 parts, __u64 start, __u64 end);

/* The same without dying: 0 or an errno, END's status included. */
int stream_try(pid_t pid, __u32 parts, struct stream **stream);

void stream_free(struct stream *stream);

__u64 run_size(const struct stream *stream, const struct mmscope_run *run);
__u64 run_end(const struct stream *stream, const struct mmscope_run *run);

/* Frame of the page at @addr, which lies in @run. */
__u64 run_frame(const struct stream *stream, const struct mmscope_run *run,
		__u64 addr);

/* The run that holds an address, or NULL. */
const struct mmscope_run *run_at(const struct stream *stream, __u64 addr);

const struct mmscope_vma *vma_at(const struct stream *stream, __u64 addr);

/* A name by number, or NULL. */
const char *name_of(const struct stream *stream, enum mmscope_names_of of,
		    __u32 value);

/* Is the flag of that name set in @flags? Dies if no flag is called so. */
bool flag_set(const struct stream *stream, enum mmscope_names_of of,
	      __u64 flags, const char *name);

#endif
