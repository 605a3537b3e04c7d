// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layout of the kernel half as text, a line for each region.
 */
#include <linux/seq_file.h>

#include "names.h"
#include "part.h"
#include "text.h"

/**
 * mmscope_show_kernel() - print a KERNEL record
 * @m: the file
 * @text: at the record
 */
void mmscope_show_kernel(struct seq_file *m, const struct mmscope_text *text)
{
	const struct mmscope_kernel *kernel = mmscope_text_record(text);

	seq_printf(m, "# top table at %llx: %u entries in use", kernel->root,
		   kernel->used);
	if (kernel->flags & MMSCOPE_KERNEL_ONE_ROOT)
		seq_puts(m, ", of all processes\n");
	else
		seq_printf(m, ", %u the same in process %d, %u of each process\n",
			   kernel->same, kernel->other_pid, kernel->own);
	if (kernel->flags & MMSCOPE_KERNEL_PTI)
		seq_printf(m, "# PTI: top table of user mode at %llx: %u entries in use\n",
			   kernel->user_root, kernel->user_used);
}

/**
 * mmscope_show_kernel_region() - print a KERNEL_REGION record
 * @m: the file
 * @text: at the record
 */
void mmscope_show_kernel_region(struct seq_file *m,
				const struct mmscope_text *text)
{
	const struct mmscope_kernel_region *region = mmscope_text_record(text);

	mmscope_show_range(m, region->start, region->start + region->size);
	seq_printf(m, " %14llu %s", region->size >> 10,
		   mmscope_area_name(region->area));
	if (region->flags & MMSCOPE_REGION_BEST_EFFORT)
		seq_puts(m, " (best effort)");
	seq_putc(m, '\n');
}
