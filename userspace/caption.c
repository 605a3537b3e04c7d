// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "caption.h"
#include "words.h"

static void draw_words(const struct pen *pen, const char *words)
{
	words_print(pen->out, words, 0, pen->opt->width);
}

static void put_sums(const struct pen *pen, const struct regions *all,
		     struct text *out)
{
	uint64_t size = 0, resident = 0, swapped = 0, paged;
	bool exact = pen->opt->bytes;

	for (size_t i = 0; i < all->nr; i++) {
		size += all->region[i].size;
		resident += all->region[i].resident;
		swapped += all->region[i].swapped;
	}
	paged = resident + swapped;
	text_count(out, pen->sp->nr);
	text_puts(out, " mappings: reserved ");
	text_size(out, size, exact);
	text_puts(out, ", resident ");
	text_size(out, resident, exact);
	text_puts(out, ", swapped ");
	text_size(out, swapped, exact);
	text_puts(out, ", no page ");
	text_size(out, size > paged ? size - paged : 0, exact);
	text_puts(out, " (no RAM)");
}

static void draw_task(const struct pen *pen, const struct regions *all)
{
	static const char *const layouts[] = { "unknown", "flexible",
					       "classic" };
	const struct space *sp = pen->sp;
	struct text line = { 0 };

	text_escape(&line, sp->task.comm, pen->opt->utf8);
	text_printf(&line, " (PID %" PRId32 ") on Linux ", sp->task.pid);
	text_escape(&line, sp->header.release, pen->opt->utf8);
	if (sp->nr_threads) {
		text_puts(&line, ", ");
		text_count(&line, sp->nr_threads);
		text_puts(&line, sp->nr_threads == 1 ? " thread" : " threads");
	}
	draw_words(pen, line.s);
	text_clear(&line);
	put_sums(pen, all, &line);
	draw_words(pen, line.s);
	text_clear(&line);
	text_printf(&line, "%s layout, ASLR %s, %u-level page tables ",
		    layouts[sp->mm.layout < 3 ? sp->mm.layout : 0],
		    sp->task.flags & MMSCOPE_TASK_RANDOMIZED ? "on" : "off",
		    sp->header.levels);
	text_size(&line, sp->mm.pgtables_bytes, pen->opt->bytes);
	draw_words(pen, line.s);
	text_free(&line);
}

static void draw_legend(const struct pen *pen)
{
	draw_words(pen, pen->brief ?
		   "An address ends what its line names, and begins what is above." :
		   "Height: one line for each factor of 256 in pages, more where text needs it.");
	if (pen->bar)
		fprintf(pen->out,
			"Bar: %s a tenth resident, %s less than that, %s swapped out, %s neither.\n",
			pen->glyph->full, pen->glyph->trace,
			pen->glyph->swapped, pen->glyph->empty);
}

/**
 * caption_draw - draw the lines above the picture: the task, sums, a legend
 * @pen: the pen
 * @all: the regions
 */
void caption_draw(const struct pen *pen, const struct regions *all)
{
	draw_task(pen, all);
	if (!pen->detail.terse)
		draw_legend(pen);
	fputc('\n', pen->out);
}
