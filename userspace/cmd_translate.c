// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "array.h"
#include "cell.h"
#include "classify.h"
#include "commands.h"
#include "exit_code.h"
#include "options.h"
#include "entry.h"
#include "page.h"
#include "refine.h"
#include "series.h"
#include "source.h"
#include "table.h"
#include "terminal.h"
#include "walk.h"

/* Blanks before lines about an address. */
#define INDENT	2

struct row {
	const struct classes *classes;
	const struct walk *walk;
	const struct mmscope_step *step;	/* NULL if the walk has none */
};

static const struct mmscope_step *step_of(const void *row)
{
	return ((const struct row *)row)->step;
}

static uint64_t entry_at(const struct mmscope_step *step)
{
	return step->table + 8ULL * step->index;
}

static bool is_last(const struct row *row)
{
	return !row->step || row->step == walk_last(row->walk);
}

static void cell_addr(struct text *out, const void *row,
		      const struct options *opt)
{
	cell_address(out, ((const struct row *)row)->walk->addr, opt);
}

static void cell_level(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	if (step_of(row))
		text_puts(out, entry_level(step_of(row)->level));
}

static void cell_table(struct text *out, const void *row,
		       const struct options *opt)
{
	if (step_of(row) && ((const struct row *)row)->walk->walked)
		cell_address(out, step_of(row)->table, opt);
}

static void cell_index(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	if (step_of(row))
		text_printf(out, "%" PRIu32, step_of(row)->index);
}

static void cell_entry(struct text *out, const void *row,
		       const struct options *opt)
{
	if (step_of(row) && ((const struct row *)row)->walk->walked)
		cell_address(out, entry_at(step_of(row)), opt);
}

static void cell_raw(struct text *out, const void *row,
		     const struct options *opt)
{
	if (step_of(row) && ((const struct row *)row)->walk->has_raw)
		cell_address(out, step_of(row)->raw, opt);
}

static void cell_kind(struct text *out, const void *row,
		      const struct options *opt)
{
	(void)opt;
	if (step_of(row))
		text_puts(out, entry_kind(step_of(row)->kind)->name);
}

static void cell_attrs(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	if (step_of(row))
		entry_attrs(out, step_of(row)->attrs);
}

static void cell_attr_names(struct text *out, const void *row,
			    const struct options *opt)
{
	const char *name;

	if (!step_of(row))
		return;
	for (size_t i = 0; (name = entry_attr(step_of(row)->attrs, i)); i++)
		if (*name)
			cell_list(out, name, opt);
	cell_list_end(out, opt);
}

static void cell_phys(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct row *r = row;

	if (is_last(r) && walk_has_phys(r->walk))
		cell_address(out, r->walk->found.phys, opt);
}

static void cell_pagesize(struct text *out, const void *row,
			  const struct options *opt)
{
	const struct row *r = row;

	if (is_last(r) && walk_has_phys(r->walk))
		cell_bytes(out, 1ULL << r->walk->found.page_shift, opt);
}

static void cell_page(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct row *r = row;

	(void)opt;
	if (is_last(r))
		page_flags(out, r->walk->found.page, ",");
}

static void cell_last_page_names(struct text *out, const void *row,
				 const struct options *opt)
{
	const struct row *r = row;

	if (is_last(r))
		cell_page_names(out, r->walk->found.page, opt);
}

static void cell_mapped(struct text *out, const void *row,
			const struct options *opt)
{
	const struct row *r = row;

	(void)opt;
	if (is_last(r))
		text_puts(out, page_mapped(r->walk->found.page));
}

static void cell_node(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct row *r = row;

	(void)opt;
	if (is_last(r))
		page_node(out, r->walk->found.page);
}

static void cell_stop(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct row *r = row;

	(void)opt;
	if (is_last(r))
		text_puts(out, walk_stop(r->walk, r->classes->sp));
}

static void cell_gap(struct text *out, const void *row,
		     const struct options *opt)
{
	const struct mmscope_walk *found =
		&((const struct row *)row)->walk->found;

	if (found->stop != MMSCOPE_STOP_GAP)
		return;
	cell_address(out, found->gap_start, opt);
	text_puts(out, "-");
	cell_address(out, found->gap_end, opt);
}

