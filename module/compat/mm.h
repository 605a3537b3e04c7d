/* SPDX-License-Identifier: GPL-2.0-only */
/* What older kernels lack of mm_struct and files, under its newest names. */
#ifndef _MMSCOPE_COMPAT_MM_H
#define _MMSCOPE_COMPAT_MM_H

#include <linux/bits.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/ktime.h>
#include <linux/mmap_lock.h>
#include <linux/rcupdate.h>
#include <linux/sched/coredump.h>
#include <linux/uaccess.h>

#include "have.h"

/* Flags are bit numbers; one that the kernel lacks has this unused number. */
#define MMF_ABSENT		63
#define MMF_BIT(nr)		(BIT_ULL(nr) & ~BIT_ULL(MMF_ABSENT))

#ifndef MMF_DUMPABLE_MASK	/* until 6.19; now in the task */
#define MMF_DUMPABLE_MASK	0
#endif
#ifndef MMF_HUGE_ZERO_FOLIO	/* renamed */
#define MMF_HUGE_ZERO_FOLIO	MMF_HUGE_ZERO_PAGE
#endif
#ifndef MMF_DISABLE_THP_COMPLETELY	/* renamed with the addition of the other */
#define MMF_DISABLE_THP_COMPLETELY	MMF_DISABLE_THP
#define MMF_DISABLE_THP_EXCEPT_ADVISED	MMF_ABSENT
#endif
#ifndef MMF_HAS_PINNED		/* since 5.14 */
#define MMF_HAS_PINNED		MMF_ABSENT
#endif
#ifndef MMF_HAS_MDWE		/* since 6.3 */
#define MMF_HAS_MDWE		MMF_ABSENT
#endif
#ifndef MMF_VM_MERGE_ANY	/* since 6.4 */
#define MMF_VM_MERGE_ANY	MMF_ABSENT
#endif
#ifndef MMF_HAS_MDWE_NO_INHERIT	/* since 6.7 */
#define MMF_HAS_MDWE_NO_INHERIT	MMF_ABSENT
#endif

/* A flag since 6.10; before, the name of a function shows the layout. */
#ifdef MMF_TOPDOWN
#define mmscope_get_unmapped_area(mm)	0UL
#else
#define MMF_TOPDOWN			MMF_ABSENT
#define mmscope_get_unmapped_area(mm)	((unsigned long)(mm)->get_unmapped_area)
#endif

#ifndef NUM_MM_FLAG_BITS
#define __mm_flags_get_word(mm)		READ_ONCE((mm)->flags)
#endif
#ifndef HAVE_GET_MM_COUNTER_SUM
#define get_mm_counter_sum(mm, member)	get_mm_counter(mm, member)
#endif
#ifndef HAVE_FILE_USER_PATH
#define file_user_path(file)		(&(file)->f_path)
#define file_user_inode(file)		file_inode(file)
#endif

/* Return: the file with a reference for fput(), or NULL. */
static inline struct file *mmscope_mm_exe_file(struct mm_struct *mm)
{
	struct file *file;

	rcu_read_lock();
#ifdef HAVE_GET_FILE_RCU_POINTER
	file = get_file_rcu(&mm->exe_file);
#else
	file = rcu_dereference(mm->exe_file);
	if (file && !get_file_rcu(file))
		file = NULL;
#endif
	rcu_read_unlock();
	return file;
}

/*
 * x86 has one pair of bases for 64-bit system calls and one for those of 32-bit
 * and x32 tasks, whose address space ends below 4 GiB. Other architectures have
 * one pair, which fits the task.
 */
static inline unsigned long mmscope_mmap_base(const struct mm_struct *mm)
{
#ifdef CONFIG_HAVE_ARCH_COMPAT_MMAP_BASES
	if (mm->task_size <= U32_MAX)
		return mm->mmap_compat_base;
#endif
	return mm->mmap_base;
}

static inline unsigned long mmscope_mmap_legacy_base(const struct mm_struct *mm)
{
#ifdef CONFIG_HAVE_ARCH_COMPAT_MMAP_BASES
	if (mm->task_size <= U32_MAX)
		return mm->mmap_compat_legacy_base;
#endif
	return mm->mmap_legacy_base;
}

/*
 * Remove the tag of an address of @mm, if the processor ignores tags there:
 * always on arm64, on x86 where the process enabled LAM. As in pagemap,
 * addresses of the kernel half stay as they are.
 */
static inline unsigned long mmscope_untagged_addr(struct mm_struct *mm,
						  unsigned long addr)
{
	mmap_assert_locked(mm);
#ifdef untagged_addr_remote	/* since 6.4 */
	return untagged_addr_remote(mm, addr);
#else
	return untagged_addr(addr);
#endif
}

/* One of the sums that munmap() counts down under mmap_lock for reading. */
static inline u64 mmscope_mm_total(const unsigned long *total)
{
	return data_race(*total); /* see above */
}

/* A number that differs after most changes of the VMAs. */
static inline u64 mmscope_mm_totals(const struct mm_struct *mm)
{
	u64 parts = mmscope_mm_total(&mm->data_vm) +
		    mmscope_mm_total(&mm->exec_vm) * 3 + mm->locked_vm;

	return mmscope_mm_total(&mm->total_vm) + ((u64)mm->map_count << 32) +
	       (parts << 44);
}

/* A number that grows whenever mmap_lock is taken for writing. */
static inline u64 mmscope_mm_writes(struct mm_struct *mm)
{
	mmap_assert_locked(mm);
#ifdef HAVE_MM_LOCK_SEQ
	/* An int; since 6.13, the first member of a seqcount. */
	return READ_ONCE(*(const unsigned int *)&mm->mm_lock_seq);
#else
	/* Not counted: a number that is never the same twice. */
	return ktime_get_ns();
#endif
}

#endif
