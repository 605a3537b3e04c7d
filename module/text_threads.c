// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads as text, a line each.
 */
#include "part.h"
#include "text.h"
#include "text_line.h"

/* Wide enough for two addresses of 12 digits. */
#define RANGE_WIDTH	25

static void put_stack(struct mmscope_line *line, u64 start, u64 size)
{
	const char *from;

	mmscope_line_char(line, ' ');
	from = line->at;
	if (size)
		mmscope_line_range(line, start, start + size);
	else
		mmscope_line_char(line, '-');
	mmscope_line_fill(line, from, RANGE_WIDTH);
}

static const char *registers_name(u32 flags)
{
	if (flags & MMSCOPE_THREAD_WORKER)
		return "none";
	return flags & MMSCOPE_THREAD_CURRENT ? "now" : "entry";
}

static void put_registers(struct mmscope_line *line,
			  const struct mmscope_thread *thread)
{
	mmscope_line_word(line, registers_name(thread->flags), 5);
	mmscope_line_char(line, ' ');
	mmscope_line_hex(line, thread->sp, 12);
	mmscope_line_char(line, ' ');
	mmscope_line_hex(line, thread->ip, 12);
	mmscope_line_char(line, ' ');
	mmscope_line_hex(line, thread->tls, 12);
}

static void put_kernel_stack(struct mmscope_line *line,
			     const struct mmscope_thread *thread)
{
	mmscope_line_char(line, ' ');
	if (thread->kernel_stack)
		mmscope_line_hex(line, thread->kernel_stack, 16);
	else
		mmscope_line_word(line, "withheld", 16);
	mmscope_line_char(line, ' ');
	mmscope_line_decimal(line, thread->kernel_size, 5);
	if (thread->kernel_used) {
		mmscope_line_char(line, ' ');
		mmscope_line_decimal(line, thread->kernel_used, 5);
	} else {
		mmscope_line_string(line, "     -");
	}
}

/* The number of a process that the reader's pid namespace does not show is 0. */
static void put_ids(struct mmscope_line *line,
		    const struct mmscope_thread *thread)
{
	mmscope_line_decimal(line, thread->tid, 8);
	mmscope_line_char(line, ' ');
	mmscope_line_decimal(line, thread->tgid, 7);
	mmscope_line_char(line, ' ');
	mmscope_line_char(line, thread->state);
	mmscope_line_string(line, "     ");
}

/**
 * mmscope_show_thread() - print a THREAD record
 * @m: the file
 * @text: at the record
 */
void mmscope_show_thread(struct seq_file *m, const struct mmscope_text *text)
{
	const struct mmscope_thread *thread = mmscope_text_record(text);
	struct mmscope_line line;

	mmscope_line_open(&line, m);
	put_ids(&line, thread);
	put_registers(&line, thread);
	put_stack(&line, thread->altstack_start, thread->altstack_size);
	put_stack(&line, thread->shadow_start, thread->shadow_size);
	put_kernel_stack(&line, thread);
	mmscope_line_close_named(&line, thread->comm);
}
