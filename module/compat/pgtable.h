/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bits of page-table entries and types of swap entries.
 */
#ifndef _MMSCOPE_COMPAT_PGTABLE_H
#define _MMSCOPE_COMPAT_PGTABLE_H

#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include "uapi/mmscope.h"

#ifdef CONFIG_X86
/* Renamed in 7.3 with the arrival of userfaultfd's read-write protection. */
#ifndef _PAGE_BIT_UFFD
#define _PAGE_UFFD	_PAGE_UFFD_WP
#define _PAGE_SWP_UFFD	_PAGE_SWP_UFFD_WP
#endif
/* Since 6.6 dirty and read-only means shadow stack: dirty moves to this bit. */
#ifndef _PAGE_SAVED_DIRTY
#define _PAGE_SAVED_DIRTY	_AT(pteval_t, 0)
#endif
/* Until 6.17: device memory with a struct page. */
#ifndef _PAGE_DEVMAP
#define _PAGE_DEVMAP	_AT(pteval_t, 0)
#endif
/* Since 5.19: the page is this process's alone. */
#ifndef _PAGE_SWP_EXCLUSIVE
#define _PAGE_SWP_EXCLUSIVE	_AT(pteval_t, 0)
#endif
#endif

#ifdef CONFIG_ARM64
/* Userfaultfd's write protection since 6.10, renamed in 7.3. */
#ifndef PTE_UFFD
#ifdef PTE_UFFD_WP
#define PTE_UFFD	PTE_UFFD_WP
#define PTE_SWP_UFFD	PTE_SWP_UFFD_WP
#else
#define PTE_UFFD	_AT(pteval_t, 0)
#define PTE_SWP_UFFD	_AT(pteval_t, 0)
#endif
#endif
#ifndef PTE_DEVMAP
#define PTE_DEVMAP	_AT(pteval_t, 0)
#endif
/* Since 6.13, where the processor notes the use of tables. */
#ifndef PMD_TABLE_AF
#define PMD_TABLE_AF	_AT(pmdval_t, 0)
#endif
#ifndef PTE_SWP_EXCLUSIVE
#define PTE_SWP_EXCLUSIVE	_AT(pteval_t, 0)
#endif
#endif

/* Which types of swap entries there are depends on version and configuration. */
static inline u8 mmscope_swap_type_kind(unsigned int type)
{
	if (type < MAX_SWAPFILES)
		return MMSCOPE_SWAP;

	switch (type) {
#ifdef CONFIG_MIGRATION
	case SWP_MIGRATION_READ:
	case SWP_MIGRATION_WRITE:
#ifdef SWP_MIGRATION_READ_EXCLUSIVE	/* since 5.19 */
	case SWP_MIGRATION_READ_EXCLUSIVE:
#endif
		return MMSCOPE_MIGRATION;
#endif
#ifdef CONFIG_MEMORY_FAILURE
	case SWP_HWPOISON:
		return MMSCOPE_HWPOISON;
#endif
#ifdef CONFIG_DEVICE_PRIVATE
	case SWP_DEVICE_WRITE:
	case SWP_DEVICE_READ:
		return MMSCOPE_DEVICE_PRIVATE;
#ifdef SWP_DEVICE_EXCLUSIVE
	case SWP_DEVICE_EXCLUSIVE:
		return MMSCOPE_DEVICE_EXCLUSIVE;
#endif
#ifdef SWP_DEVICE_EXCLUSIVE_READ	/* 5.14 to 6.14 */
	case SWP_DEVICE_EXCLUSIVE_WRITE:
	case SWP_DEVICE_EXCLUSIVE_READ:
		return MMSCOPE_DEVICE_EXCLUSIVE;
#endif
#endif
#ifdef SWP_SWAPIN_ERROR	/* 6.1 and 6.2; a marker since */
	case SWP_SWAPIN_ERROR:
		return MMSCOPE_MARKER_POISON;
#endif
#ifdef SWP_PTE_MARKER
	case SWP_PTE_MARKER:
		return MMSCOPE_MARKER;
#endif
	default:
		return MMSCOPE_UNKNOWN;
	}
}

/* Since 6.1 the offset has flags above the frame. */
#ifndef SWP_PFN_MASK
#define SWP_PFN_MASK	(~0UL)
#endif

#ifndef PTE_MARKER_UFFD_WP
#define PTE_MARKER_UFFD_WP	0
#endif
#ifndef PTE_MARKER_POISONED
#define PTE_MARKER_POISONED	0
#endif
#ifndef PTE_MARKER_GUARD
#define PTE_MARKER_GUARD	0
#endif

#endif
