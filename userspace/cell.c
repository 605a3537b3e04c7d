// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "cell.h"
#include "entry.h"
#include "page.h"
#include "refine.h"

/**
 * cell_address - append an address: hexadecimal, with 0x in JSON
 * @out: the cell
 * @addr: the address
 * @opt: the options
 */
void cell_address(struct text *out, uint64_t addr, const struct options *opt)
{
	if (opt->json)
		text_add(out, "0x", 2);
	text_hex(out, addr);
}

/**
 * cell_bytes - append a size: readable, exact with -b and in JSON
 * @out: the cell
 * @bytes: the size
 * @opt: the options
 */
void cell_bytes(struct text *out, uint64_t bytes, const struct options *opt)
{
	text_size(out, bytes, opt->json || opt->bytes);
}

/**
 * cell_string - append untrusted text; JSON escapes it when the row is printed
 * @out: the cell
 * @s: the text
 * @opt: the options
 */
void cell_string(struct text *out, const char *s, const struct options *opt)
{
	if (opt->json)
		text_puts(out, s);
	else
		text_escape(out, s, opt->utf8);
}

/**
 * cell_end - append an exclusive end
 * @out: the cell
 * @last: last address
 * @opt: the options
 *
 * The end of all addresses is no number of 64 bits: the last address stands for it.
 */
void cell_end(struct text *out, uint64_t last, const struct options *opt)
{
	cell_address(out, last == UINT64_MAX ? last : last + 1, opt);
}

/**
 * cell_range - append START-END, END exclusive
 * @out: the cell
 * @start: first address
 * @last: last address
 * @opt: the options
 */
void cell_range(struct text *out, uint64_t start, uint64_t last,
		const struct options *opt)
{
	cell_address(out, start, opt);
	text_putc(out, '-');
	cell_end(out, last, opt);
}

/**
 * cell_perms - append permissions as in /proc/PID/maps
 * @out: the cell
 * @perms: MMSCOPE_READ ... MMSCOPE_SHARED
 */
void cell_perms(struct text *out, unsigned int perms)
{
	const char letters[] = {
		perms & MMSCOPE_READ ? 'r' : '-',
		perms & MMSCOPE_WRITE ? 'w' : '-',
		perms & MMSCOPE_EXEC ? 'x' : '-',
		perms & MMSCOPE_SHARED ? 's' : 'p',
	};

	text_add(out, letters, sizeof(letters));
}

static void put_byte(struct text *out, unsigned int nr)
{
	if (nr < 16)
		text_putc(out, '0');
	text_number(out, nr, 16);
}

/**
 * cell_device - append the number of a device as in /proc/PID/maps
 * @out: the cell
 * @major: major number
 * @minor: minor number
 */
void cell_device(struct text *out, unsigned int major, unsigned int minor)
{
	put_byte(out, major);
	text_putc(out, ':');
	put_byte(out, minor);
}

/**
 * cell_list - append an item to a cell that is a list: a,b, or ["a", "b"] in JSON
 * @out: the cell, empty before the first item; cell_list_end() ends it
 * @item: untrusted text
 * @opt: the options
 */
void cell_list(struct text *out, const char *item, const struct options *opt)
{
	if (opt->json) {
		text_puts(out, out->len ? ", " : "[");
		text_json(out, item);
	} else {
		text_puts(out, out->len ? "," : "");
		text_escape(out, item, opt->utf8);
	}
}

/**
 * cell_list_end - end a cell that is a list
 * @out: the cell
 * @opt: the options
 */
void cell_list_end(struct text *out, const struct options *opt)
{
	if (opt->json)
		text_puts(out, out->len ? "]" : "[]");
}

/**
 * cell_map_name - append the name of a mapping: a path, or a name given by the kernel
 * @out: the cell
 * @map: the mapping
 * @opt: the options
 */
void cell_map_name(struct text *out, const struct mapping *map,
		   const struct options *opt)
{
	if (map->vma.name_kind == MMSCOPE_NAME_TOO_LONG)
		text_puts(out, "(path too long)");
	else
		cell_string(out, map->name, opt);
}

