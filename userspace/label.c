// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "cell.h"
#include "label.h"
#include "refine.h"

#define PARTS_MAX	24
#define SECTIONS_MAX	64

static const struct mapping *named_mapping(const struct pen *pen,
					   const struct region *region)
{
	const struct mapping *map = &pen->sp->map[region->first];

	for (size_t i = 0; i < region->nr; i++)
		if (class_of(pen->classes, &map[i]) == region->segment &&
		    map[i].name[0])
			return &map[i];
	for (size_t i = 0; i < region->nr; i++)
		if (map[i].name[0])
			return &map[i];
	return map;
}

static bool shows_path(const struct mapping *map)
{
	return map->vma.name_kind == MMSCOPE_NAME_PATH ||
	       map->vma.name_kind == MMSCOPE_NAME_ANON;
}

/* Without what the label has said already: "memfd". */
static void put_basename(const struct pen *pen, struct text *out,
			 const struct mapping *map)
{
	const char *slash = strrchr(map->name, '/');
	bool path = map->vma.name_kind == MMSCOPE_NAME_PATH;
	const char *name = path && slash && slash[1] ? slash + 1 : map->name;

	if (class_of(pen->classes, map) == SEGMENT_SHARED_ANON)
		return;
	if (class_of(pen->classes, map) == SEGMENT_MEMFD &&
	    !strncmp(name, "memfd:", 6))
		name += 6;
	text_puts(out, " ");
	text_escape(out, name, pen->opt->utf8);
}

/* The guard or reserve that is drawn with anonymous memory, or NULL. */
static const struct mapping *pair_of(const struct pen *pen,
				     const struct region *region)
{
	const struct mapping *map = &pen->sp->map[region->first];

	if (region->type != REGION_MAPPINGS || region->nr != 2 ||
	    (region->segment != SEGMENT_ANON &&
	     region->segment != SEGMENT_ARENA &&
	     region->segment != SEGMENT_THREAD_STACK))
		return NULL;
	return class_of(pen->classes, map) == region->segment ? map + 1 : map;
}

/* Mappings of the region that are what the region is named after. */
static size_t count_named(const struct pen *pen, const struct region *region)
{
	const struct mapping *map = &pen->sp->map[region->first];
	size_t nr = 0;

	for (size_t i = 0; i < region->nr; i++)
		nr += class_of(pen->classes, &map[i]) == region->segment;
	return nr;
}

static void put_label(const struct pen *pen, const struct region *region,
		      struct text *out)
{
	const struct mapping *map = named_mapping(pen, region);
	const struct mapping *other = pair_of(pen, region);

	if (region->type == REGION_MANY) {
		text_puts(out, pen->glyph->more);
		text_puts(out, " ");
		text_count(out, region->nr);
		text_puts(out, " mappings");
		return;
	}
	if (region->type == REGION_STACKS) {
		text_count(out, count_named(pen, region));
		text_puts(out, " thread stacks (a guess)");
		return;
	}
	text_puts(out, segment_info(region->segment)->label);
	if (region->segment == SEGMENT_ARENA &&
	    class_is_guess(pen->classes, map))
		text_puts(out, " (a guess)");
	if (other && region->segment == SEGMENT_ANON)
		text_printf(out, " + %s",
			    segment_info(class_of(pen->classes, other))->part);
	if (shows_path(map) ||
	    (region->segment == SEGMENT_SPECIAL && map->name[0]))
		put_basename(pen, out, map);
}

/* The permissions that all mappings of a region have, or blanks. */
static void put_perms(const struct pen *pen, const struct region *region,
		      struct text *out)
{
	const struct mapping *map = &pen->sp->map[region->first];
	bool pairs = region->type == REGION_STACKS || pair_of(pen, region);
	unsigned int perms = 0;
	bool any = false;

	for (size_t i = 0; i < region->nr; i++) {
		if (pairs && class_of(pen->classes, &map[i]) != region->segment)
			continue;
		if (any && map[i].vma.perms != perms) {
			text_puts(out, "    ");
			return;
		}
		perms = map[i].vma.perms;
		any = true;
	}
	cell_perms(out, perms);
}

/* Whole cells: all of them only if all is there. */
static size_t bar_cells(size_t bar, uint64_t part, uint64_t whole)
{
	if (!whole || part >= whole)
		return part ? bar : 0;
	return (size_t)((__uint128_t)part * bar / whole);
}

static void put_bar(const struct pen *pen, const struct region *region,
		    struct text *out)
{
	size_t full = bar_cells(pen->bar, region->resident, region->size);
	size_t swapped = bar_cells(pen->bar, region->swapped, region->size);
	size_t trace = region->resident && !full ? 1 : 0;
	size_t room = pen->bar - full - trace;

