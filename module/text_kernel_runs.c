// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of page-table entries of the kernel half as text, a line each.
 */
#include "names.h"
#include "part.h"
#include "text.h"
#include "text_line.h"

/**
 * mmscope_show_kernel_run() - print a KERNEL_RUN record
 * @m: the file
 * @text: at the record
 */
void mmscope_show_kernel_run(struct seq_file *m, const struct mmscope_text *text)
{
	const struct mmscope_kernel_run *run = mmscope_text_record(text);
	struct mmscope_line line;

	mmscope_line_open(&line, m);
	mmscope_line_range(&line, run->start, run->start + run->size);
	mmscope_line_char(&line, ' ');
	mmscope_line_word(&line, mmscope_level_name(run->level), 3);
	mmscope_line_char(&line, ' ');
	mmscope_line_decimal(&line, run->size >> 10, 16);
	mmscope_line_char(&line, ' ');
	mmscope_line_hex(&line, run->raw, 16);
	mmscope_line_char(&line, ' ');
	if (run->kind == MMSCOPE_TABLE)
		mmscope_line_string(&line, "repeats the table before");
	else
		mmscope_line_attrs(&line, run->attrs);
	if (run->flags & MMSCOPE_KERNEL_RUN_WX)
		mmscope_line_string(&line, " W+X");
	mmscope_line_char(&line, '\n');
	mmscope_line_close(&line);
}
