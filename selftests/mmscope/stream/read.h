/* SPDX-License-Identifier: GPL-2.0-only */
/* Streams, read through "query" or from "snapshot". */
#ifndef READ_H
#define READ_H

#include <sys/types.h>

#include "stream/stream.h"

/* Parts that can be asked for by range. */
#define PARTS_RANGED	(MMSCOPE_PART_VMAS | MMSCOPE_PART_PAGETABLE)

/* All that can be asked for at once, and is told in slices. */
#define PARTS_USUAL	(MMSCOPE_PART_MM | PARTS_RANGED | MMSCOPE_PART_TABLES)
#define FLAGS_USUAL	(MMSCOPE_QUERY_RESIDENCY | MMSCOPE_QUERY_FACTS)

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

#endif
