/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_VIEW_H
#define _MMSCOPE_VIEW_H

#include <linux/mutex.h>
#include <linux/types.h>

#include "part.h"

/**
 * struct mmscope_view - an open file: one stream about one address space
 * @lock: one reader at a time; text files use the lock of seq_file instead
 * @job: the stream
 * @given: bytes of the current slice that the reader has
 * @part: of the next slice, an index into mmscope_parts
 * @started: that part was started
 * @begun: the reader has something: from now on errors go into END
 * @state: of the part at work; the first buffer of the stream follows
 */
struct mmscope_view {
	struct mutex lock;	/* the whole view */
	struct mmscope_job job;
	size_t given;
	unsigned int part;
	bool started;
	bool begun;
	u64 state[];
};

struct mmscope_view *mmscope_view_new(void);
void mmscope_view_free(struct mmscope_view *view);
void mmscope_view_ask(struct mmscope_view *view,
		      const struct mmscope_target *target,
		      const struct mmscope_query *query);
void mmscope_view_rewind(struct mmscope_view *view);
int mmscope_view_fill(struct mmscope_view *view);
ssize_t mmscope_view_read(struct mmscope_view *view, char __user *to,
			  size_t count);

#endif
