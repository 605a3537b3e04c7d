/* SPDX-License-Identifier: GPL-2.0-only */
/* What else tells of a process's memory: files and ioctls of /proc. */
#ifndef PEERS_H
#define PEERS_H

#include <stdbool.h>

#include "ask.h"

struct peer {
	const char *name;
	bool (*exists)(void);
	__u64 (*read)(const struct ask *ask);	/* returns bytes */
};

extern const struct peer pagemap;
extern const struct peer pagemap_scan;
extern const struct peer kpageflags;
extern const struct peer maps;
extern const struct peer procmap_query;
extern const struct peer smaps;
extern const struct peer numa_maps;

void peer_measure(const struct peer *peer, const struct ask *ask,
		  struct cost *cost);

/* The same, with each piece of the answer as it comes. */
typedef void (*region_fn)(void *arg, __u64 start, __u64 end);
__u64 scan_regions(const struct ask *ask, region_fn fn, void *arg);

/* What PROCMAP_QUERY tells of a VMA, in the words of maps. */
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
__u64 query_vmas(const struct ask *ask, procmap_fn fn, void *arg);

#endif
