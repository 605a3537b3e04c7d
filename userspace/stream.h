/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stream: read it, check it, hand it out record by record.
 *
 * What comes in is untrusted. What goes out has sizes, counts, strings, levels
 * and the order of addresses checked, so that nobody else needs to. Nothing is
 * printed here.
 */
#ifndef MMSCOPE_STREAM_H
#define MMSCOPE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"

/* A longer record is taken for damage. */
#define STREAM_RECORD_MAX	(1u << 20)

enum stream_error {
	STREAM_OK,
	STREAM_READ,		/* @sys_errno says why */
	STREAM_CUT,		/* no END record */
	STREAM_FOREIGN,		/* not a mmscope stream */
	STREAM_BYTE_ORDER,	/* from a machine of the other byte order */
	STREAM_ABI,		/* @header.abi is not ours */
	STREAM_CORRUPT,		/* at byte @bad_at: @why */
	STREAM_MEMORY,
};

/**
 * struct stream - one stream while it is read
 * @header: valid after stream_open()
 * @task: valid once a record was handed out
 * @end: valid if @ended
 * @ended: the END record came, and nothing behind it
 * @error: why reading stopped before that
 * @sys_errno: STREAM_READ: errno of read(2)
 * @bad_at: STREAM_CORRUPT: byte in the stream
 * @why: STREAM_CORRUPT: what is wrong there, half a sentence
 * @overlaps: mappings or runs that overlap the one before; only an address
 *	space that changes while it is read has them
 * @tap: if set, gets all bytes as they were read
 * @tap_arg: its first argument
 *
 * The members after these are stream.c's own.
 */
struct stream {
	struct mmscope_header header;
	struct mmscope_task task;
	struct mmscope_end end;
	bool ended;
	enum stream_error error;
	int sys_errno;
	uint64_t bad_at;
	const char *why;
	uint64_t overlaps;
	void (*tap)(void *arg, const void *bytes, size_t len);
	void *tap_arg;

	int fd;
	unsigned char *buf;
	size_t room, pos, fill;
	uint64_t offset;
	uint64_t vmas, runs, entries;
	uint64_t vma_start, vma_end, run_last, tables_start;
	uint64_t unsorted_at;
	bool has_task, has_run, has_tables;
};

unsigned int stream_user_bits(const struct mmscope_header *h);
bool stream_open(struct stream *s, int fd);
bool stream_next(struct stream *s, struct record *rec);
void stream_close(struct stream *s);

#endif
