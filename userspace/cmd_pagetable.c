// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "array.h"
#include "branch.h"
#include "command.h"
#include "entry.h"
#include "page.h"
#include "run.h"
#include "source.h"
#include "table.h"
#include "text.h"

struct row {
	const struct mmscope_header *header;
	const struct run *run;
};

static const struct run *run_of(const void *row)
{
	return ((const struct row *)row)->run;
}

static uint64_t last_of(const void *row)
{
	return run_last(((const struct row *)row)->header, run_of(row));
}

/* Of a table above, from a snapshot, nothing is known but that it is there. */
static bool is_known(const struct run *run)
{
	return run->kind != MMSCOPE_TABLE || run->has_raw;
}

static void cell_run_range(struct text *out, const void *row,
			   const struct options *opt)
{
	cell_range(out, run_of(row)->start, last_of(row), opt);
}

static void cell_start(struct text *out, const void *row,
		       const struct options *opt)
{
	cell_address(out, run_of(row)->start, opt);
}

static void cell_level(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	text_puts(out, entry_level(run_of(row)->level));
}

static void cell_index(struct text *out, const void *row,
		       const struct options *opt)
{
	const struct mmscope_header *h = ((const struct row *)row)->header;

	(void)opt;
	text_printf(out, "%" PRIu32,
		    entry_index(h, run_of(row)->start, run_of(row)->level));
}

static void cell_kind(struct text *out, const void *row,
		      const struct options *opt)
{
	(void)opt;
	text_puts(out, entry_kind(run_of(row)->kind)->name);
}

static void cell_entries(struct text *out, const void *row,
			 const struct options *opt)
{
	(void)opt;
	text_printf(out, "%" PRIu64, run_of(row)->nr);
}

static void cell_size(struct text *out, const void *row,
		      const struct options *opt)
{
	cell_bytes(out, last_of(row) - run_of(row)->start + 1, opt);
}

static void cell_run_frame(struct text *out, const void *row,
			   const struct options *opt)
{
	if (is_known(run_of(row)))
		cell_frame(out, run_of(row)->kind, run_of(row)->frame, opt);
}

static void cell_attrs(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	if (is_known(run_of(row)))
		entry_attrs(out, run_of(row)->attrs);
}

static void cell_raw(struct text *out, const void *row,
		     const struct options *opt)
{
	if (run_of(row)->has_raw)
		cell_address(out, run_of(row)->raw, opt);
}

static void cell_page(struct text *out, const void *row,
		      const struct options *opt)
{
	(void)opt;
	page_flags(out, run_of(row)->page, ",");
}

static void cell_mapped(struct text *out, const void *row,
			const struct options *opt)
{
	(void)opt;
	text_puts(out, page_mapped(run_of(row)->page));
}

static void cell_node(struct text *out, const void *row,
		      const struct options *opt)
{
	uint64_t page = run_of(row)->page;

	(void)opt;
	if (page & MMSCOPE_PAGE_KNOWN)
		text_printf(out, "%u", (unsigned int)MMSCOPE_PAGE_NODE(page));
}

static const struct column columns[] = {
	{ "RANGE", COL_DEFAULT | COL_TREE, cell_run_range,
	  "what the entries map" },
	{ "START", 0, cell_start, "first address" },
	{ "LEVEL", COL_DEFAULT, cell_level, "of the table they stand in" },
	{ "INDEX", COL_IN_VIEW | COL_NUMBER, cell_index,
	  "where the first stands in it" },
	{ "KIND", COL_DEFAULT, cell_kind, "present, swap, guard ..." },
	{ "ENTRIES", COL_DEFAULT | COL_NUMBER, cell_entries, "how many" },
	{ "SIZE", COL_DEFAULT | COL_NUMBER, cell_size, "of what they map" },
	{ "FRAME", COL_DEFAULT | COL_RIGHT, cell_run_frame,
	  "of the first, in base pages; swap: device:offset" },
	{ "ATTRS", COL_DEFAULT, cell_attrs,
	  "read write exec user accessed dirty, soft-dirty uffd-w(p) Global Special\n"
	  "              Uncached Devmap exclusive contiguous" },
	{ "RAW", COL_DEFAULT | COL_RIGHT, cell_raw,
	  "the first as the hardware holds it" },
	{ "MAPPED", COL_FACTS, cell_mapped,
	  "--facts: the page is shared, or exclusive to this process" },
	{ "NODE", COL_FACTS | COL_NUMBER, cell_node, "--facts: its NUMA node" },
	{ "PAGE", COL_FACTS, cell_page,
	  "--facts: its flags, named as in /proc/kpageflags" },
};

/**
 * struct listing - what is being printed
 * @opt: the options
 * @src: where it comes from
 * @asked: what was asked for
 * @t: the table, once there is a row
 * @branch: --tree: the tables above the row before
 * @code: how it goes
 */
