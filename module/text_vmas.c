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
	static const char none[] = "00000000 00:00 0       ";
	const char *inode;

	if (!vma->ino && !vma->dev_major && !vma->dev_minor) {
		mmscope_line_add(line, none, sizeof(none) - 1);
		return;
	}
	mmscope_line_hex(line, vma->pgoff << PAGE_SHIFT, 8);
	mmscope_line_char(line, ' ');
	mmscope_line_hex(line, vma->dev_major, 2);
	mmscope_line_char(line, ':');
	mmscope_line_hex(line, vma->dev_minor, 2);
	mmscope_line_char(line, ' ');
	inode = line->at;
	mmscope_line_decimal(line, vma->ino, 1);
	mmscope_line_fill(line, inode, 8);
}

static void put_words(struct mmscope_line *line, const struct mmscope_vma *vma)
{
	mmscope_line_char(line, ' ');
	mmscope_line_word(line, mmscope_segment_name(vma->segment), 7);
	mmscope_line_char(line, ' ');
	mmscope_line_word(line, mmscope_vma_kind_name(vma->kind), 12);
	mmscope_line_char(line, ' ');
	mmscope_line_decimal(line, (1ULL << vma->page_shift) >> 10, 1);
	mmscope_line_string(line, "k ");
	put_policy(line, vma);
	mmscope_line_char(line, ' ');
	mmscope_line_flags(line, mmscope_vma_flags, vma->flags, ',');
}

/* Mappings of other permissions and kinds are often next to each other. */
static struct mmscope_phrase *find_phrase(const struct mmscope_text *text,
					  const struct mmscope_vma *vma)
{
	unsigned int at = (vma->perms >> 1 & 3) | (vma->kind & 1) << 2;

	BUILD_BUG_ON(MMSCOPE_PHRASES < 8);
	return &text->phrase[at];
}

static void repeat_words(struct mmscope_line *line,
			 const struct mmscope_text *text,
			 const struct mmscope_vma *vma)
{
	struct mmscope_phrase *phrase = find_phrase(text, vma);
	u64 key = vma->segment | vma->kind << 8 | vma->page_shift << 16;
	const char *from = line->at;

	if (vma->policy) {
		put_words(line, vma);
	} else if (!mmscope_line_repeat(line, phrase, vma->flags, key)) {
		put_words(line, vma);
		mmscope_line_keep(line, phrase, vma->flags, key, from);
	}
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
	repeat_words(&line, text, vma);
	if (vma->name_kind != MMSCOPE_NAME_NONE) {
		mmscope_line_close_named(&line, mmscope_record_tail(vma));
	} else {
		mmscope_line_char(&line, '\n');
		mmscope_line_close(&line);
	}
}
