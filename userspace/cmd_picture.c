// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "array.h"
#include "cell.h"
#include "classify.h"
#include "commands.h"
#include "gate.h"
#include "options.h"
#include "pager.h"
#include "picture.h"
#include "refine.h"
#include "series.h"
#include "source.h"
#include "table.h"
#include "text.h"
#include "thread.h"

struct row {
	const struct classes *classes;
	const struct region *region;
};

static const struct region *region_of(const void *row)
{
	return ((const struct row *)row)->region;
}

static const struct mapping *mapping_of(const void *row)
{
	const struct row *r = row;

	return r->region->nr ? &r->classes->sp->map[r->region->first] : NULL;
}

static void cell_region_range(struct text *out, const void *row,
			      const struct options *opt)
{
	cell_range(out, region_of(row)->start, region_of(row)->last, opt);
}

static void cell_start(struct text *out, const void *row,
		       const struct options *opt)
{
	cell_address(out, region_of(row)->start, opt);
}

static void cell_region_end(struct text *out, const void *row,
			    const struct options *opt)
{
	cell_end(out, region_of(row)->last, opt);
}

static void cell_segment(struct text *out, const void *row,
			 const struct options *opt)
{
	static const char *const names[] = {
		[REGION_GAP] = "gap",
		[REGION_HOLE] = "hole",
		[REGION_KERNEL] = "kernel",
	};
	const struct region *region = region_of(row);

	(void)opt;
	text_puts(out, region->nr ? segment_info(region->segment)->name :
				    names[region->type]);
}

static void cell_region_guess(struct text *out, const void *row,
			      const struct options *opt)
{
	const struct mapping *map = mapping_of(row);

	if (map)
		cell_guess(out, ((const struct row *)row)->classes, map, opt);
}

static void cell_region_sections(struct text *out, const void *row,
				 const struct options *opt)
{
	const struct mapping *map = mapping_of(row);

	if (map)
		cell_sections(out, ((const struct row *)row)->classes, map,
			      map->start, map->vma.end - 1, opt);
}

static void cell_kind(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct mapping *map = mapping_of(row);

	(void)opt;
	if (map)
		text_puts(out, segment_kind(map->vma.kind));
}

static void cell_region_perms(struct text *out, const void *row,
			      const struct options *opt)
{
	const struct mapping *map = mapping_of(row);

	(void)opt;
	if (map)
		cell_perms(out, map->vma.perms);
}

static void cell_size(struct text *out, const void *row,
		      const struct options *opt)
{
	cell_bytes(out, region_of(row)->last - region_of(row)->start + 1, opt);
}

static void cell_resident(struct text *out, const void *row,
			  const struct options *opt)
{
	if (region_of(row)->nr)
		cell_bytes(out, region_of(row)->resident, opt);
}

static void cell_swapped(struct text *out, const void *row,
			 const struct options *opt)
{
	if (region_of(row)->nr)
		cell_bytes(out, region_of(row)->swapped, opt);
}

static void cell_name(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct mapping *map = mapping_of(row);

	if (map)
		cell_map_name(out, map, opt);
}

static const struct column columns[] = {
	{ "RANGE", COL_DEFAULT | COL_RANGE, cell_region_range, "start and exclusive end" },
	{ "START", COL_ADDRESS, cell_start, "first address" },
	{ "END", COL_ADDRESS, cell_region_end, "exclusive end" },
	{ "SEGMENT", COL_DEFAULT | COL_SEGMENT, cell_segment,
	  "segment; also gap, hole, kernel" },
	{ "GUESS", COL_JSON | COL_BOOLEAN, cell_region_guess, "whether SEGMENT is a guess" },
	{ "SECTIONS", COL_JSON | COL_LIST | COL_SECTIONS | COL_CUT,
	  cell_region_sections,
	  "ELF sections; in JSON, an array" },
	{ "KIND", 0, cell_kind, "private or shared, file or anonymous" },
	{ "PERMS", COL_DEFAULT | COL_RIGHTS, cell_region_perms,
	  "permissions, shared or private" },
	{ "SIZE", COL_DEFAULT | COL_NUMBER, cell_size, "reserved" },
	{ "RSS", COL_DEFAULT | COL_NUMBER, cell_resident, "resident" },
	{ "SWAP", COL_DEFAULT | COL_NUMBER, cell_swapped, "swapped out" },
	{ "NAME", COL_DEFAULT | COL_CUT, cell_name, "of the mapping" },
};

static void print_table(const struct options *opt, const struct source *src,
			const struct classes *classes)
{
	struct table *t = table_open(opt, &src->stream);
	struct regions all;

	regions_build(&all, classes, REGIONS_SINGLE);
	for (size_t i = all.nr; i-- > 0;) {
		struct row row = {
			.classes = classes,
			.region = &all.region[i],
		};

		table_row(t, &row);
	}
	regions_free(&all);
	table_close(t, &src->stream);
}

static void print_picture(const struct options *opt,
			  const struct classes *classes,
			  const struct threads *threads)
{
	struct options fit = *opt;
	FILE *out = stdout;
	struct regions all;
	char *text = NULL;
	size_t len;

	if (fit.width < WIDTH_LEAST)
		fit.width = WIDTH_LEAST;
	if (fit.width > WIDTH_MOST)
		fit.width = WIDTH_MOST;
	regions_build(&all, classes, REGIONS_GROUPED);
	if (series_begin(opt))
		printf("\n");
	if (pager_wanted(opt))
		out = open_memstream(&text, &len);
	if (!out)
		out = stdout;
	picture_draw(out, &fit, classes, threads, &all);
	regions_free(&all);
	if (out == stdout)
		return;
	fclose(out);
	pager_show(text, len);
	free(text);
}

static void print(const struct options *opt, const struct source *src,
		  struct space *sp, const struct threads *threads)
{
	struct classes classes;

	classify(&classes, sp);
	if (options_sections(opt) && src->pid) {
		refine(&classes, src->pid);
		sp->has_gate = gate_exists();
	}
	if (options_table(opt))
		print_table(opt, src, &classes);
	else
		print_picture(opt, &classes, threads);
	classes_free(&classes);
}

static void load(struct space *sp, struct threads *threads, struct stream *s)
{
	struct record rec;

	space_init(sp, s);
	threads_init(threads, sp);
	while (stream_next(s, &rec)) {
		space_add(sp, &rec);
		threads_add(threads, &rec);
	}
	threads_find(threads);
}

static int run_picture(const struct options *opt)
{
	bool kernel = opt->all && !options_table(opt);
	const struct asked asked = {
		.parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			 MMSCOPE_PART_PAGETABLE | source_threads(opt) |
			 (kernel ? source_kernel_layout(opt) : 0),
	};
	struct source src = { 0 };
	struct threads threads;
	struct space sp;
	int code = source_open(&src, opt, &asked);

	if (!code) {
		load(&sp, &threads, &src.stream);
		if (source_is_readable(&src))
			code = source_task(&sp.task);
		if (source_is_readable(&src) && !code)
			print(opt, &src, &sp, &threads);
		if (!code)
			code = source_verdict(&src);
		threads_free(&threads);
		space_free(&sp);
	}
	source_close(&src);
	return code;
}

const struct command cmd_picture = {
	.name = "picture",
	.operands = "",
	.summary = "draw the address space",
	.example = "Draw every mapping of a process, a box for each:\n"
		   "  mmscope -a 4711\n",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES | OPT_ALL |
		   OPT_WIDTH | OPT_SECTIONS | OPT_NO_PAGER | OPT_CGROUP,
	.repeats = true,
	.draws = true,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_picture,
};