	/* show even a little */
	if (region->swapped && !swapped)
		swapped = 1;
	/* In a forged file, they may be more than the region. */
	if (swapped > room)
		swapped = room;
	text_fill(out, pen->glyph->full, full);
	text_fill(out, pen->glyph->trace, trace);
	text_fill(out, pen->glyph->swapped, swapped);
	text_fill(out, pen->glyph->empty, room - swapped);
}

static void put_right(struct text *out, const char *s, size_t width)
{
	size_t len = strlen(s);

	text_fill(out, " ", width > len ? width - len : 0);
	text_puts(out, s);
}

static void put_size(const struct pen *pen, uint64_t bytes, struct text *out)
{
	struct text size = { 0 };

	text_size(&size, bytes, pen->opt->bytes);
	text_puts(out, " ");
	put_right(out, size.s, pen->size_width);
	text_free(&size);
}

static size_t label_width(const struct pen *pen)
{
	size_t used = 1 + 4 + 2 * (1 + pen->size_width) +
		      (pen->bar ? 1 + pen->bar : 0);

	return pen->inner > used ? pen->inner - used : 0;
}

/**
 * label_head - append the first line of a region of mappings
 * @pen: the pen
 * @region: the region
 * @out: the text
 */
void label_head(const struct pen *pen, const struct region *region,
		struct text *out)
{
	struct text label = { 0 };

	put_label(pen, region, &label);
	text_fit(out, label.s, label_width(pen), pen->glyph->more);
	text_puts(out, " ");
	put_perms(pen, region, out);
	put_size(pen, region->size, out);
	put_size(pen, region->resident, out);
	if (pen->bar) {
		text_puts(out, " ");
		put_bar(pen, region, out);
	}
	text_free(&label);
}

/**
 * label_plain - append the line of a region without mappings
 * @pen: the pen
 * @region: the region
 * @out: the text
 */
void label_plain(const struct pen *pen, const struct region *region,
		 struct text *out)
{
	static const char *const labels[] = {
		[REGION_GAP] = "gap",
		[REGION_HOLE] = "hole: not canonical",
		[REGION_KERNEL] = "kernel half",
	};
	struct text size = { 0 };
	/* The size ends in the column of the sizes of mappings. */
	size_t width = label_width(pen) + 1 + 4 + 1 + pen->size_width;

	text_size(&size, region->last - region->start + 1, pen->opt->bytes);
	text_fit(out, labels[region->type], width - size.len - 1,
		 pen->glyph->more);
	text_printf(out, " %s", size.s);
	text_free(&size);
}

/**
 * label_headings - append the headings of the columns of label_head()
 * @pen: the pen
 * @out: the text
 */
void label_headings(const struct pen *pen, struct text *out)
{
	text_fill(out, " ", MARGIN - strlen("ADDRESS"));
	text_puts(out, "ADDRESS   ");
	text_fit(out, "WHAT", label_width(pen), "");
	text_puts(out, " PERM ");
	put_right(out, "SIZE", pen->size_width);
	text_puts(out, " ");
	put_right(out, "RSS", pen->size_width);
	if (pen->bar)
		text_puts(out, " RESIDENT");
}

/**
 * struct parts - the lines of text after the first one of a region
 * @pen: the pen
 * @region: the region
 * @line: the current line
 * @lines: number of lines drawn
 */
struct parts {
	const struct pen *pen;
	const struct region *region;
	struct text line;
	unsigned int lines;
};

static void end_parts(struct parts *parts)
{
	if (!parts->line.len)
		return;
	pen_text(parts->pen, parts->region, "", parts->line.s, NULL);
	parts->lines++;
	text_clear(&parts->line);
}

static void add_part(struct parts *parts, const char *part)
{
	size_t used = parts->line.len ? text_width(parts->line.s) : 0;

	if (used && used + 2 + text_width(part) > parts->pen->inner)
		end_parts(parts);
	text_puts(&parts->line, parts->line.len ? ", " : "  ");
	text_puts(&parts->line, part);
}

static void add_sized(struct parts *parts, const char *name, uint64_t bytes)
{
	struct text part = { 0 };

	text_printf(&part, "%s ", name);
	text_size(&part, bytes, parts->pen->opt->bytes);
	add_part(parts, part.s);
	text_free(&part);
}

static bool are_alike(const struct pen *pen, const struct region *region)
{
	const struct mapping *map = &pen->sp->map[region->first];

	for (size_t i = 1; i < region->nr; i++)
		if (class_of(pen->classes, &map[i]) !=
		    class_of(pen->classes, map))
			return false;
	return true;
}

