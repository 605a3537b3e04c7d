/* SPDX-License-Identifier: GPL-2.0-only */
/* What a target makes of its memory, and what is known of it then. */
#ifndef SHAPES_H
#define SHAPES_H

#include <linux/types.h>
#include <stddef.h>

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

/* Pages of a mapping that is not to be huge. */
void shape_map(struct shape *shape, size_t pages, int prot, int flags, int fd);
/* Folios of sixteen pages, or one of 512, by small entries; or shape->skip. */
void shape_map_folios(struct shape *shape, size_t folios);
void shape_map_split(struct shape *shape);
/* Write to, or read from, pages of it. */
void shape_touch(struct shape *shape, size_t from, size_t nr);
void shape_look(struct shape *shape, size_t from, size_t nr);

/* The shapes: each is made by the target itself. */
void make_anon(struct shape *shape);
void make_untouched(struct shape *shape);
void make_executable(struct shape *shape);
void make_tagged(struct shape *shape);
void make_private_file(struct shape *shape);
void make_shared_file(struct shape *shape);
void make_shmem(struct shape *shape);
void make_memfd(struct shape *shape);
void make_forked(struct shape *shape);
void make_thp(struct shape *shape);
void make_thp_forked(struct shape *shape);
void make_thp_split(struct shape *shape);
void make_huge_zero(struct shape *shape);
void make_hugetlb(struct shape *shape);
void make_hugetlb_ptes(struct shape *shape);
void make_hugetlb_pmds(struct shape *shape);
void make_folios(struct shape *shape);
void make_swapped(struct shape *shape);
void make_protnone(struct shape *shape);
void make_protnone_thp(struct shape *shape);
void make_zero(struct shape *shape);
void make_freed(struct shape *shape);
void make_dontneeded(struct shape *shape);
void make_guard(struct shape *shape);
void make_moved(struct shape *shape);
void make_uffd_wp(struct shape *shape);
void make_uffd_wp_shmem(struct shape *shape);
void make_pfnmap(struct shape *shape);
void make_pfnmap_high(struct shape *shape);
void make_mlocked(struct shape *shape);
void make_referenced(struct shape *shape);
void make_ksm(struct shape *shape);
void make_hwpoison(struct shape *shape);
void make_uffd_poison(struct shape *shape);
void make_device_private(struct shape *shape);
void make_device_private_thp(struct shape *shape);
void make_device_exclusive(struct shape *shape);
void make_numa_hint(struct shape *shape);
void make_swapped_thp(struct shape *shape);
void make_hugetlb_1g(struct shape *shape);
void make_large(struct shape *shape);
void make_edges(struct shape *shape);
void make_scattered(struct shape *shape);

#endif
