// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMAs as text, a line each.
 */
#include <linux/kernel.h>
#include <linux/mm.h>

#include "names.h"
#include "part.h"
#include "text.h"
#include "text_line.h"

/* Numbers below 64 with commas. */
#define NODES_CHARS	(64 * 3)

static void put_policy(struct mmscope_line *line, const struct mmscope_vma *vma)
{
	unsigned long nodes = vma->policy_nodes;
	char list[NODES_CHARS];

	if (!vma->policy) {
		mmscope_line_char(line, '-');
		return;
	}
	mmscope_line_string(line, mmscope_policy_name(vma->policy));
	mmscope_line_char(line, ':');
	scnprintf(list, sizeof(list), "%*pbl", BITS_PER_LONG, &nodes);
	mmscope_line_string(line, list);
}

static void put_perms(struct mmscope_line *line, const struct mmscope_vma *vma)
{
	char *to = mmscope_line_room(line, 6);

	if (!to)
		return;
	*to++ = ' ';
	*to++ = vma->perms & MMSCOPE_READ ? 'r' : '-';
	*to++ = vma->perms & MMSCOPE_WRITE ? 'w' : '-';
	*to++ = vma->perms & MMSCOPE_EXEC ? 'x' : '-';
	*to++ = vma->perms & MMSCOPE_SHARED ? 's' : 'p';
	*to++ = ' ';
}

/* As in /proc/PID/maps, only mappings of files have an offset. */
static void put_file(struct mmscope_line *line, const struct mmscope_vma *vma)
{
	bool file = vma->ino || vma->dev_major || vma->dev_minor;
	const char *inode;

	mmscope_line_hex(line, file ? vma->pgoff << PAGE_SHIFT : 0, 8);
	mmscope_line_char(line, ' ');
	mmscope_line_hex(line, vma->dev_major, 2);
	mmscope_line_char(line, ':');
	mmscope_line_hex(line, vma->dev_minor, 2);
	mmscope_line_char(line, ' ');
	inode = line->at;
	mmscope_line_decimal(line, vma->ino, 1);
	mmscope_line_fill(line, inode, 8);
}

/**
 * mmscope_show_vma() - print a VMA record
 * @m: the file
 * @text: at the record
 *
 * The columns up to the inode are those of /proc/PID/maps.
 */
void mmscope_show_vma(struct seq_file *m, const struct mmscope_text *text)
{
	const struct mmscope_vma *vma = mmscope_text_record(text);
	struct mmscope_line line;

	mmscope_line_open(&line, m);
	mmscope_line_range(&line, vma->start, vma->end);
	put_perms(&line, vma);
	put_file(&line, vma);
	mmscope_line_char(&line, ' ');
	mmscope_line_word(&line, mmscope_segment_name(vma->segment), 7);
	mmscope_line_char(&line, ' ');
	mmscope_line_word(&line, mmscope_vma_kind_name(vma->kind), 12);
	mmscope_line_char(&line, ' ');
	mmscope_line_decimal(&line, (1ULL << vma->page_shift) >> 10, 1);
	mmscope_line_string(&line, "k ");
	put_policy(&line, vma);
	mmscope_line_char(&line, ' ');
	mmscope_line_flags(&line, mmscope_vma_flags, vma->flags, ',');
	if (vma->name_kind != MMSCOPE_NAME_NONE) {
		mmscope_line_close_named(&line, mmscope_record_tail(vma));
	} else {
		mmscope_line_char(&line, '\n');
		mmscope_line_close(&line);
	}
}
