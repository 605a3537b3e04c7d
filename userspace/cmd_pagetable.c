// SPDX-License-Identifier: GPL-2.0-only
#include "array.h"
#include "branch.h"
#include "cell.h"
#include "commands.h"
#include "exit_code.h"
#include "message.h"
#include "options.h"
#include "range.h"
#include "run.h"
#include "source.h"
#include "table.h"

static const struct column columns[] = {
	{ "RANGE", COL_DEFAULT | COL_RANGE, run_cell_range,
	  "addresses that the entries map" },
	{ "START", COL_ADDRESS, run_cell_start, "first address" },
	{ "END", COL_ADDRESS, run_cell_end, "exclusive end" },
	{ "LEVEL", COL_DEFAULT | COL_PLAIN, run_cell_level, "of the table: PTE, PMD ..." },
	{ "INDEX", COL_IN_VIEW | COL_NUMBER, run_cell_index,
	  "of the first entry in its table" },
	{ "KIND", COL_DEFAULT | COL_PLAIN, run_cell_kind, "present, swap, guard ..." },
	{ "ENTRIES", COL_DEFAULT | COL_NUMBER | COL_PLAIN, run_cell_entries,
	  "number of entries" },
	{ "SIZE", COL_DEFAULT | COL_NUMBER | COL_PLAIN, run_cell_size, "size of RANGE" },
	{ "FRAME", COL_DEFAULT | COL_RIGHT | COL_PLAIN, run_cell_frame,
	  "of the first entry, in base pages; swap: DEVICE:OFFSET" },
	{ "ATTRS", COL_DEFAULT | COL_PLAIN | COL_RIGHTS, run_cell_attrs,
	  "read write exec user accessed dirty, soft-dirty uffd-w(p)\n"
	  "               Global Special Uncached Devmap exclusive cont\n"
	  "               kernel-eXec" },
	{ "ATTR_NAMES", COL_JSON | COL_LIST | COL_CUT, run_cell_attr_names,
	  "the same as a list; in JSON, an array" },
	{ "RAW", COL_DEFAULT | COL_RIGHT | COL_HEX | COL_PLAIN, run_cell_raw,
	  "the first entry as the hardware holds it" },
	{ "MAPPED", COL_FACTS | COL_PLAIN, run_cell_mapped,
	  "page fact: shared, or exclusive to this process" },
	{ "NODE", COL_FACTS | COL_NUMBER | COL_PLAIN, run_cell_node,
	  "page fact: NUMA node" },
	{ "PAGE", COL_FACTS | COL_PLAIN | COL_CUT, run_cell_page,
	  "page fact: flags, named as in /proc/kpageflags" },
	{ "PAGE_NAMES", COL_FACTS | COL_JSON | COL_LIST | COL_PLAIN | COL_CUT,
	  run_cell_page_names,
	  "the same; in JSON, an array" },
};

/**
 * struct listing - the output while it is made
 * @opt: the options
 * @src: where the stream comes from
 * @asked: the query
 * @t: the table; NULL until it is known that there is one to print
 * @uppers: the entries of a file that lead to tables
 * @branch: --tree: the tables above the last row
 * @all: every run is printed as a whole
 * @any: there was an entry
 * @code: exit code so far
 */
struct listing {
	const struct options *opt;
	struct source *src;
	const struct asked *asked;
	struct table *t;
	struct uppers uppers;
	struct branch branch;
	bool all;
	bool any;
	int code;
};

static bool has_failed(const struct listing *l)
{
	return exit_is_failure(l->code);
}

/* A failure outweighs a partial result. */
static void settle(struct listing *l, int code)
{
	if (code && !exit_is_failure(l->code))
		l->code = code;
}

static void print_row(struct listing *l, const struct run *run)
{
	struct run_row row = { &l->src->stream.header, run };

	l->any = true;
	if (l->opt->given & OPT_TREE)
		table_branch(l->t, &row, l->branch.depth[run->level]);
	else
		table_row(l->t, &row);
}

static void print_each(struct listing *l, const struct run *run)
{
	const struct mmscope_header *h = &l->src->stream.header;

	for (uint64_t i = 0; i < run->nr && !has_failed(l); i++) {
		struct run one = run_part(h, run, i, 1);

		print_row(l, &one);
	}
}

static void print_run(struct listing *l, const struct run *run)
{
	if (l->opt->given & OPT_EACH)
		print_each(l, run);
	else
		print_row(l, run);
}

/* Print the tables above that the last row did not have. */
static void print_branch(struct listing *l, const struct run *run)
{
	struct branch *b = &l->branch;

	settle(l, branch_move(b, l->opt, run));
	for (unsigned int level = b->first_new; level > run->level; level--)
		if (b->h->level_shift[level])
			print_row(l, &b->entry[level]);
}

