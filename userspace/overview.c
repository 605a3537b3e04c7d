// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "area.h"
#include "label.h"
#include "mark.h"
#include "overview.h"
#include "thread_list.h"
#include "wrap.h"

/* Blanks before marks. */
#define INDENT	2

static void put_address(char *margin, size_t size, uint64_t addr)
{
	snprintf(margin, size, "%" PRIx64, addr);
}

/* The address that a line begins with: exclusive, but for the top of all. */
static uint64_t end_of(const struct region *region)
{
	return region->last == UINT64_MAX ? UINT64_MAX : region->last + 1;
}

/* Marks at the end of a region. */
static void put_end_marks(const struct pen *pen, const struct region *region,
			  struct text *out)
{
	for (size_t i = 0; i < pen->nr_marks; i++) {
		if (pen->marks[i].addr != region->last + 1)
			continue;
		if (!out->len)
			text_printf(out, "%s ", pen->glyph->mark);
		else
			text_puts(out, ", ");
		text_puts(out, pen->marks[i].name);
	}
}

/* Bounds of the program are left out first. */
static void draw_marks(const struct pen *pen, const struct region *region)
{
	if (!pen->detail.terse ||
	    segment_info(region->segment)->family != FAMILY_PROGRAM)
		marks_draw(pen, region, INDENT);
}

/* Marks go into the line of the region if there is room, else before it. */
static void add_end_marks(const struct pen *pen, const struct region *region,
			  struct text *label, size_t width)
{
	struct text marks = { 0 }, line = { 0 };
	char margin[24];

	put_end_marks(pen, region, &marks);
	if (!marks.len)
		return;
	if (text_width(label->s) + 1 + text_width(marks.s) <= width) {
		text_printf(label, " %s", marks.s);
	} else {
		text_printf(&line, "  %s", marks.s);
		put_address(margin, sizeof(margin), end_of(region));
		pen_text(pen, region, margin, line.s, COLOR_MARK);
	}
	text_free(&marks);
	text_free(&line);
}

static void draw_row(const struct pen *pen, const struct region *region,
		     struct text *label, unsigned int perms)
{
	struct text line = { 0 };
	char margin[24];

	add_end_marks(pen, region, label, label_width(pen));
	put_address(margin, sizeof(margin), end_of(region));
	label_row(pen, label->s, perms, region, &line);
	pen_head(pen, margin, line.s, pen_region_color(region));
	text_free(&line);
}

static void draw_gap(const struct pen *pen, const struct region *region)
{
	static const char *const labels[] = {
		[REGION_GAP] = "gap",
		[REGION_HOLE] = "hole: not canonical, no addresses",
		[REGION_KERNEL] = "kernel half, closed to user mode",
	};
	const char *name = labels[region->type];
	struct text line = { 0 }, label = { 0 };
	char margin[24];

	if (!region->start)
		name = "gap: NULL pointers fault here";
	text_puts(&label, name);
	put_address(margin, sizeof(margin), end_of(region));
	add_end_marks(pen, region, &label, label_width(pen) + 5);
	label_plain(pen, region, label.s, &line);
	if (region->type == REGION_KERNEL)
		pen_head(pen, margin, line.s, pen_region_color(region));
	else
		pen_text(pen, region, margin, line.s, pen_region_color(region));
	marks_draw(pen, region, INDENT);
	text_free(&label);
	text_free(&line);
}

static void draw_region(const struct pen *pen, const struct region *region)
{
	struct text label = { 0 };

	if (!region->nr) {
		draw_gap(pen, region);
		return;
	}
	label_name(pen, region, &label);
	if (region->segment == SEGMENT_HEAP)
		text_printf(&label, ", grows %s", pen->glyph->up);
	draw_row(pen, region, &label, label_perms(pen, region));
	label_parts(pen, region);
	draw_marks(pen, region);
	text_free(&label);
}

/* Return: stacks of threads; *guesses: mappings that only look like stacks. */
static uint64_t count_stacks(const struct pen *pen, const struct regions *all,
			     const struct area *area, uint64_t *guesses)
{
	const struct region *last = &all->region[area->first + area->nr - 1];
	size_t end = last->first + last->nr;
	uint64_t nr = 0;

	*guesses = 0;
	for (size_t i = all->region[area->first].first; i < end; i++) {
		const struct part *part = &pen->classes->part[i];

		if (part->segment != SEGMENT_THREAD_STACK)
			continue;
		if (part->tid)
			nr += 1 + (uint64_t)part->others;
		else
			++*guesses;
	}
	return nr;
}

