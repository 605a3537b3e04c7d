// SPDX-License-Identifier: GPL-2.0-only
/*
 * First and last lines of every text file.
 */
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/time64.h>

#include "part.h"
#include "text.h"

/* The heading of the part that was asked for. */
static const char *columns(const struct mmscope_text *text)
{
	const struct mmscope_part *const *part;

	for (part = mmscope_parts; *part; part++)
		if ((*part)->columns && (*part)->parts & text->job->query.parts)
			return (*part)->columns;
	return "";
}

/**
 * mmscope_show_task() - print a TASK record, the first one of a stream
 * @m: the file
 * @text: at the record
 */
void mmscope_show_task(struct seq_file *m, const struct mmscope_text *text)
{
	const struct mmscope_task *task = mmscope_text_record(text);

	seq_printf(m, "# mmscope %s, abi %u: pid %d (", text->name, MMSCOPE_ABI,
		   task->pid);
	seq_escape(m, task->comm, "\n");
	seq_puts(m, ")\n");
	if (task->flags & MMSCOPE_TASK_KTHREAD)
		seq_puts(m, "# a kernel thread has no user address space\n");
	else
		seq_puts(m, columns(text));
}

/**
 * mmscope_show_end() - print an END record
 * @m: the file
 * @text: at the record
 */
void mmscope_show_end(struct seq_file *m, const struct mmscope_text *text)
{
	const struct mmscope_end *end = mmscope_text_record(text);

	if (end->vmas)
		seq_printf(m, "# %llu vmas", end->vmas);
	else if (end->runs)
		seq_printf(m, "# %llu runs, %llu entries", end->runs,
			   end->entries);
	else if (end->threads)
		seq_printf(m, "# %llu threads", end->threads);
	else
		seq_puts(m, "# end");
	if (end->holds)
		seq_printf(m, "; mmap_lock held %llu times, at most %llu us\n",
			   end->holds, div_u64(end->longest_ns, NSEC_PER_USEC));
	else
		seq_putc(m, '\n');
	if (end->flags & MMSCOPE_END_CHANGED)
		seq_puts(m, "# the mappings changed during the read\n");
	if (end->status == ESRCH)
		seq_puts(m, "# incomplete: the address space is gone\n");
}
