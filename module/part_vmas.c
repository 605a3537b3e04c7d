// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMAs of an address space: their records.
 */
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/kdev_t.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/magic.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/mount.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/stat.h>
#include <linux/string.h>

#include "compat/mm.h"
#include "compat/vma.h"
#include "digest.h"
#include "part.h"
#include "part_vmas.h"
#include "path.h"
#include "record.h"
#include "residency.h"

/* In instructions, see struct mmscope_pgwalk. */
#define COST_VMA	250
#define COST_NAMED	500
#define COST_NAME_BYTE	8
#define COST_COMPONENT	150	/* of a path */

/* A guess at the record of a VMA, with its name. */
#define BYTES_PER_VMA	160

/* A VMA without a name, and its residency. */
#define PLAIN_ROOM	(MMSCOPE_VMA_ROOM - PATH_MAX)

/**
 * struct vma_list - the VMAs of an address space, between two slices
 * @cursor: address at which the next slice resumes
 * @end: VMAs that begin at this address or above are left out
 * @residency: also count what of each VMA is resident
 * @consistent: record all VMAs in one slice, as long as there is room
 * @count: VMAs recorded
 * @digest: sum of mmscope_vma_digest() over the VMAs recorded
 * @later: takes a long path, or NULL: all paths are put together at once
 * @resident: counts
 */
struct vma_list {
	unsigned long cursor;
	unsigned long end;
	bool residency;
	bool consistent;
	u64 count;
	u64 digest;
	struct mmscope_path *later;
	struct mmscope_resident resident;
};

/* Only VM_MAYBE_GUARD can be set without mmap_lock held for writing. */
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

/* The file of mmap(MAP_ANONYMOUS | MAP_HUGETLB). */
static bool is_anon_hugetlb(const struct file *file)
{
	return file->f_path.mnt->mnt_flags & MNT_INTERNAL &&
	       !strcmp(file->f_path.dentry->d_name.name, HUGETLB_ANON_FILE);
}

/*
 * For shared memory that user space did not map from a file of its own the
 * kernel makes one: in tmpfs for MAP_ANONYMOUS, /dev/zero and SysV memory, in
 * hugetlbfs for huge pages.
 */
static bool file_is_anonymous(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	switch (inode->i_sb->s_magic) {
	case TMPFS_MAGIC:
		return IS_PRIVATE(inode);
	case HUGETLBFS_MAGIC:
		return IS_PRIVATE(inode) || is_anon_hugetlb(file);
	default:
		return false;
	}
}

/*
 * A private mapping without vm_ops is anonymous memory, even if it has a file:
 * that of /dev/zero. All other mappings of a descriptor are file mappings: the
 * descriptor may be a memfd or an anonymous inode (perf, io_uring, secretmem).
 * So is the ring of aio, which has an inode of that kind.
 */
static bool vma_maps_file(struct vm_area_struct *vma)
{
	return vma->vm_file && !vma_is_anonymous(vma) &&
	       !file_is_anonymous(vma->vm_file);
}

