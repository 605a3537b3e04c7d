// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all records need to become text.
 *
 * BUMP MMSCOPE_ABI when a column or a name goes or changes its meaning. New
 * columns go before the name, which may hold blanks, or on a line of their own.
 */
#include <linux/seq_file.h>
#include <linux/string.h>

#include "part.h"
#include "text.h"
#include "text_line.h"

/**
 * mmscope_line_flags() - append the names of flags
 * @line: open
 * @flag: their names
 * @flags: the flags
 * @separator: between two names
 */
void mmscope_line_flags(struct mmscope_line *line,
			const struct mmscope_flag *flag, u64 flags,
			char separator)
{
	bool any = false;

	for (; flags && flag->name; flag++) {
		if (!(flags & flag->mask))
			continue;
		flags &= ~flag->mask;
		if (any)
			mmscope_line_char(line, separator);
		mmscope_line_string(line, flag->name);
		any = true;
	}
	if (!any)
		mmscope_line_char(line, '-');
}

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
	struct mmscope_line line;

	mmscope_line_open(&line, m);
	mmscope_line_flags(&line, flag, flags, separator);
	mmscope_line_close(&line);
}

/**
 * mmscope_show_range() - print a range of addresses
 * @m: the file
 * @start: first address
 * @end: exclusive
 */
void mmscope_show_range(struct seq_file *m, u64 start, u64 end)
{
	struct mmscope_line line;

	mmscope_line_open(&line, m);
	mmscope_line_range(&line, start, end);
	mmscope_line_close(&line);
}

/**
 * mmscope_line_close_named() - end a line with a name that a process chose
 * @line: open
 * @name: the name; in it, a newline becomes \012, as in /proc/PID/maps
 */
void mmscope_line_close_named(struct mmscope_line *line, const char *name)
{
	struct seq_file *m = line->file;
	size_t len = strchrnul(name, '\n') - name;

	mmscope_line_char(line, ' ');
	mmscope_line_add(line, name, len);
	if (!name[len]) {
		mmscope_line_char(line, '\n');
		mmscope_line_close(line);
		return;
	}
	mmscope_line_close(line);
	seq_escape(m, name + len, "\n");
	seq_putc(m, '\n');
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
