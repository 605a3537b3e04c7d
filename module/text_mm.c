// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fields of struct mm_struct as text.
 */
#include <linux/kernel.h>
#include <linux/resource.h>
#include <linux/seq_file.h>
#include <linux/stddef.h>

#include "names.h"
#include "part.h"
#include "text.h"

enum unit { ADDRESS, PAGES, BYTES, COUNT32 };

struct field {
	const char *name;
	unsigned int offset;
	enum unit unit;
};

#define FIELD(name, unit)	{ #name, offsetof(struct mmscope_mm, name), unit }

static const struct field mm_fields[] = {
	FIELD(mmap_base,		ADDRESS),
	FIELD(mmap_legacy_base,		ADDRESS),
	FIELD(task_size,		ADDRESS),
	FIELD(start_code,		ADDRESS),
	FIELD(end_code,			ADDRESS),
	FIELD(start_data,		ADDRESS),
	FIELD(end_data,			ADDRESS),
	FIELD(start_brk,		ADDRESS),
	FIELD(brk,			ADDRESS),
	FIELD(start_stack,		ADDRESS),
	FIELD(arg_start,		ADDRESS),
	FIELD(arg_end,			ADDRESS),
	FIELD(env_start,		ADDRESS),
	FIELD(env_end,			ADDRESS),
	FIELD(total_vm,			PAGES),
	FIELD(hiwater_vm,		PAGES),
	FIELD(locked_vm,		PAGES),
	FIELD(pinned_vm,		PAGES),
	FIELD(data_vm,			PAGES),
	FIELD(exec_vm,			PAGES),
	FIELD(stack_vm,			PAGES),
	FIELD(hiwater_rss,		PAGES),
	FIELD(rss_file,			PAGES),
	FIELD(rss_anon,			PAGES),
	FIELD(rss_shmem,		PAGES),
	FIELD(rss_swap,			PAGES),
	FIELD(pgtables_bytes,		BYTES),
	FIELD(map_count,		COUNT32),
	FIELD(mm_users,			COUNT32),
	FIELD(mm_count,			COUNT32),
};

static void show_field(struct seq_file *m, const struct field *field,
		       const void *rec)
{
	const void *value = rec + field->offset;

	seq_printf(m, "%s: ", field->name);
	switch (field->unit) {
	case ADDRESS:
		seq_printf(m, "0x%llx\n", *(const u64 *)value);
		break;
	case PAGES:
		seq_printf(m, "%llu pages\n", *(const u64 *)value);
		break;
	case BYTES:
		seq_printf(m, "%llu bytes\n", *(const u64 *)value);
		break;
	case COUNT32:
		seq_printf(m, "%u\n", *(const u32 *)value);
		break;
	}
}

static void show_kernel_address(struct seq_file *m, u64 address, bool shown)
{
	if (shown)
		seq_printf(m, " 0x%llx", address);
	else
		seq_puts(m, " withheld (needs CAP_SYSLOG)");
}

static void show_layout(struct seq_file *m, const struct mmscope_text *text,
			const struct mmscope_mm *mm)
{
	const struct mmscope_target *target = &text->job->target;
	const char *exe = mmscope_record_tail(mm);
	bool shown = target->flags & MMSCOPE_TASK_ADDRESSES;
	bool flexible = mm->layout == MMSCOPE_LAYOUT_FLEXIBLE;

	seq_puts(m, "exe: ");
	seq_escape(m, exe, "\n");
	seq_printf(m, "\nlayout: %s\n", flexible ? "flexible" : "classic");
	seq_puts(m, target->flags & MMSCOPE_TASK_RANDOMIZED ?
		 "aslr: on\n" : "aslr: off\n");
	seq_puts(m, "pgd:");
	show_kernel_address(m, mm->pgd, shown);
	seq_puts(m, "\nget_unmapped_area:");
	if (mm->area_len) {
		seq_printf(m, " %s", exe + mm->exe_len + 1);
		show_kernel_address(m, mm->get_unmapped_area, shown);
	} else {
		/* No pointer in this kernel: a flag in the mm decides. */
		seq_printf(m, " %s", flexible ? "top-down" : "bottom-up");
	}
	seq_putc(m, '\n');
}

static void show_limits(struct seq_file *m, const struct mmscope_mm *mm)
{
	if (mm->rlimit_stack == RLIM_INFINITY)
		seq_puts(m, "rlimit_stack: unlimited\n");
	else
		seq_printf(m, "rlimit_stack: %llu bytes\n", mm->rlimit_stack);
	seq_printf(m, "stack_guard_gap: %llu bytes%s\n", mm->stack_guard_gap,
		   mm->gap_flags & MMSCOPE_GAP_ASSUMED ?
		   " (the kernel's default)" : "");
}

/**
 * mmscope_show_mm() - print an MM record
 * @m: the file
 * @text: at the record
 */
void mmscope_show_mm(struct seq_file *m, const struct mmscope_text *text)
{
	const struct mmscope_mm *mm = mmscope_text_record(text);
	unsigned int i;

	show_layout(m, text, mm);
	for (i = 0; i < ARRAY_SIZE(mm_fields); i++)
		show_field(m, &mm_fields[i], mm);
	show_limits(m, mm);
	seq_printf(m, "def_flags: 0x%llx ", mm->def_flags);
	mmscope_show_flags(m, mmscope_vma_flags, mm->def_flags, ' ');
	seq_printf(m, "\nflags: 0x%llx ", mm->flags);
	mmscope_show_flags(m, mmscope_mm_flags, mm->flags, ' ');
	seq_putc(m, '\n');
}
