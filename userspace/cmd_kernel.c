// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "array.h"
#include "cell.h"
#include "commands.h"
#include "entry.h"
#include "exit_code.h"
#include "kernel_area.h"
#include "options.h"
#include "source.h"
#include "table.h"
#include "terminal.h"
#include "text.h"

/**
 * struct region - a region, and what of it is mapped
 * @rec: the record
 * @mapped: bytes that runs map, without tables that repeat
 * @wx: those of them that are both writable and executable
 */
struct region {
	struct mmscope_kernel_region rec;
	uint64_t mapped;
	uint64_t wx;
};

/**
 * struct kernel - contents of the stream
 * @opt: the options
 * @table: rows go here
 * @half: the KERNEL record, if @has_half
 * @region: regions, in ascending order
 * @nr: number of these
 * @room: number allocated
 * @wx_runs: runs that are both writable and executable
 * @wx: bytes of these
 */
struct kernel {
	const struct options *opt;
	struct table *table;
	struct mmscope_kernel half;
	bool has_half;
	struct region *region;
	size_t nr;
	size_t room;
	uint64_t wx_runs;
	uint64_t wx;
};

/* @run: with --runs, else NULL; @region: NULL outside of all regions. */
struct row {
	const struct region *region;
	const struct mmscope_kernel_run *run;
};

static uint64_t row_start(const struct row *row)
{
	return row->run ? row->run->start : row->region->rec.start;
}

static uint64_t row_size(const struct row *row)
{
	return row->run ? row->run->size : row->region->rec.size;
}

static uint64_t row_last(const struct row *row)
{
	return row_start(row) + (row_size(row) - 1);
}

static void cell_row_range(struct text *out, const void *row,
			   const struct options *opt)
{
	cell_range(out, row_start(row), row_last(row), opt);
}

static void cell_start(struct text *out, const void *row,
		       const struct options *opt)
{
	cell_address(out, row_start(row), opt);
}

static void cell_row_end(struct text *out, const void *row,
			 const struct options *opt)
{
	cell_end(out, row_last(row), opt);
}

static void cell_size(struct text *out, const void *row,
		      const struct options *opt)
{
	cell_bytes(out, row_size(row), opt);
}

static void cell_mapped(struct text *out, const void *row,
			const struct options *opt)
{
	const struct row *r = row;

	if (!r->run)
		cell_bytes(out, r->region->mapped, opt);
}

static void cell_wx(struct text *out, const void *row,
		    const struct options *opt)
{
	const struct row *r = row;

	if (!r->run)
		cell_bytes(out, r->region->wx, opt);
	else if (r->run->flags & MMSCOPE_KERNEL_RUN_WX)
		cell_bytes(out, r->run->size, opt);
}

static void cell_region(struct text *out, const void *row,
			const struct options *opt)
{
	const struct row *r = row;
	uint32_t area = r->region ? r->region->rec.area : 0;

	(void)opt;
	if (kernel_area_name(area))
		text_puts(out, kernel_area_name(area));
	else if (area)
		text_printf(out, "area-%" PRIu32, area);
}

static void cell_bounds(struct text *out, const void *row,
			const struct options *opt)
{
	const struct row *r = row;

	(void)opt;
	if (r->region)
		text_puts(out, r->region->rec.flags & MMSCOPE_REGION_BEST_EFFORT ?
				       "best-effort" : "exact");
}

static void cell_level(struct text *out, const void *row,
		       const struct options *opt)
{
	const struct row *r = row;

	(void)opt;
	if (r->run)
		text_puts(out, entry_level(r->run->level));
}

static void cell_kind(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct row *r = row;

	(void)opt;
	if (r->run)
		text_puts(out, r->run->kind == MMSCOPE_TABLE ?
				       "repeated" : entry_kind(r->run->kind)->name);
}

/* What the kernel may do; "u" if user mode may do it, too. */
static void cell_rights(struct text *out, const void *row,
			const struct options *opt)
{
	const struct row *r = row;
	uint32_t attrs = r->run ? r->run->attrs : 0;

	(void)opt;
	if (!r->run || r->run->kind == MMSCOPE_TABLE)
		return;
	text_puts(out, attrs & MMSCOPE_ATTR_READ ? "r" : "-");
	text_puts(out, attrs & MMSCOPE_ATTR_WRITE ? "w" : "-");
	text_puts(out, attrs & MMSCOPE_ATTR_KERNEL_EXEC ? "x" : "-");
	text_puts(out, attrs & MMSCOPE_ATTR_USER ? "u" : "-");
}