static void cell_segment(struct text *out, const void *row,
			 const struct options *opt)
{
	const struct row *r = row;
	const struct mapping *map = space_at(r->classes->sp, r->walk->addr);

	(void)opt;
	if (map)
		class_put(out, r->classes, map);
}

static void cell_addr_guess(struct text *out, const void *row,
			    const struct options *opt)
{
	const struct row *r = row;
	const struct mapping *map = space_at(r->classes->sp, r->walk->addr);

	if (map)
		cell_guess(out, r->classes, map, opt);
}

static const struct elf_section *section_at(const struct classes *classes,
					    const struct mapping *map,
					    uint64_t addr)
{
	size_t next = 0;

	return map ? refine_section(classes, map, addr, addr, &next) : NULL;
}

static void cell_section(struct text *out, const void *row,
			 const struct options *opt)
{
	const struct row *r = row;
	const struct mapping *map = space_at(r->classes->sp, r->walk->addr);
	const struct elf_section *section = section_at(r->classes, map,
						       r->walk->addr);

	if (section)
		cell_string(out, section->name, opt);
}

static void cell_name(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct row *r = row;
	const struct mapping *map = space_at(r->classes->sp, r->walk->addr);

	if (map)
		cell_map_name(out, map, opt);
}

static const struct column columns[] = {
	{ "ADDR", COL_DEFAULT | COL_ADDRESS, cell_addr, "the address" },
	{ "LEVEL", COL_DEFAULT, cell_level, "one row for each level" },
	{ "TABLE", COL_RIGHT | COL_HEX, cell_table, "physical address of the table" },
	{ "INDEX", COL_DEFAULT | COL_NUMBER, cell_index,
	  "of the entry in the table" },
	{ "ENTRY", COL_DEFAULT | COL_RIGHT | COL_HEX, cell_entry,
	  "physical address of the entry" },
	{ "RAW", COL_DEFAULT | COL_RIGHT | COL_HEX, cell_raw,
	  "the entry as the hardware holds it" },
	{ "KIND", COL_DEFAULT, cell_kind, "kind of the entry" },
	{ "ATTRS", COL_DEFAULT | COL_RIGHTS, cell_attrs,
	  "letters as in mmscope pagetable" },
	{ "ATTR_NAMES", COL_JSON | COL_LIST | COL_CUT, cell_attr_names,
	  "the same as a list; in JSON, an array" },
	{ "PHYS", COL_DEFAULT | COL_RIGHT | COL_HEX, cell_phys,
	  "last row: physical address" },
	{ "PAGESIZE", COL_NUMBER, cell_pagesize, "last row: size of the page" },
	{ "MAPPED", 0, cell_mapped,
	  "last row: shared, or exclusive to this process" },
	{ "NODE", COL_NUMBER, cell_node, "last row: NUMA node of the page" },
	{ "PAGE", COL_CUT, cell_page,
	  "last row: flags of the page, named as in /proc/kpageflags" },
	{ "PAGE_NAMES", COL_JSON | COL_LIST | COL_CUT, cell_last_page_names,
	  "the same; in JSON, an array" },
	{ "STOP", 0, cell_stop,
	  "last row: kind of the last entry, gap, beyond, hole or kernel" },
	{ "GAP", COL_RANGE, cell_gap, "bounds of the gap that holds the address" },
	{ "SEGMENT", COL_SEGMENT, cell_segment, "of the mapping" },
	{ "GUESS", COL_JSON | COL_BOOLEAN, cell_addr_guess, "whether SEGMENT is a guess" },
	{ "SECTION", COL_SECTIONS, cell_section, "ELF section" },
	{ "NAME", COL_CUT, cell_name, "of the mapping" },
};

static uint64_t file_offset(const struct space *sp, const struct mapping *map,
			    uint64_t addr)
{
	return (map->vma.pgoff << sp->header.page_shift) + addr -
	       map->vma.start;
}

