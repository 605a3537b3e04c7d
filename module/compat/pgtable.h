/* SPDX-License-Identifier: GPL-2.0-only */
/* Bits of page-table entries, and types of swap entries. */
#ifndef _MMSCOPE_COMPAT_PGTABLE_H
#define _MMSCOPE_COMPAT_PGTABLE_H

#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/swap.h>
#include <linux/swapops.h>

/* A bit that the kernel lacks is 0. */
#ifdef CONFIG_X86
#ifndef _PAGE_UFFD		/* since 7.3 for read-write protection, too */
#define _PAGE_UFFD		_PAGE_UFFD_WP
#define _PAGE_SWP_UFFD		_PAGE_SWP_UFFD_WP
#endif
#ifndef _PAGE_SAVED_DIRTY	/* since 6.6: read-only DIRTY is shadow stack */
#define _PAGE_SAVED_DIRTY	0
#endif
#ifndef _PAGE_DEVMAP		/* until 6.17: memory of a device */
#define _PAGE_DEVMAP		0
#endif
#ifndef _PAGE_SWP_EXCLUSIVE	/* since 5.19: exclusive to this process */
#define _PAGE_SWP_EXCLUSIVE	0
#endif
#endif

#ifdef CONFIG_ARM64
#if !defined(PTE_UFFD) && defined(PTE_UFFD_WP)	/* 6.10 to 7.2 */
#define PTE_UFFD		PTE_UFFD_WP
#define PTE_SWP_UFFD		PTE_SWP_UFFD_WP
#elif !defined(PTE_UFFD)
#define PTE_UFFD		0
#define PTE_SWP_UFFD		0
#endif
#ifndef PMD_TABLE_AF		/* since 6.13, with hardware that sets it */
#define PMD_TABLE_AF		0
#endif
#ifndef PTE_DEVMAP
#define PTE_DEVMAP		0
#endif
#ifndef PTE_SWP_EXCLUSIVE
#define PTE_SWP_EXCLUSIVE	0
#endif
#endif

/* A type that the version or configuration lacks is one that no entry has. */
#define SWP_ABSENT			U8_MAX
#ifndef CONFIG_MIGRATION
#define SWP_MIGRATION_READ		SWP_ABSENT
#define SWP_MIGRATION_WRITE		SWP_ABSENT
#endif
#ifndef SWP_MIGRATION_READ_EXCLUSIVE	/* since 5.19 */
#define SWP_MIGRATION_READ_EXCLUSIVE	SWP_ABSENT
#endif
#ifndef CONFIG_MEMORY_FAILURE
#define SWP_HWPOISON			SWP_ABSENT
#endif
#ifndef CONFIG_DEVICE_PRIVATE
#define SWP_DEVICE_READ			SWP_ABSENT
#define SWP_DEVICE_WRITE		SWP_ABSENT
#endif
#ifndef SWP_DEVICE_EXCLUSIVE_READ	/* 5.14 to 6.14 */
#define SWP_DEVICE_EXCLUSIVE_READ	SWP_ABSENT
#define SWP_DEVICE_EXCLUSIVE_WRITE	SWP_ABSENT
#endif
#ifndef SWP_DEVICE_EXCLUSIVE		/* since 6.15 */
#define SWP_DEVICE_EXCLUSIVE		SWP_ABSENT
#endif
#ifndef SWP_SWAPIN_ERROR		/* 6.1 and 6.2; a marker since */
#define SWP_SWAPIN_ERROR		SWP_ABSENT
#endif
#ifndef SWP_PTE_MARKER
#define SWP_PTE_MARKER			SWP_ABSENT
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

/* Since 6.1, the offset has flags above the frame. */
#ifndef SWP_PFN_MASK
#define SWP_PFN_MASK		(~0UL)
#endif

#endif
