/* SPDX-License-Identifier: GPL-2.0-only */
/* What a target does with its memory, and what is known of the result. */
#ifndef SHAPE_H
#define SHAPE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "uapi.h"

#define MAX_PARTS	8

/**
 * struct part - pages that are in the same state
 * @from: first page, counted from the shape's start
 * @nr: number of pages
 * @kind: of their entries: enum mmscope_kind, NONE for no run
 * @level: of their entries
 * @frame: of the first page if that is known, else 0
 * @with: attributes that their entries must have
 * @without: attributes that they must not have
 */
struct part {
	size_t from;
	size_t nr;
	unsigned int kind;
	unsigned int level;
	__u64 frame;
	unsigned int with;
	unsigned int without;
};

/**
 * struct shape - memory in a known state; shared with the target
 * @start: address of the mapping
 * @size: of it in bytes
 * @part: what is known of it
 * @nr_parts: their number
 * @skip: why the kernel cannot make it, "" if it can
 */
struct shape {
	char *start;
	size_t size;
	struct part part[MAX_PARTS];
	unsigned int nr_parts;
	char skip[128];
};

/* The attributes of the entry of a page that was written to. */
#define WRITTEN	(MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_USER | \
		 MMSCOPE_ATTR_DIRTY | MMSCOPE_ATTR_ACCESSED)

/* The target itself calls these; pages count from the shape's start. */

/* Add a part; the caller sets its attributes and frame. */
struct part *shape_part(struct shape *shape, size_t from, size_t nr,
			unsigned int kind, unsigned int level);

/* The same, counted in huge pages. */
struct part *shape_part_huge(struct shape *shape, size_t from, size_t nr,
			     unsigned int kind);

/* Map pages that must not become huge. */
void shape_map(struct shape *shape, size_t pages, int prot, int flags, int fd);
/* The same of a new memfd; returns its descriptor. */
int shape_map_memfd(struct shape *shape, size_t pages);
/*
 * Map an aligned range for @nr huge pages. Returns false and sets shape->skip if
 * the kernel has none.
 */
bool shape_map_huge(struct shape *shape, size_t nr);
/* Pages of a block of contiguous PTEs; on x86, as if it had them. */
size_t shape_block(void);
/* Map folios of the size of a contiguous block, or set shape->skip. */
void shape_map_folios(struct shape *shape, size_t folios);
/* Map a huge page by PTEs that could be one PMD entry, or set shape->skip. */
void shape_map_split(struct shape *shape);

/* Write to, or read from, pages of it. */
void shape_touch(struct shape *shape, size_t from, size_t nr);
void shape_look(struct shape *shape, size_t from, size_t nr);
/* madvise(), and die if that fails. */
void shape_advise(struct shape *shape, size_t from, size_t nr, int advice);
/* Fork a child that shares all memory with the target, and does nothing. */
void shape_fork(void);

/* Does smaps report that so many small pages lie in huge ones? */
bool shape_is_thp(struct shape *shape, size_t pages);
/* The same; sets shape->skip if not. */
bool shape_need_thp(struct shape *shape, size_t pages);

#endif