static const char *plural_of(enum segment segment)
{
	static const char *const names[SEGMENTS] = {
		[SEGMENT_LIB_TEXT] = "libraries",
		[SEGMENT_FILE] = "files",
		[SEGMENT_DEVICE] = "devices",
		[SEGMENT_GUARD] = "guards",
		[SEGMENT_THREAD_STACK] = "thread stacks",
		[SEGMENT_ARENA] = "malloc arenas",
	};

	return names[segment] ? names[segment] : segment_info(segment)->label;
}

static void put_stacks(const struct pen *pen, const struct regions *all,
		       const struct area *area, struct text *out)
{
	uint64_t guesses, nr = count_stacks(pen, all, area, &guesses);

	text_count(out, nr ? nr : guesses);
	text_puts(out, nr == 1 ? " thread stack" : " thread stacks");
	if (!nr) {
		text_puts(out, " (a guess)");
	} else if (guesses) {
		text_puts(out, " + ");
		text_count(out, guesses);
		text_puts(out, " likely");
	}
}

static void put_kind(const struct pen *pen, const struct regions *all,
		     const struct area *area, const struct kind *kind,
		     struct text *out)
{
	enum segment segment = kind->sum.segment;

	text_puts(out, "  ");
	if (kind->nr == 1) {
		label_name(pen, kind->last, out);
	} else if (segment == SEGMENT_THREAD_STACK) {
		put_stacks(pen, all, area, out);
	} else {
		text_count(out, kind->nr);
		text_printf(out, " %s%s", plural_of(segment),
			    kind->guess ? " (a guess)" : "");
	}
}

static bool is_library(const struct region *region)
{
	return region->nr &&
	       segment_info(region->segment)->family == FAMILY_LIBRARY;
}

/* Names of libraries, from the highest address down. */
static void draw_names(const struct pen *pen, const struct regions *all,
		       const struct area *area, const struct kind *kind)
{
	struct wrap wrap = { .pen = pen, .region = kind->last,
			     .most = pen->detail.names, .indent = 4 };
	const struct region *region = &all->region[area->first];
	struct text name = { 0 };
	uint32_t object = 0;

	for (size_t i = area->nr; i-- && !wrap_is_full(&wrap);) {
		if (!is_library(&region[i]) ||
		    !area_is_new(pen, &region[i], &object))
			continue;
		text_clear(&name);
		label_file(pen, &region[i], &name);
		wrap_add(&wrap, name.s ? name.s : "");
	}
	wrap_end(&wrap);
	text_free(&name);
}

static void draw_kind(const struct pen *pen, const struct regions *all,
		      const struct area *area, const struct kind *kind)
{
	const struct region *first = &all->region[area->first];
	const struct region *last = first + area->nr - 1;
	struct text label = { 0 }, line = { 0 };

	put_kind(pen, all, area, kind, &label);
	label_row(pen, label.s, kind->perms, &kind->sum, &line);
	pen_text(pen, kind->last, "", line.s, pen_region_color(kind->last));
	if (kind->sum.segment == SEGMENT_LIB_TEXT && kind->nr > 1 &&
	    pen->detail.names)
		draw_names(pen, all, area, kind);
	thread_list_draw(pen, kind->last, first->start, last->last, NULL);
	text_free(&label);
	text_free(&line);
}

static void draw_kinds(const struct pen *pen, const struct regions *all,
		       const struct area *area)
{
	uint64_t base = pen->sp->mm.mmap_base;
	struct text label = { 0 };
	struct region sum;
	struct kinds kinds;

	area_sum(all, area, &sum);
	if (pen->sp->has_mm && base >= sum.start && base <= sum.last + 1) {
		text_puts(&label, "mmap area");
	} else {
		text_count(&label, sum.nr);
		text_puts(&label, " mappings");
	}
	draw_row(pen, &sum, &label, PERMS_MIXED);
	area_kinds(pen, all, area, &kinds);
	for (size_t i = 0; i < kinds.nr; i++)
		draw_kind(pen, all, area, &kinds.kind[i]);
	draw_marks(pen, &sum);
	text_free(&label);
}

/**
 * overview_draw - draw an address space in a few lines, its highest address first
 * @pen: the pen
 * @all: its regions
 */
void overview_draw(const struct pen *pen, const struct regions *all)
{
	struct areas areas;

	areas_build(&areas, all, pen->sp, pen->detail.areas);
	for (size_t i = areas.nr; i-- > 0;) {
		const struct area *area = &areas.area[i];

		if (area->mapped && !area->listed) {
			draw_kinds(pen, all, area);
			continue;
		}
		for (size_t n = area->nr; n-- > 0;)
			draw_region(pen, &all->region[area->first + n]);
	}
	pen_head(pen, "0", "", COLOR_NONE);
	areas_free(&areas);
}