/* A run may span many tables. */
static void print_tree(struct listing *l, struct run run)
{
	const struct mmscope_header *h = &l->src->stream.header;

	while (run.nr && !has_failed(l)) {
		const uint64_t nr = run.nr, room = branch_room(&l->branch, &run);

		run.nr = room;
		print_branch(l, &run);
		print_run(l, &run);
		run = run_part(h, &run, room, nr - room);
	}
}

/*
 * Cut a run to what was asked for. A file holds more than that; the module cuts runs
 * in the same way.
 */
static bool cut_run(const struct listing *l, struct run *run)
{
	const struct mmscope_header *h = &l->src->stream.header;

	if (l->all)
		return true;
	if (!filter_run(&l->opt->filter, h, run))
		return false;
	*run = run_clip(h, run, l->asked->start, l->asked->end);
	return run->nr;
}

static void print_runs(struct listing *l, const struct record *rec)
{
	const struct mmscope_header *h = &l->src->stream.header;
	struct unpack u = { .h = h, .rec = rec };
	struct run run;

	while (!has_failed(l) && unpack_next(&u, &run)) {
		if (!cut_run(l, &run))
			continue;
		if (l->opt->given & OPT_TREE)
			print_tree(l, run);
		else
			print_run(l, &run);
	}
}

/* There may be millions of rows: print them while records come in. */
static void print_records(struct listing *l)
{
	struct stream *s = &l->src->stream;
	struct record rec;

	uppers_init(&l->uppers, &s->header);
	branch_init(&l->branch, &s->header,
		    l->opt->input ? &l->uppers : NULL);
	while (!has_failed(l) && stream_next(s, &rec)) {
		if (rec.head.type == MMSCOPE_REC_TASK) {
			settle(l, source_task(&rec.task));
		} else if (rec.head.type == MMSCOPE_REC_UPPER) {
			uppers_add(&l->uppers, &rec);
		} else if (rec.head.type == MMSCOPE_REC_RUNS) {
			if (!l->t)
				l->t = table_open(l->opt, s);
			print_runs(l, &rec);
		}
	}
	/* Without any entry, JSON still has a head and a tail. */
	if (!l->t && !has_failed(l) && source_is_readable(l->src))
		l->t = table_open(l->opt, s);
	if (l->t)
		table_close(l->t, s);
	uppers_free(&l->uppers);
}

static void note_nothing(const struct options *opt)
{
	if (opt->nr_operands)
		note("no matching entry in %s", opt->operands[0]);
	else
		note("no matching entry");
}

static int print(struct listing *l)
{
	const struct mmscope_header *h = &l->src->stream.header;

	if (l->opt->given & OPT_TREE && l->opt->input &&
	    !(h->parts & MMSCOPE_PART_UPPER))
		note("the snapshot has no entries of upper tables: only the ranges that they map are shown");
	print_records(l);
	if (!l->any && !l->code && !l->src->stream.error &&
	    !l->src->stream.end.status)
		note_nothing(l->opt);
	if (!has_failed(l))
		settle(l, source_verdict(l->src));
	return l->code;
}

static int run_pagetable(const struct options *opt)
{
	struct asked asked = {
		.parts = MMSCOPE_PART_PAGETABLE,
		.filter = &opt->filter,
	};
	struct source src = { .twice = true };
	struct listing l = { .opt = opt, .src = &src, .asked = &asked };
	int code = range_with_neighbours(opt, &asked.start, &asked.end);

	if (code)
		return code;
	l.all = !asked.start && !asked.end && filter_is_empty(&opt->filter);
	if (options_want(opt, COL_FACTS) || opt->given & OPT_FACTS ||
	    filter_wants_facts(&opt->filter))
		asked.flags = MMSCOPE_QUERY_FACTS;
	code = source_open(&src, opt, &asked);
	if (!code)
		code = source_check_file(&src);
	if (!code)
		code = print(&l);
	source_close(&src);
	return code;
}

const struct command cmd_pagetable = {
	.name = "pagetable",
	.operands = "[RANGE]",
	.summary = "list the page-table entries, one line for each run",
	.example = "The dirty huge pages of the heap, and the tables that lead to them:\n"
		   "  mmscope pagetable 4711 heap --only huge,dirty --tree\n",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES | OPT_EACH | OPT_TREE |
		   OPT_ONLY | OPT_FRAME | OPT_FACTS | OPT_CGROUP |
		   OPT_NEIGHBOURS,
	.repeats = true,
	.view = OPT_TREE,
	.most = 1,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.keys = run_cell_keys,
	.run = run_pagetable,
};