static void cell_attr_names(struct text *out, const void *row,
			    const struct options *opt)
{
	const struct row *r = row;
	const char *name;

	if (!r->run || r->run->kind == MMSCOPE_TABLE)
		return;
	for (size_t i = 0; (name = entry_attr(r->run->attrs, i)); i++)
		if (*name)
			cell_list(out, name, opt);
	cell_list_end(out, opt);
}

static void cell_raw(struct text *out, const void *row,
		     const struct options *opt)
{
	const struct row *r = row;

	if (r->run)
		cell_address(out, r->run->raw, opt);
}

static const struct column columns[] = {
	{ "RANGE", COL_DEFAULT | COL_RANGE, cell_row_range, "start and exclusive end" },
	{ "START", COL_ADDRESS, cell_start, "first address" },
	{ "END", COL_ADDRESS, cell_row_end, "exclusive end" },
	{ "SIZE", COL_DEFAULT | COL_NUMBER, cell_size, "of the range" },
	{ "MAPPED", COL_NOT_IN_VIEW | COL_NUMBER, cell_mapped,
	  "mapped bytes, without tables that repeat" },
	{ "WX", COL_DEFAULT | COL_NUMBER, cell_wx,
	  "bytes that are both writable and executable" },
	{ "LEVEL", COL_IN_VIEW, cell_level, "of the entries" },
	{ "KIND", 0, cell_kind,
	  "present; repeated: the same table as the entry before" },
	{ "RIGHTS", COL_IN_VIEW | COL_RIGHTS, cell_rights,
	  "read, write, execute by the kernel; user mode" },
	{ "ATTR_NAMES", COL_JSON | COL_LIST | COL_CUT, cell_attr_names,
	  "the attributes in words; in JSON, an array" },
	{ "RAW", COL_RIGHT | COL_HEX, cell_raw, "the first entry as the hardware holds it" },
	{ "REGION", COL_DEFAULT, cell_region, "name of the region" },
	{ "BOUNDS", COL_NOT_IN_VIEW, cell_bounds,
	  "exact, or best-effort: by what is mapped" },
};

/* The innermost region that has the address: those inside others come last. */
static const struct region *region_at(const struct kernel *k, uint64_t addr)
{
	for (size_t i = k->nr; i--;)
		if (addr - k->region[i].rec.start < k->region[i].rec.size)
			return &k->region[i];
	return NULL;
}

static void add_region(struct kernel *k, const struct record *rec)
{
	k->region = more(k->region, k->nr, &k->room, sizeof(*k->region));
	k->region[k->nr++] = (struct region){ .rec = rec->kernel_region };
}

/* The bytes that a region and a run have in common. */
static uint64_t common(const struct mmscope_kernel_region *region,
		       const struct mmscope_kernel_run *run)
{
	uint64_t last = region->start + (region->size - 1);
	uint64_t run_last = run->start + (run->size - 1);
	uint64_t start = region->start;

	if (start < run->start)
		start = run->start;
	if (last > run_last)
		last = run_last;
	return start > last ? 0 : last - start + 1;
}

/* Runs may overlap where tables changed, so no sum has a bound. */
static void add_bytes(uint64_t *sum, uint64_t bytes)
{
	if (__builtin_add_overflow(*sum, bytes, sum))
		*sum = UINT64_MAX;
}

static void count_run(struct kernel *k, const struct mmscope_kernel_run *run)
{
	bool wx = run->flags & MMSCOPE_KERNEL_RUN_WX;

	if (run->kind == MMSCOPE_TABLE)
		return;
	k->wx_runs += wx;
	add_bytes(&k->wx, wx ? run->size : 0);
	for (size_t i = 0; i < k->nr; i++) {
		uint64_t bytes = common(&k->region[i].rec, run);

		add_bytes(&k->region[i].mapped, bytes);
		add_bytes(&k->region[i].wx, wx ? bytes : 0);
	}
}

static void add_run(struct kernel *k, const struct record *rec)
{
	const struct mmscope_kernel_run *run = &rec->kernel_run;
	struct row row = { .run = run, .region = region_at(k, run->start) };

	count_run(k, run);
	if (k->opt->given & OPT_RUNS)
		table_row(k->table, &row);
}

