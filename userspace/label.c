// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "pen.h"

#define PARTS_MAX	24

static const struct mapping *named_mapping(const struct pen *pen,
					   const struct region *region)
{
	const struct mapping *map = &pen->sp->map[region->first];

	for (size_t i = 0; i < region->nr; i++)
		if (map[i].segment == region->segment && map[i].name[0])
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

/* The label says already that it is a memfd. */
static void put_basename(const struct pen *pen, struct text *out,
			 const struct mapping *map)
{
	const char *slash = strrchr(map->name, '/');
	bool path = map->vma.name_kind == MMSCOPE_NAME_PATH;
	const char *name = path && slash && slash[1] ? slash + 1 : map->name;

	if (map->segment == SEGMENT_SHARED_ANON)
		return;
	if (map->segment == SEGMENT_MEMFD && !strncmp(name, "memfd:", 6))
		name += 6;
	text_puts(out, " ");
	text_escape(out, name, pen->opt->utf8);
}

/* The guard or reserve that is drawn with anonymous memory, else NULL. */
static const struct mapping *pair_of(const struct space *sp,
				     const struct region *region)
{
	const struct mapping *map = &sp->map[region->first];

	if (region->type == REGION_MANY || region->nr != 2 ||
	    region->segment != SEGMENT_ANON)
		return NULL;
	return map->segment == SEGMENT_ANON ? map + 1 : map;
}

static void put_label(const struct pen *pen, const struct region *region,
		      struct text *out)
{
	const struct mapping *map, *other;

	if (region->type == REGION_MANY) {
		text_puts(out, pen->glyph->more);
		text_puts(out, " ");
		text_count(out, region->nr);
		text_puts(out, " mappings");
		return;
	}
	map = named_mapping(pen, region);
	text_puts(out, segment_info(region->segment)->label);
	other = pair_of(pen->sp, region);
	if (other)
		text_printf(out, " + %s", segment_info(other->segment)->part);
	if (shows_path(map))
		put_basename(pen, out, map);
	else if (region->segment == SEGMENT_SPECIAL && map->name[0])
		put_basename(pen, out, map);
}

/* The permissions all mappings of a region share, else blank. */
static void put_perms(const struct pen *pen, const struct region *region,
		      struct text *out)
{
	const struct mapping *map = &pen->sp->map[region->first];
	const struct mapping *other = pair_of(pen->sp, region);
	unsigned int perms = map[other == map].vma.perms;

	for (size_t i = 0; i < region->nr && !other; i++) {
		if (map[i].vma.perms != perms) {
			text_puts(out, "    ");
			return;
		}
	}
	text_printf(out, "%c%c%c%c", perms & MMSCOPE_READ ? 'r' : '-',
		    perms & MMSCOPE_WRITE ? 'w' : '-',
		    perms & MMSCOPE_EXEC ? 'x' : '-',
		    perms & MMSCOPE_SHARED ? 's' : 'p');
}

/* Whole cells: full only if all is there. */
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

	/* what is there shows, however little */
	if (region->swapped && !swapped)
		swapped = 1;
	/* Together they are more than the region only in files made up. */
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
 * label_head - append the line that a region of mappings begins with
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
	/* the size ends where those of mappings do, however long it is */
	size_t width = label_width(pen) + 1 + 4 + 1 + pen->size_width;

	text_size(&size, region->last - region->start + 1, pen->opt->bytes);
	text_fit(out, labels[region->type], width - size.len - 1,
		 pen->glyph->more);
	text_printf(out, " %s", size.s);
	text_free(&size);
}

/**
 * label_headings - append the headings of what label_head() writes
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
 * struct parts - the lines of text about what a region consists of
 * @line: text being filled
 * @lines: lines drawn
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
	size_t width = strlen(part);

	if (parts->line.len && parts->line.len + 2 + width > parts->pen->inner)
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

static bool are_alike(const struct space *sp, const struct region *region)
{
	const struct mapping *map = &sp->map[region->first];

	for (size_t i = 1; i < region->nr; i++)
		if (map[i].segment != map->segment)
			return false;
	return true;
}

/* From the top down, as the picture goes; neighbours of one kind as one. */
static void add_members(struct parts *parts)
{
	const struct region *region = parts->region;
	const struct mapping *map = &parts->pen->sp->map[region->first];
	size_t left = region->nr, drawn = 0;

	if (are_alike(parts->pen->sp, region))
		return;
	while (left && drawn++ < PARTS_MAX) {
		enum segment segment = map[left - 1].segment;
		uint64_t size = 0;

		while (left && map[left - 1].segment == segment) {
			left--;
			size += map[left].vma.end - map[left].start;
		}
		add_sized(parts, segment_info(segment)->part, size);
	}
	if (left)
		add_part(parts, parts->pen->glyph->more);
}

static void add_numbers(struct parts *parts)
{
	const struct region *region = parts->region;
	const struct mapping *map = &parts->pen->sp->map[region->first];
	uint64_t span = region->last - region->start + 1;
	size_t count[SEGMENTS] = { 0 };
	struct text part = { 0 };

	for (size_t i = 0; i < region->nr; i++)
		count[map[i].segment]++;
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
 * label_parts - draw the lines about what a region consists of
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
	else if (region->nr > 1)
		add_members(&parts);
	if (region->swapped)
		add_sized(&parts, "swapped", region->swapped);
	end_parts(&parts);
	text_free(&parts.line);
	return parts.lines;
}
