/* SPDX-License-Identifier: GPL-2.0-only */
/* The source of a stream: the module, or a file. */
#ifndef MMSCOPE_SOURCE_H
#define MMSCOPE_SOURCE_H

#include <stdio.h>

#include "options.h"
#include "progress.h"
#include "stream.h"

#define MMSCOPE_DEBUGFS	"/sys/kernel/debug/mmscope"

/**
 * struct source - a stream and where it comes from
 * @stream: read it with stream_next()
 * @fd: file descriptor that it is read from
 * @pid: the process, 0 for a file
 * @file: name of the file, NULL for a live process
 * @all_processes: one of many processes is read: if it is gone, the result is
 *	EXIT_PARTIAL without a message. The caller of source_open() may set it
 * @twice: set by the caller of source_open(): source_check_file() follows
 * @query: NULL, or the caller's descriptor for queries about one process after the
 *	other: -1 before the first one, then it stays open
 * @start: offset of the stream in the file, -1 if that cannot be read twice
 * @progress: of the stream
 * @spool: temporary copy of a pipe that is read twice, or NULL
 */
struct source {
	struct stream stream;
	int fd;
	int pid;
	const char *file;
	bool all_processes;
	bool twice;
	int *query;
	int64_t start;
	struct progress progress;
	FILE *spool;
};

/**
 * struct asked - what a command needs, see struct mmscope_query
 * @parts: MMSCOPE_PART_*
 * @flags: MMSCOPE_QUERY_*
 * @start: first address
 * @end: exclusive, 0 for no bound
 * @filter: filter of entries, NULL for all; a file has others, too
 */
struct asked {
	uint32_t parts;
	uint32_t flags;
	uint64_t start;
	uint64_t end;
	const struct filter *filter;
};

uint32_t source_threads(const struct options *opt);
uint32_t source_kernel_layout(const struct options *opt);
int source_open(struct source *src, const struct options *opt,
		const struct asked *asked);
int source_check_file(struct source *src);
bool source_is_readable(const struct source *src);
int source_task(const struct mmscope_task *task);
int source_verdict(struct source *src);
void source_close(struct source *src);

#endif
