// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of page-table entries as text, a line each.
 */
#include <linux/bits.h>
#include <linux/kernel.h>

#include "names.h"
#include "part.h"
#include "text.h"
#include "text_line.h"

/* What the attributes of an entry are called, a letter each. */
static const char attr_letters[] = {
	'r', 'w', 'x', 'u', 'a', 'd', 's', 'p', 'G', 'S', 'U', 'D', 'e', 'c',
	'X',
};

/* The first ones have a column each, the others follow where they are set. */
#define ATTR_COLUMNS	6

/**
 * mmscope_line_attrs() - append the attributes of an entry
 * @line: open
 * @attrs: MMSCOPE_ATTR_*
 */
void mmscope_line_attrs(struct mmscope_line *line, u32 attrs)
{
	char *to = mmscope_line_room(line, ATTR_COLUMNS);
	unsigned int i;

	for (i = 0; to && i < ATTR_COLUMNS; i++)
		*to++ = attrs & BIT(i) ? attr_letters[i] : '-';
	for (; i < ARRAY_SIZE(attr_letters) && attrs >> i; i++)
		if (attrs & BIT(i))
			mmscope_line_char(line, attr_letters[i]);
}

static void put_frame(struct mmscope_line *line, const struct mmscope_run *run)
{
	const char *from = line->at;

	if (run->kind == MMSCOPE_SWAP) {
		mmscope_line_decimal(line, MMSCOPE_SWAP_DEVICE(run->frame), 1);
		mmscope_line_char(line, ':');
		mmscope_line_hex(line, MMSCOPE_SWAP_OFFSET(run->frame), 1);
	} else {
		mmscope_line_hex(line, run->frame, 1);
	}
	mmscope_line_fill(line, from, 9);
}

/* The parts of the lines that differ little. */
enum {
	PHRASE_KIND,
	PHRASE_ATTRS,
};

static void put_kind(struct mmscope_line *line, const struct mmscope_text *text,
		     const struct mmscope_run *run)
{
	struct mmscope_phrase *phrase = &text->phrase[PHRASE_KIND];
	const char *from = line->at;

	if (mmscope_line_repeat(line, phrase, run->level, run->kind))
		return;
	mmscope_line_char(line, ' ');
	mmscope_line_word(line, mmscope_level_name(run->level), 3);
	mmscope_line_char(line, ' ');
	mmscope_line_word(line, mmscope_kind_name(run->kind), 9);
	mmscope_line_char(line, ' ');
	mmscope_line_keep(line, phrase, run->level, run->kind, from);
}

static void put_attrs(struct mmscope_line *line,
		      const struct mmscope_text *text,
		      const struct mmscope_run *run)
{
	struct mmscope_phrase *phrase = &text->phrase[PHRASE_ATTRS];
	const char *from = line->at;

	if (mmscope_line_repeat(line, phrase, run->attrs, 0))
		return;
	mmscope_line_char(line, ' ');
	mmscope_line_attrs(line, run->attrs);
	mmscope_line_char(line, '\n');
	mmscope_line_keep(line, phrase, run->attrs, 0, from);
}

/**
 * mmscope_show_run() - print the current run of a RUNS record
 * @m: the file
 * @text: at the run
 */
void mmscope_show_run(struct seq_file *m, const struct mmscope_text *text)
{
	struct mmscope_line line;
	struct mmscope_run run;

	mmscope_run_get(mmscope_text_record(text), text->word, &run);
	mmscope_line_open(&line, m);
	mmscope_line_range(&line, run.start, mmscope_run_end(&run));
	put_kind(&line, text, &run);
	mmscope_line_decimal(&line, run.nr, 6);
	mmscope_line_char(&line, ' ');
	put_frame(&line, &run);
	mmscope_line_char(&line, ' ');
	mmscope_line_hex(&line, run.raw, 16);
	put_attrs(&line, text, &run);
	mmscope_line_close(&line);
}
