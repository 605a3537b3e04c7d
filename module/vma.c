// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMAs of an address space, and what can be said of each.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/kdev_t.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/mount.h>
#include <linux/string.h>

#include "compat/mm.h"
#include "compat/vma.h"
#include "pgwalk.h"
#include "record.h"
#include "vma.h"

/* VMAs in one slice: a few hundred instructions each, more for long paths. */
#define SLICE_VMAS	256

/* What a name takes at most: a path, or the text around a name given by prctl. */
#define NAME_ROOM	PATH_MAX

/* Under our lock no flag changes but VM_MAYBE_GUARD, which is set at any time. */
static u64 vma_flags(const struct vm_area_struct *vma)
{
	return READ_ONCE(vma->vm_flags);
}

static u8 vma_perms(const struct vm_area_struct *vma)
{
	u64 flags = vma_flags(vma);
	u8 perms = 0;

	if (flags & VM_READ)
		perms |= MMSCOPE_READ;
	if (flags & VM_WRITE)
		perms |= MMSCOPE_WRITE;
	if (flags & VM_EXEC)
		perms |= MMSCOPE_EXEC;
	if (flags & VM_MAYSHARE)
		perms |= MMSCOPE_SHARED;
	return perms;
}

/*
 * Some memory that nobody can name by a path has a file all the same: shared
 * anonymous and SysV memory one of tmpfs, anonymous huge pages one of
 * hugetlbfs. A memfd is a file: it was made, and is passed on, as one.
 */
static bool vma_has_real_file(const struct vm_area_struct *vma)
{
	const struct file *file = vma->vm_file;

	if (!file || IS_PRIVATE(file_inode(file)))
		return false;
	return !(vma_flags(vma) & VM_HUGETLB &&
		 file->f_path.mnt->mnt_flags & MNT_INTERNAL &&
		 !strcmp(file->f_path.dentry->d_name.name, HUGETLB_ANON_FILE));
}

static u8 vma_kind(const struct vm_area_struct *vma)
{
	bool file = vma_has_real_file(vma);

	if (vma_flags(vma) & VM_MAYSHARE)
		return file ? MMSCOPE_SHARED_FILE : MMSCOPE_SHARED_ANON;
	return file ? MMSCOPE_PRIVATE_FILE : MMSCOPE_PRIVATE_ANON;
}

static bool overlaps(const struct vm_area_struct *vma, unsigned long start,
		     unsigned long end)
{
	return vma->vm_start < end && vma->vm_end > start;
}

static bool vma_is_stack(const struct vm_area_struct *vma)
{
	const struct mm_struct *mm = vma->vm_mm;

	return vma->vm_start <= mm->start_stack &&
	       vma->vm_end >= mm->start_stack;
}

static u8 special_segment(const char *name)
{
	if (!strcmp(name, "[vdso]"))
		return MMSCOPE_SEG_VDSO;
	if (!strncmp(name, "[vvar", 5))
		return MMSCOPE_SEG_VVAR;
	return MMSCOPE_SEG_SPECIAL;
}

static u8 vma_segment(const struct vm_area_struct *vma, const char *special)
{
	const struct mm_struct *mm = vma->vm_mm;

	if (special)
		return special_segment(special);
	if (overlaps(vma, mm->start_code, mm->end_code))
		return MMSCOPE_SEG_CODE;
	if (overlaps(vma, mm->start_data, mm->end_data))
		return MMSCOPE_SEG_DATA;
	if (!vma->vm_file && vma_is_initial_heap(vma))
		return MMSCOPE_SEG_HEAP;
	if (!vma->vm_file && vma_is_stack(vma))
		return MMSCOPE_SEG_STACK;
	return MMSCOPE_SEG_MMAP;
}

static const char *vma_special_name(struct vm_area_struct *vma)
{
	if (vma->vm_file || !vma->vm_ops || !vma->vm_ops->name)
		return NULL;
	return vma->vm_ops->name(vma);
}

static void put_path(struct mmscope_vma *rec, const struct file *file)
{
	const char *path = d_path(file_user_path(file), rec->name,
				  NAME_ROOM);

	if (IS_ERR(path)) {
		rec->name_kind = MMSCOPE_NAME_TOO_LONG;
		rec->name[0] = '\0';	/* d_path() wrote there all the same */
		return;
	}
	rec->name_kind = MMSCOPE_NAME_PATH;
	rec->name_len = strlen(path);
	memmove(rec->name, path, rec->name_len + 1);
}

static void put_text(struct mmscope_vma *rec, u8 kind, const char *format,
		     const char *text)
{
	rec->name_kind = kind;
	rec->name_len = scnprintf(rec->name, NAME_ROOM, format, text);
}

/* In the order of /proc/PID/maps: the names must be the same. */
static void put_name(struct mmscope_vma *rec, struct vm_area_struct *vma,
		     const char *special)
{
	const char *given = mmscope_anon_name(vma);

	rec->name[0] = '\0';
	if (vma->vm_file && given)
		put_text(rec, MMSCOPE_NAME_ANON, "[anon_shmem:%s]", given);
	else if (vma->vm_file)
		put_path(rec, vma->vm_file);
	else if (special)
		put_text(rec, MMSCOPE_NAME_SPECIAL, "%s", special);
	else if (vma_is_initial_heap(vma))
		put_text(rec, MMSCOPE_NAME_SPECIAL, "%s", "[heap]");
	else if (vma_is_stack(vma))
		put_text(rec, MMSCOPE_NAME_SPECIAL, "%s", "[stack]");
	else if (given)
		put_text(rec, MMSCOPE_NAME_ANON, "[anon:%s]", given);
}

