// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "progress.h"
#include "stream.h"

#define BUFFER_SIZE	(256u << 10)

static bool fail(struct stream *s, enum stream_error error)
{
	if (!s->error)
		s->error = error;
	return false;
}

static bool corrupt(struct stream *s, uint64_t at, const char *why)
{
	if (s->error)
		return false;
	s->bad_at = at;
	s->why = why;
	return fail(s, STREAM_CORRUPT);
}

/* Room for len bytes from pos on; pos stays a multiple of 8. */
static bool make_room(struct stream *s, size_t len)
{
	unsigned char *new;

	if (s->pos) {
		memmove(s->buf, s->buf + s->pos, s->fill - s->pos);
		s->fill -= s->pos;
		s->pos = 0;
	}
	if (len <= s->room)
		return true;
	new = realloc(s->buf, len);
	if (!new)
		return fail(s, STREAM_MEMORY);
	s->buf = new;
	s->room = len;
	return true;
}

/* The line is removed at the end, or after an error. */
static void show_progress(struct stream *s, ssize_t n)
{
	if (n > 0)
		progress_bytes(s->progress, s->offset + s->fill - s->pos + (size_t)n);
	else
		progress_end(s->progress);
}

/* Return: number of bytes read, 0 at the end of the file, -1 after an error. */
static ssize_t read_more(struct stream *s)
{
	ssize_t n;

	do {
		n = read(s->fd, s->buf + s->fill, s->room - s->fill);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		s->sys_errno = errno;
	if (s->progress)
		show_progress(s, n);
	if (n < 0) {
		fail(s, STREAM_READ);
		return -1;
	}
	if (s->tap && n)
		s->tap(s->tap_arg, s->buf + s->fill, (size_t)n);
	s->fill += (size_t)n;
	return n;
}

/* Read until there are len bytes; if false, error is STREAM_CUT or worse. */
static bool need(struct stream *s, size_t len)
{
	while (s->fill - s->pos < len) {
		ssize_t n;

		if (s->room - s->pos < len && !make_room(s, len))
			return false;
		n = read_more(s);
		if (n < 0)
			return false;
		if (n == 0)
			return fail(s, STREAM_CUT);
	}
	return true;
}

static void advance(struct stream *s, size_t len)
{
	s->pos += len;
	s->offset += len;
	if (s->pos == s->fill) {
		s->pos = 0;
		s->fill = 0;
	}
}

/* The size is checked before the rest of a header that may be longer. */
static bool check_version(struct stream *s)
{
	const struct mmscope_header *h = &s->header;

	if (h->byte_order == __builtin_bswap32(MMSCOPE_BYTE_ORDER))
		return fail(s, STREAM_BYTE_ORDER);
	if (h->byte_order != MMSCOPE_BYTE_ORDER)
		return corrupt(s, offsetof(struct mmscope_header, byte_order),
			       "byte order");
	if (h->abi != MMSCOPE_ABI)
		return fail(s, STREAM_ABI);
	if (h->size < MMSCOPE_HEADER_SIZE_MIN || h->size % 8 ||
	    h->size > STREAM_RECORD_MAX)
		return corrupt(s, offsetof(struct mmscope_header, size),
			       "size of the header");
	return true;
}

static bool read_header(struct stream *s)
{
	struct mmscope_header *h = &s->header;
	const char *why;
	size_t at;

	if (!need(s, MMSCOPE_HEADER_SIZE_MIN))
		return false;
	record_copy(h, sizeof(*h), s->buf, MMSCOPE_HEADER_SIZE_MIN);
	if (!check_version(s) || !need(s, h->size))
		return false;
	record_copy(h, sizeof(*h), s->buf, h->size);
	why = header_check(h, &at);
	if (why)
		return corrupt(s, at, why);
	advance(s, h->size);
	return true;
}

/**
 * stream_open - start to read a stream, and read its header
 * @s: the stream; @tap and @tap_arg may be set, all else is initialised
 * @fd: file to read from; the caller closes it
 *
 * Return: false if @s->error is set. Call stream_close() in any case.
 */
bool stream_open(struct stream *s, int fd)
{
	static const char magic[] = MMSCOPE_MAGIC;

	*s = (struct stream){
		.fd = fd, .tap = s->tap, .tap_arg = s->tap_arg,
		.progress = s->progress,
	};
	if (!make_room(s, BUFFER_SIZE))
		return false;
	if (!need(s, sizeof(magic))) {
		if (s->error == STREAM_CUT && !s->fill)
			s->error = STREAM_EMPTY;
		else if (s->error == STREAM_CUT &&
			 memcmp(s->buf, magic, s->fill))
			s->error = STREAM_FOREIGN;
		return false;
	}
	if (memcmp(s->buf, magic, sizeof(magic)))
		return fail(s, STREAM_FOREIGN);
	return read_header(s);
}

/* One whole record at pos; copied and checked if its type is known. */
static bool fetch(struct stream *s, struct record *rec)
{
	struct mmscope_head *head = &rec->head;
	const char *why;

	if (!need(s, sizeof(*head)))
		return false;
	memcpy(head, s->buf + s->pos, sizeof(*head));
	if (head->size < sizeof(*head) || head->size % 8 ||
	    head->size > STREAM_RECORD_MAX)
		return corrupt(s, s->offset, "size of a record");
	if (!need(s, head->size))
		return false;
	rec->offset = s->offset;
	if (!record_is_known(head->type))
		return true;
	why = record_read(rec, s->buf + s->pos);
	if (!why)
		why = order_check(&s->order, &s->header, rec);
	return why ? corrupt(s, s->offset, why) : true;
}

static void finish(struct stream *s, const struct record *rec)
{
	s->end = rec->end;
	if (need(s, 1))
		corrupt(s, s->offset, "bytes after the END record");
	if (s->error != STREAM_CUT)
		return;
	s->error = STREAM_OK;
	s->ended = true;
}

/**
 * stream_next - the next record of a type known here
 * @s: the stream
 * @rec: the record
 *
 * The END record is not returned: it is in @s->end.
 *
 * Return: false if there is none: at the end, with @s->ended set, or after an
 * error, with @s->error set
 */
bool stream_next(struct stream *s, struct record *rec)
{
	while (!s->ended && !s->error && fetch(s, rec)) {
		advance(s, rec->head.size);
		if (!record_is_known(rec->head.type))
			continue;
		if (rec->head.type == MMSCOPE_REC_END) {
			finish(s, rec);
			return false;
		}
		if (rec->head.type == MMSCOPE_REC_TASK) {
			s->task = rec->task;
			s->has_task = true;
		}
		return true;
	}
	return false;
}

/**
 * stream_changed - whether the address space changed during the read
 * @s: the stream, after its end
 *
 * Return: true if it did
 */
bool stream_changed(const struct stream *s)
{
	return s->end.flags & MMSCOPE_END_CHANGED || s->order.overlaps;
}

/**
 * stream_is_cut - whether the stream ended early, but had a TASK record
 * @s: the stream, after stream_next() returned false
 *
 * Return: true if what was read can be shown, and something is missing
 */
bool stream_is_cut(const struct stream *s)
{
	return s->error == STREAM_CUT && s->has_task;
}

/**
 * stream_add_end - add up the ends of the streams of several processes
 * @all: a stream for all: its @end is the sum
 * @s: the stream of one, after its end
 * @self: of this process, which changes its own mappings during the read
 *
 * Return: true if the address space changed otherwise
 */
bool stream_add_end(struct stream *all, const struct stream *s, bool self)
{
	const bool changed = !self && stream_changed(s);

	all->end.holds += s->end.holds;
	if (s->end.longest_ns > all->end.longest_ns)
		all->end.longest_ns = s->end.longest_ns;
	if (changed)
		all->end.flags |= MMSCOPE_END_CHANGED;
	return changed;
}

/**
 * stream_close - free the buffer; the members that are documented stay valid
 * @s: the stream
 */
void stream_close(struct stream *s)
{
	free(s->buf);
	s->buf = NULL;
}