static u8 vma_kind(struct vm_area_struct *vma, u64 flags)
{
	bool file = vma_maps_file(vma);

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

/* False for an empty range, wherever it lies. */
static bool overlaps(const struct vm_area_struct *vma, unsigned long start,
		     unsigned long end)
{
	return start < end && vma->vm_start < end && vma->vm_end > start;
}

static bool vma_reaches(const struct vm_area_struct *vma, unsigned long addr)
{
	return vma->vm_start <= addr && vma->vm_end >= addr;
}

static bool vma_is_stack(const struct vm_area_struct *vma)
{
	return vma_reaches(vma, vma->vm_mm->start_stack);
}

static u8 special_segment(const char *name)
{
	if (!strcmp(name, "[vdso]"))
		return MMSCOPE_SEG_VDSO;
	if (!strncmp(name, "[vvar", 5))
		return MMSCOPE_SEG_VVAR;
	return MMSCOPE_SEG_SPECIAL;
}

/*
 * The heap is [start_brk, brk): while it is empty, no VMA is part of it. Names
 * are those of maps, which call a VMA "[heap]" that only covers start_brk.
 */
static u8 vma_segment(const struct vm_area_struct *vma, const char *special)
{
	const struct mm_struct *mm = vma->vm_mm;

	if (special)
		return special_segment(special);
	if (overlaps(vma, mm->start_code, mm->end_code))
		return MMSCOPE_SEG_CODE;
	if (overlaps(vma, mm->start_data, mm->end_data))
		return MMSCOPE_SEG_DATA;
	if (vma->vm_file)
		return MMSCOPE_SEG_MMAP;
	if (overlaps(vma, mm->start_brk, mm->brk))
		return MMSCOPE_SEG_HEAP;
	return vma_is_stack(vma) ? MMSCOPE_SEG_STACK : MMSCOPE_SEG_MMAP;
}

static const char *vma_special_name(struct vm_area_struct *vma)
{
	if (vma->vm_file || !vma->vm_ops || !vma->vm_ops->name)
		return NULL;
	return vma->vm_ops->name(vma);
}

static void put_text(struct mmscope_vma *rec, u8 kind, const char *format,
		     const char *text)
{
	rec->name_kind = kind;
	rec->name_len = scnprintf(mmscope_record_tail(rec), PATH_MAX, format,
				  text);
}

/*
 * The order decides which name wins: it is that of /proc/PID/maps.
 *
 * @later: takes the path of a file, or NULL
 */
static void put_name(struct mmscope_vma *rec, struct vm_area_struct *vma,
		     const char *special, struct mmscope_path *later)
{
	const char *given = mmscope_anon_name(vma);

	if (vma->vm_file && given)
		put_text(rec, MMSCOPE_NAME_ANON, "[anon_shmem:%s]", given);
	else if (vma->vm_file && later)
		mmscope_path_later(later, rec, file_user_path(vma->vm_file));
	else if (vma->vm_file)
		mmscope_path_put(rec, file_user_path(vma->vm_file));
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

static void put_policy(void *arg, const struct mempolicy *policy)
{
	struct mmscope_vma *rec = arg;
	bool cut = false;

	rec->policy = mmscope_policy_mode(policy);
	/* The nodes of a local policy are not initialised. */
	if (rec->policy != MPOL_LOCAL)
		rec->policy_nodes = mmscope_policy_nodes(policy, &cut);
	if (cut)
		rec->node_flags = MMSCOPE_NODES_CUT;
}

static bool is_tmpfs_file(const struct inode *inode)
{
	return S_ISREG(inode->i_mode) && inode->i_sb->s_magic == TMPFS_MAGIC;
}

/*
 * The policy of tmpfs memory belongs to the file: that of the VMA is stale as
 * soon as another mapping of the file sets one. As in numa_maps, the first page
 * decides.
 */
static void put_policy_in_force(struct mmscope_vma *rec,
				const struct vm_area_struct *vma)
{
	if (mmscope_vma_shares_policy(vma) &&
	    is_tmpfs_file(file_inode(vma->vm_file)))
		mmscope_shared_policy(file_inode(vma->vm_file), vma->vm_pgoff,
				      rec, put_policy);
	else if (vma_policy(vma))
		put_policy(rec, vma_policy(vma));
}

/**
 * struct places - addresses of an mm that decide which VMAs are plain
 * @above: VMAs that begin above this are neither of the program's image nor heap
 * @stack: start of the main thread's stack
 */
struct places {
	unsigned long above;
	unsigned long stack;
};

static struct places places_of(const struct mm_struct *mm)
{
	return (struct places){
		.above = max3(mm->end_code, mm->end_data, mm->brk),
		.stack = mm->start_stack,
	};
}

/*
 * Most VMAs are anonymous memory above the heap, and have nothing but bounds and
 * flags.
 */
static bool vma_is_plain(const struct vm_area_struct *vma,
			 const struct places *places)
{
	return !vma->vm_file && !vma->vm_ops && vma->vm_start > places->above &&
	       !vma_reaches(vma, places->stack) && !mmscope_anon_name(vma);
}

/* What all VMAs have, and the rest as it is in plain ones. */
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
	/* One store for the bytes that are the same in all plain VMAs. */
	*(u64 *)&rec->perms = 0;
	/* Shared memory has a file. */
	rec->kind = MMSCOPE_PRIVATE_ANON;
	rec->segment = MMSCOPE_SEG_MMAP;
	rec->page_shift = PAGE_SHIFT;
	rec->policy = 0;
	rec->name_kind = MMSCOPE_NAME_NONE;
	rec->name_len = 0;
	rec->perms = vma_perms(flags);
	rec->policy_nodes = 0;
	*(u64 *)&rec->fixed = 0;
	rec->fixed = sizeof(*rec);
	*(u64 *)mmscope_record_tail(rec) = 0;
}

/* What plain VMAs do not have. */
static void put_rest(struct mmscope_vma *rec, struct vm_area_struct *vma,
		     struct mmscope_path *later)
{
	const char *special = vma_special_name(vma);

	rec->kind = vma_kind(vma, rec->flags);
	rec->segment = vma_segment(vma, special);
	rec->page_shift = vma_page_shift(vma);
	if (vma->vm_file)
		put_file(rec, vma->vm_file);
	put_name(rec, vma, special, later);
	put_policy_in_force(rec, vma);
}

/* Not for the first VMA of a slice, or else the slice could not begin at all. */
static bool is_limited(const struct vma_list *list)
{
	return !list->consistent &&
	       list->resident.walk.budget != MMSCOPE_SLICE_BUDGET;
}

static unsigned int name_cost(const struct mmscope_vma *rec)
{
	/* d_path() fills the room for the name even if the path is too long. */
	return COST_NAME_BYTE * (rec->name_kind == MMSCOPE_NAME_TOO_LONG ?
				 PATH_MAX : rec->name_len);
}

/*
 * A long path ends the slice, so that it is put together before the next VMA.
 *
 * Return: the cost in instructions; 0 if there is no room, or if the cost would
 * exceed the budget.
 */
static noinline unsigned int put_rest_within(struct mmscope_buf *buf,
					     struct mmscope_vma *rec,
					     struct vm_area_struct *vma,
					     const struct vma_list *list)
{
	unsigned int cost = COST_NAMED, depth = 0;

	if (vma->vm_file && list->later)
		depth = mmscope_path_depth(file_user_path(vma->vm_file));
	if (depth <= MMSCOPE_PATH_SHORT)
		cost += depth * COST_COMPONENT;
	if ((is_limited(list) && cost > list->resident.walk.budget) ||
	    !mmscope_record_room(buf, MMSCOPE_VMA_ROOM))
		return 0;
	if (depth > MMSCOPE_PATH_SHORT) {
		put_rest(rec, vma, list->later);
		return MMSCOPE_SLICE_BUDGET;
	}
	put_rest(rec, vma, NULL);
	return cost + name_cost(rec);
}

/*
 * @start: addresses below are in earlier records, and are cut off.
 * @list: its budget is the limit, and the VMA is added to its digest.
 *
 * Inline: with many VMAs, the call would be a tenth of the work.
 * Return: the cost in instructions; 0 if nothing was recorded, for want of room
 * or budget.
 */
static __always_inline unsigned int
record_vma(struct mmscope_buf *buf, struct vm_area_struct *vma,
	   unsigned long start, const struct places *places,
	   struct vma_list *list)
{
	struct mmscope_vma *rec = mmscope_record_room(buf, PLAIN_ROOM);
	unsigned int cost = COST_VMA;
	u64 terms;

	if (!rec)
		return 0;
	put_plain(rec, vma, start);
	terms = mmscope_digest_bounds(vma, rec->flags);
	if (!vma_is_plain(vma, places)) {
		cost = put_rest_within(buf, rec, vma, list);
		if (!cost)
			return 0;
		cost += COST_VMA;
		terms += mmscope_digest_file(vma);
	} else if (vma_policy(vma)) {
		put_policy(rec, vma_policy(vma));
	}
	rec->head.type = MMSCOPE_REC_VMA;
	rec->head.size = ALIGN(sizeof(*rec) + rec->name_len + 1, sizeof(u64));
	/* d_path() writes to bytes that are not part of the name. */
	if (rec->name_kind != MMSCOPE_NAME_NONE)
		memset(mmscope_record_tail(rec) + rec->name_len, 0,
		       rec->head.size - sizeof(*rec) - rec->name_len);
	mmscope_record_done(buf, rec->head.size);
	list->digest += mmscope_digest_of(vma, terms);
	return cost;
}

#define VMA_COLUMNS							\
	"# start      -end          perm offset   dev   inode    segment "	\
	"kind         page policy flags name\n"

/*
 * All VMAs of one moment need a buffer for all of them. What a VMA takes is a
 * guess: if it was too small, the part starts over with more.
 *
 * Their paths are put together under the same hold of mmap_lock. For 65,000 mappings
 * of a file with a path of 55 bytes, it takes 94 million instructions, of anonymous
 * memory 13 million. To do it later would need a reference to each path, a second
 * buffer for records that grow, and would give names of another moment.
 */
static void vmas_start(struct mmscope_job *job)
{
	struct vma_list *list = job->state;
	const struct mm_struct *mm = job->target.mm;

	list->cursor = job->query.start;
	list->end = job->query.end;
	list->residency = job->query.flags & MMSCOPE_QUERY_RESIDENCY;
	list->consistent = job->query.flags & MMSCOPE_QUERY_CONSISTENT;
	list->later = list->consistent ? NULL : &job->path;
	job->walk = &list->resident.walk;
	if (list->consistent)
		job->room += READ_ONCE(mm->map_count) * BYTES_PER_VMA +
			     2 * PAGE_SIZE;
}

/*
 * The budget of a slice is spent: does the slice go on? All VMAs of one moment are in
 * one, however long it takes.
 */
static bool goes_on(struct vma_list *list)
{
	if (!list->consistent || fatal_signal_pending(current))
		return false;
	cond_resched();
	mmscope_pgwalk_refill(&list->resident.walk);
	return true;
}

/* Return: true if all VMAs were recorded. */
static bool record_vmas(struct mmscope_buf *buf, struct mm_struct *mm,
			struct vma_list *list)
{
	VMA_ITERATOR(vmi, mm, list->cursor);
	struct mmscope_resident *res = &list->resident;
	const struct places places = places_of(mm);
	/* The VMA that the last slice recorded may have grown since. */
	const unsigned long done = list->count ? list->cursor : 0;
	struct vm_area_struct *vma;
	unsigned long start;
	unsigned int cost;

	mmap_assert_locked(mm);

	if (!mmscope_resident_slice(res, buf, mm))
		return false;
	while ((vma = vma_next(&vmi)) && vma->vm_start < list->end) {
		if (mmscope_pgwalk_over(&res->walk) && !goes_on(list))
			return false;
		start = max(vma->vm_start, done);
		cost = record_vma(buf, vma, start, &places, list);
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

static int vmas_slice(struct mmscope_job *job)
{
	struct vma_list *list = job->state;
	struct mm_struct *mm = job->target.mm;
	bool done = record_vmas(&job->buf, mm, list);

	job->sum.vmas = list->count;
	if (!done)
		return list->consistent ? MMSCOPE_AGAIN : MMSCOPE_MORE;
	/* Ignore changes seen by a discarded attempt. */
	if (list->consistent) {
		job->sum.flags |= MMSCOPE_END_CONSISTENT;
		mmscope_hold_rebase(&job->hold, mm);
	} else {
		mmscope_job_digest(job, list->digest);
	}
	return MMSCOPE_DONE;
}

/**
 * mmscope_record_vma() - record one VMA
 * @job: its buffer has MMSCOPE_VMA_ROOM left; a long path is put together later
 * @vma: the VMA
 *
 * Context: mmap_lock held; may sleep.
 */
void mmscope_record_vma(struct mmscope_job *job, struct vm_area_struct *vma)
{
	const struct places places = places_of(vma->vm_mm);
	struct vma_list alone = { .consistent = true, .later = &job->path };

	record_vma(&job->buf, vma, vma->vm_start, &places, &alone);
}

const struct mmscope_part mmscope_part_vmas = {
	.parts = MMSCOPE_PART_VMAS,
	.ranged = true,
	.locked = true,
	.state_size = sizeof(struct vma_list),
	.columns = VMA_COLUMNS,
	.start = vmas_start,
	.slice = vmas_slice,
};
