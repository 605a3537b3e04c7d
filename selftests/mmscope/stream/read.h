/* SPDX-License-Identifier: GPL-2.0-only */
/* Read streams through "query" or from "snapshot". */
#ifndef READ_H
#define READ_H

#include <sys/types.h>

#include "stream/stream.h"

/* Parts that a query can limit to a range. */
#define PARTS_RANGED	(MMSCOPE_PART_VMAS | MMSCOPE_PART_PAGETABLE)

/* All parts and flags that one query can ask for. */
#define PARTS_USUAL	(MMSCOPE_PART_MM | PARTS_RANGED | MMSCOPE_PART_TABLES | \
			 MMSCOPE_PART_THREADS | MMSCOPE_PART_UPPER)
#define FLAGS_USUAL	(MMSCOPE_QUERY_RESIDENCY | MMSCOPE_QUERY_FACTS)

int query_open(void);

/* Write a query; size and version are filled in. Returns 0 or an errno. */
int query_put(int fd, struct mmscope_query query);

/* The same without flags and filters; with the usual parts and flags. */
int query_ask(int fd, pid_t pid, __u32 parts, __u64 start, __u64 end);
int query_ask_usual(int fd, pid_t pid);

/* Write @count bytes as a query, whatever they are. Returns 0 or an errno. */
int query_put_raw(int fd, const void *query, size_t count);

/* Read to the end. Returns 0 and a stream, or the errno of read(). */
int stream_read(int fd, struct stream **stream);

/* The same; the first @len bytes have been read before. */
int stream_finish(int fd, const void *begun, size_t len, struct stream **stream);

/* Query and read; dies if that fails, or the stream is wrong or cut short. */
struct stream *stream_of(struct mmscope_query query);
struct stream *stream_get(pid_t pid, __u32 parts, __u64 start, __u64 end);
struct stream *stream_usual(pid_t pid);

/* The usual one. Returns 0 or an errno: that of a call, or END's status. */
int stream_try(pid_t pid, struct stream **stream);

#endif
