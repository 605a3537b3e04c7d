// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of page-table entries as text, a line each.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>

#include "names.h"
#include "part.h"
#include "text.h"

/* What the attributes of an entry are called, a letter each. */
static const char attr_letters[] = {
	'r', 'w', 'x', 'u', 'a', 'd', 's', 'p', 'G', 'S', 'U', 'D', 'e', 'c',
	'X',
};

/* The first ones have a column each, the others follow where they are set. */
#define ATTR_COLUMNS	6

/**
 * mmscope_show_attrs() - print the attributes of an entry
 * @m: the file
 * @attrs: MMSCOPE_ATTR_*
 */
void mmscope_show_attrs(struct seq_file *m, u32 attrs)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attr_letters); i++) {
		if (attrs & BIT(i))
			seq_putc(m, attr_letters[i]);
		else if (i < ATTR_COLUMNS)
			seq_putc(m, '-');
	}
}

static void show_frame(struct seq_file *m, const struct mmscope_run *run)
{
	char frame[32];

	if (run->kind == MMSCOPE_SWAP)
		scnprintf(frame, sizeof(frame), "%llu:%llx",
			  MMSCOPE_SWAP_DEVICE(run->frame),
			  MMSCOPE_SWAP_OFFSET(run->frame));
	else
		scnprintf(frame, sizeof(frame), "%llx", run->frame);
	seq_printf(m, " %-9s", frame);
}

/**
 * mmscope_show_run() - print the current run of a RUNS record
 * @m: the file
 * @text: at the run
 */
void mmscope_show_run(struct seq_file *m, const struct mmscope_text *text)
{
	struct mmscope_run run;

	mmscope_run_get(mmscope_text_record(text), text->word, &run);
	mmscope_show_range(m, run.start, mmscope_run_end(&run));
	seq_printf(m, " %-3s %-9s %6llu", mmscope_level_name(run.level),
		   mmscope_kind_name(run.kind), run.nr);
	show_frame(m, &run);
	seq_printf(m, " %016llx ", run.raw);
	mmscope_show_attrs(m, run.attrs);
	seq_putc(m, '\n');
}
