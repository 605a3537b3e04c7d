/* SPDX-License-Identifier: GPL-2.0-only */
/* The pages of one process, from its stream to the frames of several. */
#ifndef MMSCOPE_SHARE_LOAD_H
#define MMSCOPE_SHARE_LOAD_H

#include "run.h"
#include "segment.h"
#include "share.h"
#include "space.h"

/* A row for each enum segment, and one for pages whose mapping is gone. */
#define SHARE_ROWS	(SEGMENTS + 1)

/**
 * struct share_pages - what a process maps
 * @sp: its mappings; without sums of their pages
 * @run: runs that map something
 * @nr: number of runs
 * @room: allocated
 */
struct share_pages {
	struct space sp;
	struct run *run;
	size_t nr;
	size_t room;
};

/**
 * struct share_apart - pages that are no shared memory
 * @zero: they map the page of zeroes
 * @special: without struct page, such as memory of devices
 */
struct share_apart {
	uint64_t zero;
	uint64_t special;
};

void share_pages_read(struct share_pages *pages, struct stream *s);
void share_pages_add(const struct share_pages *pages, struct share *s,
		     uint32_t process, struct share_apart *apart);
void share_pages_free(struct share_pages *pages);

#endif
