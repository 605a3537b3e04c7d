// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables as text: a line for each VMA, then one for each level.
 */
#include <linux/bits.h>
#include <linux/seq_file.h>

#include "names.h"
#include "part.h"
#include "text.h"
#include "text_line.h"

/**
 * mmscope_show_tables() - print a TABLES record
 * @m: the file
 * @text: at the record
 */
void mmscope_show_tables(struct seq_file *m, const struct mmscope_text *text)
{
	const struct mmscope_tables *tables = mmscope_text_record(text);
	struct mmscope_line line;
	unsigned int level;

	mmscope_line_open(&line, m);
	mmscope_line_range(&line, tables->start, tables->end);
	for (level = MMSCOPE_PTE; level <= MMSCOPE_PUD; level++) {
		mmscope_line_char(&line, ' ');
		mmscope_line_decimal(&line, tables->pages[level], 9);
		mmscope_line_char(&line, ' ');
		mmscope_line_decimal(&line, tables->used[level], 9);
	}
	mmscope_line_char(&line, '\n');
	mmscope_line_close(&line);
}

static void show_fill(struct seq_file *m, const u32 *fill)
{
	unsigned int i;

	for (i = 0; i < MMSCOPE_FILL_BUCKETS; i++)
		if (fill[i])
			seq_printf(m, " %lu+:%u", i ? BIT(i - 1) : 0, fill[i]);
	seq_putc(m, '\n');
}

/**
 * mmscope_show_tables_sum() - print a TABLES_SUM record
 * @m: the file
 * @text: at the record
 */
void mmscope_show_tables_sum(struct seq_file *m, const struct mmscope_text *text)
{
	const struct mmscope_tables_sum *sum = mmscope_text_record(text);
	unsigned int level;

	for (level = MMSCOPE_PTE; level <= MMSCOPE_PGD; level++) {
		if (!sum->pages[level])
			continue;
		seq_printf(m, "%s: %llu pages, %llu bytes, %llu entries used, tables by entries used:",
			   mmscope_level_name(level), sum->pages[level],
			   sum->pages[level] * sum->table_bytes,
			   sum->used[level]);
		show_fill(m, sum->fill[level]);
	}
	seq_printf(m, "deposited: %llu pages\n", sum->deposited);
	seq_printf(m, "pgtables_bytes: %llu bytes\n", sum->pgtables_bytes);
}
