/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a stream and returns it record by record.
 *
 * The bytes are untrusted. Of what is returned, sizes, counts, strings, levels,
 * addresses, order and sums are checked, so that no other file has to. Nothing
 * is printed here.
 */
#ifndef MMSCOPE_STREAM_H
#define MMSCOPE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "header.h"
#include "order.h"
#include "record.h"

/* A longer record is damaged. */
#define STREAM_RECORD_MAX	(1u << 20)

enum stream_error {
	STREAM_OK,
	STREAM_READ,		/* read(2) failed with @sys_errno */
	STREAM_CUT,		/* no END record */
	STREAM_EMPTY,		/* no bytes */
	STREAM_FOREIGN,		/* not an mmscope stream */
	STREAM_BYTE_ORDER,	/* from a machine of the other byte order */
	STREAM_ABI,		/* @header.abi is not ours */
	STREAM_CORRUPT,		/* at byte @bad_at: @why */
	STREAM_MEMORY,
};

struct progress;

/**
 * struct stream - a stream that is being read
 * @header: valid after stream_open()
 * @task: valid once stream_next() has returned a record
 * @has_task: it is
 * @end: valid if @ended
 * @ended: the END record was read, and nothing follows it
 * @error: why the read stopped before that
 * @sys_errno: STREAM_READ: errno of read(2)
 * @bad_at: STREAM_CORRUPT: offset in the stream
 * @why: STREAM_CORRUPT: what is wrong there, a part of a sentence
 * @order: checks of the records together
 * @tap: if set, gets all bytes as they were read
 * @tap_arg: its first argument
 * @progress: if set, shows how much was read
 *
 * The other members are those of stream.c.
 */
struct stream {
	struct mmscope_header header;
	struct mmscope_task task;
	bool has_task;
	struct mmscope_end end;
	bool ended;
	enum stream_error error;
	int sys_errno;
	uint64_t bad_at;
	const char *why;
	struct order order;
	void (*tap)(void *arg, const void *bytes, size_t len);
	void *tap_arg;
	struct progress *progress;

	int fd;
	unsigned char *buf;
	size_t room, pos, fill;
	uint64_t offset;
};

bool stream_open(struct stream *s, int fd);
bool stream_next(struct stream *s, struct record *rec);
bool stream_changed(const struct stream *s);
bool stream_is_cut(const struct stream *s);
bool stream_add_end(struct stream *all, const struct stream *s, bool self);
void stream_close(struct stream *s);

#endif
