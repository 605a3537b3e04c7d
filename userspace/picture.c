// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pen.h"
#include "picture.h"

#define BAR		10
#define BAR_WIDTH_LEAST	72	/* a narrower picture has no bars */

static const struct glyphs ascii = {
	"+", "+", "+", "+", "+", "+", "-", "|", ":", "...", "<-",
	"#", ":", "s", ".",
};

static const struct glyphs unicode = {
	"┌", "┐", "├", "┤", "└", "┘", "─", "│", "┆", "…", "◂",
	"█", "▏", "▒", "·",
};

static const char *const family_color[FAMILIES] = {
	[FAMILY_ANON] = "36",	 [FAMILY_PROGRAM] = "32",
	[FAMILY_HEAP] = "33",	 [FAMILY_LIBRARY] = "34",
	[FAMILY_FILE] = "37",	 [FAMILY_SHARED] = "35",
	[FAMILY_STACK] = "31",	 [FAMILY_KERNEL] = "90",
};

#define COLOR_MARK	"1"

static void add_mark(struct pen *pen, const char *name, uint64_t addr)
{
	size_t at = pen->nr_marks;

	if (!addr || at == MARKS_MAX)
		return;
	while (at > 0 && pen->marks[at - 1].addr < addr)
		at--;
	memmove(&pen->marks[at + 1], &pen->marks[at],
		(pen->nr_marks - at) * sizeof(pen->marks[0]));
	pen->marks[at] = (struct mark){ addr, name };
	pen->nr_marks++;
}

static void collect_marks(struct pen *pen)
{
	const struct mmscope_mm *mm = &pen->sp->mm;

	if (!pen->sp->has_mm)
		return;
	add_mark(pen, "task_size", mm->task_size);
	add_mark(pen, "env_end", mm->env_end);
	/* one behind the other, as a rule */
	if (mm->env_start == mm->arg_end) {
		add_mark(pen, "arg_end, env_start", mm->arg_end);
	} else {
		add_mark(pen, "env_start", mm->env_start);
		add_mark(pen, "arg_end", mm->arg_end);
	}
	add_mark(pen, "arg_start", mm->arg_start);
	add_mark(pen, "start_stack", mm->start_stack);
	add_mark(pen, "mmap_base", mm->mmap_base);
	add_mark(pen, "brk", mm->brk);
	add_mark(pen, "start_brk", mm->start_brk);
}

static const char *color_of(const struct region *region)
{
	if (region->type == REGION_GAP || region->type == REGION_HOLE)
		return COLOR_QUIET;
	if (region->type == REGION_KERNEL)
		return family_color[FAMILY_KERNEL];
	return family_color[segment_info(region->segment)->family];
}

/**
 * picture_height - lines a region takes: one for each factor of 256 that its
 *	size in pages has, begun or whole
 * @sp: the address space
 * @region: the region
 *
 * Return: lines, 1 or more
 */
unsigned int picture_height(const struct space *sp, const struct region *region)
{
	uint64_t pages = ((region->last - region->start) >>
			  sp->header.page_shift) + 1;
	unsigned int lines = 0;

	do {
		lines++;
		pages >>= 8;
	} while (pages);
	return lines;
}

/* Marks on the border at addr, the last address of the region below + 1. */
static void border_names(const struct pen *pen, uint64_t addr,
			 struct text *names)
{
	for (size_t i = 0; i < pen->nr_marks; i++) {
		if (pen->marks[i].addr != addr)
			continue;
		text_puts(names, names->len ? ", " : " ");
		text_puts(names, pen->marks[i].name);
	}
	if (names->len)
		text_puts(names, " ");
}

static void draw_border(const struct pen *pen, uint64_t addr, const char *left,
			const char *right)
{
	struct text names = { 0 }, line = { 0 };
	size_t width = pen->inner + 2, used;

	border_names(pen, addr, &names);
	used = names.len ? names.len + 2 : 0;
	text_fill(&line, pen->glyph->line, width > used ? width - used : 0);
	fprintf(pen->out, "%*" PRIx64 " ", MARGIN, addr);
	pen_color(pen, COLOR_QUIET);
	fprintf(pen->out, "%s%s", left, line.s ? line.s : "");
	pen_color_off(pen);
	if (names.len) {
		pen_color(pen, COLOR_MARK);
		fputs(names.s, pen->out);
		pen_color_off(pen);
		pen_color(pen, COLOR_QUIET);
		fprintf(pen->out, "%s%s", pen->glyph->line, pen->glyph->line);
		pen_color_off(pen);
	}
	pen_color(pen, COLOR_QUIET);
	fputs(right, pen->out);
	pen_color_off(pen);
	fputc('\n', pen->out);
	text_free(&names);
	text_free(&line);
}

