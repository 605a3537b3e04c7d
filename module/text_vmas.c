// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMAs as text, a line each.
 */
#include <linux/mm.h>
#include <linux/seq_file.h>

#include "names.h"
#include "part.h"
#include "text.h"

static void show_policy(struct seq_file *m, const struct mmscope_vma *vma)
{
	unsigned long nodes = vma->policy_nodes;

	if (!vma->policy)
		seq_putc(m, '-');
	else
		seq_printf(m, "%s:%*pbl", mmscope_policy_name(vma->policy),
			   BITS_PER_LONG, &nodes);
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
	bool file = vma->ino || vma->dev_major || vma->dev_minor;

	mmscope_show_range(m, vma->start, vma->end);
	seq_printf(m, " %c%c%c%c %08llx %02x:%02x %-8llu %-7s %-12s %lluk ",
		   vma->perms & MMSCOPE_READ ? 'r' : '-',
		   vma->perms & MMSCOPE_WRITE ? 'w' : '-',
		   vma->perms & MMSCOPE_EXEC ? 'x' : '-',
		   vma->perms & MMSCOPE_SHARED ? 's' : 'p',
		   file ? vma->pgoff << PAGE_SHIFT : 0,
		   vma->dev_major, vma->dev_minor, vma->ino,
		   mmscope_segment_name(vma->segment),
		   mmscope_vma_kind_name(vma->kind),
		   (1ULL << vma->page_shift) >> 10);
	show_policy(m, vma);
	seq_putc(m, ' ');
	mmscope_show_flags(m, mmscope_vma_flags, vma->flags, ',');
	if (vma->name_kind != MMSCOPE_NAME_NONE) {
		seq_putc(m, ' ');
		seq_escape(m, mmscope_record_tail(vma), "\n");
	}
	seq_putc(m, '\n');
}
