/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A digest of what /proc/PID/maps shows of a VMA. The sum over all VMAs of a
 * range is the same as before if none came, went, or changed its bounds, flags,
 * file or offset.
 */
#ifndef _MMSCOPE_DIGEST_H
#define _MMSCOPE_DIGEST_H

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/types.h>

#include "compat/vma.h"

/* These change without a change of the VMA list: clear_refs, guard pages. */
#define MMSCOPE_UNSTABLE_FLAGS	(VM_SOFTDIRTY | VM_MAYBE_GUARD)

/* Any large odd numbers: they keep terms from cancelling out in a sum. */
#define MMSCOPE_MIX_FLAGS	0x3c6ef35fUL
#define MMSCOPE_MIX_OFFSET	0x85ebca6bUL
#define MMSCOPE_MIX_INODE	0xc2b2ae35UL

/* Two terms of a digest: what every VMA has, and the file, if it has one. */
static inline u64 mmscope_digest_bounds(const struct vm_area_struct *vma,
					u64 flags)
{
	return (flags & ~MMSCOPE_UNSTABLE_FLAGS) * MMSCOPE_MIX_FLAGS +
	       vma->vm_end;
}

/* The address of a file that was closed may be that of the next one opened. */
static inline u64 mmscope_digest_file(const struct vm_area_struct *vma)
{
	const struct file *file = vma->vm_file;
	const struct inode *inode;

	if (!file)
		return 0;
	inode = file_inode(file);
	return (unsigned long)file + vma->vm_pgoff * MMSCOPE_MIX_OFFSET +
	       (inode->i_ino + inode->i_sb->s_dev) * MMSCOPE_MIX_INODE;
}

/*
 * The start takes part as a factor, so that VMAs cannot swap their terms. The
 * address shows a VMA that replaced an equal one, unless it got the same memory.
 */
static inline u64 mmscope_digest_of(const struct vm_area_struct *vma, u64 terms)
{
	return terms * (vma->vm_start + 1) + (unsigned long)vma;
}

/**
 * mmscope_vma_digest() - digest of one VMA
 * @vma: the VMA
 *
 * Context: mmap_lock held.
 * Return: the digest, a term of a sum.
 */
static inline u64 mmscope_vma_digest(const struct vm_area_struct *vma)
{
	u64 flags = READ_ONCE(vma->vm_flags);

	return mmscope_digest_of(vma, mmscope_digest_bounds(vma, flags) +
				      mmscope_digest_file(vma));
}

#endif
