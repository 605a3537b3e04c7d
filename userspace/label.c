// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "cell.h"
#include "label.h"
#include "refine.h"
#include "thread_list.h"

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

/**
 * label_file - append the name of the file of a region, without its folder
 * @pen: the pen
 * @region: the region
 * @out: the text
 */
void label_file(const struct pen *pen, const struct region *region,
		struct text *out)
{
	const struct mapping *map = named_mapping(pen, region);
	const char *slash = strrchr(map->name, '/');

	text_escape(out, slash && slash[1] ? slash + 1 : map->name,
		    pen->opt->utf8);
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

/* The mapping that the region is named after. */
static const struct mapping *label_mapping(const struct pen *pen,
					   const struct region *region)
{
	const struct mapping *map = &pen->sp->map[region->first];

	for (size_t i = 0; i < region->nr; i++)
		if (class_of(pen->classes, &map[i]) == region->segment)
			return &map[i];
	return map;
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

/* The thread whose stack a mapping is, if it has one alone. */
static const struct thread *thread_of(const struct pen *pen,
				      const struct mapping *map)
{
	const struct part *part = &pen->classes->part[map - pen->sp->map];

	if (part->segment != SEGMENT_THREAD_STACK || !part->tid || part->others)
		return NULL;
	return threads_by_id(pen->threads, part->tid);
}

/* Return: false if no thread is known to have its stack there. */
static bool put_stack_label(const struct pen *pen, const struct mapping *map,
			    struct text *out)
{
	const struct part *part = &pen->classes->part[map - pen->sp->map];
	const struct thread *thread = thread_of(pen, map);

	if (part->segment != SEGMENT_THREAD_STACK || !part->tid)
		return false;
	if (!thread) {
		text_puts(out, "stacks of ");
		text_count(out, 1 + (uint64_t)part->others);
		text_puts(out, " threads");
		return true;
	}
	text_printf(out, "stack of thread %" PRId32 " ", thread->rec->tid);
	text_escape(out, thread->rec->comm, pen->opt->utf8);
	return true;
}

/**
 * label_is_guess - whether a region is taken for an arena for its shape only
 * @pen: the pen
 * @region: the region
 *
 * Return: false also for all other regions
 */
bool label_is_guess(const struct pen *pen, const struct region *region)
{
	return region->segment == SEGMENT_ARENA &&
	       class_is_guess(pen->classes, named_mapping(pen, region));
}

/**
 * label_name - append the name of a region of mappings
 * @pen: the pen
 * @region: the region
 * @out: the text
 */
void label_name(const struct pen *pen, const struct region *region,
		struct text *out)
{
	const struct mapping *map = named_mapping(pen, region);
	const struct mapping *other = pair_of(pen, region);

	if (region->segment == SEGMENT_THREAD_STACK &&
	    put_stack_label(pen, label_mapping(pen, region), out))
		return;
	text_puts(out, segment_info(region->segment)->label);
	if (label_is_guess(pen, region))
		text_puts(out, " (a guess)");
	if (other && region->segment == SEGMENT_ANON)
		text_printf(out, " + %s",
			    segment_info(class_of(pen->classes, other))->part);
	if (shows_path(map) ||
	    (region->segment == SEGMENT_SPECIAL && map->name[0]))
		put_basename(pen, out, map);
}

/**
 * label_perms - find the permissions that all mappings of a region have
 * @pen: the pen
 * @region: the region; the guard or reserve of a pair does not count
 *
 * Return: bits of MMSCOPE_READ and others, PERMS_MIXED if they differ
 */
unsigned int label_perms(const struct pen *pen, const struct region *region)
{
	const struct mapping *map = &pen->sp->map[region->first];
	const struct mapping *other = pair_of(pen, region);
	unsigned int perms = PERMS_NONE;

	for (size_t i = 0; i < region->nr; i++) {
		if (&map[i] == other)
			continue;
		if (perms != PERMS_NONE && map[i].vma.perms != perms)
			return PERMS_MIXED;
		perms = map[i].vma.perms;
	}
	return perms;
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

/**
 * label_width - columns of the names of regions
 * @pen: the pen
 *
 * Return: the number of columns
 */
size_t label_width(const struct pen *pen)
{
	size_t used = 1 + 4 + 2 * (1 + pen->size_width) +
		      (pen->bar ? 1 + pen->bar : 0);

	return pen->inner > used ? pen->inner - used : 0;
}

/**
 * label_row - append a line with sizes
 * @pen: the pen
 * @label: what it is about
 * @perms: permissions, or PERMS_MIXED for none
 * @sum: its sizes
 * @out: the text
 */
void label_row(const struct pen *pen, const char *label, unsigned int perms,
	       const struct region *sum, struct text *out)
{
	text_fit(out, label, label_width(pen), pen->glyph->more);
	text_puts(out, " ");
	if (perms == PERMS_MIXED || perms == PERMS_NONE)
		text_puts(out, "    ");
	else
		cell_perms(out, perms);
	put_size(pen, sum->size, out);
	put_size(pen, sum->resident, out);
	if (pen->bar) {
		text_puts(out, " ");
		put_bar(pen, sum, out);
	}
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

	label_name(pen, region, &label);
	label_row(pen, label.s, label_perms(pen, region), region, out);
	text_free(&label);
}

/**
 * label_plain - append the line of a region without mappings
 * @pen: the pen
 * @region: the region
 * @label: what it is
 * @out: the text
 */
void label_plain(const struct pen *pen, const struct region *region,
		 const char *label, struct text *out)
{
	struct text size = { 0 };
	/* The size ends in the column of the sizes of mappings. */
	size_t width = label_width(pen) + 1 + 4 + 1 + pen->size_width;

	text_size(&size, region->last - region->start + 1, pen->opt->bytes);
	text_fit(out, label, width - size.len - 1, pen->glyph->more);
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
	text_puts(out, pen->brief ? "ADDRESS    " : "ADDRESS   ");
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
	pen_text(parts->pen, parts->region, "", parts->line.s, COLOR_NONE);
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
	if (parts->region->segment == SEGMENT_HEAP && !parts->pen->brief) {
		text_printf(&part, "grows up %s, by brk()",
			    parts->pen->glyph->up);
		add_part(parts, part.s);
	}
	text_free(&part);
}

/* How much of the stack is in use, and where its TLS is. */
static void add_thread(struct parts *parts)
{
	const struct region *region = parts->region;
	const struct thread *thread =
		thread_of(parts->pen, label_mapping(parts->pen, region));
	struct text part = { 0 };

	if (!thread || !thread->end)
		return;
	if (thread_has_depth(thread))
		add_sized(parts, "used", thread->end - thread->rec->sp);
	if (thread->guard == GUARD_ENTRIES)
		add_sized(parts, "guard entries",
			  thread->guard_end - thread->guard_start);
	if (thread->rec->tls) {
		text_printf(&part, "TLS %" PRIx64, (uint64_t)thread->rec->tls);
		add_part(parts, part.s);
	}
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

	if (region->nr > 1 && !pen->brief)
		add_members(&parts);
	add_growth(&parts);
	add_thread(&parts);
	if (region->swapped)
		add_sized(&parts, "swapped", region->swapped);
	end_parts(&parts);
	parts.lines += thread_list_draw(pen, region, region->start, region->last,
					thread_of(pen, label_mapping(pen, region)));
	add_sections(&parts);
	end_parts(&parts);
	text_free(&parts.line);
	return parts.lines;
}
