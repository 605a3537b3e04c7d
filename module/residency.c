// SPDX-License-Identifier: GPL-2.0-only
/* How much of a VMA, or of all VMAs of a range, is resident. */
#include <linux/mm.h>

#include "record.h"
#include "residency.h"

/* In instructions, see struct mmscope_pgwalk. */
#define COST_VMA	150

/* Of one VMA */

static bool begin(struct mmscope_resident *res, struct mmscope_buf *buf,
		  struct vm_area_struct *vma, unsigned long start)
{
	struct mmscope_residency *sum = mmscope_record_room(buf, sizeof(*sum));

	if (!sum)
		return false;
	res->walk.budget -= COST_VMA;
	*sum = (struct mmscope_residency){
		.head = {
			.type = MMSCOPE_REC_RESIDENCY,
			.size = sizeof(*sum),
		},
		.start = start,
		.end = vma->vm_end,
	};
	res->sum = sum;
	res->pss = 0;
	/* PTEs of hugetlb are counted otherwise, whatever their bits. */
	if (READ_ONCE(vma->vm_flags) & VM_HUGETLB)
		mmscope_resident_forget(res);
	return true;
}

/* All pages of @sum were counted. */
static __always_inline void sum_up(struct mmscope_resident *res)
{
	struct mmscope_residency *sum = res->sum;
	u64 counted;

	if (res->pending)
		mmscope_resident_settle(res);
	counted = sum->pte + sum->pmd + sum->pud + sum->zero + sum->special +
		  sum->swapped + sum->other;
	/* Memory that moved between two slices may be counted twice. */
	sum->never = (sum->end - sum->start) >> PAGE_SHIFT;
	sum->never -= min(sum->never, counted);
}

static u64 pss_bytes(const struct mmscope_resident *res, u64 exclusive)
{
	return (exclusive << PAGE_SHIFT) + (res->pss >> PSS_SHIFT);
}

static __always_inline void end(struct mmscope_resident *res,
				struct mmscope_buf *buf)
{
	struct mmscope_residency *sum = res->sum;

	sum_up(res);
	/* As in smaps, hugetlb memory has no PSS. */
	if (!sum->hugetlb)
		sum->pss_bytes = pss_bytes(res, sum->exclusive);
	mmscope_record_done(buf, sizeof(*sum));
}

/**
 * mmscope_resident_vma() - count the resident pages of a VMA, and record them
 * @res: the walk; not in the middle of another VMA
 * @buf: takes the record
 * @vma: the VMA
 * @start: address in it to begin at
 *
 * Context: mmap_lock held; may sleep.
 * Return: true if the record is complete; false if the slice is over. Then the
 * next slice goes on in this VMA.
 */
bool mmscope_resident_vma(struct mmscope_resident *res, struct mmscope_buf *buf,
			  struct vm_area_struct *vma, unsigned long start)
{
	if (!begin(res, buf, vma, start))
		return false;
	if (mmscope_pgwalk_vma(&res->walk, vma, start, vma->vm_end) ==
	    MMSCOPE_STOP) {
		res->kept = *res->sum;
		res->begun = true;
		res->walk.end = vma->vm_end;
		return false;
	}
	end(res, buf);
	return true;
}

static const struct mmscope_pgwalk_ops res_ops = {
	.leaf = mmscope_resident_leaf,
	.ptes = mmscope_resident_ptes,
};

/**
 * mmscope_resident_slice() - begin a slice, in the VMA where the last one ended
 * @res: the walk, maybe in the middle of that VMA. It may be gone meanwhile, or
 *	have been replaced
 * @buf: takes the record
 * @mm: the address space
 *
 * Context: mmap_lock held; may sleep.
 * Return: true if that VMA is done, or there was none; false if the slice is
 * over.
 */
bool mmscope_resident_slice(struct mmscope_resident *res,
			    struct mmscope_buf *buf, struct mm_struct *mm)
{
	struct mmscope_residency *rec = mmscope_record_room(buf, sizeof(*rec));
	struct mmscope_pgwalk *walk = &res->walk;

	if (!res->begun) {
		if (!walk->ops)
			mmscope_resident_forget(res);
		walk->ops = &res_ops;
		walk->mm = mm;
		walk->locked = true;
		mmscope_pgwalk_refill(walk);
		return true;
	}
	if (!rec)
		return false;
	res->sum = &res->kept;
	if (!mmscope_pgwalk_slice(walk))
		return false;
	*rec = res->kept;
	res->sum = rec;
	res->begun = false;
	end(res, buf);
	return true;
}

/* Of a range */

/* A VMA that a slice stopped in, and that may have grown since, is counted once. */
static int sums_vma(struct mmscope_pgwalk *walk, struct vm_area_struct *vma,
		    unsigned long addr)
{
	struct mmscope_resident *res = mmscope_resident_of(walk);
	unsigned long end = min(walk->end, vma->vm_end);

	if (addr >= res->seen)
		res->vmas++;
	addr = max(addr, res->seen);
	if (addr < end)
		res->reserved += end - addr;
	res->seen = max(res->seen, end);
	if (READ_ONCE(vma->vm_flags) & VM_HUGETLB)
		mmscope_resident_forget(res);
	return MMSCOPE_GO_ON;
}

static const struct mmscope_pgwalk_ops sums_ops = {
	.vma = sums_vma,
	.leaf = mmscope_resident_leaf,
	.ptes = mmscope_resident_ptes,
};

/**
 * mmscope_resident_start() - begin to count what of a range is resident
 * @res: the walk, zeroed
 * @mm: the address space
 * @start: first address
 * @end: exclusive
 */
void mmscope_resident_start(struct mmscope_resident *res, struct mm_struct *mm,
			    unsigned long start, unsigned long end)
{
	mmscope_pgwalk_start(&res->walk, &sums_ops, mm, start, end);
	res->walk.locked = true;
	res->sum = &res->kept;
	mmscope_resident_forget(res);
}

/**
 * mmscope_resident_range() - count all VMAs of a range until the slice is over
 * @res: started
 *
 * Context: mmap_lock held; may sleep. See mmscope_pgwalk_wait().
 * Return: true if @res->kept is complete.
 */
bool mmscope_resident_range(struct mmscope_resident *res)
{
	struct mmscope_residency *sum = &res->kept;

	if (!mmscope_pgwalk_slice(&res->walk))
		return false;
	sum->end = res->reserved;
	sum_up(res);
	sum->pss_bytes = pss_bytes(res, sum->exclusive - res->hugetlb_exclusive);
	return true;
}
