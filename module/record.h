/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_RECORD_H
#define _MMSCOPE_RECORD_H

#include <linux/types.h>

#include "uapi/mmscope.h"

/**
 * struct mmscope_buf - one slice of a stream
 * @data: @size bytes
 * @len: bytes filled
 * @size: bytes in all
 * @first: memory of the owner, used as @data until more is needed; may be NULL
 * @first_size: bytes of @first
 * @runs: the last record, if it can take more runs, or NULL
 * @tight: something did not fit
 */
struct mmscope_buf {
	void *data;
	size_t len;
	size_t size;
	void *first;
	size_t first_size;
	struct mmscope_runs *runs;
	bool tight;
};

/**
 * struct mmscope_run - consecutive entries with consecutive frames
 * @start: address the first entry maps
 * @frame: of the first entry, as in struct mmscope_runs
 * @raw: the first entry, see mmscope_entry_raw()
 * @page: page facts
 * @nr: number of entries
 * @attrs: MMSCOPE_ATTR_*
 * @level: enum mmscope_level
 * @kind: enum mmscope_kind
 * @raw_shift: as in struct mmscope_runs
 */
struct mmscope_run {
	u64 start;
	u64 frame;
	u64 raw;
	u64 page;
	u64 nr;
	u32 attrs;
	u8 level;
	u8 kind;
	s8 raw_shift;
};

/**
 * mmscope_record_room() - find room for one more record
 * @buf: the buffer
 * @size: bytes it may take at most
 *
 * Return: where the record goes, or NULL if it does not fit. It is complete with
 * mmscope_record_done().
 */
static inline void *mmscope_record_room(struct mmscope_buf *buf, size_t size)
{
	if (likely(size <= buf->size - buf->len))
		return buf->data + buf->len;
	buf->tight = true;
	return NULL;
}

/**
 * mmscope_record_done() - add the record written at mmscope_record_room()
 * @buf: the buffer
 * @size: of the record, a multiple of 8
 */
static inline void mmscope_record_done(struct mmscope_buf *buf, size_t size)
{
	buf->len += size;
	buf->runs = NULL;
}

/* What follows the fixed part of a record, as this module writes it. */
#define mmscope_record_tail(rec)	((void *)((rec) + 1))

/**
 * mmscope_raw_delta() - difference of raw values by that of their frames
 * @frames: one frame minus the other, wrapped if that is negative
 * @raw_shift: as in struct mmscope_runs
 *
 * Return: one raw value minus the other, wrapped as well.
 */
static inline u64 mmscope_raw_delta(u64 frames, int raw_shift)
{
	return raw_shift < 0 ? -frames << -raw_shift : frames << raw_shift;
}

void mmscope_buf_init(struct mmscope_buf *buf, void *first, size_t size);
int mmscope_buf_grow(struct mmscope_buf *buf, size_t size);
void mmscope_buf_shrink(struct mmscope_buf *buf);
void mmscope_buf_free(struct mmscope_buf *buf);
void mmscope_buf_cut(struct mmscope_buf *buf, size_t len);

struct mmscope_header *mmscope_record_header(struct mmscope_buf *buf);
void *mmscope_record(struct mmscope_buf *buf, enum mmscope_rec type,
		     size_t fixed, size_t extra);
void mmscope_record_trim(struct mmscope_buf *buf, void *rec, size_t size);
void *mmscope_record_extend(struct mmscope_buf *buf, void *rec, size_t size);
bool mmscope_record_run(struct mmscope_buf *buf, const struct mmscope_run *run);
void mmscope_record_words(struct mmscope_buf *buf, const u64 *end);
void mmscope_run_get(const struct mmscope_runs *rec, unsigned int word,
		     struct mmscope_run *run);
unsigned int mmscope_run_next(const struct mmscope_runs *rec,
			      unsigned int word);
u64 mmscope_run_end(const struct mmscope_run *run);

#endif