static int load(struct kernel *k, struct stream *s)
{
	struct record rec;
	int code = EXIT_FINE;

	while (!code && stream_next(s, &rec)) {
		switch (rec.head.type) {
		case MMSCOPE_REC_TASK:
			code = source_task(&rec.task);
			if (!code && k->opt->given & OPT_RUNS)
				k->table = table_open(k->opt, s);
			break;
		case MMSCOPE_REC_KERNEL:
			k->half = rec.kernel;
			k->has_half = true;
			break;
		case MMSCOPE_REC_KERNEL_REGION:
			add_region(k, &rec);
			break;
		case MMSCOPE_REC_KERNEL_RUN:
			add_run(k, &rec);
			break;
		}
	}
	return code;
}

static void print_regions(struct kernel *k)
{
	for (size_t i = 0; i < k->nr; i++)
		table_row(k->table, &(struct row){ .region = &k->region[i] });
}

static bool is_shared(const struct mmscope_kernel *half)
{
	return half->flags & MMSCOPE_KERNEL_ONE_ROOT ||
	       (uint64_t)half->same + half->own == half->used;
}

static void print_sharing(const struct options *opt,
			  const struct mmscope_kernel *half)
{
	struct text line = { 0 };

	if (half->flags & MMSCOPE_KERNEL_ONE_ROOT)
		text_puts(&line, "The kernel half has one top table for all processes.");
	else
		text_printf(&line, "Of %" PRIu32 " entries of the top table, %" PRIu32
			    " lead to the same tables as in process %" PRId32
			    ": the kernel half %s shared.",
			    half->used, half->same, half->other_pid,
			    is_shared(half) ? "is" : "is not wholly");
	terminal_words(opt, line.s, 0);
	text_clear(&line);
	text_printf(&line, "PTI is on: in user mode, %" PRIu32
		    " of these entries are in use.", half->user_used);
	if (half->flags & MMSCOPE_KERNEL_PTI)
		terminal_words(opt, line.s, 0);
	text_free(&line);
}

static void print_words(const struct kernel *k)
{
	struct text line = { 0 };

	printf("\n");
	if (k->has_half)
		print_sharing(k->opt, &k->half);
	if (k->wx_runs) {
		text_printf(&line, "Both writable and executable: %" PRIu64
				   " runs, ", k->wx_runs);
		text_size(&line, k->wx, k->opt->bytes);
		text_puts(&line, ".");
	} else {
		text_puts(&line, "No memory is both writable and executable.");
	}
	terminal_words(k->opt, line.s, 0);
	terminal_words(k->opt, "Page tables of the kernel may change during the read: all is best effort.",
		       0);
	text_free(&line);
}

static void add_words(const struct kernel *k)
{
	const struct mmscope_kernel *half = &k->half;
	struct text json = { 0 };

	text_printf(&json, "{\"used\": %" PRIu32 ", \"same\": %" PRIu32
			   ", \"own\": %" PRIu32 ", \"other_pid\": %" PRId32
			   ", \"shared\": %s, \"pti\": %s, \"wx_runs\": %" PRIu64 "}",
		    half->used, half->same, half->own, half->other_pid,
		    is_shared(half) ? "true" : "false",
		    half->flags & MMSCOPE_KERNEL_PTI ? "true" : "false",
		    k->wx_runs);
	table_member(k->table, "half", json.s);
	text_free(&json);
}

static void finish(struct kernel *k, const struct stream *s)
{
	const struct options *opt = k->opt;

	if (!(opt->given & OPT_RUNS)) {
		k->table = table_open(opt, s);
		print_regions(k);
	}
	if (k->has_half)
		add_words(k);
	table_close(k->table, s);
	if (options_prose(opt) && s->ended)
		print_words(k);
}

/* Runs are printed as they come: only regions are kept. */
static int run_kernel(const struct options *opt)
{
	const struct asked asked = {
		.parts = MMSCOPE_PART_KERNEL_LAYOUT |
			 MMSCOPE_PART_KERNEL_PAGETABLE,
	};
	struct source src = { .twice = true };
	struct kernel k = { .opt = opt };
	int code = source_open(&src, opt, &asked);

	if (!code)
		code = source_check_file(&src);
	if (!code)
		code = load(&k, &src.stream);
	if (!code && (k.table || source_is_readable(&src)))
		finish(&k, &src.stream);
	if (!code)
		code = source_verdict(&src);
	free(k.region);
	source_close(&src);
	return code;
}

const struct command cmd_kernel = {
	.name = "kernel",
	.operands = "",
	.summary = "list the regions of the kernel half, and what of them is mapped",
	.example = "The regions, and how much of each is writable and executable:\n"
		   "  mmscope kernel -o RANGE,MAPPED,WX,REGION\n",
	.options = OPT_TABLE | OPT_BYTES | OPT_RUNS,
	.view = OPT_RUNS,
	.pid_optional = true,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_kernel,
};
