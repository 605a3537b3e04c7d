// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "scope.h"
#include "sizes.h"

#define QUERY		"/sys/kernel/debug/mmscope/query"
#define READ_SIZE	(64 * KIB)

static int query(const struct ask *ask)
{
	const struct mmscope_query query = {
		.size = sizeof(query),
		.abi = MMSCOPE_ABI,
		.parts = ask->parts,
		.flags = ask->flags,
		.pid = ask->pid,
		.start = ask->start,
		.end = ask->end,
	};
	int fd = open(QUERY, O_RDWR | O_CLOEXEC);

	if (fd < 0 || write(fd, &query, sizeof(query)) != sizeof(query))
		die("mmscope does not take the query: %s", strerror(errno));
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
	int fd = query(ask);
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

void scope_load(struct scope *scope, const struct ask *ask)
{
	struct cost cost;
	int fd = query(ask);
	size_t len, room = 0;

	*scope = (struct scope){ 0 };
	do {
		if (room - scope->len < READ_SIZE) {
			room = room ? room * 2 : 4 * READ_SIZE;
			scope->data = realloc(scope->data, room);
			if (!scope->data)
				die("no memory for mmscope's answer");
		}
		len = read_some(fd, scope->data + scope->len);
		scope->len += len;
	} while (len);
	close(fd);
	take_end(scope->data + scope->len - sizeof(struct mmscope_end), &cost);
	scope->at = ((struct mmscope_header *)scope->data)->size;
}

void scope_free(struct scope *scope)
{
	free(scope->data);
}

const void *scope_next(struct scope *scope, enum mmscope_rec type)
{
	while (scope->at < scope->len) {
		const struct mmscope_head *head = (void *)(scope->data + scope->at);

		scope->at += head->size;
		if (head->type == type)
			return head;
	}
	return NULL;
}

unsigned int scope_shift(const struct scope *scope, unsigned int level)
{
	return ((struct mmscope_header *)scope->data)->level_shift[level];
}
