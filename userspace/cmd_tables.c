// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "cell.h"
#include "classify.h"
#include "commands.h"
#include "options.h"
#include "entry.h"
#include "source.h"
#include "space.h"
#include "table.h"
#include "terminal.h"
#include "text.h"

/**
 * struct row - tables of one level, of the address space or of one mapping
 * @classes: what the mappings are
 * @map: the mapping; NULL for the address space
 * @first: the first row of @map
 * @name: of the level, or "deposited"
 * @pages: number of tables
 * @bytes: their size, if @sized
 * @sized: the size of a table is known
 * @counted: @used is valid; deposited tables are not in use
 * @used: entries in use
 * @fill: number of tables by entries in use, see struct mmscope_tables_sum
 */
struct row {
	const struct classes *classes;
	const struct mapping *map;
	bool first;
	const char *name;
	uint64_t pages;
	uint64_t bytes;
	bool sized;
	bool counted;
	uint64_t used;
	const __u32 *fill;
};

/* On a terminal, only the first row of a mapping shows it. */
static const struct mapping *map_of(const void *row, const struct options *opt)
{
	const struct row *r = row;

	return r->first || !opt->tty || opt->noheadings ? r->map : NULL;
}

static void cell_map_range(struct text *out, const void *row,
			   const struct options *opt)
{
	const struct mapping *map = map_of(row, opt);

	if (map)
		cell_range(out, map->vma.start, map->vma.end - 1, opt);
}

static void cell_start(struct text *out, const void *row,
		       const struct options *opt)
{
	const struct mapping *map = map_of(row, opt);

	if (map)
		cell_address(out, map->vma.start, opt);
}

static void cell_map_end(struct text *out, const void *row,
			 const struct options *opt)
{
	const struct mapping *map = map_of(row, opt);

	if (map)
		cell_end(out, map->vma.end - 1, opt);
}

static void cell_level(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	text_puts(out, ((const struct row *)row)->name);
}

static void cell_tables(struct text *out, const void *row,
			const struct options *opt)
{
	(void)opt;
	text_printf(out, "%" PRIu64, ((const struct row *)row)->pages);
}

static void cell_size(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct row *r = row;

	if (r->sized)
		cell_bytes(out, r->bytes, opt);
}

static void cell_used(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct row *r = row;

	(void)opt;
	if (r->counted)
		text_printf(out, "%" PRIu64, r->used);
}

static void cell_average(struct text *out, const void *row,
			 const struct options *opt)
{
	const struct row *r = row;

	(void)opt;
	if (r->counted && r->pages)
		text_printf(out, "%.1f", (double)r->used / (double)r->pages);
}

/* The least and the most entries that the tables of a bucket have in use. */
static void bucket_bounds(unsigned int i, unsigned int *least,
			  unsigned int *most)
{
	*least = i ? 1u << (i - 1) : 0;
	*most = i ? (1u << i) - 1 : 0;
}

static void put_bucket(struct text *out, unsigned int i, uint32_t tables,
		       const struct options *opt)
{
	unsigned int least, most;

	bucket_bounds(i, &least, &most);
	if (opt->json)
		text_printf(out,
			    "%s{\"least\": %u, \"most\": %u, \"tables\": %" PRIu32 "}",
			    out->len ? ", " : "[", least, most, tables);
	else if (least == most)
		text_printf(out, "%s%u:%" PRIu32, out->len ? "," : "", least,
			    tables);
	else
		text_printf(out, "%s%u-%u:%" PRIu32, out->len ? "," : "",
			    least, most, tables);
}

static void cell_fill(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct row *r = row;

	if (!r->fill)
		return;
	for (unsigned int i = 0; i < MMSCOPE_FILL_BUCKETS; i++)
		if (r->fill[i])
			put_bucket(out, i, r->fill[i], opt);
	cell_list_end(out, opt);
}

static void cell_segment(struct text *out, const void *row,
			 const struct options *opt)
{
	const struct mapping *map = map_of(row, opt);

	if (map)
		class_put(out, ((const struct row *)row)->classes, map);
}

static void cell_name(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct mapping *map = map_of(row, opt);

	if (map)
		cell_map_name(out, map, opt);
}

