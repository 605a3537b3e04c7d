// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>

#include "array.h"
#include "caption.h"
#include "exit_code.h"
#include "kernel_area.h"
#include "label.h"
#include "mark.h"
#include "overview.h"
#include "pen.h"
#include "picture.h"
#include "thread_list.h"

#define BAR		10
#define BAR_WIDTH_LEAST	72	/* a narrower picture has no bars */
#define SCREEN		50	/* lines of an overview, if possible */

static const struct glyphs ascii = {
	"+", "+", "+", "+", "+", "+", "-", "|", ":", "...", "<-",
	"#", ":", "s", ".", "^", "v",
};

static const struct glyphs unicode = {
	"┌", "┐", "├", "┤", "└", "┘", "─", "│", "┆", "…", "◂",
	"█", "▏", "▒", "·", "↑", "↓",
};

/* Height of a region in lines: one for each digit of its size in pages, to base 256. */
static unsigned int region_height(const struct space *sp,
				  const struct region *region)
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

/* Marks at the address of a border. */
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
	if (names.len && text_width(names.s) > width - 2) {
		text_fit(&line, names.s, width - 2, pen->glyph->more);
		text_clear(&names);
		text_puts(&names, line.s);
		text_clear(&line);
	}
	used = names.len ? text_width(names.s) + 2 : 0;
	text_fill(&line, pen->glyph->line, width > used ? width - used : 0);
	fprintf(pen->out, "%*" PRIx64 " ", MARGIN, addr);
	pen_color(pen, COLOR_QUIET);
	fprintf(pen->out, "%s%s", left, line.s ? line.s : "");
	pen_color_off(pen, COLOR_QUIET);
	if (names.len) {
		pen_color(pen, COLOR_MARK);
		fputs(names.s, pen->out);
		pen_color_off(pen, COLOR_MARK);
		pen_color(pen, COLOR_QUIET);
		fprintf(pen->out, "%s%s", pen->glyph->line, pen->glyph->line);
		pen_color_off(pen, COLOR_QUIET);
	}
	pen_color(pen, COLOR_QUIET);
	fputs(right, pen->out);
	pen_color_off(pen, COLOR_QUIET);
	fputc('\n', pen->out);
	text_free(&names);
	text_free(&line);
}

static void draw_head(const struct pen *pen, const struct region *region)
{
	struct text line = { 0 };

	label_head(pen, region, &line);
	pen_line(pen, region, "", line.s, pen_region_color(region));
	text_free(&line);
}

static unsigned int draw_empty(const struct pen *pen,
			       const struct region *region)
{
	pen_text(pen, region, "", "", COLOR_NONE);
	return 1;
}

/* A region of the kernel half; one inside another is indented. */
static void draw_kernel_region(const struct pen *pen,
			       const struct region *half, size_t i)
{
	const struct mmscope_kernel_region *rec = &pen->sp->kernel[i];
	const struct region region = {
		.start = rec->start, .last = rec->start + (rec->size - 1),
	};
	struct text label = { 0 }, line = { 0 };
	char margin[24] = "";

	text_puts(&label, "  ");
	for (size_t n = i; n--;)
		if (rec->start - pen->sp->kernel[n].start < pen->sp->kernel[n].size)
			text_puts(&label, "  ");
	if (kernel_area_name(rec->area))
		text_puts(&label, kernel_area_name(rec->area));
	else
		text_printf(&label, "area-%" PRIu32, (uint32_t)rec->area);
	if (kernel_area_holds(rec->area))
		text_printf(&label, ": %s", kernel_area_holds(rec->area));
	label_plain(pen, &region, label.s, &line);
	/* The border below has the address where the half starts. */
	if (region.start != half->start)
		snprintf(margin, sizeof(margin), "%" PRIx64, region.start);
	pen_text(pen, half, margin, line.s, pen_region_color(half));
	text_free(&label);
	text_free(&line);
}

static unsigned int draw_kernel_half(const struct pen *pen,
				     const struct region *half)
{
	struct text line = { 0 };

	label_plain(pen, half, "kernel half", &line);
	pen_text(pen, half, "", line.s, pen_region_color(half));
	text_free(&line);
	for (size_t i = pen->sp->nr_kernel; i-- > 0;)
		draw_kernel_region(pen, half, i);
	return 1 + (unsigned int)pen->sp->nr_kernel;
}

