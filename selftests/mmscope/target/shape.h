/* SPDX-License-Identifier: GPL-2.0-only */
/* What a target makes of its memory, and what is known of it then. */
#ifndef SHAPE_H
#define SHAPE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "uapi.h"

#define MAX_PARTS	8

/**
 * struct part - pages that the target did the same with
 * @from: first page, counted from the shape's start
 * @nr: number of pages
 * @kind: what their entries are: enum mmscope_kind, NONE for no run
 * @level: of their entries
 * @frame: of the first page, if that is known before, else 0
 * @with: attributes that their entries have
 * @without: attributes that they do not have
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
 * struct shape - what a target made of its memory; shared with it
 * @start: address of the mapping
 * @size: of it in bytes
 * @part: what is known of it
 * @nr_parts: their number
 * @skip: why the kernel cannot do that, "" if it can
 */
struct shape {
	char *start;
	size_t size;
	struct part part[MAX_PARTS];
	unsigned int nr_parts;
	char skip[128];
};

/* What the entry of a page has that was written to. */
#define WRITTEN	(MMSCOPE_ATTR_READ | MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_USER | \
		 MMSCOPE_ATTR_DIRTY | MMSCOPE_ATTR_ACCESSED)

/* All of these are for the target itself; pages count from the shape's start. */

/* Say what is known of pages; attributes and the frame are for the caller. */
struct part *shape_part(struct shape *shape, size_t from, size_t nr,
			unsigned int kind, unsigned int level);

/* Pages of a mapping that is not to be huge. */
void shape_map(struct shape *shape, size_t pages, int prot, int flags, int fd);
/* The same of a new memfd. Return: it. */
int shape_map_memfd(struct shape *shape, size_t pages);
/* Room for @nr huge pages, beginning where one can. */
void shape_map_huge(struct shape *shape, size_t nr);
/* Folios of 64 KiB, or else shape->skip. */
void shape_map_folios(struct shape *shape, size_t folios);
/* A huge page by small entries that could be one, or else shape->skip. */
void shape_map_split(struct shape *shape);

/* Write to, or read from, pages of it. */
void shape_touch(struct shape *shape, size_t from, size_t nr);
void shape_look(struct shape *shape, size_t from, size_t nr);
/* madvise(), and die if that fails. */
void shape_advise(struct shape *shape, size_t from, size_t nr, int advice);
/* Have a child that shares all memory with the target, and does nothing. */
void shape_fork(void);

/* Does smaps say that so many pages are in huge ones? */
bool shape_is_thp(struct shape *shape, size_t pages);

#endif