static void print_vma(const struct classes *classes, const struct walk *walk,
		      const struct options *opt)
{
	const struct mapping *map = space_at(classes->sp, walk->addr);
	struct text line = { 0 };

	if (!map)
		return;
	text_puts(&line, "in ");
	class_put(&line, classes, map);
	text_printf(&line, " %" PRIx64 "-%" PRIx64 " ",
		    (uint64_t)map->vma.start, (uint64_t)map->vma.end);
	cell_perms(&line, map->vma.perms);
	if (map->name[0] || map->vma.name_kind == MMSCOPE_NAME_TOO_LONG) {
		text_puts(&line, " ");
		cell_map_name(&line, map, opt);
	}
	if (map->vma.ino)
		text_printf(&line, " + %" PRIx64,
			    file_offset(classes->sp, map, walk->addr));
	terminal_words(opt, line.s, INDENT);
	text_free(&line);
}

/* The offset in the section is what nm(1) and readelf(1) print, less its start. */
static void print_section(const struct classes *classes,
			  const struct walk *walk, const struct options *opt)
{
	const struct mapping *map = space_at(classes->sp, walk->addr);
	const struct elf_section *section = section_at(classes, map,
						       walk->addr);
	const struct part *part;
	struct text line = { 0 };

	if (!map || !(opt->given & OPT_SECTIONS))
		return;
	part = &classes->part[map - classes->sp->map];
	if (section) {
		text_puts(&line, "section ");
		text_escape(&line, section->name, opt->utf8);
		text_printf(&line, " + %" PRIx64 ", address %" PRIx64
			    " in the file's numbering",
			    walk->addr - part->bias - section->start,
			    walk->addr - part->bias);
	} else if (part->elf) {
		text_puts(&line, "in no section");
	} else if (part->object) {
		text_puts(&line, "sections unknown: the file was not read");
	}
	if (line.len)
		terminal_words(opt, line.s, INDENT);
	text_free(&line);
}

/* What an entry means goes to a line of its own if it does not fit. */
static void print_step(const struct walk *walk, const struct mmscope_step *step,
		       const struct options *opt)
{
	struct text line = { 0 }, words = { 0 };

	text_printf(&line, "  %s ", entry_level(step->level));
	if (walk->walked)
		text_printf(&line, "%12" PRIx64 " [%3" PRIu32 "] at %12" PRIx64,
			    (uint64_t)step->table, step->index,
			    entry_at(step));
	else
		text_printf(&line, "%12s [%3" PRIu32 "] %15s", "?",
			    step->index, "");
	if (walk->has_raw)
		text_printf(&line, ": %-16" PRIx64, (uint64_t)step->raw);
	else
		text_printf(&line, ": %-16s", "?");
	text_printf(&words, "%s%s", entry_kind(step->kind)->name,
		    step->attrs ? ": " : "");
	entry_attr_words(&words, step->attrs);
	if (opt->cut && line.len + 1 + words.len > opt->width) {
		while (line.s[line.len - 1] == ' ')
			line.len--;
		printf("%.*s\n", (int)line.len, line.s);
		terminal_words(opt, words.s, 3 * INDENT);
	} else {
		printf("%s %s\n", line.s, words.s);
	}
	text_free(&line);
	text_free(&words);
}

static void print_page(uint64_t page, const struct options *opt)
{
	struct text line = { 0 };

	if (!(page & MMSCOPE_PAGE_KNOWN))
		return;
	text_puts(&line, "the page: ");
	page_flags(&line, page, " ");
	if (page & MMSCOPE_PAGE_SHARED)
		text_puts(&line, "; mapped more than once, on node ");
	else if (page & MMSCOPE_PAGE_EXCLUSIVE)
		text_puts(&line, "; mapped here only, on node ");
	else
		text_puts(&line, "; on node ");
	page_node(&line, page);
	terminal_words(opt, line.s, INDENT);
	text_free(&line);
}

static void print_ladder(const struct classes *classes, const struct walk *walk,
			 const struct options *opt)
{
	struct text line = { 0 };

	printf("%s%" PRIx64 "%s\n", color_start(opt->colors, COLOR_HEADER),
	       walk->addr, color_end(opt->colors, COLOR_HEADER));
	print_vma(classes, walk, opt);
	print_section(classes, walk, opt);
	for (unsigned int i = 0; i < walk->found.nr; i++)
		print_step(walk, &walk->step[i], opt);
	if (!walk->walked && walk->found.nr)
		terminal_words(opt, "(the snapshot lacks the tables above: only the last entry is shown)",
			       INDENT);
	walk_sentence(&line, walk, classes->sp, opt->bytes);
	terminal_words(opt, line.s, INDENT);
	print_page(walk->found.page, opt);
	text_free(&line);
}

