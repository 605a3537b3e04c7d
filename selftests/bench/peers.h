/* SPDX-License-Identifier: GPL-2.0-only */
/* Interfaces of /proc that answer the same questions as mmscope. */
#ifndef PEERS_H
#define PEERS_H

#include <stdbool.h>

#include "question.h"

struct peer {
	const char *name;
	bool (*exists)(void);
	__u64 (*read)(const struct question *question);	/* returns bytes */
};

extern const struct peer pagemap;
extern const struct peer pagemap_scan;
extern const struct peer kpageflags;
extern const struct peer maps;
extern const struct peer procmap_query;
extern const struct peer smaps;
extern const struct peer numa_maps;
extern const struct peer task_stat;

void peer_measure(const struct peer *peer, const struct question *question,
		  struct cost *cost);

/* Read and call @fn for each region, unless it is NULL. Return bytes read. */
typedef void (*region_fn)(void *arg, __u64 start, __u64 end);
__u64 scan_regions(const struct question *question, region_fn fn, void *arg);

/* A VMA as PROCMAP_QUERY reports it, in the notation of maps. */
struct procmap_vma {
	__u64 start;
	__u64 end;
	__u64 offset;
	__u64 ino;
	__u32 major;
	__u32 minor;
	const char *perms;
	const char *name;
};

typedef void (*procmap_fn)(void *arg, const struct procmap_vma *vma);
__u64 query_vmas(const struct question *question, procmap_fn fn, void *arg);

#endif
