/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_VIEW_H
#define _MMSCOPE_VIEW_H

#include <linux/mutex.h>
#include <linux/types.h>

#include "record.h"
#include "runs.h"
#include "tables.h"
#include "target.h"
#include "vma.h"

/*
 * One slice, and the first one: most answers are short. With the larger one,
 * seq_file's page and the view: under 128 KiB a file.
 */
#define MMSCOPE_SLICE_BYTES	(64 * 1024)
#define MMSCOPE_FIRST_BYTES	(8 * 1024)

/**
 * struct mmscope_view - an open file: one stream about one address space
 * @lock: one reader at a time; the text files lean on seq_file's lock instead
 * @target: whom it speaks of
 * @asked: MMSCOPE_PART_* asked for
 * @flags: MMSCOPE_QUERY_* asked with
 * @parts: of these, the ones the target can have
 * @headless: without struct mmscope_header, which a text has no line for
 * @start: of the range asked for
 * @end: of the range asked for
 * @buf: the current slice
 * @given: bytes of it the reader has
 * @stage: what the next slice is made of
 * @list: the VMAs, between two slices
 * @gather: the page-table entries, between two slices
 * @tables: the page tables, between two slices
 * @begun: something was handed out: errors go to END from now on
 * @stamp: the mm's state when it was first locked
 * @held_ns: when the lock was taken
 * @sum: what END will say
 */
struct mmscope_view {
	struct mutex lock;	/* the whole view */
	struct mmscope_target target;
	u32 asked;
	u32 flags;
	u32 parts;
	bool headless;
	unsigned long start;
	unsigned long end;
	struct mmscope_buf buf;
	size_t given;
	unsigned int stage;
	struct mmscope_vma_list list;
	struct mmscope_gather gather;
	struct mmscope_table_count tables;
	bool begun;
	u64 stamp;
	u64 held_ns;
	struct mmscope_end sum;
};

int mmscope_view_init(struct mmscope_view *view);
void mmscope_view_destroy(struct mmscope_view *view);
void mmscope_view_ask(struct mmscope_view *view,
		      const struct mmscope_target *target,
		      const struct mmscope_query *query);
void mmscope_view_rewind(struct mmscope_view *view);
int mmscope_view_fill(struct mmscope_view *view);
ssize_t mmscope_view_read(struct mmscope_view *view, char __user *to,
			  size_t count);

#endif