static void add_rows(struct table *t, const struct classes *classes,
		     const struct walk *walk)
{
	struct row row = { .classes = classes, .walk = walk };

	if (!walk->found.nr)
		table_row(t, &row);
	for (unsigned int i = 0; i < walk->found.nr; i++) {
		row.step = &walk->step[i];
		table_row(t, &row);
	}
}

static void print(const struct options *opt, const struct source *src,
		  const struct space *sp, const struct walk *walks)
{
	const struct stream *s = &src->stream;
	struct table *t = options_table(opt) ? table_open(opt, s) : NULL;
	struct classes classes;

	if (!t) {
		series_begin(opt);
		series_heading(opt);
	}
	classify(&classes, sp);
	if (options_sections(opt))
		refine(&classes, src->pid);
	for (int i = 0; i < opt->nr_operands; i++) {
		if (!walks[i].known)
			continue;
		if (t)
			add_rows(t, &classes, &walks[i]);
		else
			print_ladder(&classes, &walks[i], opt);
	}
	if (t)
		table_close(t, s);
	classes_free(&classes);
}

/* Read the mappings; in a file, also look for the addresses. */
static int load(const struct options *opt, struct source *src,
		struct space *sp, struct uppers *uppers, struct walk *walks)
{
	const struct mmscope_header *h = &src->stream.header;
	const int nr = opt->input ? opt->nr_operands : 0;
	struct record rec;

	space_init(sp, &src->stream);
	uppers_init(uppers, h);
	for (int i = 0; i < nr; i++)
		walks[i].addr = header_untag(h, walks[i].addr);
	while (stream_next(&src->stream, &rec)) {
		space_add(sp, &rec);
		uppers_add(uppers, &rec);
		for (int i = 0; i < nr; i++)
			walk_take(&walks[i], &rec, h);
	}
	if (!source_is_readable(src))
		return source_verdict(src);
	return source_task(&sp->task);
}

/* A stream that ended early may lack runs. */
static bool is_whole(const struct stream *s)
{
	return s->ended && !s->end.status;
}

static int translate(const struct options *opt, struct source *src,
		     struct walk *walks)
{
	struct uppers uppers;
	struct space sp;
	int code = load(opt, src, &sp, &uppers, walks);
	int worst = EXIT_FINE;

	for (int i = 0; !code && i < opt->nr_operands; i++) {
		if (opt->input)
			walk_finish(&walks[i], &sp, &uppers,
				    is_whole(&src->stream));
		else
			code = walk_live(opt, &walks[i]);
		if (code == EXIT_PARTIAL) {
			worst = code;
			code = EXIT_FINE;
		}
	}
	if (!code)
		print(opt, src, &sp, walks);
	if (!code && !worst)
		worst = source_verdict(src);
	uppers_free(&uppers);
	space_free(&sp);
	return code ? code : worst;
}

static int run_translate(const struct options *opt)
{
	struct asked asked = {
		.parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			 source_threads(opt),
	};
	struct source src = { 0 };
	struct walk *walks;
	int code = EXIT_FINE;

	if (opt->input)
		asked.parts |= MMSCOPE_PART_PAGETABLE;
	walks = grow(NULL, (size_t)opt->nr_operands, sizeof(*walks));
	for (int i = 0; !code && i < opt->nr_operands; i++) {
		walks[i] = (struct walk){ 0 };
		code = options_address(opt->operands[i], &walks[i].addr);
	}
	if (!code)
		code = source_open(&src, opt, &asked);
	else
		src.fd = -1;
	if (!code)
		code = translate(opt, &src, walks);
	source_close(&src);
	free(walks);
	return code;
}

const struct command cmd_translate = {
	.name = "translate",
	.operands = "ADDRESS...",
	.summary = "walk the page tables for an address, level by level",
	.example = "The physical address of a byte, and the section that it belongs to:\n"
		   "  mmscope translate 4711 7f2a00123456 --sections\n",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES | OPT_SECTIONS |
		   OPT_CGROUP,
	.repeats = true,
	.draws = true,
	.least = 1,
	.most = 10000,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_translate,
};
