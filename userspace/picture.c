// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "caption.h"
#include "label.h"
#include "pen.h"
#include "picture.h"

#define BAR		10
#define BAR_WIDTH_LEAST	72	/* a narrower picture has no bars */

static const struct glyphs ascii = {
	"+", "+", "+", "+", "+", "+", "-", "|", ":", "...", "<-",
	"#", ":", "s", ".", "^", "v",
};

static const struct glyphs unicode = {
	"┌", "┐", "├", "┤", "└", "┘", "─", "│", "┆", "…", "◂",
	"█", "▏", "▒", "·", "↑", "↓",
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

/* Two fields that are equal as a rule share a mark. */
static void add_marks(struct pen *pen, const char *both, const char *first,
		      uint64_t first_addr, const char *second,
		      uint64_t second_addr)
{
	if (first_addr == second_addr) {
		add_mark(pen, both, first_addr);
	} else {
		add_mark(pen, second, second_addr);
		add_mark(pen, first, first_addr);
	}
}

/* The lowest address that the stack may grow to, if nothing is there yet. */
static void add_stack_limit(struct pen *pen)
{
	const struct mmscope_mm *mm = &pen->sp->mm;
	const struct mapping *stack = space_at(pen->sp, mm->start_stack);
	uint64_t limit;

	if (!stack || mm->rlimit_stack >= stack->vma.end)
		return;
	limit = stack->vma.end - mm->rlimit_stack;
	if (limit < stack->start && !space_at(pen->sp, limit))
		add_mark(pen, "stack may grow to here (RLIMIT_STACK)", limit);
}

static const char *mmap_mark(const struct pen *pen)
{
	bool down = pen->sp->mm.layout != MMSCOPE_LAYOUT_CLASSIC;

	if (pen->opt->utf8)
		return down ? "mmap_base, mappings grow down ↓" :
			      "mmap_base, mappings grow up ↑";
	return down ? "mmap_base, mappings grow down v" :
		      "mmap_base, mappings grow up ^";
}

static void collect_marks(struct pen *pen)
{
	const struct mmscope_mm *mm = &pen->sp->mm;

	if (!pen->sp->has_mm)
		return;
	if (pen->sp->has_gate)
		add_mark(pen, "[vsyscall], not a VMA", space_vsyscall(pen->sp));
	add_mark(pen, "task_size", mm->task_size);
	add_mark(pen, "env_end", mm->env_end);
	add_marks(pen, "arg_end, env_start", "arg_end", mm->arg_end,
		  "env_start", mm->env_start);
	add_mark(pen, "arg_start", mm->arg_start);
	add_mark(pen, "start_stack", mm->start_stack);
	add_stack_limit(pen);
	add_mark(pen, mmap_mark(pen), mm->mmap_base);
	add_marks(pen, "start_brk, brk: no heap", "start_brk", mm->start_brk,
		  "brk", mm->brk);
	add_marks(pen, "start_data, end_data", "start_data", mm->start_data,
		  "end_data", mm->end_data);
	add_marks(pen, "start_code, end_code", "start_code", mm->start_code,
		  "end_code", mm->end_code);
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
 * picture_height - height of a region: a line for each digit of its size in pages
 *	to base 256
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

/* Marks inside a region; those at its start are on the border below. */
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
		/* the text is in the middle */
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

/**
 * picture_draw - draw an address space, its highest address first
 * @out: where to
 * @opt: width, colours, exact sizes, characters
 * @classes: what its mappings are
 * @all: its regions
 */
void picture_draw(FILE *out, const struct options *opt,
		  const struct classes *classes, const struct regions *all)
{
	struct pen pen = {
		.out = out,
		.opt = opt,
		.sp = classes->sp,
		.classes = classes,
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
