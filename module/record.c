// SPDX-License-Identifier: GPL-2.0-only
/*
 * Laying records out in a buffer: sizes, alignment, zeroed padding. Nothing
 * else in the module knows how a stream is put together.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "record.h"

#define RECORD_ALIGN	8

/**
 * mmscope_buf_alloc() - get a buffer's memory
 * @buf: the buffer
 * @size: in bytes
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmscope_buf_alloc(struct mmscope_buf *buf, size_t size)
{
	/* Whoever asked is told. */
	buf->data = kvmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	if (!buf->data)
		return -ENOMEM;
	buf->size = size;
	mmscope_buf_reset(buf);
	return 0;
}

/**
 * mmscope_buf_free() - give a buffer's memory back
 * @buf: the buffer; one never allocated, but zeroed, will do
 *
 * Context: may sleep.
 */
void mmscope_buf_free(struct mmscope_buf *buf)
{
	kvfree(buf->data);
}

/**
 * mmscope_buf_reset() - forget what is in a buffer
 * @buf: the buffer
 */
void mmscope_buf_reset(struct mmscope_buf *buf)
{
	buf->len = 0;
	buf->runs = NULL;
}

static void *buf_take(struct mmscope_buf *buf, size_t size, size_t zeroed)
{
	void *p = buf->data + buf->len;

	if (size > buf->size - buf->len)
		return NULL;
	buf->len += size;
	memset(p, 0, zeroed);
	return p;
}

/**
 * mmscope_record_header() - begin a stream
 * @buf: an empty buffer
 *
 * Return: the header, zeroed but for its own size, or NULL if it does not fit.
 */
struct mmscope_header *mmscope_record_header(struct mmscope_buf *buf)
{
	struct mmscope_header *header = buf_take(buf, sizeof(*header),
						sizeof(*header));

	if (header)
		header->size = sizeof(*header);
	return header;
}

/**
 * mmscope_record() - append a record
 * @buf: the buffer
 * @type: of the record
 * @fixed: bytes of its fixed part
 * @extra: bytes behind it that may be needed at most
 *
 * Return: the record, its head filled in and the rest of its fixed part zeroed,
 * or NULL if it does not fit. Whoever takes @extra bytes writes them, and calls
 * mmscope_record_trim().
 */
void *mmscope_record(struct mmscope_buf *buf, enum mmscope_rec type,
		     size_t fixed, size_t extra)
{
	size_t size = ALIGN(fixed + extra, RECORD_ALIGN);
	struct mmscope_head *head = buf_take(buf, size, fixed);

	if (!head)
		return NULL;
	buf->runs = NULL;
	head->type = type;
	head->size = size;
	return head;
}

/**
 * mmscope_record_trim() - cut the last record down to what was used
 * @buf: the buffer
 * @rec: the last record of it
 * @size: bytes used
 */
void mmscope_record_trim(struct mmscope_buf *buf, void *rec, size_t size)
{
	struct mmscope_head *head = rec;

	memset(rec + size, 0, ALIGN(size, RECORD_ALIGN) - size);
	head->size = ALIGN(size, RECORD_ALIGN);
	buf->len = rec - buf->data + head->size;
}

/**
 * mmscope_record_run() - append a run, to the last record if that holds runs
 * @buf: the buffer
 * @run: what to append
 *
 * Return: whether it did fit.
 */
bool mmscope_record_run(struct mmscope_buf *buf, const struct mmscope_run *run)
{
	struct mmscope_runs *runs = buf->runs;

	if (!runs) {
		if (buf->size - buf->len < sizeof(*runs) + sizeof(*run))
			return false;
		runs = mmscope_record(buf, MMSCOPE_REC_RUNS, sizeof(*runs), 0);
		runs->run_size = sizeof(*run);
		buf->runs = runs;
	}
	if (buf->size - buf->len < sizeof(*run))
		return false;

	memcpy(buf->data + buf->len, run, sizeof(*run));
	buf->len += sizeof(*run);
	runs->head.size += sizeof(*run);
	runs->nr++;
	return true;
}