/**
 * cell_flags - append the names of flags as a list
 * @out: the cell
 * @sp: address space with the names
 * @of: whose flags
 * @flags: the flags
 * @opt: the options
 */
void cell_flags(struct text *out, const struct space *sp,
		enum mmscope_names_of of, uint64_t flags,
		const struct options *opt)
{
	for (; flags; flags &= flags - 1) {
		unsigned int bit = (unsigned int)__builtin_ctzll(flags);
		const char *name = space_name(sp, of, bit);
		char number[8];

		if (!name)
			snprintf(number, sizeof(number), "bit%u", bit);
		cell_list(out, name ? name : number, opt);
	}
	cell_list_end(out, opt);
}

/**
 * cell_page_names - append the flags of a page as a list
 * @out: the cell
 * @page: page facts; nothing is appended without a struct page
 * @opt: the options
 */
void cell_page_names(struct text *out, uint64_t page,
		     const struct options *opt)
{
	struct text name = { 0 };

	if (!(page & MMSCOPE_PAGE_KNOWN))
		return;
	for (page &= (1ULL << PAGE_FLAGS_MAX) - 1; page; page &= page - 1) {
		text_clear(&name);
		page_flags(&name, page & -page, "");
		cell_list(out, name.s, opt);
	}
	cell_list_end(out, opt);
	text_free(&name);
}

/**
 * cell_guess - append whether the segment of a mapping is a guess
 * @out: the cell
 * @classes: the segments
 * @map: the mapping
 * @opt: the options
 */
void cell_guess(struct text *out, const struct classes *classes,
		const struct mapping *map, const struct options *opt)
{
	bool guess = class_is_guess(classes, map);

	if (opt->json)
		text_puts(out, guess ? "true" : "false");
	else if (guess)
		text_puts(out, "guess");
}

/**
 * cell_sections - append the names of sections as a list
 * @out: the cell; nothing is appended if the ELF file was not read
 * @classes: the segments, after refine()
 * @map: the mapping
 * @start: first address
 * @last: last address
 * @opt: the options
 */
void cell_sections(struct text *out, const struct classes *classes,
		   const struct mapping *map, uint64_t start, uint64_t last,
		   const struct options *opt)
{
	const struct elf_section *section;
	size_t next = 0;

	if (!classes->part[map - classes->sp->map].elf)
		return;
	while ((section = refine_section(classes, map, start, last, &next)))
		cell_list(out, section->name, opt);
	cell_list_end(out, opt);
}

/* Cells of rows about runs */

static const struct run *run_of(const void *row)
{
	return ((const struct run_row *)row)->run;
}

static uint64_t last_of(const void *row)
{
	return run_last(((const struct run_row *)row)->header, run_of(row));
}

/* A snapshot may lack an entry that leads to a table. */
static bool is_known(const struct run *run)
{
	return run->kind != MMSCOPE_TABLE || run->has_raw;
}

void run_cell_range(struct text *out, const void *row,
		    const struct options *opt)
{
	cell_range(out, run_of(row)->start, last_of(row), opt);
}

void run_cell_start(struct text *out, const void *row,
		    const struct options *opt)
{
	cell_address(out, run_of(row)->start, opt);
}

void run_cell_end(struct text *out, const void *row,
		  const struct options *opt)
{
	cell_end(out, last_of(row), opt);
}

void run_cell_level(struct text *out, const void *row,
		    const struct options *opt)
{
	(void)opt;
	text_puts(out, entry_level(run_of(row)->level));
}

void run_cell_index(struct text *out, const void *row,
		    const struct options *opt)
{
	const struct mmscope_header *h = ((const struct run_row *)row)->header;

	(void)opt;
	text_number(out, entry_index(h, run_of(row)->start, run_of(row)->level),
		    10);
}

void run_cell_kind(struct text *out, const void *row,
		   const struct options *opt)
{
	(void)opt;
	text_puts(out, entry_kind(run_of(row)->kind)->name);
}

