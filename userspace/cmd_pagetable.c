// SPDX-License-Identifier: GPL-2.0-only
#include "array.h"
#include "branch.h"
#include "cell.h"
#include "command.h"
#include "run.h"
#include "source.h"
#include "table.h"

static const struct column columns[] = {
	{ "RANGE", COL_DEFAULT | COL_RANGE, run_cell_range,
	  "what the entries map" },
	{ "START", COL_ADDRESS, run_cell_start, "first address" },
	{ "LEVEL", COL_DEFAULT, run_cell_level, "of the table they stand in" },
	{ "INDEX", COL_IN_VIEW | COL_NUMBER, run_cell_index,
	  "where the first stands in it" },
	{ "KIND", COL_DEFAULT, run_cell_kind, "present, swap, guard ..." },
	{ "ENTRIES", COL_DEFAULT | COL_NUMBER, run_cell_entries, "how many" },
	{ "SIZE", COL_DEFAULT | COL_NUMBER, run_cell_size, "of what they map" },
	{ "FRAME", COL_DEFAULT | COL_RIGHT, run_cell_frame,
	  "of the first, in base pages; swap: device:offset" },
	{ "ATTRS", COL_DEFAULT, run_cell_attrs,
	  "read write exec user accessed dirty, soft-dirty uffd-w(p)\n"
	  "              Global Special Uncached Devmap exclusive contiguous\n"
	  "              kernel-eXec" },
	{ "RAW", COL_DEFAULT | COL_RIGHT, run_cell_raw,
	  "the first as the hardware holds it" },
	{ "MAPPED", COL_FACTS, run_cell_mapped,
	  "--facts: the page is shared, or exclusive to this process" },
	{ "NODE", COL_FACTS | COL_NUMBER, run_cell_node, "--facts: its NUMA node" },
	{ "PAGE", COL_FACTS, run_cell_page,
	  "--facts: its flags, named as in /proc/kpageflags" },
};

/**
 * struct listing - what is being printed
 * @opt: the options
 * @src: where it comes from
 * @asked: what was asked for
 * @t: the table, once there is a row
 * @branch: --tree: the tables above the row before
 * @any: whether there was an entry
 * @code: how it goes
 */
struct listing {
	const struct options *opt;
	struct source *src;
	const struct asked *asked;
	struct table *t;
	struct branch branch;
	bool any;
	int code;
};

/* What failed counts for more than what is partial. */
static void settle(struct listing *l, int code)
{
	if (code && l->code != EXIT_FAILED)
		l->code = code;
}

static void print_row(struct listing *l, const struct run *run,
		      struct libscols_line *parent)
{
	struct run_row row = { &l->src->stream.header, run };

	l->any = true;
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

	settle(l, branch_move(b, l->opt, run));
	for (unsigned int level = b->first_new; level > run->level; level--) {
		struct run_row row = { b->h, &b->entry[level] };

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

/* A file holds more than was asked for: the module itself cuts runs like this. */
static void print_part(struct listing *l, const struct run *run)
{
	const struct mmscope_header *h = &l->src->stream.header;
	struct run inside = run_clip(h, run, l->asked->start, l->asked->end);

	if (!inside.nr)
		return;
	if (l->opt->given & OPT_TREE)
		print_tree(l, inside);
	else
		print_run(l, &inside, NULL);
}

static void print_runs(struct listing *l, const struct record *rec)
{
	const struct mmscope_header *h = &l->src->stream.header;
	struct unpack u = { .h = h, .rec = rec };
	struct run run;

	while (l->code != EXIT_FAILED && unpack_next(&u, &run))
		if (filter_run(&l->opt->filter, h, &run))
			print_part(l, &run);
}

/* Rows go out while records come in: there may be millions. */
static void print_records(struct listing *l)
{
	struct stream *s = &l->src->stream;
	struct record rec;

	branch_init(&l->branch, &s->header, !l->opt->input);
	while (l->code != EXIT_FAILED && stream_next(s, &rec)) {
		if (rec.head.type == MMSCOPE_REC_TASK) {
			settle(l, source_task(&rec.task));
		} else if (rec.head.type == MMSCOPE_REC_RUNS) {
			if (!l->t)
				l->t = table_open(l->opt, s);
			print_runs(l, &rec);
		}
	}
	/* With no entry at all, there is still what --json wants around them. */
	if (!l->t && l->code != EXIT_FAILED && source_is_readable(l->src))
		l->t = table_open(l->opt, s);
	if (l->t)
		table_close(l->t, s);
}

static void note_nothing(const struct options *opt)
{
	if (opt->nr_operands)
		note("no such entry lies in %s", opt->operands[0]);
	else
		note("there is no such entry");
}

static int print(struct listing *l)
{
	if (l->opt->given & OPT_TREE && l->opt->input)
		note("of the tables above, a snapshot has no entries: only what they map is shown");
	print_records(l);
	if (!l->any && !l->code && !l->src->stream.error &&
	    !l->src->stream.end.status)
		note_nothing(l->opt);
	if (l->code != EXIT_FAILED)
		settle(l, source_verdict(l->src));
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
