// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "stream/module.h"
#include "stream/read.h"
#include "stream/rules.h"

int query_open(void)
{
	int fd = open(MMSCOPE_DIR "/query", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("cannot open query: %s", strerror(errno));
	return fd;
}

int query_put_raw(int fd, const void *query, size_t count)
{
	ssize_t ret = write(fd, query, count);

	if (ret >= 0 && ret != count)
		die("write of a query: %zd of %zu bytes", ret, count);
	return ret < 0 ? errno : 0;
}

int query_put(int fd, struct mmscope_query query)
{
	query.size = sizeof(query);
	query.abi = MMSCOPE_ABI;
	return query_put_raw(fd, &query, sizeof(query));
}

int query_ask(int fd, pid_t pid, __u32 parts, __u64 start, __u64 end)
{
	return query_put(fd, (struct mmscope_query){ .pid = pid, .parts = parts,
						     .start = start, .end = end });
}

static struct mmscope_query usual(pid_t pid)
{
	return (struct mmscope_query){ .pid = pid, .parts = PARTS_USUAL,
				       .flags = FLAGS_USUAL };
}

int query_ask_usual(int fd, pid_t pid)
{
	return query_put(fd, usual(pid));
}

static int read_all(int fd, struct stream *s)
{
	size_t room = s->len;
	ssize_t ret;

	do {
		if (room - s->len < 65536) {
			room = room * 2 + 131072;
			s->data = realloc(s->data, room);
			if (!s->data)
				die("out of memory at %zu bytes", s->len);
		}
		ret = read(fd, s->data + s->len, room - s->len);
		if (ret > 0)
			s->len += ret;
	} while (ret > 0 || (ret < 0 && errno == EINTR));
	return ret ? errno : 0;
}

int stream_finish(int fd, const void *begun, size_t len, struct stream **stream)
{
	struct stream *s = calloc(1, sizeof(*s));
	int err;

	s->data = malloc(len + 1);
	memcpy(s->data, begun, len);
	s->len = len;
	err = read_all(fd, s);
	if (err) {
		stream_free(s);
		return err;
	}
	rules_check(s);
	*stream = s;
	return 0;
}

int stream_read(int fd, struct stream **stream)
{
	return stream_finish(fd, "", 0, stream);
}

int stream_try(pid_t pid, struct stream **stream)
{
	int fd = query_open();
	int err = query_ask_usual(fd, pid);

	*stream = NULL;
	if (!err)
		err = stream_read(fd, stream);
	close(fd);
	if (err)
		return err;
	if (*(*stream)->wrong)
		die("wrong stream of %d: %s", pid, (*stream)->wrong);
	return (*stream)->end->status;
}

struct stream *stream_of(struct mmscope_query query)
{
	int fd = query_open();
	struct stream *s;
	int err;

	err = query_put(fd, query);
	if (err)
		die("query of %d: %s", query.pid, strerror(err));
	err = stream_read(fd, &s);
	if (err)
		die("stream of %d: %s", query.pid, strerror(err));
	if (*s->wrong)
		die("wrong stream of %d: %s", query.pid, s->wrong);
	if (s->end->status)
		die("stream of %d was cut short: %s", query.pid,
		    strerror(s->end->status));
	if (s->overlaps)
		die("stream of %d: %zu runs overlap", query.pid, s->overlaps);
	if (s->header->parts != query.parts || s->header->flags != query.flags)
		die("query of parts %x, flags %x: stream has %x, %x", query.parts,
		    query.flags, s->header->parts, s->header->flags);
	close(fd);
	return s;
}

struct stream *stream_get(pid_t pid, __u32 parts, __u64 start, __u64 end)
{
	return stream_of((struct mmscope_query){ .pid = pid, .parts = parts,
						 .start = start, .end = end });
}

struct stream *stream_usual(pid_t pid)
{
	return stream_of(usual(pid));
}
