// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "cell.h"
#include "classify.h"
#include "commands.h"
#include "exit_code.h"
#include "message.h"
#include "options.h"
#include "progress.h"
#include "refine.h"
#include "run.h"
#include "source.h"
#include "space.h"
#include "table.h"

struct row {
	struct run_row of;		/* first, for run_cell_*() */
	const struct classes *classes;
	const struct mapping *map;	/* NULL if it is gone */
};

static const struct mmscope_task *task_of(const void *row)
{
	return &((const struct row *)row)->classes->sp->task;
}

static void cell_pid(struct text *out, const void *row,
		     const struct options *opt)
{
	(void)opt;
	text_printf(out, "%" PRId32, task_of(row)->pid);
}

static void cell_command(struct text *out, const void *row,
			 const struct options *opt)
{
	cell_string(out, task_of(row)->comm, opt);
}

static void cell_segment(struct text *out, const void *row,
			 const struct options *opt)
{
	const struct row *r = row;

	(void)opt;
	if (r->map)
		class_put(out, r->classes, r->map);
}

static void cell_run_guess(struct text *out, const void *row,
			   const struct options *opt)
{
	const struct row *r = row;

	if (r->map)
		cell_guess(out, r->classes, r->map, opt);
}

static void cell_run_sections(struct text *out, const void *row,
			      const struct options *opt)
{
	const struct row *r = row;

	if (r->map)
		cell_sections(out, r->classes, r->map, r->of.run->start,
			      run_last(r->of.header, r->of.run), opt);
}

static void cell_name(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct row *r = row;

	if (r->map)
		cell_map_name(out, r->map, opt);
}

static const struct column columns[] = {
	{ "PID", COL_DEFAULT | COL_NUMBER, cell_pid, "process" },
	{ "COMMAND", COL_DEFAULT, cell_command, "name of the process" },
	{ "RANGE", COL_DEFAULT | COL_RANGE, run_cell_range,
	  "addresses that map the frames" },
	{ "START", COL_ADDRESS, run_cell_start, "first address" },
	{ "END", COL_ADDRESS, run_cell_end, "exclusive end" },
	{ "LEVEL", COL_DEFAULT, run_cell_level, "of the table: PTE, PMD ..." },
	{ "KIND", 0, run_cell_kind, "present, migration ..." },
	{ "ENTRIES", COL_NUMBER, run_cell_entries, "number of entries" },
	{ "FRAMES", COL_DEFAULT | COL_RIGHT, run_cell_frames,
	  "frames that the entries map" },
	{ "ATTRS", COL_DEFAULT | COL_RIGHTS, run_cell_attrs,
	  "letters as in mmscope pagetable" },
	{ "ATTR_NAMES", COL_JSON | COL_LIST | COL_CUT, run_cell_attr_names,
	  "the same as a list; in JSON, an array" },
	{ "SEGMENT", COL_DEFAULT | COL_SEGMENT, cell_segment,
	  "of the mapping" },
	{ "GUESS", COL_JSON | COL_BOOLEAN, cell_run_guess, "whether SEGMENT is a guess" },
	{ "SECTIONS", COL_JSON | COL_LIST | COL_SECTIONS | COL_CUT,
	  cell_run_sections,
	  "ELF sections; in JSON, an array" },
	{ "NAME", COL_DEFAULT | COL_CUT, cell_name, "of the mapping" },
};

/**
 * struct search - a search in all processes
 * @opt: the options
 * @filter: the frames
 * @t: the table; NULL until a process was read
 * @all: a stream for all: the header of the first one, the sum of the ends
 * @rows: number of rows printed
 * @changed: number of processes that changed during the read
 */
struct search {
	const struct options *opt;
	struct filter filter;
	struct table *t;
	struct stream all;
	size_t rows;
	size_t changed;
};

/* The matching runs of one process, kept until its mappings are classified. */
struct found {
	struct run *run;
	size_t nr;
	size_t room;
};

