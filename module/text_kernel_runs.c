// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of page-table entries of the kernel half as text, a line each.
 */
#include <linux/seq_file.h>

#include "names.h"
#include "part.h"
#include "text.h"

/**
 * mmscope_show_kernel_run() - print a KERNEL_RUN record
 * @m: the file
 * @text: at the record
 */
void mmscope_show_kernel_run(struct seq_file *m, const struct mmscope_text *text)
{
	const struct mmscope_kernel_run *run = mmscope_text_record(text);

	mmscope_show_range(m, run->start, run->start + run->size);
	seq_printf(m, " %-3s %16llu %016llx ", mmscope_level_name(run->level),
		   run->size >> 10, run->raw);
	if (run->kind == MMSCOPE_TABLE)
		seq_puts(m, "repeats the table before");
	else
		mmscope_show_attrs(m, run->attrs);
	if (run->flags & MMSCOPE_KERNEL_RUN_WX)
		seq_puts(m, " W+X");
	seq_putc(m, '\n');
}
