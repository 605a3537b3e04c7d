/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_RECORD_H
#define _MMSCOPE_RECORD_H

#include <linux/types.h>

#include "uapi/mmscope.h"

/**
 * struct mmscope_buf - one slice of a stream, on its way to the reader
 * @data: @size bytes
 * @len: bytes filled
 * @size: bytes in all
 * @runs: the record at the end that still takes runs, or NULL
 */
struct mmscope_buf {
	void *data;
	size_t len;
	size_t size;
	struct mmscope_runs *runs;
};

int mmscope_buf_alloc(struct mmscope_buf *buf, size_t size);
void mmscope_buf_free(struct mmscope_buf *buf);
void mmscope_buf_reset(struct mmscope_buf *buf);

struct mmscope_header *mmscope_record_header(struct mmscope_buf *buf);
void *mmscope_record(struct mmscope_buf *buf, enum mmscope_rec type,
		     size_t fixed, size_t extra);
void mmscope_record_trim(struct mmscope_buf *buf, void *rec, size_t size);
bool mmscope_record_run(struct mmscope_buf *buf, const struct mmscope_run *run);

#endif
