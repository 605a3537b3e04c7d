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

static struct mmscope_query query_of(const struct question *question)
{
	return (struct mmscope_query){
		.parts = question->parts,
		.flags = question->flags,
		.pid = question->pid,
		.start = question->start,
		.end = question->end,
	};
}

static int open_query(const struct question *question)
{
	int fd = query_open();
	int err = query_put(fd, query_of(question));

	if (err)
		die("mmscope: query: %s", strerror(err));
	return fd;
}

static size_t read_some(int fd, char *to)
{
	ssize_t ret = read(fd, to, READ_SIZE);

	if (ret < 0)
		die("mmscope: read: %s", strerror(errno));
	return ret;
}

static void take_end(const void *data, struct cost *cost)
{
	struct mmscope_end end;

	memcpy(&end, data, sizeof(end));
	if (end.head.type != MMSCOPE_REC_END || end.status)
		die("mmscope: the stream has no END, or status %u", end.status);
	cost->vmas = end.vmas;
	cost->runs = end.runs;
	cost->entries = end.entries;
	cost->holds = end.holds;
	cost->longest = end.longest_ns;
}

/* Two reads may share END: keep the last bytes of each in front of the next. */
void scope_measure(const struct question *question, struct cost *cost)
{
	static char buffer[sizeof(struct mmscope_end) + READ_SIZE];
	char *data = buffer + sizeof(struct mmscope_end);
	__u64 before = instructions(), bytes = 0;
	int fd = open_query(question);
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

struct stream *scope_stream(const struct question *question)
{
	return stream_of(query_of(question));
}
