/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_TEXT_H
#define _MMSCOPE_TEXT_H

#include <linux/types.h>

#include "names.h"

struct mmscope_job;
struct mmscope_line;
struct mmscope_phrase;
struct mmscope_view;
struct seq_file;

#define MMSCOPE_PHRASES	8

/**
 * struct mmscope_text - a view on its way through seq_file
 * @view: makes the records
 * @job: of the view
 * @name: of the file
 * @phrase: MMSCOPE_PHRASES parts of earlier lines; all records that use them are of
 *	one type
 * @pos: number of the current item for seq_file
 * @offset: of the current record in the buffer of the view
 * @word: of the current run in a record of runs
 * @pending: the next slice is still to be made: a reader was killed meanwhile
 * @ended: there is no current item, nor will there be one
 */
struct mmscope_text {
	struct mmscope_view *view;
	const struct mmscope_job *job;
	const char *name;
	struct mmscope_phrase *phrase;
	loff_t pos;
	size_t offset;
	unsigned int word;
	bool pending;
	bool ended;
};

const void *mmscope_text_record(const struct mmscope_text *text);
void mmscope_show_flags(struct seq_file *m, const struct mmscope_flag *flag,
			u64 flags, char separator);
void mmscope_show_range(struct seq_file *m, u64 start, u64 end);
void mmscope_line_flags(struct mmscope_line *line,
			const struct mmscope_flag *flag, u64 flags,
			char separator);
void mmscope_line_attrs(struct mmscope_line *line, u32 attrs);
void mmscope_line_close_named(struct mmscope_line *line, const char *name);

#endif