static void draw_region(const struct pen *pen, const struct region *region)
{
	static const char *const labels[] = {
		[REGION_GAP] = "gap",
		[REGION_HOLE] = "hole: not canonical",
		[REGION_KERNEL] = "kernel half",
	};
	unsigned int height = region_height(pen->sp, region);
	struct text line = { 0 };
	unsigned int lines = 0;

	if (region->nr) {
		draw_head(pen, region);
		lines = 1 + label_parts(pen, region);
		lines += marks_draw(pen, region, 0);
	} else if (region->type == REGION_KERNEL && pen->sp->nr_kernel) {
		lines = draw_kernel_half(pen, region);
		lines += marks_draw(pen, region, 0);
	} else {
		lines = marks_draw(pen, region, 0);
		/* the text is in the middle */
		while (lines < (height - 1) / 2)
			lines += draw_empty(pen, region);
		label_plain(pen, region, labels[region->type], &line);
		pen_text(pen, region, "", line.s, pen_region_color(region));
		lines++;
	}
	while (lines < height)
		lines += draw_empty(pen, region);
	text_free(&line);
}

/* Columns of the longest size. */
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

static void draw_boxes(const struct pen *pen, const struct regions *all)
{
	draw_border(pen, UINT64_MAX, pen->glyph->top_left,
		    pen->glyph->top_right);
	for (size_t i = all->nr; i-- > 0;) {
		const struct region *region = &all->region[i];

		draw_region(pen, region);
		if (i)
			draw_border(pen, region->start, pen->glyph->left,
				    pen->glyph->right);
	}
	draw_border(pen, 0, pen->glyph->bottom_left, pen->glyph->bottom_right);
}

static void draw(const struct pen *pen, const struct regions *all)
{
	struct text headings = { 0 };

	caption_draw(pen, all);
	label_headings(pen, &headings);
	fprintf(pen->out, "%s\n", headings.s);
	text_free(&headings);
	if (pen->brief)
		overview_draw(pen, all);
	else
		draw_boxes(pen, all);
}

/* Draw to memory. Return: number of lines. */
static size_t try_detail(struct pen *pen, const struct regions *all,
			 char **text, size_t *len)
{
	FILE *out = pen->out;
	size_t lines = 0;

	pen->out = open_memstream(text, len);
	if (!pen->out)
		errx(EXIT_FAILED, "out of memory");
	draw(pen, all);
	fclose(pen->out);
	pen->out = out;
	for (size_t i = 0; i < *len; i++)
		lines += (*text)[i] == '\n';
	return lines;
}

/* An overview with as much detail as fits one screen. */
static void draw_fitting(struct pen *pen, const struct regions *all)
{
	static const struct detail details[] = {
		{ .areas = 20, .threads = 4, .names = 2 },
		{ .areas = 20, .threads = 2, .names = 1 },
		{ .areas = 14, .threads = 2, .names = 1 },
		{ .areas = 14, .names = 1 },
		{ .areas = 14, .terse = true },
		{ .areas = 14, .terse = true, .nameless = true },
		{ .areas = 14, .terse = true, .nameless = true, .ids = 16 },
		{ .areas = 14, .terse = true, .nameless = true, .ids = 3 },
		{ .areas = 14, .terse = true, .nameless = true, .ids = 1 },
	};
	char *text = NULL;
	size_t lines = SIZE_MAX, len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(details) && lines > SCREEN; i++) {
		free(text);
		pen->detail = details[i];
		lines = try_detail(pen, all, &text, &len);
	}
	fwrite(text, 1, len, pen->out);
	free(text);
}

/**
 * picture_draw - draw an address space, its highest address first
 * @out: where to
 * @opt: width, colours, exact sizes, characters, all or an overview
 * @classes: what its mappings are
 * @threads: its threads and their stacks
 * @all: its regions
 */
void picture_draw(FILE *out, const struct options *opt,
		  const struct classes *classes, const struct threads *threads,
		  const struct regions *all)
{
	struct pen pen = {
		.out = out,
		.opt = opt,
		.sp = classes->sp,
		.classes = classes,
		.threads = threads,
		.brief = !opt->all,
		.glyph = opt->utf8 ? &unicode : &ascii,
		.inner = opt->width - MARGIN - 1 - 2 - (opt->all ? 2 : 1),
		.size_width = widest_size(opt, all),
		.bar = opt->width >= BAR_WIDTH_LEAST ? BAR : 0,
	};

	marks_collect(&pen);
	thread_list_init(&pen);
	if (pen.brief)
		draw_fitting(&pen, all);
	else
		draw(&pen, all);
	thread_list_free(&pen);
}
