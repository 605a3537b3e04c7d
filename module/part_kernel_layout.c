// SPDX-License-Identifier: GPL-2.0-only
/*
 * The regions of the kernel half, and whether two processes share it.
 */
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "compat/task.h"
#include "kernel.h"
#include "part.h"

/* The window of the image is small, so one slice does. */
#define IMAGE_BUDGET	100000000

/**
 * struct image_search - finds the bounds of the kernel image
 * @walk: over the window where it is
 * @image: what is known of it
 * @block: memory mapped without a hole, so far
 * @start: of the image; 0: not found yet
 * @end: exclusive
 */
struct image_search {
	struct mmscope_kwalk walk;
	struct mmscope_kernel_image image;
	struct mmscope_kernel_bounds block;
	u64 start;
	u64 end;
};

/**
 * struct layout - what is recorded at once
 * @search: for the image
 * @regions: number of regions
 * @region: the regions
 */
struct layout {
	struct image_search search;
	unsigned int regions;
	struct mmscope_kernel_bounds region[MMSCOPE_REGIONS_MAX];
};

#define LAYOUT_ROOM	(sizeof(struct mmscope_kernel) +			\
			 (MMSCOPE_REGIONS_MAX + 1) *			\
			 sizeof(struct mmscope_kernel_region))

/* Is the address in the block? All blocks have the address 0. */
static bool block_has(const struct mmscope_kernel_bounds *block, u64 addr)
{
	return !addr || (addr >= block->start && addr < block->end);
}

static void end_block(struct image_search *search)
{
	const struct mmscope_kernel_bounds *block = &search->block;

	if (!block->end)
		return;
	if (!search->start && block_has(block, search->image.text))
		search->start = block->start;
	if (search->start && block_has(block, search->image.data))
		search->end = block->end;
}

static bool add_to_block(struct mmscope_kwalk *walk,
			 const struct mmscope_kleaf *run)
{
	struct image_search *search = container_of(walk, struct image_search,
						   walk);

	if (search->block.end != run->start) {
		end_block(search);
		search->block.start = run->start;
	}
	search->block.end = run->start + run->size;
	return true;
}

static void find_image(struct image_search *search, const struct mm_struct *mm)
{
	mmscope_kernel_image(&search->image);
	mmscope_kwalk_start(&search->walk, mm, search->image.start,
			    search->image.end - 1);
	search->walk.add = add_to_block;
	mmscope_kwalk_slice(&search->walk, IMAGE_BUDGET);
	end_block(search);
}

static void record_region(struct mmscope_buf *buf, u64 start, u64 end, u32 area,
			  u32 flags)
{
	struct mmscope_kernel_region *rec;

	rec = mmscope_record(buf, MMSCOPE_REC_KERNEL_REGION, sizeof(*rec), 0);
	rec->start = start;
	rec->size = end - start;
	rec->area = area;
	rec->flags = flags;
}

static void record_image(struct mmscope_buf *buf,
			 const struct image_search *search)
{
	record_region(buf, search->start, search->end, MMSCOPE_AREA_IMAGE,
		      MMSCOPE_REGION_BEST_EFFORT);
}

/* The image lies in a region, and so comes after it. */
static void record_regions(struct mmscope_buf *buf, const struct layout *layout)
{
	const struct image_search *search = &layout->search;
	unsigned int i;

	for (i = 0; i < layout->regions; i++) {
		const struct mmscope_kernel_bounds *r = &layout->region[i];

		if (r->start >= r->end)
			continue;
		record_region(buf, r->start, r->end, r->area, 0);
		if (search->end > search->start && block_has(r, search->start))
			record_image(buf, search);
	}
}

/* Return: process 1 as the opener numbers it, or the reader; mmput() it, or NULL. */
static struct mm_struct *other_mm(const struct mmscope_target *target, s32 *nr)
{
	struct pid_namespace *ns = ns_of_pid(target->opener);
	struct task_struct *task = NULL;
	struct mm_struct *mm = NULL;
	struct pid *pid;
	int first = 1;

	rcu_read_lock();
	pid = mmscope_next_pid(ns, &first);
	if (pid && first == 1)
		task = pid_task(pid, PIDTYPE_PID);
	if (task)
		mm = data_race(get_task_mm(task)); /* see group_mm() */
	rcu_read_unlock();
	*nr = 1;
	if (mm && mm != target->mm)
		return mm;
	if (mm)
		mmput(mm);
	*nr = task_pid_nr_ns(current, ns);
	return get_task_mm(current);
}

/* Entries in use in the kernel half of the top table, and what they lead to. */
static void count_entries(struct mmscope_kernel *rec,
			  const struct mmscope_kernel_root *root,
			  const struct mmscope_kernel_root *other)
{
	unsigned int i;
	u64 raw, same;

	for (i = root->first; i < root->nr; i++) {
		if (!mmscope_kernel_entry(root->table + i, &raw))
			continue;
		rec->used++;
		if (mmscope_kernel_own(root, i))
			rec->own++;
		else if (mmscope_kernel_entry(other->table + i, &same) &&
			 mmscope_arch_frame(raw, MMSCOPE_PTE) ==
			 mmscope_arch_frame(same, MMSCOPE_PTE))
			rec->same++;
	}
}

static void count_user_table(struct mmscope_kernel *rec, const u64 *table,
			     const struct mmscope_kernel_root *root)
{
	unsigned int i;
	u64 raw;

	rec->flags |= MMSCOPE_KERNEL_PTI;
	rec->user_root = virt_to_phys((void *)table);
	for (i = root->first; i < root->nr; i++)
		rec->user_used += mmscope_kernel_entry(table + i, &raw);
}

static void fill_kernel(struct mmscope_kernel *rec,
			const struct mmscope_target *target)
{
	struct mmscope_kernel_root root, other;
	struct mm_struct *mm;
	u64 *user;

	mmscope_kernel_root(target->mm, &root);
	user = mmscope_kernel_user_table(target->mm);
	mm = other_mm(target, &rec->other_pid);
	if (mm) {
		mmscope_kernel_root(mm, &other);
		count_entries(rec, &root, &other);
		mmput(mm);
	}
	rec->root = virt_to_phys(root.table);
	rec->start = mmscope_kernel_start();
	if (mmscope_kernel_one_root())
		rec->flags |= MMSCOPE_KERNEL_ONE_ROOT;
	if (user)
		count_user_table(rec, user, &root);
}

static int layout_slice(struct mmscope_job *job)
{
	struct mmscope_buf *buf = &job->buf;
	struct layout *layout = job->state;
	struct mmscope_kernel *rec;

	if (!mmscope_record_room(buf, LAYOUT_ROOM))
		return MMSCOPE_MORE;
	rec = mmscope_record(buf, MMSCOPE_REC_KERNEL, sizeof(*rec), 0);
	fill_kernel(rec, &job->target);
	layout->regions = mmscope_kernel_regions(layout->region);
	find_image(&layout->search, job->target.mm);
	record_regions(buf, layout);
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_kernel_layout = {
	.parts = MMSCOPE_PART_KERNEL_LAYOUT,
	.addresses = true,
	.state_size = sizeof(struct layout),
	.columns = "# start         -end                         KiB region\n",
	.slice = layout_slice,
};
