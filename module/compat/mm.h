/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Core mm and file helpers by their newest names, for kernels that lack them.
 */
#ifndef _MMSCOPE_COMPAT_MM_H
#define _MMSCOPE_COMPAT_MM_H

#include <linux/fs.h>
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/mmap_lock.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/string.h>

#include "have.h"

#ifndef HAVE_FILE_USER_PATH
static inline const struct path *file_user_path(const struct file *file)
{
	return &file->f_path;
}

static inline const struct inode *file_user_inode(const struct file *file)
{
	return file_inode(file);
}
#endif

#ifndef HAVE_GET_MM_COUNTER_SUM
static inline unsigned long get_mm_counter_sum(struct mm_struct *mm, int member)
{
	return get_mm_counter(mm, member);
}
#endif

#ifndef NUM_MM_FLAG_BITS
static inline unsigned long __mm_flags_get_word(const struct mm_struct *mm)
{
	return READ_ONCE(mm->flags);
}
#endif

/* The kernel had a function pointer before it had a flag. */
static inline unsigned long mmscope_mm_get_unmapped_area(struct mm_struct *mm)
{
#ifdef MMF_TOPDOWN
	return 0;
#else
	return (unsigned long)mm->get_unmapped_area;
#endif
}

static inline bool mmscope_mm_topdown(struct mm_struct *mm)
{
#ifdef MMF_TOPDOWN
	return __mm_flags_get_word(mm) & BIT(MMF_TOPDOWN);
#else
	char symbol[KSYM_SYMBOL_LEN];

	sprint_symbol_no_offset(symbol, mmscope_mm_get_unmapped_area(mm));
	return strstr(symbol, "topdown");
#endif
}

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
 * A number that differs when the VMAs may have changed in between. Kernels
 * that do not count write locks are asked for what most changes change.
 */
static inline u64 mmscope_mm_stamp(struct mm_struct *mm)
{
	mmap_assert_locked(mm);
#ifdef HAVE_MM_LOCK_SEQCOUNT
	return raw_read_seqcount(&mm->mm_lock_seq);
#else
	return mm->total_vm + ((u64)mm->map_count << 32) +
	       ((u64)(mm->data_vm + mm->exec_vm * 3 + mm->locked_vm) << 44);
#endif
}

#endif
