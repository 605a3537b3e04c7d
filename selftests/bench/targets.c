// SPDX-License-Identifier: GPL-2.0-only
#include "peers.h"
#include "scope.h"
#include "shapes.h"
#include "shapes_shared.h"
#include "sizes.h"
#include "targets.h"

#define PAGES		.parts = MMSCOPE_PART_PAGETABLE
#define VMAS		.parts = MMSCOPE_PART_VMAS
#define RESIDENCY	VMAS, .flags = MMSCOPE_QUERY_RESIDENCY
#define PAGEMAP		.peer = { &pagemap, &pagemap_scan }
#define MAPS		.peer = { &maps, &procmap_query }
#define SMAPS		.peer = { &smaps, &numa_maps }
#define KPAGE		.peer = { &kpageflags }
#define THREADS		.parts = MMSCOPE_PART_THREADS
#define MEMORY		(256 * MIB / (4 * KIB))

#define FACTS		PAGES, .flags = MMSCOPE_QUERY_FACTS
#define ALL		.parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS | \
				 MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_TABLES, \
			.flags = MMSCOPE_QUERY_RESIDENCY | MMSCOPE_QUERY_FACTS

/*
 * Targets whose frames shall lie together come first, and so do small sizes:
 * the longer the kernel runs, the more its free memory is fragmented.
 */
const struct bench_target growing_targets[] = {
	{ make_thp, MEMORY, 16, NULL, {
		{ "thp", PAGES, PAGEMAP },
		{ "all-thp", ALL },
		{ "dense", PAGES, PAGEMAP,
		  .change = split_huge },
		{ "residency-dense", RESIDENCY, SMAPS,
		  .change = split_huge },
		{ "all-dense", ALL, .change = split_huge },
	} },
	{ make_thp_apart, MEMORY, 16, NULL, {
		{ "thp-apart", PAGES, PAGEMAP },
	} },
	{ make_scattered, MEMORY, 16, NULL, {
		{ "scattered", PAGES, PAGEMAP },
		{ "all-scattered", ALL },
	} },
	{ make_sparse, 1 * GIB / (4 * KIB), 16, NULL, {
		{ "sparse", PAGES, PAGEMAP },
		{ "all-sparse", ALL },
	} },
	{ make_sixteenth, MEMORY, 16, NULL, {
		{ "sixteenth", PAGES, PAGEMAP },
		{ "all-sixteenth", ALL },
	} },
	{ make_third, MEMORY, 16, NULL, {
		{ "third", PAGES, PAGEMAP },
		{ "all-third", ALL },
	} },
	{ make_vmas, 10000, 16, NULL, {
		{ "vmas", VMAS, MAPS },
		{ "residency-vmas", RESIDENCY, SMAPS },
		{ "all-vmas", ALL },
	} },
	{ make_vmas, 65000, 1, NULL, {
		{ "vmas-65000", VMAS, MAPS },
		{ "residency-65000", RESIDENCY, SMAPS },
		{ "all-65000", ALL },
	} },
	{ make_paths, 1000, 1, NULL, {
		{ "paths", VMAS, MAPS },
		{ "all-paths", ALL },
	} },
	{ make_entries, 1000 / 16 + 1, 16, NULL, {
		{ "entries", PAGES, .peer = { &pagemap } },
		{ "all-entries", ALL },
	} },
	{ make_threads, 10000 / 16, 16, NULL, {
		{ "threads", THREADS },
	} },
	{ make_threads, 10000, 1, NULL, {
		{ "threads-10000", THREADS, .peer = { &task_stat } },
	} },
	{ }
};

const struct bench_target shared_targets[] = {
	{ make_shared, MEMORY, 1, NULL, {
		{ "residency-shared", RESIDENCY, SMAPS },
	} },
	{ make_shared_mixed, MEMORY, 1, NULL, {
		{ "residency-shared-mixed", RESIDENCY, SMAPS },
		{ "facts-shared", FACTS, KPAGE },
		{ "all-shared", ALL },
	} },
	{ make_forked, MEMORY, 1, NULL, {
		{ "residency-forked", RESIDENCY, SMAPS },
	} },
	{ make_forked_mixed, MEMORY, 1, NULL, {
		{ "residency-forked-mixed", RESIDENCY, SMAPS },
		{ "facts-forked", FACTS, KPAGE },
		{ "all-forked", ALL },
	} },
	{ make_thp_forked, MEMORY, 1, NULL, {
		{ "residency-thp-forked", RESIDENCY, SMAPS },
	} },
	{ make_mthp, MEMORY, 1, mthp_exists, {
		{ "mthp", PAGES, PAGEMAP },
		{ "residency-mthp", RESIDENCY, SMAPS },
		{ "facts-mthp", FACTS, KPAGE },
		{ "all-mthp", ALL },
	} },
	{ make_mthp_mixed, MEMORY, 1, mthp_exists, {
		{ "mthp-mixed", PAGES, PAGEMAP },
		{ "residency-mthp-mixed", RESIDENCY, SMAPS },
		{ "all-mthp-mixed", ALL },
	} },
	{ make_file_folios, MEMORY, 1, file_folios_exist, {
		{ "residency-folios", RESIDENCY, SMAPS },
	} },
	{ make_file_huge, MEMORY, 1, file_folios_exist, {
		{ "residency-folios-pmd", RESIDENCY, SMAPS },
	} },
	{ make_file_folios_mixed, MEMORY, 1, file_folios_exist, {
		{ "residency-folios-mixed", RESIDENCY, SMAPS },
		{ "all-folios", ALL },
	} },
	{ make_plain, MEMORY, 1, NULL, {
		{ "facts", FACTS, KPAGE },
	} },
	{ make_scattered, MEMORY, 1, NULL, {
		{ "facts-scattered", FACTS, KPAGE },
	} },
	{ make_cont_pmds, 48, 1, cont_pmds_exist, {
		{ "cont-pmds", PAGES, .peer = { &pagemap } },
		{ "all-cont-pmds", ALL },
	} },
	{ }
};

const struct bench_case range_case = { "range", PAGES };