/* From the top down, like the picture; neighbours of one kind as one. */
static void add_members(struct parts *parts)
{
	const struct region *region = parts->region;
	const struct classes *classes = parts->pen->classes;
	const struct mapping *map = &parts->pen->sp->map[region->first];
	size_t left = region->nr, drawn = 0;

	if (are_alike(parts->pen, region))
		return;
	while (left && drawn++ < PARTS_MAX) {
		enum segment segment = class_of(classes, &map[left - 1]);
		uint64_t size = 0;

		while (left && class_of(classes, &map[left - 1]) == segment) {
			left--;
			size += map[left].vma.end - map[left].start;
		}
		add_sized(parts, segment_info(segment)->part, size);
	}
	if (left)
		add_part(parts, parts->pen->glyph->more);
}

/* Sections by name, from the lowest address up; only after refine(). */
static void add_sections(struct parts *parts)
{
	const struct region *region = parts->region;
	const struct classes *classes = parts->pen->classes;
	const struct mapping *map = &parts->pen->sp->map[region->first];
	const struct elf_section *section, *last = NULL;
	struct text name = { 0 };
	size_t drawn = 0;

	for (size_t i = 0; i < region->nr && drawn < SECTIONS_MAX; i++) {
		size_t next = 0;

		while ((section = refine_section(classes, &map[i], map[i].start,
						 map[i].vma.end - 1, &next)) &&
		       drawn++ < SECTIONS_MAX) {
			text_clear(&name);
			text_escape(&name, section->name,
				    parts->pen->opt->utf8);
			/* Part of it is in the mapping before. */
			if (section != last)
				add_part(parts, name.s);
			last = section;
		}
	}
	text_free(&name);
}

static void add_stacks(struct parts *parts)
{
	const struct region *region = parts->region;
	const struct mapping *map = &parts->pen->sp->map[region->first];
	uint64_t guards = 0;

	for (size_t i = 0; i < region->nr; i++)
		if (class_of(parts->pen->classes, &map[i]) != region->segment)
			guards += map[i].vma.end - map[i].start;
	add_sized(parts, "stacks", region->size - guards);
	add_sized(parts, "guards", guards);
}

static void add_stack_limits(struct parts *parts)
{
	const struct mmscope_mm *mm = &parts->pen->sp->mm;
	struct text part = { 0 };

	text_printf(&part, "grows down %s", parts->pen->glyph->down);
	add_part(parts, part.s);
	text_clear(&part);
	if (mm->rlimit_stack == UINT64_MAX) {
		text_puts(&part, "no limit");
	} else {
		text_puts(&part, "limit ");
		text_size(&part, mm->rlimit_stack, parts->pen->opt->bytes);
	}
	text_puts(&part, " (RLIMIT_STACK)");
	add_part(parts, part.s);
	add_sized(parts, "guard gap", mm->stack_guard_gap);
	text_free(&part);
}

static void add_growth(struct parts *parts)
{
	struct text part = { 0 };

	if (!parts->pen->sp->has_mm)
		return;
	if (parts->region->segment == SEGMENT_STACK)
		add_stack_limits(parts);
	if (parts->region->segment == SEGMENT_HEAP) {
		text_printf(&part, "grows up %s, by brk()",
			    parts->pen->glyph->up);
		add_part(parts, part.s);
	}
	text_free(&part);
}

static void add_numbers(struct parts *parts)
{
	const struct region *region = parts->region;
	const struct mapping *map = &parts->pen->sp->map[region->first];
	uint64_t span = region->last - region->start + 1;
	size_t count[SEGMENTS] = { 0 };
	struct text part = { 0 };

	for (size_t i = 0; i < region->nr; i++)
		count[class_of(parts->pen->classes, &map[i])]++;
	for (size_t i = 0; i < SEGMENTS; i++) {
		if (!count[i])
			continue;
		text_clear(&part);
		text_count(&part, count[i]);
		text_printf(&part, " %s", segment_info((enum segment)i)->name);
		add_part(parts, part.s);
	}
	if (span > region->size)
		add_sized(parts, "gaps", span - region->size);
	text_free(&part);
}

/**
 * label_parts - draw the lines after the first one of a region of mappings
 * @pen: the pen
 * @region: the region
 *
 * Return: number of lines drawn
 */
unsigned int label_parts(const struct pen *pen, const struct region *region)
{
	struct parts parts = { .pen = pen, .region = region };

	if (region->type == REGION_MANY)
		add_numbers(&parts);
	else if (region->type == REGION_STACKS)
		add_stacks(&parts);
	else if (region->nr > 1)
		add_members(&parts);
	if (region->type == REGION_MAPPINGS)
		add_growth(&parts);
	if (region->swapped)
		add_sized(&parts, "swapped", region->swapped);
	end_parts(&parts);
	if (region->type == REGION_MAPPINGS)
		add_sections(&parts);
	end_parts(&parts);
	text_free(&parts.line);
	return parts.lines;
}