struct listing {
	const struct options *opt;
	struct source *src;
	const struct asked *asked;
	struct table *t;
	struct branch branch;
	int code;
};

static void print_row(struct listing *l, const struct run *run,
		      struct libscols_line *parent)
{
	struct row row = { &l->src->stream.header, run };

	if (parent || l->opt->given & OPT_TREE)
		table_child(l->t, parent, &row);
	else
		table_row(l->t, &row);
}

static void print_each(struct listing *l, const struct run *run,
		       struct libscols_line *parent)
{
	const struct mmscope_header *h = &l->src->stream.header;

	for (uint64_t i = 0; i < run->nr; i++) {
		struct run one = run_part(h, run, i, 1);

		print_row(l, &one, parent);
	}
}

static void print_run(struct listing *l, const struct run *run,
		      struct libscols_line *parent)
{
	if (l->opt->given & OPT_EACH)
		print_each(l, run, parent);
	else
		print_row(l, run, parent);
}

/* The tables above that were not there for the row before. */
static struct libscols_line *print_branch(struct listing *l,
					  const struct run *run)
{
	struct branch *b = &l->branch;
	int code = branch_move(b, l->opt, run);

	if (code > l->code)
		l->code = code;
	for (unsigned int level = b->first_new; level > run->level; level--) {
		struct row row = { b->h, &b->entry[level] };

		if (!b->h->level_shift[level])
			continue;
		b->line[level] = table_child(l->t, branch_parent(b, level),
					     &row);
	}
	return branch_parent(b, run->level);
}

/* A run may go through many tables. */
static void print_tree(struct listing *l, struct run run)
{
	const struct mmscope_header *h = &l->src->stream.header;

	while (run.nr && l->code != EXIT_FAILED) {
		uint64_t nr = branch_room(h, &run);
		struct run part = run_part(h, &run, 0, nr);

		print_run(l, &part, print_branch(l, &part));
		run = run_part(h, &run, nr, run.nr - nr);
	}
}

static void print_runs(struct listing *l, const struct record *rec)
{
	const struct mmscope_header *h = &l->src->stream.header;
	struct unpack u = { .h = h, .rec = rec->runs };
	struct run run, inside;

	while (l->code != EXIT_FAILED && unpack_next(&u, &run)) {
		if (!filter_run(&l->opt->filter, h, &run))
			continue;
		inside = run_clip(h, &run, l->asked->start, l->asked->end);
		if (!inside.nr)
			continue;
		if (l->opt->given & OPT_TREE)
			print_tree(l, inside);
		else
			print_run(l, l->opt->given & OPT_EACH ? &inside : &run,
				  NULL);
	}
}

/* Rows go out while records come in: there may be millions. */
static int print(struct listing *l)
{
	struct stream *s = &l->src->stream;
	struct record rec;

	branch_init(&l->branch, &s->header, !l->opt->input);
	while (l->code != EXIT_FAILED && stream_next(s, &rec)) {
		if (rec.head->type == MMSCOPE_REC_TASK) {
			l->code = source_task(rec.task);
		} else if (rec.head->type == MMSCOPE_REC_RUNS) {
			if (!l->t)
				l->t = table_open(l->opt, s);
			print_runs(l, &rec);
		}
	}
	if (!l->t && l->code != EXIT_FAILED && !s->error)
		l->t = table_open(l->opt, s);
	if (l->t)
		table_close(l->t, s);
	if (l->code != EXIT_FAILED) {
		int code = source_verdict(l->src);

		l->code = l->code > code ? l->code : code;
	}
	return l->code;
}

static int run_pagetable(const struct options *opt)
{
	struct asked asked = {
		.parts = MMSCOPE_PART_PAGETABLE,
		.filter = &opt->filter,
	};
	struct source src = { 0 };
	struct listing l = { .opt = opt, .src = &src, .asked = &asked };
	int code = options_range(opt, &asked.start, &asked.end);

	if (code)
		return code;
	if (options_want(opt, COL_FACTS) || opt->given & OPT_FACTS ||
	    filter_wants_facts(&opt->filter))
		asked.flags = MMSCOPE_QUERY_FACTS;
	code = source_open(&src, opt, &asked);
	if (!code)
		code = source_check_file(&src);
	if (!code && opt->given & OPT_TREE && opt->input)
		note("of the tables above, a snapshot has no entries: only what they map is shown");
	if (!code)
		code = print(&l);
	source_close(&src);
	return code;
}

const struct command cmd_pagetable = {
	.name = "pagetable",
	.operands = "[START-END | START+LENGTH | ADDRESS]",
	.summary = "list the page-table entries, one line a run of like ones",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES | OPT_EACH | OPT_TREE |
		   OPT_ONLY | OPT_FRAME | OPT_FACTS,
	.view = OPT_TREE,
	.most = 1,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_pagetable,
};
