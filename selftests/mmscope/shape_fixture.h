/* SPDX-License-Identifier: GPL-2.0-only */
/* The fixture of all tests that use a target of each shape. */
#ifndef SHAPE_FIXTURE_H
#define SHAPE_FIXTURE_H

#include "test.h"
#include "oracle/proc.h"
#include "target/shape.h"
#include "target/shapes.h"
#include "target/target.h"

FIXTURE(shape)
{
	struct shape *shape;
	struct target target;
};

FIXTURE_VARIANT(shape)
{
	void (*make)(struct shape *shape);
};

FIXTURE_VARIANT_ADD(shape, anon) {
	.make = make_anon,
};

FIXTURE_VARIANT_ADD(shape, untouched) {
	.make = make_untouched,
};

FIXTURE_VARIANT_ADD(shape, executable) {
	.make = make_executable,
};

FIXTURE_VARIANT_ADD(shape, private_file) {
	.make = make_private_file,
};

FIXTURE_VARIANT_ADD(shape, shared_file) {
	.make = make_shared_file,
};

FIXTURE_VARIANT_ADD(shape, shmem) {
	.make = make_shmem,
};

FIXTURE_VARIANT_ADD(shape, memfd) {
	.make = make_memfd,
};

FIXTURE_VARIANT_ADD(shape, forked) {
	.make = make_forked,
};

FIXTURE_VARIANT_ADD(shape, thp) {
	.make = make_thp,
};

FIXTURE_VARIANT_ADD(shape, thp_forked) {
	.make = make_thp_forked,
};

FIXTURE_VARIANT_ADD(shape, thp_split) {
	.make = make_thp_split,
};

FIXTURE_VARIANT_ADD(shape, huge_zero) {
	.make = make_huge_zero,
};

FIXTURE_VARIANT_ADD(shape, hugetlb) {
	.make = make_hugetlb,
};

#ifdef __aarch64__
FIXTURE_VARIANT_ADD(shape, tagged) {
	.make = make_tagged,
};

/* Sixteen entries with the contiguous hint. */
FIXTURE_VARIANT_ADD(shape, hugetlb_ptes) {
	.make = make_hugetlb_ptes,
};

FIXTURE_VARIANT_ADD(shape, hugetlb_pmds) {
	.make = make_hugetlb_pmds,
};

FIXTURE_VARIANT_ADD(shape, folios) {
	.make = make_folios,
};
#endif

FIXTURE_VARIANT_ADD(shape, swapped) {
	.make = make_swapped,
};

FIXTURE_VARIANT_ADD(shape, protnone) {
	.make = make_protnone,
};

FIXTURE_VARIANT_ADD(shape, protnone_thp) {
	.make = make_protnone_thp,
};

FIXTURE_VARIANT_ADD(shape, protnone_zero) {
	.make = make_protnone_zero,
};

FIXTURE_VARIANT_ADD(shape, protnone_huge_zero) {
	.make = make_protnone_huge_zero,
};

FIXTURE_VARIANT_ADD(shape, zero) {
	.make = make_zero,
};

FIXTURE_VARIANT_ADD(shape, freed) {
	.make = make_freed,
};

FIXTURE_VARIANT_ADD(shape, dontneeded) {
	.make = make_dontneeded,
};

FIXTURE_VARIANT_ADD(shape, guard) {
	.make = make_guard,
};

FIXTURE_VARIANT_ADD(shape, moved) {
	.make = make_moved,
};

FIXTURE_VARIANT_ADD(shape, uffd_wp) {
	.make = make_uffd_wp,
};

FIXTURE_VARIANT_ADD(shape, uffd_wp_shmem) {
	.make = make_uffd_wp_shmem,
};

FIXTURE_VARIANT_ADD(shape, pfnmap) {
	.make = make_pfnmap,
};

FIXTURE_VARIANT_ADD(shape, pfnmap_high) {
	.make = make_pfnmap_high,
};

FIXTURE_VARIANT_ADD(shape, pfnmap_written) {
	.make = make_pfnmap_written,
};

FIXTURE_VARIANT_ADD(shape, mlocked) {
	.make = make_mlocked,
};

FIXTURE_VARIANT_ADD(shape, referenced) {
	.make = make_referenced,
};

FIXTURE_VARIANT_ADD(shape, ksm) {
	.make = make_ksm,
};

FIXTURE_VARIANT_ADD(shape, hwpoison) {
	.make = make_hwpoison,
};

FIXTURE_VARIANT_ADD(shape, uffd_rwp) {
	.make = make_uffd_rwp,
};

FIXTURE_VARIANT_ADD(shape, uffd_poison) {
	.make = make_uffd_poison,
};

FIXTURE_VARIANT_ADD(shape, device_private) {
	.make = make_device_private,
};

FIXTURE_VARIANT_ADD(shape, device_private_thp) {
	.make = make_device_private_thp,
};

FIXTURE_VARIANT_ADD(shape, device_exclusive) {
	.make = make_device_exclusive,
};

FIXTURE_VARIANT_ADD(shape, two_nodes) {
	.make = make_two_nodes,
};

FIXTURE_VARIANT_ADD(shape, numa_hint) {
	.make = make_numa_hint,
};

FIXTURE_VARIANT_ADD(shape, swapped_forked) {
	.make = make_swapped_forked,
};

FIXTURE_VARIANT_ADD(shape, swapped_thp) {
	.make = make_swapped_thp,
};

FIXTURE_VARIANT_ADD(shape, hugetlb_1g) {
	.make = make_hugetlb_1g,
};

FIXTURE_VARIANT_ADD(shape, large) {
	.make = make_large,
};

FIXTURE_VARIANT_ADD(shape, edges) {
	.make = make_edges,
};

FIXTURE_VARIANT_ADD(shape, scattered) {
	.make = make_scattered,
};

struct making {
	void (*make)(struct shape *shape);
	struct shape *shape;
};

static void do_make(void *arg, int step)
{
	struct making *making = arg;

	(void)step;
	making->make(making->shape);
}

FIXTURE_SETUP(shape)
{
	struct making making = { .make = variant->make };

	module_need();
	kernel_stand_still();
	self->shape = target_share(sizeof(*self->shape));
	making.shape = self->shape;
	target_start(&self->target, do_make, &making);
}

FIXTURE_TEARDOWN(shape)
{
	target_stop(&self->target);
}

/* The first line of each test: not every kernel can make every shape. */
#define NEED_SHAPE()							\
	do {								\
		if (*self->shape->skip)					\
			SKIP(return, "%s", self->shape->skip);		\
	} while (0)

#endif
