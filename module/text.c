// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all records need to become text.
 *
 * BUMP MMSCOPE_ABI when a column or a name goes or changes its meaning. New
 * columns go before the name, which may hold blanks, or on a line of their own.
 */
#include <linux/seq_file.h>

#include "part.h"
#include "text.h"

/**
 * mmscope_show_flags() - print the names of flags
 * @m: the file
 * @flag: their names
 * @flags: the flags
 * @separator: between two names
 */
void mmscope_show_flags(struct seq_file *m, const struct mmscope_flag *flag,
			u64 flags, char separator)
{
	bool any = false;

	for (; flag->name; flag++) {
		if (!(flags & flag->mask))
			continue;
		if (any)
			seq_putc(m, separator);
		seq_puts(m, flag->name);
		any = true;
	}
	if (!any)
		seq_putc(m, '-');
}

/**
 * mmscope_show_range() - print a range of addresses
 * @m: the file
 * @start: first address
 * @end: exclusive
 */
void mmscope_show_range(struct seq_file *m, u64 start, u64 end)
{
	seq_printf(m, "%012llx-%012llx", start, end);
}

/**
 * mmscope_text_record() - the record that is to be printed
 * @text: not at its end
 *
 * Return: the record.
 */
const void *mmscope_text_record(const struct mmscope_text *text)
{
	return text->job->buf.data + text->offset;
}
