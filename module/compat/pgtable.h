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

#ifdef CONFIG_X86
/* Renamed in 7.3 with the arrival of userfaultfd's read-write protection. */
#ifndef _PAGE_BIT_UFFD
#define _PAGE_UFFD	_PAGE_UFFD_WP
#define _PAGE_SWP_UFFD	_PAGE_SWP_UFFD_WP
#endif
/* 6.6 to ...: dirty and read-only is a shadow stack, so dirty moves here. */
#ifndef _PAGE_SAVED_DIRTY
#define _PAGE_SAVED_DIRTY	_AT(pteval_t, 0)
#endif
/* ... to 6.17: device memory with a struct page. */
#ifndef _PAGE_DEVMAP
#define _PAGE_DEVMAP	_AT(pteval_t, 0)
#endif
#endif

/* Designated initialisers from type of swap entry to kind, for what there is. */
#ifdef CONFIG_MIGRATION
#define KINDS_MIGRATION						\
	[SWP_MIGRATION_READ] = MMSCOPE_MIGRATION,		\
	[SWP_MIGRATION_READ_EXCLUSIVE] = MMSCOPE_MIGRATION,	\
	[SWP_MIGRATION_WRITE] = MMSCOPE_MIGRATION,
#else
#define KINDS_MIGRATION
#endif

#ifdef CONFIG_MEMORY_FAILURE
#define KINDS_HWPOISON	[SWP_HWPOISON] = MMSCOPE_HWPOISON,
#else
#define KINDS_HWPOISON
#endif

#ifdef CONFIG_DEVICE_PRIVATE
#define KINDS_DEVICE_PRIVATE					\
	[SWP_DEVICE_WRITE] = MMSCOPE_DEVICE_PRIVATE,		\
	[SWP_DEVICE_READ] = MMSCOPE_DEVICE_PRIVATE,
#else
#define KINDS_DEVICE_PRIVATE
#endif

#if defined(SWP_DEVICE_EXCLUSIVE)
#define KINDS_DEVICE_EXCLUSIVE					\
	[SWP_DEVICE_EXCLUSIVE] = MMSCOPE_DEVICE_EXCLUSIVE,
#elif defined(SWP_DEVICE_EXCLUSIVE_READ)
#define KINDS_DEVICE_EXCLUSIVE					\
	[SWP_DEVICE_EXCLUSIVE_READ] = MMSCOPE_DEVICE_EXCLUSIVE,	\
	[SWP_DEVICE_EXCLUSIVE_WRITE] = MMSCOPE_DEVICE_EXCLUSIVE,
#else
#define KINDS_DEVICE_EXCLUSIVE
#endif

#if defined(SWP_PTE_MARKER) && SWP_PTE_MARKER_NUM
#define KINDS_MARKER	[SWP_PTE_MARKER] = MMSCOPE_MARKER,
#else
#define KINDS_MARKER
#endif

/* 6.1 and 6.2 only; a marker since. */
#ifdef SWP_SWAPIN_ERROR
#define KINDS_SWAPIN_ERROR	[SWP_SWAPIN_ERROR] = MMSCOPE_MARKER_POISON,
#else
#define KINDS_SWAPIN_ERROR
#endif

#define MMSCOPE_KINDS_BY_SWAP_TYPE	\
	KINDS_MIGRATION			\
	KINDS_HWPOISON			\
	KINDS_DEVICE_PRIVATE		\
	KINDS_DEVICE_EXCLUSIVE		\
	KINDS_MARKER			\
	KINDS_SWAPIN_ERROR

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