static void keep_runs(struct found *found, const struct record *rec,
		      const struct mmscope_header *h, const struct filter *f)
{
	struct unpack u = { .h = h, .rec = rec };
	struct run run;

	while (unpack_next(&u, &run)) {
		if (!filter_run(f, h, &run))
			continue;
		found->run = more(found->run, found->nr, &found->room,
				  sizeof(run));
		found->run[found->nr++] = run;
	}
}

static void print_found(struct search *look, const struct space *sp,
			const struct found *found, int pid)
{
	struct classes classes;

	classify(&classes, sp);
	if (found->nr && options_sections(look->opt))
		refine(&classes, pid);
	for (size_t i = 0; i < found->nr; i++) {
		const struct run *run = &found->run[i];
		const struct row row = {
			.of = { &sp->header, run },
			.classes = &classes,
			.map = space_at(sp, run->start),
		};

		table_row(look->t, &row);
	}
	look->rows += found->nr;
	classes_free(&classes);
}

static void read_process(struct search *look, struct source *src)
{
	struct stream *s = &src->stream;
	struct found found = { 0 };
	struct record rec;
	struct space sp;

	space_init(&sp, s);
	while (stream_next(s, &rec)) {
		if (rec.head.type == MMSCOPE_REC_RUNS)
			keep_runs(&found, &rec, &s->header, &look->filter);
		else
			space_add(&sp, &rec);
	}
	if (!look->t) {
		look->all.header = s->header;
		look->t = table_open(look->opt, &look->all);
	}
	print_found(look, &sp, &found, src->pid);
	look->changed += stream_add_end(&look->all, s, src->pid == getpid());
	free(found.run);
	space_free(&sp);
}

/* A process that exits during the search is not an error. */
static int search_process(struct search *look, int pid)
{
	struct asked asked = {
		.parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			 MMSCOPE_PART_PAGETABLE,
		.filter = &look->filter,
	};
	struct options of = *look->opt;
	struct source src = { 0 };
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

static int is_process(const struct dirent *entry)
{
	return isdigit((unsigned char)entry->d_name[0]);
}

static int by_pid(const struct dirent **a, const struct dirent **b)
{
	int x = atoi((*a)->d_name);
	int y = atoi((*b)->d_name);

	return (x > y) - (x < y);
}

static int search_all(struct search *look)
{
	struct progress progress = { 0 };
	struct dirent **list;
	int nr = scandir("/proc", &list, is_process, by_pid);
	int code = EXIT_FINE;

	if (nr < 0)
		return complain(EXIT_FAILED, "/proc: %s", strerror(errno));
	progress_begin(&progress);
	for (int i = 0; i < nr; i++) {
		progress_processes(&progress, (size_t)i, (size_t)nr);
		if (!code)
			code = search_process(look, atoi(list[i]->d_name));
		free(list[i]);
	}
	progress_end(&progress);
	free(list);
	if (!nr)
		code = complain(EXIT_FAILED,
				"/proc: no process found");
	return code;
}

static int finish(struct search *look)
{
	look->all.ended = true;
	if (look->t)
		table_close(look->t, &look->all);
	if (!look->rows)
		note("no process maps frame %s", look->opt->operands[0]);
	if (!look->changed)
		return EXIT_FINE;
	note("%zu of the processes changed during the read", look->changed);
	return EXIT_PARTIAL;
}

static int run_who(const struct options *opt)
{
	struct search look = { .opt = opt };
	int code;

	if (!options_frames(&look.filter, opt->operands[0]))
		return complain(EXIT_USAGE,
				"invalid frame: \"%s\" (expected FRAME, START-END or START+COUNT, hexadecimal)",
				opt->operands[0]);
	code = search_all(&look);
	if (!code)
		return finish(&look);
	if (look.t)
		table_close(look.t, &look.all);
	return code;
}

const struct command cmd_who = {
	.name = "who",
	.operands = "FRAME | START-END | START+COUNT",
	.summary = "find the processes that map a frame",
	.example = "The processes that map a frame, here one that 'translate' printed:\n"
		   "  mmscope who 1a2b3 -o PID,COMMAND,SEGMENT,NAME\n",
	.options = OPT_TABLE | OPT_SECTIONS,
	.all_processes = true,
	.least = 1,
	.most = 1,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_who,
};
