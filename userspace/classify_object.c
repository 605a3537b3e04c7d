// SPDX-License-Identifier: GPL-2.0-only
/* Programs and libraries. */
#include <string.h>

#include "classify_work.h"

/* Distance from text to data in an object that is linked for 64 KiB pages. */
#define HOLE_MAX	(128ULL << 10)

static bool is_object_part(const struct work *w, size_t i)
{
	return w->part[i].segment == SEGMENT_FILE &&
	       is_private_file(&w->sp->map[i]);
}

/**
 * objects_find_code - find the program's file
 * @sp: the address space
 *
 * Return: the mapping of a file that contains code of the mm, or NULL
 */
const struct mapping *objects_find_code(const struct space *sp)
{
	for (size_t i = 0; i < sp->nr; i++)
		if (sp->map[i].vma.segment == MMSCOPE_SEG_CODE &&
		    is_private_file(&sp->map[i]))
			return &sp->map[i];
	return NULL;
}

/* Also where the program's code was moved or mapped a second time. */
static bool is_program_file(const struct work *w, const struct mapping *map)
{
	if (w->code && mapping_same_file(w->code, map))
		return true;
	return w->sp->has_mm && *w->sp->exe && !strcmp(w->sp->exe, map->name);
}

static bool is_program(enum segment segment)
{
	return segment_info(segment)->family == FAMILY_PROGRAM;
}

/* Only RELRO was writable and is not: the kernel still accounts for it. */
static bool was_writable(const struct work *w, const struct mapping *map)
{
	return map->vma.flags & w->account;
}

static enum segment part_of(const struct work *w, const struct mapping *map,
			    bool program)
{
	if (!mapping_is_accessible(map))
		return SEGMENT_GUARD;
	if (map->vma.perms & MMSCOPE_EXEC)
		return program ? SEGMENT_TEXT : SEGMENT_LIB_TEXT;
	if (map->vma.perms & MMSCOPE_WRITE)
		return program ? SEGMENT_DATA : SEGMENT_LIB_DATA;
	if (program && map->vma.segment == MMSCOPE_SEG_DATA)
		return SEGMENT_RELRO;
	if (was_writable(w, map))
		return program ? SEGMENT_RELRO : SEGMENT_LIB_RELRO;
	return program ? SEGMENT_RODATA : SEGMENT_LIB_RODATA;
}

/*
 * The part of an object that a mapping of its file continues after a hole. The
 * kernel leaves such holes when it maps a loader, and mmap() fills them.
 */
static const struct part *continued(const struct work *w, size_t i)
{
	const struct mapping *map = &w->sp->map[i];

	while (i-- && map->start - w->sp->map[i].vma.end < HOLE_MAX) {
		const struct mapping *below = &w->sp->map[i];

		if (w->part[i].object && mapping_same_file(below, map) &&
		    below->vma.pgoff < map->vma.pgoff)
			return &w->part[i];
	}
	return NULL;
}

/* Mappings first to end are of one file: an object if code is among them. */
static void classify_object(const struct work *w, size_t first, size_t end,
			    uint32_t number)
{
	bool object = false;
	bool program = is_program_file(w, &w->sp->map[first]);

	for (size_t i = first; i < end; i++) {
		const struct mmscope_vma *vma = &w->sp->map[i].vma;

		object |= vma->perms & MMSCOPE_EXEC ||
			  vma->segment == MMSCOPE_SEG_CODE ||
			  vma->segment == MMSCOPE_SEG_DATA;
	}
	if (!object) {
		const struct part *below = continued(w, first);

		if (!below)
			return;
		number = below->object;
		program = is_program(below->segment);
	}
	for (size_t i = first; i < end; i++) {
		w->part[i].segment = part_of(w, &w->sp->map[i], program);
		w->part[i].object = number;
	}
}

/**
 * objects_classify - find the mappings of files that are programs or libraries
 * @w: the work; what the kernel records of each mapping is known
 */
void objects_classify(const struct work *w)
{
	const struct space *sp = w->sp;
	uint32_t number = 0;
	size_t end;

	for (size_t first = 0; first < sp->nr; first = end) {
		end = first + 1;
		if (!is_object_part(w, first))
			continue;
		while (end < sp->nr && is_object_part(w, end) &&
		       mapping_same_file(&sp->map[first], &sp->map[end]))
			end++;
		classify_object(w, first, end, ++number);
	}
}

/**
 * objects_classify_moved - find code and data that were copied to anonymous memory
 * @w: the work
 * @i: index of a mapping
 *
 * Programs do so to get huge pages.
 */
void objects_classify_moved(const struct work *w, size_t i)
{
	const struct mapping *map = &w->sp->map[i];

	if (w->part[i].segment != SEGMENT_ANON || !mapping_is_accessible(map))
		return;
	if (map->vma.segment == MMSCOPE_SEG_CODE ||
	    map->vma.segment == MMSCOPE_SEG_DATA)
		w->part[i].segment = part_of(w, map, true);
}

/* Follow the object that ends with the mapping before index i. */
static void follow_object(struct work *w, size_t i)
{
	if (i < 2 || w->part[i - 2].object != w->part[i - 1].object)
		w->object_start = w->sp->map[i - 1].start;
}

/*
 * The program's bss ends below the heap, unless the heap is elsewhere: that of a
 * static PIE is below the program. Nothing in the mm says where the bss of a
 * library ends, and the kernel merges it with its neighbours: what is larger
 * than the rest of the library is taken for a neighbour.
 */
static bool fits_bss(const struct work *w, size_t i, bool program)
{
	const struct mmscope_mm *mm = &w->sp->mm;
	const struct mapping *map = &w->sp->map[i];

	if (!program)
		return w->part[i - 1].segment != SEGMENT_LIB_BSS &&
		       size_of(map) <= map->start - w->object_start;
	return !mm->start_brk || map->start < mm->start_brk ||
	       mm->start_brk < mm->start_code;
}

/**
 * objects_classify_bss - find writable memory that directly follows an object
 * @w: the work
 * @i: index of a mapping, not 0; the caller asks about all, in ascending order
 */
void objects_classify_bss(struct work *w, size_t i)
{
	const struct mapping *before = &w->sp->map[i - 1];
	const struct mapping *map = &w->sp->map[i];
	const struct part *part = &w->part[i - 1];
	bool program = is_program(part->segment);

	follow_object(w, i);
	if (w->part[i].segment != SEGMENT_ANON ||
	    !(map->vma.perms & MMSCOPE_WRITE) ||
	    map->vma.name_kind != MMSCOPE_NAME_NONE)
		return;
	if (!part->object || before->vma.end != map->start ||
	    part->segment == SEGMENT_TEXT ||
	    part->segment == SEGMENT_LIB_TEXT ||
	    part->segment == SEGMENT_GUARD)
		return;
	if (!fits_bss(w, i, program))
		return;
	set_segment(w, i, program ? SEGMENT_BSS : SEGMENT_LIB_BSS, true);
	w->part[i].object = part->object;
}
