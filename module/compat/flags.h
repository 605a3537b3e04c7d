/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flags that not every kernel knows: VM_* as no bit, MMF_* as MMSCOPE_NO_BIT.
 */
#ifndef _MMSCOPE_COMPAT_FLAGS_H
#define _MMSCOPE_COMPAT_FLAGS_H

#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/sched/coredump.h>

#include "have.h"

#define MMSCOPE_NO_BIT	255

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

/* Two bits until 6.19; the task has it since. */
#ifdef MMF_DUMPABLE_MASK
#define MMF_DUMPABLE_USER_BIT	0
#define MMF_DUMPABLE_ROOT_BIT	1
#else
#define MMF_DUMPABLE_USER_BIT	MMSCOPE_NO_BIT
#define MMF_DUMPABLE_ROOT_BIT	MMSCOPE_NO_BIT
#endif

#ifndef MMF_HUGE_ZERO_PAGE
#define MMF_HUGE_ZERO_PAGE	MMF_HUGE_ZERO_FOLIO
#endif
#ifndef MMF_DISABLE_THP
#define MMF_DISABLE_THP	MMF_DISABLE_THP_COMPLETELY
#endif
#ifndef MMF_DISABLE_THP_EXCEPT_ADVISED
#define MMF_DISABLE_THP_EXCEPT_ADVISED	MMSCOPE_NO_BIT
#endif
#ifndef MMF_HAS_PINNED
#define MMF_HAS_PINNED	MMSCOPE_NO_BIT
#endif
#ifndef MMF_HAS_MDWE
#define MMF_HAS_MDWE	MMSCOPE_NO_BIT
#endif
#ifndef MMF_HAS_MDWE_NO_INHERIT
#define MMF_HAS_MDWE_NO_INHERIT	MMSCOPE_NO_BIT
#endif
#ifndef MMF_VM_MERGE_ANY
#define MMF_VM_MERGE_ANY	MMSCOPE_NO_BIT
#endif
#ifndef MMF_TOPDOWN
#define MMF_TOPDOWN_BIT	MMSCOPE_NO_BIT
#else
#define MMF_TOPDOWN_BIT	MMF_TOPDOWN
#endif

/* An enumerator: there since 5.15, when the modes below it were long fixed. */
#ifndef HAVE_MPOL_PREFERRED_MANY
#define MPOL_PREFERRED_MANY	(MPOL_LOCAL + 1)
#endif

#endif
