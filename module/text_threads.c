// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads as text, a line each.
 */
#include <linux/seq_file.h>

#include "part.h"
#include "text.h"

/* Wide enough for two addresses of 12 digits. */
#define RANGE_WIDTH	25

static void show_stack(struct seq_file *m, u64 start, u64 size)
{
	seq_putc(m, ' ');
	if (size)
		mmscope_show_range(m, start, start + size);
	else
		seq_printf(m, "%-*s", RANGE_WIDTH, "-");
}

static const char *registers_name(u32 flags)
{
	if (flags & MMSCOPE_THREAD_WORKER)
		return "none";
	return flags & MMSCOPE_THREAD_CURRENT ? "now" : "entry";
}

static void show_kernel_stack(struct seq_file *m,
			      const struct mmscope_thread *thread)
{
	if (thread->kernel_stack)
		seq_printf(m, " %016llx", thread->kernel_stack);
	else
		seq_printf(m, " %-16s", "withheld");
	seq_printf(m, " %5u", thread->kernel_size);
	if (thread->kernel_used)
		seq_printf(m, " %5u", thread->kernel_used);
	else
		seq_printf(m, " %5s", "-");
}

/**
 * mmscope_show_thread() - print a THREAD record
 * @m: the file
 * @text: at the record
 */
void mmscope_show_thread(struct seq_file *m, const struct mmscope_text *text)
{
	const struct mmscope_thread *thread = mmscope_text_record(text);

	seq_printf(m, "%8d %7d %c     %-5s %012llx %012llx %012llx",
		   thread->tid, thread->tgid, thread->state,
		   registers_name(thread->flags), thread->sp, thread->ip,
		   thread->tls);
	show_stack(m, thread->altstack_start, thread->altstack_size);
	show_stack(m, thread->shadow_start, thread->shadow_size);
	show_kernel_stack(m, thread);
	seq_putc(m, ' ');
	seq_escape(m, thread->comm, "\n");
	seq_putc(m, '\n');
}
