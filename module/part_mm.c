// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fields of struct mm_struct.
 */
#include <linux/compiler.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kallsyms.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "compat/mm.h"
#include "part.h"
#include "record.h"
#include "target.h"

/*
 * The gap that mmap() keeps below a stack. The kernel's variable is not
 * exported; this is its value unless stack_guard_gap= was set at boot.
 */
#define DEFAULT_GUARD_GAP	(256UL << PAGE_SHIFT)

/* prctl(PR_SET_MM) changes these under arg_lock and mmap_lock for reading. */
static void fill_segments(struct mmscope_mm *rec, struct mm_struct *mm)
{
	spin_lock(&mm->arg_lock);
	rec->start_code = mm->start_code;
	rec->end_code = mm->end_code;
	rec->start_data = mm->start_data;
	rec->end_data = mm->end_data;
	rec->start_brk = mm->start_brk;
	rec->brk = mm->brk;
	rec->start_stack = mm->start_stack;
	rec->arg_start = mm->arg_start;
	rec->arg_end = mm->arg_end;
	rec->env_start = mm->env_start;
	rec->env_end = mm->env_end;
	spin_unlock(&mm->arg_lock);
}

static u64 counter(struct mm_struct *mm, int member)
{
	/* Page faults change the counters under mmap_lock for reading, too. */
	return data_race(get_mm_counter_sum(mm, member));
}

static void fill_counters(struct mmscope_mm *rec, struct mm_struct *mm)
{
	rec->total_vm = mmscope_mm_total(&mm->total_vm);
	rec->data_vm = mmscope_mm_total(&mm->data_vm);
	rec->exec_vm = mmscope_mm_total(&mm->exec_vm);
	rec->stack_vm = mmscope_mm_total(&mm->stack_vm);
	rec->locked_vm = mm->locked_vm;
	rec->pinned_vm = atomic64_read(&mm->pinned_vm);
	rec->map_count = mm->map_count;

	rec->rss_file = counter(mm, MM_FILEPAGES);
	rec->rss_anon = counter(mm, MM_ANONPAGES);
	rec->rss_swap = counter(mm, MM_SWAPENTS);
	rec->rss_shmem = counter(mm, MM_SHMEMPAGES);

	/* The kernel updates this only before a counter falls, without a lock. */
	rec->hiwater_rss = max_t(u64, data_race(mm->hiwater_rss),
				 rec->rss_file + rec->rss_anon + rec->rss_shmem);
	/* Likewise. */
	rec->hiwater_vm = max_t(u64, data_race(mm->hiwater_vm), rec->total_vm);
	rec->pgtables_bytes = mm_pgtables_bytes(mm);

	/* Without the references of this reader: see hold() and target.c. */
	rec->mm_users = atomic_read(&mm->mm_users) - 1;
	rec->mm_count = atomic_read(&mm->mm_count) - 1;
}

static void fill_layout(struct mmscope_mm *rec, struct mm_struct *mm,
			const struct mmscope_target *target)
{
	rec->mmap_base = mmscope_mmap_base(mm);
	rec->mmap_legacy_base = mmscope_mmap_legacy_base(mm);
	rec->task_size = mm->task_size;
	rec->rlimit_stack = target->rlimit_stack;
	rec->stack_guard_gap = DEFAULT_GUARD_GAP;
	rec->gap_flags = MMSCOPE_GAP_ASSUMED;
	rec->def_flags = mm->def_flags;
	/* Bits are set under various locks, or none. */
	rec->flags = data_race(__mm_flags_get_word(mm));

	if (target->flags & MMSCOPE_TASK_ADDRESSES) {
		rec->pgd = (unsigned long)mm->pgd;
		rec->get_unmapped_area = mmscope_get_unmapped_area(mm);
	}
}

/* Return: length of the path copied to @to, which has room for PATH_MAX. */
static size_t put_exe(char *to, struct mm_struct *mm)
{
	struct file *file = mmscope_mm_exe_file(mm);
	size_t len = 0;
	char *path;

	if (file) {
		path = d_path(&file->f_path, to, PATH_MAX);
		if (!IS_ERR(path)) {
			len = strlen(path);
			memmove(to, path, len);
		}
		fput(file);
	}
	to[len] = '\0';
	return len;
}

/* Return: length of the symbol copied to @to, which has room for any. */
static size_t put_get_unmapped_area(char *to, struct mm_struct *mm)
{
	unsigned long addr = mmscope_get_unmapped_area(mm);

	*to = '\0';
	return addr ? sprint_symbol_no_offset(to, addr) : 0;
}

/* Kernels have either a flag, or a function named after the layout. */
static bool is_topdown(u64 flags, const char *get_unmapped_area)
{
	return flags & MMF_BIT(MMF_TOPDOWN) ||
	       strstr(get_unmapped_area, "topdown");
}

static int mm_slice(struct mmscope_job *job)
{
	const struct mmscope_target *target = &job->target;
	struct mm_struct *mm = target->mm;
	struct mmscope_mm *rec;
	char *text;

	mmap_assert_locked(mm);

	rec = mmscope_record(&job->buf, MMSCOPE_REC_MM, sizeof(*rec),
			     PATH_MAX + KSYM_SYMBOL_LEN);
	if (!rec)
		return MMSCOPE_MORE;

	rec->fixed = sizeof(*rec);
	fill_layout(rec, mm, target);
	fill_segments(rec, mm);
	fill_counters(rec, mm);

	text = mmscope_record_tail(rec);
	rec->exe_len = put_exe(text, mm);
	text += rec->exe_len + 1;
	rec->area_len = put_get_unmapped_area(text, mm);
	rec->layout = is_topdown(rec->flags, text) ? MMSCOPE_LAYOUT_FLEXIBLE :
						     MMSCOPE_LAYOUT_CLASSIC;
	text += rec->area_len + 1;
	mmscope_record_trim(&job->buf, rec, text - (char *)rec);
	return MMSCOPE_DONE;
}

const struct mmscope_part mmscope_part_mm = {
	.parts = MMSCOPE_PART_MM,
	.locked = true,
	.slice = mm_slice,
};