static const struct column columns[] = {
	{ "RANGE", COL_IN_VIEW | COL_RANGE, cell_map_range, "of the mapping" },
	{ "START", COL_ADDRESS, cell_start,
	  "of the mapping: first address" },
	{ "END", COL_ADDRESS, cell_map_end,
	  "of the mapping: exclusive end" },
	{ "LEVEL", COL_DEFAULT, cell_level,
	  "of the entries; deposited: kept for splitting huge pages" },
	{ "TABLES", COL_DEFAULT | COL_NUMBER | COL_SUM, cell_tables,
	  "number; with --vmas, those that no earlier mapping needs" },
	{ "BYTES", COL_DEFAULT | COL_NUMBER | COL_SUM, cell_size,
	  "size of the tables" },
	{ "USED", COL_DEFAULT | COL_NUMBER, cell_used, "entries in use" },
	{ "AVERAGE", COL_NOT_IN_VIEW | COL_NUMBER, cell_average,
	  "entries in use per table" },
	{ "FILL", COL_JSON | COL_CUT, cell_fill,
	  "number of tables by entries in use; in JSON, an array" },
	{ "SEGMENT", COL_IN_VIEW | COL_SEGMENT, cell_segment,
	  "of the mapping" },
	{ "NAME", COL_IN_VIEW | COL_CUT, cell_name, "of the mapping" },
};

/**
 * struct tables - contents of the stream
 * @sp: the mappings, with --vmas
 * @classes: what they are
 * @of: TABLES records, in ascending order
 * @nr: number of these
 * @room: number allocated
 * @sum: TABLES_SUM record, if @has_sum
 */
struct tables {
	struct space sp;
	struct classes classes;
	struct mmscope_tables *of;
	size_t nr;
	size_t room;
	struct mmscope_tables_sum sum;
	bool has_sum;
};

static void add_tables(struct tables *all, const struct record *rec)
{
	all->of = more(all->of, all->nr, &all->room, sizeof(*all->of));
	all->of[all->nr++] = rec->tables;
}

static void load(struct tables *all, struct stream *s)
{
	struct record rec;

	space_init(&all->sp, s);
	while (stream_next(s, &rec)) {
		space_add(&all->sp, &rec);
		if (rec.head.type == MMSCOPE_REC_TABLES) {
			add_tables(all, &rec);
		} else if (rec.head.type == MMSCOPE_REC_TABLES_SUM) {
			all->sum = rec.tables_sum;
			all->has_sum = true;
		}
	}
	classify(&all->classes, &all->sp);
}

static void print_level(struct table *t, const struct tables *all,
			unsigned int level, struct row *total)
{
	struct row row = {
		.name = entry_level(level),
		.pages = all->sum.pages[level],
		.bytes = all->sum.pages[level] * all->sum.table_bytes,
		.sized = true,
		.counted = true,
		.used = all->sum.used[level],
		.fill = all->sum.fill[level],
	};

	table_row(t, &row);
	total->pages += row.pages;
	total->bytes += row.bytes;
}

static void print_deposited(struct table *t, const struct tables *all,
			    struct row *total)
{
	struct row row = {
		.name = "deposited",
		.pages = all->sum.deposited,
		.bytes = all->sum.deposited * all->sum.table_bytes,
		.sized = true,
	};

	table_row(t, &row);
	total->pages += row.pages;
	total->bytes += row.bytes;
}

static void print_levels(struct table *t, const struct tables *all)
{
	struct row total = { .sized = true };

	if (!all->has_sum)
		return;
	for (unsigned int level = MMSCOPE_PTE; level < MMSCOPE_LEVEL_SLOTS;
	     level++)
		if (all->sp.header.level_shift[level])
			print_level(t, all, level, &total);
	print_deposited(t, all, &total);
	table_total(t, &total);
}

static void print_mapping(struct table *t, const struct tables *all,
			  const struct mmscope_tables *of, struct row *total)
{
	struct row row = {
		.classes = &all->classes,
		.map = space_at(&all->sp, of->start),
		.first = true,
		.sized = all->has_sum,
		.counted = true,
	};

	for (unsigned int level = MMSCOPE_PTE; level < MMSCOPE_LEVEL_SLOTS;
	     level++) {
		if (!of->pages[level])
			continue;
		row.name = entry_level(level);
		row.pages = of->pages[level];
		row.bytes = of->pages[level] * all->sum.table_bytes;
		row.used = of->used[level];
		table_row(t, &row);
		row.first = false;
		total->pages += row.pages;
		total->bytes += row.bytes;
	}
}

static void print_mappings(struct table *t, const struct tables *all)
{
	struct row total = { .sized = all->has_sum };

	for (size_t i = 0; i < all->nr; i++)
		print_mapping(t, all, &all->of[i], &total);
	table_total(t, &total);
}

static void print_fill(const char *name, const __u32 *fill, unsigned int first,
		       unsigned int buckets)
{
	printf("%-9s", name);
	for (unsigned int i = first; i < buckets; i++)
		if (fill[i])
			printf(" %4" PRIu32 "%s", fill[i],
			       i + 1 == buckets ? "" : " ");
		else
			printf("    .%s", i + 1 == buckets ? "" : " ");
	printf("\n");
}