static void draw_head(const struct pen *pen, const struct region *region)
{
	struct text line = { 0 };

	label_head(pen, region, &line);
	pen_line(pen, region, "", line.s, color_of(region));
	text_free(&line);
}

/* Marks inside a region; those on its lower border stand there. */
static unsigned int draw_marks(const struct pen *pen,
			       const struct region *region)
{
	struct text line = { 0 };
	unsigned int lines = 0;
	char margin[24];

	for (size_t i = 0; i < pen->nr_marks; i++) {
		uint64_t addr = pen->marks[i].addr;

		if (addr <= region->start || addr > region->last)
			continue;
		text_clear(&line);
		text_printf(&line, "%s %s", pen->glyph->mark,
			    pen->marks[i].name);
		/* several at one address share a line */
		for (; i + 1 < pen->nr_marks && pen->marks[i + 1].addr == addr;
		     i++)
			text_printf(&line, ", %s", pen->marks[i + 1].name);
		snprintf(margin, sizeof(margin), "%" PRIx64, addr);
		pen_text(pen, region, margin, line.s, COLOR_MARK);
		lines++;
	}
	text_free(&line);
	return lines;
}

static unsigned int draw_empty(const struct pen *pen,
			       const struct region *region)
{
	pen_text(pen, region, "", "", NULL);
	return 1;
}

static void draw_region(const struct pen *pen, const struct region *region)
{
	unsigned int height = picture_height(pen->sp, region);
	struct text line = { 0 };
	unsigned int lines = 0;

	if (region->nr) {
		draw_head(pen, region);
		lines = 1 + label_parts(pen, region);
		lines += draw_marks(pen, region);
	} else {
		lines = draw_marks(pen, region);
		/* in the middle of an empty stretch */
		while (lines < (height - 1) / 2)
			lines += draw_empty(pen, region);
		label_plain(pen, region, &line);
		pen_text(pen, region, "", line.s, color_of(region));
		lines++;
	}
	while (lines < height)
		lines += draw_empty(pen, region);
	text_free(&line);
}

/* Wide enough for the longest size that will stand there. */
static size_t widest_size(const struct options *opt, const struct regions *all)
{
	struct text size = { 0 };
	size_t width = 5;

	for (size_t i = 0; i < all->nr && opt->bytes; i++) {
		text_clear(&size);
		text_size(&size, all->region[i].size, true);
		if (size.len > width)
			width = size.len;
	}
	text_free(&size);
	return width;
}

/**
 * picture_draw - draw an address space, its highest address first
 * @out: where to
 * @opt: width, colours, exact sizes, characters
 * @sp: the address space
 * @all: its regions
 */
void picture_draw(FILE *out, const struct options *opt, const struct space *sp,
		  const struct regions *all)
{
	struct pen pen = {
		.out = out,
		.opt = opt,
		.sp = sp,
		.glyph = opt->utf8 ? &unicode : &ascii,
		.inner = opt->width - MARGIN - 1 - 2 - 2,
		.size_width = widest_size(opt, all),
		.bar = opt->width >= BAR_WIDTH_LEAST ? BAR : 0,
	};
	struct text headings = { 0 };

	collect_marks(&pen);
	caption_draw(&pen, all);
	label_headings(&pen, &headings);
	fprintf(out, "%s\n", headings.s);
	text_free(&headings);
	draw_border(&pen, UINT64_MAX, pen.glyph->top_left,
		    pen.glyph->top_right);
	for (size_t i = all->nr; i-- > 0;) {
		const struct region *region = &all->region[i];

		draw_region(&pen, region);
		if (i)
			draw_border(&pen, region->start, pen.glyph->left,
				    pen.glyph->right);
	}
	draw_border(&pen, 0, pen.glyph->bottom_left, pen.glyph->bottom_right);
}
