// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "command.h"
#include "entry.h"
#include "run.h"
#include "source.h"
#include "space.h"
#include "table.h"
#include "text.h"

struct row {
	const struct space *sp;
	const struct mapping *map;	/* NULL if it is gone */
	const struct run *run;
};

static const struct run *run_of(const void *row)
{
	return ((const struct row *)row)->run;
}

static void cell_pid(struct text *out, const void *row,
		     const struct options *opt)
{
	(void)opt;
	text_printf(out, "%" PRId32, ((const struct row *)row)->sp->task.pid);
}

static void cell_command(struct text *out, const void *row,
			 const struct options *opt)
{
	cell_string(out, ((const struct row *)row)->sp->task.comm, opt);
}

static void cell_run_range(struct text *out, const void *row,
			   const struct options *opt)
{
	const struct row *r = row;

	cell_range(out, r->run->start, run_last(&r->sp->header, r->run), opt);
}

static void cell_level(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	text_puts(out, entry_level(run_of(row)->level));
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

/* Of a huge entry, all frames it maps. */
static void cell_frames(struct text *out, const void *row,
			const struct options *opt)
{
	const struct row *r = row;
	const struct mmscope_header *h = &r->sp->header;
	uint64_t bytes = run_last(h, r->run) - r->run->start + 1;
	uint64_t nr = run_frames(h, r->run) || r->run->nr == 1 ?
		      bytes >> h->page_shift : 1;

	if (nr > 1)
		cell_range(out, r->run->frame, r->run->frame + nr - 1, opt);
	else
		cell_address(out, r->run->frame, opt);
}

static void cell_attrs(struct text *out, const void *row,
		       const struct options *opt)
{
	(void)opt;
	entry_attrs(out, run_of(row)->attrs);
}

static void cell_segment(struct text *out, const void *row,
			 const struct options *opt)
{
	const struct row *r = row;

	(void)opt;
	if (r->map)
		text_puts(out, segment_info(r->map->segment)->name);
}

static void cell_name(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct row *r = row;

	if (r->map)
		cell_string(out, r->map->name, opt);
}

static const struct column columns[] = {
	{ "PID", COL_DEFAULT | COL_NUMBER, cell_pid, "the process" },
	{ "COMMAND", COL_DEFAULT, cell_command, "its name" },
	{ "RANGE", COL_DEFAULT, cell_run_range, "where it has them" },
	{ "LEVEL", COL_DEFAULT, cell_level, "of the entries" },
	{ "KIND", 0, cell_kind, "present, migration ..." },
	{ "ENTRIES", COL_NUMBER, cell_entries, "how many" },
	{ "FRAMES", COL_DEFAULT | COL_RIGHT, cell_frames,
	  "frames these entries lead to" },
	{ "ATTRS", COL_DEFAULT, cell_attrs, "letters as in mmscope pagetable" },
	{ "SEGMENT", COL_DEFAULT, cell_segment, "what the mapping is" },
	{ "NAME", COL_DEFAULT, cell_name, "name of the mapping" },
};

/**
 * struct search - through all processes
 * @opt: the options
 * @filter: the frames
 * @t: the table, once there is a row to put in
 * @all: a stream that stands for all of them: header of the first, sum of ends
 * @rows: printed
 * @changed: processes that changed while they were read
 */
struct search {
	const struct options *opt;
	struct filter filter;
	struct table *t;
	struct stream all;
	size_t rows;
	size_t changed;
};

/* The runs of one process, kept until its mappings are known and classified. */
struct found {
	struct run *run;
	size_t nr;
	size_t room;
};

static void keep_runs(struct found *found, const struct record *rec,
		      const struct mmscope_header *h, const struct filter *f)
{
	struct unpack u = { .h = h, .rec = rec->runs };
	struct run run;

	while (unpack_next(&u, &run)) {
		if (!filter_run(f, h, &run))
			continue;
		if (found->nr == found->room) {
			found->room = found->room ? found->room * 2 : 16;
			found->run = grow(found->run, found->room, sizeof(run));
		}
		found->run[found->nr++] = run;
	}
}

static void print_found(struct search *look, const struct space *sp,
			const struct found *found)
{
	for (size_t i = 0; i < found->nr; i++) {
		struct row row = { .sp = sp, .run = &found->run[i] };
		const struct mapping *map = space_find(sp, row.run->start);

		if (map && map->start <= row.run->start)
			row.map = map;
		table_row(look->t, &row);
	}
	look->rows += found->nr;
}

static void add_end(struct search *look, const struct stream *s, int pid)
{
	struct mmscope_end *sum = &look->all.end;

	sum->holds += s->end.holds;
	if (s->end.longest_ns > sum->longest_ns)
		sum->longest_ns = s->end.longest_ns;
	/* This program changes its own while it reads. */
	if (pid != getpid() &&
	    (s->end.flags & MMSCOPE_END_CHANGED || s->overlaps)) {
		sum->flags |= MMSCOPE_END_CHANGED;
		look->changed++;
	}
}

static void read_process(struct search *look, struct source *src)
{
	struct stream *s = &src->stream;
	struct found found = { 0 };
	struct record rec;
	struct space sp;

	space_init(&sp, s);
	while (stream_next(s, &rec)) {
		if (rec.head->type == MMSCOPE_REC_RUNS)
			keep_runs(&found, &rec, &s->header, &look->filter);
		else
			space_add(&sp, &rec);
	}
	segment_classify(&sp);
	if (!look->t) {
		look->all.header = s->header;
		look->t = table_open(look->opt, &look->all);
	}
	print_found(look, &sp, &found);
	add_end(look, s, src->pid);
	free(found.run);
	space_free(&sp);
}

/* What vanishes meanwhile is not an error; kernel threads have nothing. */
static int look_into(struct search *look, int pid)
{
	struct asked asked = {
		.parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			 MMSCOPE_PART_PAGETABLE,
		.filter = &look->filter,
	};
	struct options of = *look->opt;
	struct source src = { .may_vanish = true };
	int code;

	of.pid = pid;
	code = source_open(&src, &of, &asked);
	if (!code) {
		read_process(look, &src);
		if (src.stream.error || src.stream.end.status)
			code = source_verdict(&src);
	}
	source_close(&src);
	return code == EXIT_PARTIAL ? EXIT_FINE : code;
}

static int by_number(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t list_processes(int **pids)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	size_t nr = 0, room = 0;

	*pids = NULL;
	while (dir && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		if (nr == room) {
			room = room ? room * 2 : 256;
			*pids = grow(*pids, room, sizeof(**pids));
		}
		(*pids)[nr++] = atoi(entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (nr)
		qsort(*pids, nr, sizeof(**pids), by_number);
	return nr;
}

static int finish(struct search *look)
{
	look->all.ended = true;
	if (look->t)
		table_close(look->t, &look->all);
	if (!look->rows)
		note("no process maps %s", look->opt->operands[0]);
	if (!look->changed)
		return EXIT_FINE;
	note("%zu of the processes changed while they were read", look->changed);
	return EXIT_PARTIAL;
}

static int run_who(const struct options *opt)
{
	struct search look = { .opt = opt };
	int code = EXIT_FINE;
	size_t nr;
	int *pids;

	if (!options_frames(&look.filter, opt->operands[0]))
		return complain(EXIT_USAGE,
				"%s is no frame: give FRAME, START-END or START+NUMBER, in hexadecimal",
				opt->operands[0]);
	nr = list_processes(&pids);
	for (size_t i = 0; i < nr && !code; i++)
		code = look_into(&look, pids[i]);
	free(pids);
	if (!nr)
		code = complain(EXIT_FAILED, "/proc: no process is listed there");
	if (code && look.t)
		table_close(look.t, &look.all);
	return code ? code : finish(&look);
}

const struct command cmd_who = {
	.name = "who",
	.operands = "FRAME | START-END | START+NUMBER",
	.summary = "find the processes that map a frame",
	.options = OPT_TABLE,
	.everybody = true,
	.least = 1,
	.most = 1,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_who,
};
