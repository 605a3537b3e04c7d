/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flags that not every kernel has: as a mask of no bits where it has not.
 */
#ifndef _MMSCOPE_COMPAT_FLAGS_H
#define _MMSCOPE_COMPAT_FLAGS_H

#include <linux/bits.h>
#include <linux/mm.h>
#include <linux/sched/coredump.h>

/* Until 5.14. */
#ifndef VM_DENYWRITE
#define VM_DENYWRITE	0
#endif
/* The one flag of architectures that smaps calls by different names. */
#ifdef CONFIG_ARM64_BTI
#define VM_ARCH_1_NAME	"bt"
#else
#define VM_ARCH_1_NAME	"ar"
#endif
/* Since 5.10, arm64's memory tagging. */
#ifndef VM_MTE
#define VM_MTE		0
#define VM_MTE_ALLOWED	0
#endif
#ifndef VM_UFFD_MINOR
#define VM_UFFD_MINOR	0
#endif
#ifndef VM_MAYBE_GUARD
#define VM_MAYBE_GUARD	0
#endif
#ifndef VM_SHADOW_STACK
#define VM_SHADOW_STACK	0
#endif
#ifndef VM_DROPPABLE
#define VM_DROPPABLE	0
#endif
#ifndef VM_SEALED
#define VM_SEALED	0
#endif
#ifndef VM_UFFD_RWP
#define VM_UFFD_RWP	0
#endif

/* Two bits until 6.19; the task has them since. */
#ifdef MMF_DUMPABLE_MASK
#define MM_DUMPABLE		BIT_ULL(0)
#define MM_DUMPABLE_BY_ROOT	BIT_ULL(1)
#else
#define MM_DUMPABLE		0
#define MM_DUMPABLE_BY_ROOT	0
#endif

#ifdef MMF_HUGE_ZERO_FOLIO
#define MM_HUGE_ZERO		BIT_ULL(MMF_HUGE_ZERO_FOLIO)
#else
#define MM_HUGE_ZERO		BIT_ULL(MMF_HUGE_ZERO_PAGE)
#endif

#ifdef MMF_DISABLE_THP_COMPLETELY
#define MM_NO_THP		BIT_ULL(MMF_DISABLE_THP_COMPLETELY)
#define MM_NO_THP_UNLESS_ADVISED BIT_ULL(MMF_DISABLE_THP_EXCEPT_ADVISED)
#else
#define MM_NO_THP		BIT_ULL(MMF_DISABLE_THP)
#define MM_NO_THP_UNLESS_ADVISED 0
#endif

#ifdef MMF_HAS_PINNED
#define MM_HAS_PINNED		BIT_ULL(MMF_HAS_PINNED)
#else
#define MM_HAS_PINNED		0
#endif

#ifdef MMF_HAS_MDWE
#define MM_MDWE			BIT_ULL(MMF_HAS_MDWE)
#else
#define MM_MDWE			0
#endif

#ifdef MMF_HAS_MDWE_NO_INHERIT
#define MM_MDWE_NO_INHERIT	BIT_ULL(MMF_HAS_MDWE_NO_INHERIT)
#else
#define MM_MDWE_NO_INHERIT	0
#endif

#ifdef MMF_VM_MERGE_ANY
#define MM_KSM_ANY		BIT_ULL(MMF_VM_MERGE_ANY)
#else
#define MM_KSM_ANY		0
#endif

#ifdef MMF_TOPDOWN
#define MM_TOPDOWN		BIT_ULL(MMF_TOPDOWN)
#else
#define MM_TOPDOWN		0
#endif

#endif
