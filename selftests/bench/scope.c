// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "scope.h"
#include "sizes.h"
#include "stream/read.h"

#define READ_SIZE	(64 * KIB)

static struct mmscope_query query_of(const struct ask *ask)
{
	return (struct mmscope_query){
		.parts = ask->parts,
		.flags = ask->flags,
		.pid = ask->pid,
		.start = ask->start,
		.end = ask->end,
	};
}

static int open_query(const struct ask *ask)
{
	int fd = query_open();
	int err = query_put(fd, query_of(ask));

	if (err)
		die("mmscope does not take the query: %s", strerror(err));
	return fd;
}

static size_t read_some(int fd, char *to)
{
	ssize_t ret = read(fd, to, READ_SIZE);

	if (ret < 0)
		die("mmscope breaks off: %s", strerror(errno));
	return ret;
}

static void take_end(const void *data, struct cost *cost)
{
	struct mmscope_end end;

	memcpy(&end, data, sizeof(end));
	if (end.head.type != MMSCOPE_REC_END || end.status)
		die("mmscope's answer has no end, or status %u", end.status);
	cost->vmas = end.vmas;
	cost->runs = end.runs;
	cost->entries = end.entries;
	cost->holds = end.holds;
	cost->longest = end.longest_ns;
}

/* END may come in two reads: what the last one ended with is kept before it. */
void scope_measure(const struct ask *ask, struct cost *cost)
{
	static char buffer[sizeof(struct mmscope_end) + READ_SIZE];
	char *data = buffer + sizeof(struct mmscope_end);
	__u64 before = instructions(), bytes = 0;
	int fd = open_query(ask);
	size_t len;

	while ((len = read_some(fd, data))) {
		memmove(buffer, buffer + len, sizeof(struct mmscope_end));
		bytes += len;
	}
	close(fd);
	cost->insns = instructions() - before;
	cost->bytes = bytes;
	take_end(buffer, cost);
}

struct stream *scope_stream(const struct ask *ask)
{
	return stream_of(query_of(ask));
}