static void put_file(struct mmscope_vma *rec, const struct file *file)
{
	const struct inode *inode = file_user_inode(file);

	rec->ino = inode->i_ino;
	rec->dev_major = MAJOR(inode->i_sb->s_dev);
	rec->dev_minor = MINOR(inode->i_sb->s_dev);
}

static void put_policy(struct mmscope_vma *rec, struct vm_area_struct *vma)
{
	const struct mempolicy *policy = vma_policy(vma);

	if (!policy)
		return;
	rec->policy = mmscope_policy_mode(policy);
	rec->policy_nodes = mmscope_policy_nodes(policy);
}

/* @told: addresses below were told of already, and are cut off. */
static bool record_vma(struct mmscope_buf *buf, struct vm_area_struct *vma,
		       unsigned long told)
{
	const char *special = vma_special_name(vma);
	struct mmscope_vma *rec;

	mmap_assert_locked(vma->vm_mm);

	rec = mmscope_record(buf, MMSCOPE_REC_VMA, sizeof(*rec), NAME_ROOM);
	if (!rec)
		return false;

	rec->fixed = sizeof(*rec);
	rec->start = max(vma->vm_start, told);
	rec->end = vma->vm_end;
	rec->pgoff = vma->vm_pgoff +
		     ((rec->start - vma->vm_start) >> PAGE_SHIFT);
	rec->flags = vma_flags(vma);
	rec->perms = vma_perms(vma);
	rec->kind = vma_kind(vma);
	rec->segment = vma_segment(vma, special);
	rec->page_shift = ilog2(vma_kernel_pagesize(vma));
	if (vma->vm_file)
		put_file(rec, vma->vm_file);
	put_policy(rec, vma);
	put_name(rec, vma, special);
	mmscope_record_trim(buf, rec, sizeof(*rec) + rec->name_len + 1);
	return true;
}

/**
 * mmscope_record_vmas() - record VMAs, as many as one slice takes
 * @buf: takes the records
 * @mm: whose VMAs
 * @cursor: address to begin at; left where the next slice goes on
 * @end: VMAs that begin here or behind are left out
 * @count: grows by the number of VMAs recorded
 *
 * Context: mmap_lock held; may sleep.
 * Return: whether all were recorded.
 */
bool mmscope_record_vmas(struct mmscope_buf *buf, struct mm_struct *mm,
			 unsigned long *cursor, unsigned long end, u64 *count)
{
	VMA_ITERATOR(vmi, mm, *cursor);
	struct vm_area_struct *vma;
	unsigned int budget = SLICE_VMAS;

	mmap_assert_locked(mm);

	while ((vma = vma_next(&vmi)) && vma->vm_start < end) {
		/* Behind the first one the cursor is the end of the last. */
		if (!budget-- || !record_vma(buf, vma, *count ? *cursor : 0))
			return false;
		*cursor = vma->vm_end;
		++*count;
		if (mmap_lock_is_contended(mm))
			return false;
	}
	return true;
}

static void record_gap(struct mmscope_walk *rec, struct mm_struct *mm,
		       unsigned long addr, struct vm_area_struct *behind)
{
	VMA_ITERATOR(vmi, mm, addr);
	struct vm_area_struct *before = vma_prev(&vmi);

	rec->stop = MMSCOPE_STOP_GAP;
	rec->gap_start = before ? before->vm_end : 0;
	rec->gap_end = behind ? behind->vm_start : mm->task_size;
}

/**
 * mmscope_record_walk() - record the translation of one address, and its VMA
 * @buf: takes the records
 * @mm: whose address
 * @addr: any address
 * @count: grows by the number of VMAs recorded
 *
 * Nothing outside a VMA is walked: munmap() frees tables that cover only holes
 * while it holds mmap_lock no more than we do.
 *
 * Context: mmap_lock held; may sleep.
 * Return: whether it did fit; if not, the buffer is to be emptied first.
 */
bool mmscope_record_walk(struct mmscope_buf *buf, struct mm_struct *mm,
			 unsigned long addr, u64 *count)
{
	struct vm_area_struct *vma;
	struct mmscope_walk *rec;

	mmap_assert_locked(mm);

	if (buf->size - buf->len < sizeof(*rec) + sizeof(struct mmscope_vma) +
				   NAME_ROOM)
		return false;

	vma = find_vma(mm, addr);
	if (vma && vma->vm_start <= addr) {
		record_vma(buf, vma, 0);
		++*count;
		rec = mmscope_record(buf, MMSCOPE_REC_WALK, sizeof(*rec), 0);
		mmscope_translate(rec, vma, addr);
		return true;
	}

	rec = mmscope_record(buf, MMSCOPE_REC_WALK, sizeof(*rec), 0);
	rec->addr = addr;
	if (addr < mm->task_size)
		record_gap(rec, mm, addr, vma);
	else
		rec->stop = MMSCOPE_STOP_KERNEL;
	return true;
}