/* Some columns of the histogram, those of the buckets from first to the one before end. */
static void print_buckets(const struct tables *all, unsigned int first,
			  unsigned int end)
{
	printf("%9s", "");
	for (unsigned int i = first; i < end; i++)
		printf(" %4u%s", i ? 1u << (i - 1) : 0,
		       i + 1 == end ? "\n" : i < 2 ? " " : "+");
	for (unsigned int level = MMSCOPE_PTE; level < MMSCOPE_LEVEL_SLOTS;
	     level++)
		if (all->sp.header.level_shift[level])
			print_fill(entry_level(level), all->sum.fill[level],
				   first, end);
}

static void print_histogram(const struct options *opt, const struct tables *all)
{
	unsigned int buckets = 1, fit;

	while (buckets < MMSCOPE_FILL_BUCKETS &&
	       1u << (buckets - 1) <= all->sum.table_bytes / 8)
		buckets++;
	fit = opt->cut && opt->width >= 9 + 6 ? (opt->width - 9) / 6 : buckets;
	printf("\nNumber of tables by entries in use:\n");
	for (unsigned int first = 0; first < buckets; first += fit)
		print_buckets(all, first,
			      buckets - first < fit ? buckets : first + fit);
}

/* Tables that the kernel counts in mm->pgtables_bytes: PTE, PMD and PUD. */
static uint64_t counted_bytes(const struct mmscope_tables_sum *sum)
{
	return (sum->pages[MMSCOPE_PTE] + sum->pages[MMSCOPE_PMD] +
		sum->pages[MMSCOPE_PUD] + sum->deposited) * sum->table_bytes;
}

static void print_agreement(const struct options *opt, const struct tables *all)
{
	bool exact = opt->bytes;
	uint64_t mine = counted_bytes(&all->sum);
	uint64_t theirs = all->sum.pgtables_bytes;
	struct text line = { 0 };

	text_puts(&line, "The kernel's own count of PTE, PMD and PUD tables is ");
	text_size(&line, theirs, exact);
	if (mine == theirs) {
		text_puts(&line, ": it agrees.");
	} else {
		text_puts(&line, ", but the size found is ");
		text_size(&line, mine, exact);
		text_puts(&line, mine > theirs ? ", more by " : ", less by ");
		text_size(&line, mine > theirs ? mine - theirs : theirs - mine,
			  exact);
		text_puts(&line, ".");
	}
	printf("\n");
	terminal_words(opt, line.s, 0);
	text_free(&line);
}

static void add_agreement(struct table *t, const struct tables *all)
{
	uint64_t mine = counted_bytes(&all->sum);
	uint64_t theirs = all->sum.pgtables_bytes;
	struct text json = { 0 };

	text_puts(&json, "{\"bytes\": ");
	text_json_number(&json, theirs);
	text_puts(&json, ", \"found\": ");
	text_json_number(&json, mine);
	text_printf(&json, ", \"agree\": %s}", mine == theirs ? "true" : "false");
	table_member(t, "kernel", json.s);
	text_free(&json);
}

static void print(const struct options *opt, const struct source *src,
		  const struct tables *all)
{
	bool vmas = opt->given & OPT_VMAS;
	struct table *t = table_open(opt, &src->stream);

	if (vmas)
		print_mappings(t, all);
	else
		print_levels(t, all);
	if (all->has_sum && !vmas)
		add_agreement(t, all);
	table_close(t, &src->stream);
	if (!options_prose(opt) || vmas || !all->has_sum)
		return;
	print_histogram(opt, all);
	print_agreement(opt, all);
}

static int run_tables(const struct options *opt)
{
	struct asked asked = { .parts = MMSCOPE_PART_TABLES };
	struct source src = { 0 };
	struct tables all = { 0 };
	int code;

	if (opt->given & OPT_VMAS)
		asked.parts |= MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			       source_threads(opt);
	code = source_open(&src, opt, &asked);
	if (!code) {
		load(&all, &src.stream);
		if (source_is_readable(&src))
			code = source_task(&all.sp.task);
		if (source_is_readable(&src) && !code)
			print(opt, &src, &all);
		if (!code)
			code = source_verdict(&src);
		classes_free(&all.classes);
		space_free(&all.sp);
		free(all.of);
	}
	source_close(&src);
	return code;
}

const struct command cmd_tables = {
	.name = "tables",
	.operands = "",
	.summary = "count the page tables, and their entries in use",
	.example = "The mappings whose page tables take the most memory:\n"
		   "  mmscope tables 4711 --vmas --sort -BYTES\n",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES | OPT_VMAS | OPT_CGROUP,
	.repeats = true,
	.view = OPT_VMAS,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_tables,
};