void run_cell_entries(struct text *out, const void *row,
		      const struct options *opt)
{
	(void)opt;
	text_number(out, run_of(row)->nr, 10);
}

void run_cell_size(struct text *out, const void *row,
		   const struct options *opt)
{
	cell_bytes(out, last_of(row) - run_of(row)->start + 1, opt);
}

/* Of swap, DEVICE:OFFSET. */
void run_cell_frame(struct text *out, const void *row,
		    const struct options *opt)
{
	const struct run *run = run_of(row);

	if (!is_known(run))
		return;
	if (run->kind != MMSCOPE_SWAP) {
		cell_address(out, run->frame, opt);
		return;
	}
	text_number(out, MMSCOPE_SWAP_DEVICE(run->frame), 10);
	text_putc(out, ':');
	text_number(out, MMSCOPE_SWAP_OFFSET(run->frame), 10);
}

/* All frames that the run maps: huge entries map many, zero pages one. */
void run_cell_frames(struct text *out, const void *row,
		     const struct options *opt)
{
	const struct mmscope_header *h = ((const struct run_row *)row)->header;
	const struct run *run = run_of(row);
	uint64_t nr = (last_of(row) - run->start + 1) >> h->page_shift;

	if (run->nr > 1 && !run_frames(h, run))
		nr = 1;
	if (nr > 1 || opt->json)
		cell_range(out, run->frame, run->frame + nr - 1, opt);
	else
		cell_address(out, run->frame, opt);
}

void run_cell_attrs(struct text *out, const void *row,
		    const struct options *opt)
{
	(void)opt;
	if (is_known(run_of(row)))
		entry_attrs(out, run_of(row)->attrs);
}

void run_cell_attr_names(struct text *out, const void *row,
			 const struct options *opt)
{
	const char *name;

	if (!is_known(run_of(row)))
		return;
	for (size_t i = 0; (name = entry_attr(run_of(row)->attrs, i)); i++)
		if (*name)
			cell_list(out, name, opt);
	cell_list_end(out, opt);
}

void run_cell_raw(struct text *out, const void *row,
		  const struct options *opt)
{
	if (run_of(row)->has_raw)
		cell_address(out, run_of(row)->raw, opt);
}

void run_cell_mapped(struct text *out, const void *row,
		     const struct options *opt)
{
	(void)opt;
	text_puts(out, page_mapped(run_of(row)->page));
}

void run_cell_node(struct text *out, const void *row,
		   const struct options *opt)
{
	(void)opt;
	page_node(out, run_of(row)->page);
}

void run_cell_page(struct text *out, const void *row,
		   const struct options *opt)
{
	(void)opt;
	page_flags(out, run_of(row)->page, ",");
}

void run_cell_page_names(struct text *out, const void *row,
			 const struct options *opt)
{
	cell_page_names(out, run_of(row)->page, opt);
}

static uint64_t level_key(const void *row)
{
	return run_of(row)->level;
}

static uint64_t kind_key(const void *row)
{
	return run_of(row)->kind;
}

static uint64_t entries_key(const void *row)
{
	return run_of(row)->nr;
}

static uint64_t size_key(const void *row)
{
	return last_of(row) - run_of(row)->start;
}

static uint64_t attrs_key(const void *row)
{
	return (uint64_t)run_of(row)->attrs << 1 | is_known(run_of(row));
}

static uint64_t page_key(const void *row)
{
	return run_of(row)->page;
}

const struct column_key run_cell_keys[] = {
	{ run_cell_level, level_key },
	{ run_cell_kind, kind_key },
	{ run_cell_entries, entries_key },
	{ run_cell_size, size_key },
	{ run_cell_attrs, attrs_key },
	{ run_cell_attr_names, attrs_key },
	{ run_cell_mapped, page_key },
	{ run_cell_node, page_key },
	{ run_cell_page, page_key },
	{ run_cell_page_names, page_key },
	{ NULL, NULL },
};
