/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a stream comes from: the module, or a file. */
#ifndef MMSCOPE_SOURCE_H
#define MMSCOPE_SOURCE_H

#include "command.h"
#include "stream.h"

#define MMSCOPE_DEBUGFS	"/sys/kernel/debug/mmscope"

/**
 * struct source - a stream and its origin
 * @stream: to be read with stream_next()
 * @fd: what it is read from
 * @pid: whom it is of, 0 if from a file
 * @file: name of the file, NULL if live
 * @everybody: it is one of all: no error if it is gone: EXIT_PARTIAL, no word
 * @start: where the stream begins in the file, -1 if it cannot be read twice
 */
struct source {
	struct stream stream;
	int fd;
	int pid;
	const char *file;
	bool everybody;
	int64_t start;
};

/**
 * struct asked - which parts of a stream, see struct mmscope_query
 * @parts: MMSCOPE_PART_*
 * @flags: MMSCOPE_QUERY_*
 * @start: first address
 * @end: first address behind, 0 for no bound
 * @filter: which entries, NULL for all; a file holds others, too
 */
struct asked {
	uint32_t parts;
	uint32_t flags;
	uint64_t start;
	uint64_t end;
	const struct filter *filter;
};

int source_open(struct source *src, const struct options *opt,
		const struct asked *asked);
int source_check_file(struct source *src);
int source_task(const struct mmscope_task *task);
int source_verdict(struct source *src);
void source_close(struct source *src);

#endif
