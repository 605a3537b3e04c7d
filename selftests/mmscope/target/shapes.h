/* SPDX-License-Identifier: GPL-2.0-only */
/* The shapes. The target itself makes each of them. */
#ifndef SHAPES_H
#define SHAPES_H

struct shape;

/* shapes.c: ordinary pages in memory. */
void make_anon(struct shape *shape);
void make_untouched(struct shape *shape);
void make_executable(struct shape *shape);
void make_tagged(struct shape *shape);
void make_private_file(struct shape *shape);
void make_shared_file(struct shape *shape);
void make_shmem(struct shape *shape);
void make_memfd(struct shape *shape);
void make_forked(struct shape *shape);
void make_zero(struct shape *shape);
void make_freed(struct shape *shape);
void make_dontneeded(struct shape *shape);
void make_moved(struct shape *shape);
void make_mlocked(struct shape *shape);
void make_referenced(struct shape *shape);
void make_ksm(struct shape *shape);
void make_large(struct shape *shape);
void make_edges(struct shape *shape);
void make_scattered(struct shape *shape);

/* shapes_huge.c: huge pages and folios. */
void make_thp(struct shape *shape);
void make_thp_forked(struct shape *shape);
void make_thp_split(struct shape *shape);
void make_huge_zero(struct shape *shape);
void make_hugetlb(struct shape *shape);
void make_hugetlb_ptes(struct shape *shape);
void make_hugetlb_pmds(struct shape *shape);
void make_hugetlb_1g(struct shape *shape);
void make_folios(struct shape *shape);

/* shapes_absent.c: entries that map no page, or one without access. */
void make_swapped(struct shape *shape);
void make_swapped_forked(struct shape *shape);
void make_swapped_thp(struct shape *shape);
void make_protnone(struct shape *shape);
void make_protnone_thp(struct shape *shape);
void make_protnone_zero(struct shape *shape);
void make_protnone_huge_zero(struct shape *shape);
void make_guard(struct shape *shape);
void make_uffd_wp(struct shape *shape);
void make_uffd_wp_shmem(struct shape *shape);
void make_uffd_rwp(struct shape *shape);
void make_uffd_poison(struct shape *shape);
void make_hwpoison(struct shape *shape);

/* shapes_device.c: device memory. */
void make_pfnmap(struct shape *shape);
void make_pfnmap_high(struct shape *shape);
void make_pfnmap_written(struct shape *shape);
void make_device_private(struct shape *shape);
void make_device_private_thp(struct shape *shape);
void make_device_exclusive(struct shape *shape);

/* shapes_numa.c: pages of two nodes; NUMA hint entries. */
void make_two_nodes(struct shape *shape);
void make_numa_hint(struct shape *shape);

#endif
