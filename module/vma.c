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
#include "part.h"
#include "record.h"
#include "translate.h"
#include "vma.h"

/*
 * In instructions, see struct mmscope_pgwalk. A path costs by its length, and as
 * if its components were short.
 */
#define COST_VMA	250
#define COST_NAMED	500
#define COST_NAME_BYTE	60

/* A guess at the record of a VMA, with its name. */
#define BYTES_PER_VMA	160

/* A VMA without a name, and what is resident of it. */
#define PLAIN_ROOM	(sizeof(struct mmscope_vma) + sizeof(u64) + \
			 sizeof(struct mmscope_residency))

/* A name takes at most a path, or the text around one given by prctl. */
#define VMA_ROOM	(PLAIN_ROOM + PATH_MAX)

/* Under our lock no flag changes but VM_MAYBE_GUARD, which is set at any time. */
static u64 vma_flags(const struct vm_area_struct *vma)
{
	return READ_ONCE(vma->vm_flags);
}

static u8 vma_perms(u64 flags)
{
	return (flags & VM_READ ? MMSCOPE_READ : 0) |
	       (flags & VM_WRITE ? MMSCOPE_WRITE : 0) |
	       (flags & VM_EXEC ? MMSCOPE_EXEC : 0) |
	       (flags & VM_MAYSHARE ? MMSCOPE_SHARED : 0);
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

static u8 vma_kind(const struct vm_area_struct *vma, u64 flags)
{
	bool file = vma_has_real_file(vma);

	if (flags & VM_MAYSHARE)
		return file ? MMSCOPE_SHARED_FILE : MMSCOPE_SHARED_ANON;
	return file ? MMSCOPE_PRIVATE_FILE : MMSCOPE_PRIVATE_ANON;
}

static u8 vma_page_shift(struct vm_area_struct *vma)
{
	if (likely(!vma->vm_ops || !vma->vm_ops->pagesize))
		return PAGE_SHIFT;
	return ilog2(vma->vm_ops->pagesize(vma));
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

/* What the kernel calls a VMA without a file, if it is one of these two. */
static u8 vma_place(const struct vm_area_struct *vma)
{
	if (vma->vm_file)
		return MMSCOPE_SEG_MMAP;
	if (vma_is_initial_heap(vma))
		return MMSCOPE_SEG_HEAP;
	return vma_is_stack(vma) ? MMSCOPE_SEG_STACK : MMSCOPE_SEG_MMAP;
}

static u8 vma_segment(const struct vm_area_struct *vma, const char *special,
		      u8 place)
{
	const struct mm_struct *mm = vma->vm_mm;

	if (special)
		return special_segment(special);
	if (overlaps(vma, mm->start_code, mm->end_code))
		return MMSCOPE_SEG_CODE;
	if (overlaps(vma, mm->start_data, mm->end_data))
		return MMSCOPE_SEG_DATA;
	return place;
}

static const char *vma_special_name(struct vm_area_struct *vma)
{
	if (vma->vm_file || !vma->vm_ops || !vma->vm_ops->name)
		return NULL;
	return vma->vm_ops->name(vma);
}

static void put_path(struct mmscope_vma *rec, const struct file *file)
{
	char *name = mmscope_record_tail(rec);
	const char *path = d_path(file_user_path(file), name, PATH_MAX);

	if (IS_ERR(path)) {
		rec->name_kind = MMSCOPE_NAME_TOO_LONG;
		return;
	}
	rec->name_kind = MMSCOPE_NAME_PATH;
	rec->name_len = strlen(path);
	memmove(name, path, rec->name_len + 1);
}

static void put_text(struct mmscope_vma *rec, u8 kind, const char *format,
		     const char *text)
{
	rec->name_kind = kind;
	rec->name_len = scnprintf(mmscope_record_tail(rec), PATH_MAX, format,
				  text);
}

/* In the order of /proc/PID/maps: the names must be the same. */
static void put_name(struct mmscope_vma *rec, struct vm_area_struct *vma,
		     const char *special, u8 place)
{
	const char *given = mmscope_anon_name(vma);

	if (vma->vm_file && given)
		put_text(rec, MMSCOPE_NAME_ANON, "[anon_shmem:%s]", given);
	else if (vma->vm_file)
		put_path(rec, vma->vm_file);
	else if (special)
		put_text(rec, MMSCOPE_NAME_SPECIAL, "%s", special);
	else if (place == MMSCOPE_SEG_HEAP)
		put_text(rec, MMSCOPE_NAME_SPECIAL, "%s", "[heap]");
	else if (place == MMSCOPE_SEG_STACK)
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

static void put_policy(struct mmscope_vma *rec, const struct mempolicy *policy)
{
	rec->policy = mmscope_policy_mode(policy);
	/* Local has none, and nobody wrote to where they would stand. */
	if (rec->policy != MPOL_LOCAL)
		rec->policy_nodes = mmscope_policy_nodes(policy);
}

/*
 * Most VMAs are anonymous memory somewhere above the heap: all that can be said
 * of such a one are its bounds and flags. @above: end of the program's image.
 */
static bool vma_is_plain(const struct vm_area_struct *vma, unsigned long above)
{
	return !vma->vm_file && !vma->vm_ops && vma->vm_start > above &&
	       !vma_is_stack(vma) && !mmscope_anon_name(vma);
}

/* What all VMAs have, and what plain ones are. */
static void put_plain(struct mmscope_vma *rec, const struct vm_area_struct *vma,
		      unsigned long start)
{
	const u64 flags = vma_flags(vma);

	rec->start = start;
	rec->end = vma->vm_end;
	rec->pgoff = vma->vm_pgoff + ((start - vma->vm_start) >> PAGE_SHIFT);
	rec->flags = flags;
	rec->ino = 0;
	rec->dev_major = 0;
	rec->dev_minor = 0;
	rec->perms = vma_perms(flags);
	rec->kind = flags & VM_MAYSHARE ? MMSCOPE_SHARED_ANON :
					  MMSCOPE_PRIVATE_ANON;
	rec->segment = MMSCOPE_SEG_MMAP;
	rec->page_shift = PAGE_SHIFT;
	rec->policy = 0;
	rec->name_kind = MMSCOPE_NAME_NONE;
	rec->name_len = 0;
	rec->policy_nodes = 0;
	*(u64 *)&rec->fixed = 0;
	rec->fixed = sizeof(*rec);
	*(u64 *)mmscope_record_tail(rec) = 0;
}

/* One that is too long was put together all the same. */
static unsigned int name_cost(const struct mmscope_vma *rec)
{
	return COST_NAME_BYTE * (rec->name_kind == MMSCOPE_NAME_TOO_LONG ?
				 PATH_MAX : rec->name_len);
}

/* What makes one unlike plain ones. Return: what it cost. */
static noinline unsigned int put_rest(struct mmscope_vma *rec,
				      struct vm_area_struct *vma)
{
	const char *special = vma_special_name(vma);
	const u8 place = vma_place(vma);

	rec->kind = vma_kind(vma, rec->flags);
	rec->segment = vma_segment(vma, special, place);
	rec->page_shift = vma_page_shift(vma);
	if (vma->vm_file)
		put_file(rec, vma->vm_file);
	put_name(rec, vma, special, place);
	return COST_NAMED + name_cost(rec);
}

/*
 * @start: addresses below were told of already, and are cut off. Inline: where
 * there are many, the call is a tenth of the work.
 * Return: what it cost in instructions; 0 if it found no room.
 */
static __always_inline unsigned int
record_vma(struct mmscope_buf *buf, struct vm_area_struct *vma,
	   unsigned long start, unsigned long above)
{
	struct mmscope_vma *rec = mmscope_record_room(buf, PLAIN_ROOM);
	unsigned int cost = COST_VMA;

	if (!rec)
		return 0;
	put_plain(rec, vma, start);
	if (!vma_is_plain(vma, above)) {
		if (!mmscope_record_room(buf, VMA_ROOM))
			return 0;
		cost += put_rest(rec, vma);
	}
	if (vma_policy(vma))
		put_policy(rec, vma_policy(vma));
	rec->head.type = MMSCOPE_REC_VMA;
	rec->head.size = ALIGN(sizeof(*rec) + rec->name_len + 1, sizeof(u64));
	/* d_path() writes there even where it says that a name is too long. */
	if (rec->name_kind != MMSCOPE_NAME_NONE)
		memset(mmscope_record_tail(rec) + rec->name_len, 0,
		       rec->head.size - sizeof(*rec) - rec->name_len);
	mmscope_record_done(buf, rec->head.size);
	return cost;
}

/* No VMA that begins above is of the program's image, or the heap. */
static unsigned long image_end(const struct mm_struct *mm)
{
	return max3(mm->end_code, mm->end_data, mm->brk);
}

#define VMA_COLUMNS							\
	"# start      -end          perm offset   dev   inode    segment "	\
	"kind         page policy flags name\n"

static void vmas_start(struct mmscope_job *job)
{
	struct mmscope_vma_list *list = job->state;

	list->cursor = job->query.start;
	list->end = job->query.end;
	list->residency = job->query.flags & MMSCOPE_QUERY_RESIDENCY;
	list->consistent = job->query.flags & MMSCOPE_QUERY_CONSISTENT;
}

/* Return: whether all VMAs were recorded. */
static bool record_vmas(struct mmscope_buf *buf, struct mm_struct *mm,
			struct mmscope_vma_list *list)
{
	VMA_ITERATOR(vmi, mm, list->cursor);
	struct mmscope_resident *res = &list->resident;
	const unsigned long above = image_end(mm);
	struct vm_area_struct *vma;
	unsigned long start;
	unsigned int cost;

	mmap_assert_locked(mm);

	if (!mmscope_resident_slice(res, buf, mm))
		return false;
	while ((vma = vma_next(&vmi)) && vma->vm_start < list->end) {
		if (mmscope_pgwalk_over(&res->walk) && !list->consistent)
			return false;
		/* Behind the first one the cursor is the end of the last. */
		start = max(vma->vm_start, list->count ? list->cursor : 0);
		cost = record_vma(buf, vma, start, above);
		if (!cost)
			return false;
		list->cursor = vma->vm_end;
		list->count++;
		res->walk.budget -= cost;
		if (list->residency &&
		    !mmscope_resident_vma(res, buf, vma, start))
			return false;
	}
	return true;
}

/*
 * All VMAs of one moment need a buffer for all of them. If this guess at what a
 * VMA takes is too small, the next one is larger.
 */
static int vmas_slice(struct mmscope_job *job)
{
	struct mmscope_vma_list *list = job->state;
	struct mm_struct *mm = job->target.mm;
	bool done = record_vmas(&job->buf, mm, list);

	job->sum.vmas = list->count;
	if (done && list->consistent)
		job->sum.flags |= MMSCOPE_END_CONSISTENT;
	if (done || !list->consistent)
		return done ? MMSCOPE_DONE : MMSCOPE_MORE;
	job->room += mm->map_count * BYTES_PER_VMA + 2 * PAGE_SIZE;
	return MMSCOPE_AGAIN;
}

const struct mmscope_part mmscope_part_vmas = {
	.parts = MMSCOPE_PART_VMAS,
	.ranged = true,
	.locked = true,
	.state_size = sizeof(struct mmscope_vma_list),
	.columns = VMA_COLUMNS,
	.start = vmas_start,
	.slice = vmas_slice,
};

static void record_gap(struct mmscope_walk *rec, struct mm_struct *mm,
		       unsigned long addr, struct vm_area_struct *behind)
{
	VMA_ITERATOR(vmi, mm, addr);
	struct vm_area_struct *before = vma_prev(&vmi);

	rec->stop = MMSCOPE_STOP_GAP;
	rec->gap_start = before ? before->vm_end : 0;
	rec->gap_end = behind ? behind->vm_start : mm->task_size;
}

/*
 * Nothing outside a VMA is walked: munmap() frees tables that cover only holes
 * while it holds mmap_lock for reading, as this walk does.
 */
static int walk_slice(struct mmscope_job *job)
{
	const unsigned long addr = job->query.start;
	struct mm_struct *mm = job->target.mm;
	struct mmscope_buf *buf = &job->buf;
	struct vm_area_struct *vma;
	struct mmscope_walk *rec;

	mmap_assert_locked(mm);

	if (!mmscope_record_room(buf, MMSCOPE_WALK_ROOM + VMA_ROOM))
		return MMSCOPE_MORE;

	vma = find_vma(mm, addr);
	if (vma && vma->vm_start <= addr) {
		record_vma(buf, vma, vma->vm_start, image_end(mm));
		job->sum.vmas++;
		mmscope_translate(buf, vma, addr);
		return MMSCOPE_DONE;
	}

	rec = mmscope_record(buf, MMSCOPE_REC_WALK, sizeof(*rec), 0);
	rec->addr = addr;
	rec->fixed = sizeof(*rec);
	rec->step_size = sizeof(struct mmscope_step);
	if (addr < mm->task_size)
		record_gap(rec, mm, addr, vma);
	else
		rec->stop = MMSCOPE_STOP_KERNEL;
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_walk = {
	.parts = MMSCOPE_PART_WALK,
	.locked = true,
	.slice = walk_slice,
};
