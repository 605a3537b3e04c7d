// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "cell.h"
#include "commands.h"
#include "exit_code.h"
#include "message.h"
#include "options.h"
#include "progress.h"
#include "process.h"
#include "share_load.h"
#include "share_matrix.h"
#include "source.h"
#include "table.h"
#include "targets.h"

/**
 * struct overlap - what the processes have in common
 * @opt: the options
 * @group: of --family or --cgroup: a process that is gone is left out
 * @member: the processes
 * @nr: number of processes
 * @room: allocated
 * @share: their frames
 * @apart: by row
 * @all: a stream for all: the header of the first one, the sum of the ends
 * @changed: number of processes that changed during the read
 */
struct overlap {
	const struct options *opt;
	bool group;
	struct share_member *member;
	uint32_t nr;
	size_t room;
	struct share share;
	struct share_apart apart[SHARE_ROWS];
	struct stream all;
	size_t changed;
};

/* Columns */

struct row {
	const struct overlap *all;
	const struct share_sum *sum;
	uint16_t segment;
};

static void put_frames(struct text *out, const void *row, uint64_t frames,
		       const struct options *opt)
{
	const struct row *r = row;

	cell_bytes(out, frames << r->all->all.header.page_shift, opt);
}

static void put_sum(struct text *out, const void *row, size_t at,
		    const struct options *opt)
{
	uint64_t frames;

	memcpy(&frames, (const char *)((const struct row *)row)->sum + at,
	       sizeof(frames));
	put_frames(out, row, frames, opt);
}

static void cell_segment(struct text *out, const void *row,
			 const struct options *opt)
{
	const struct row *r = row;

	(void)opt;
	if (r->segment < SEGMENTS)
		text_puts(out, segment_info(r->segment)->name);
}

static void cell_processes(struct text *out, const void *row,
			   const struct options *opt)
{
	(void)opt;
	text_number(out, ((const struct row *)row)->sum->processes, 10);
}

#define CELL_FRAMES(member)						\
static void cell_##member(struct text *out, const void *row,		\
			  const struct options *opt)			\
{									\
	put_sum(out, row, offsetof(struct share_sum, member), opt);	\
}

CELL_FRAMES(frames)
CELL_FRAMES(exclusive)
CELL_FRAMES(readonly)
CELL_FRAMES(cow)
CELL_FRAMES(writable)
CELL_FRAMES(parted)
CELL_FRAMES(mapped)
CELL_FRAMES(repeated)

static const struct share_apart *apart_of(const void *row)
{
	const struct row *r = row;

	return &r->all->apart[r->segment];
}

static void cell_zero(struct text *out, const void *row,
		      const struct options *opt)
{
	put_frames(out, row, apart_of(row)->zero, opt);
}

static void cell_special(struct text *out, const void *row,
			 const struct options *opt)
{
	put_frames(out, row, apart_of(row)->special, opt);
}

static void cell_spread(struct text *out, const void *row,
			const struct options *opt)
{
	const struct row *r = row;
	const struct share *s = &r->all->share;

	for (uint32_t i = 1; i <= s->nr; i++) {
		uint64_t frames = share_spread(s, r->segment, i);

		if (!frames)
			continue;
		text_printf(out, opt->json ? "%s{\"processes\": %" PRIu32 ", \"frames\": " :
					     "%s%" PRIu32 ":",
			    !out->len ? opt->json ? "[" : "" :
			    opt->json ? ", " : ",", i);
		put_frames(out, row, frames, opt);
		text_puts(out, opt->json ? "}" : "");
	}
	cell_list_end(out, opt);
}

#define COL_FRAMES	(COL_NUMBER | COL_SUM)

static const struct column columns[] = {
	{ "SEGMENT", COL_DEFAULT | COL_SEGMENT, cell_segment,
	  "of the mapping; of the first process that maps the frame" },
	{ "PROCS", COL_DEFAULT | COL_NUMBER | COL_SUM, cell_processes,
	  "number of processes that map some of the frames" },
	{ "FRAMES", COL_DEFAULT | COL_FRAMES, cell_frames,
	  "all frames: EXCLUSIVE + READONLY + WRITABLE" },
	{ "EXCLUSIVE", COL_DEFAULT | COL_FRAMES, cell_exclusive,
	  "mapped by one of the processes" },
	{ "READONLY", COL_DEFAULT | COL_FRAMES, cell_readonly,
	  "in common; no write of one process reaches another" },
	{ "COW", COL_DEFAULT | COL_FRAMES, cell_cow,
	  "of READONLY: anonymous, still shared after fork" },
	{ "WRITABLE", COL_DEFAULT | COL_FRAMES, cell_writable,
	  "in common; a write of one process reaches the others" },
	{ "PARTED", COL_DEFAULT | COL_FRAMES, cell_parted,
	  "after fork, further copies of the same page" },
	{ "MAPPED", COL_FRAMES, cell_mapped,
	  "sum of the processes: each counts a frame once" },
	{ "REPEATED", COL_FRAMES, cell_repeated,
	  "mapped again by the same process; not in MAPPED" },
	{ "SPREAD", COL_JSON, cell_spread,
	  "frames by number of processes; in JSON, an array" },
	{ "ZERO", COL_NUMBER, cell_zero,
	  "the shared page of zeroes; not in FRAMES" },
	{ "SPECIAL", COL_NUMBER, cell_special,
	  "without struct page: devices; not in FRAMES" },
};

/* JSON */

static void json_bytes(struct text *out, const struct overlap *all,
		       const char *name, uint64_t frames)
{
	text_printf(out, ", \"%s\": ", name);
	text_json_number(out, frames << all->all.header.page_shift);
}

static void add_processes(struct table *t, const struct overlap *all)
{
	struct text json = { 0 };

	text_puts(&json, "[");
	for (uint32_t i = 0; i < all->nr; i++) {
		const struct share_member *m = &all->member[i];
		const struct share_process *p = &all->share.process[i];

		text_printf(&json, "%s\n      {\"pid\": %" PRId32
			    ", \"tgid\": %" PRId32 ", \"comm\": ",
			    i ? "," : "", m->task.pid, m->task.tgid);
		text_json(&json, m->task.comm);
		text_printf(&json, ", \"time_ns\": \"%" PRIu64 "\"",
			    m->time_ns);
		json_bytes(&json, all, "frames", p->frames);
		json_bytes(&json, all, "exclusive", p->exclusive);
		json_bytes(&json, all, "repeated", p->repeated);
		text_puts(&json, "}");
	}
	text_puts(&json, "\n   ]");
	table_member(t, "processes", json.s);
	text_free(&json);
}

static void add_pairs(struct table *t, const struct overlap *all)
{
	const char *gap = "";
	struct text json = { 0 };

	text_puts(&json, "[");
	for (uint32_t i = 0; i < all->nr; i++) {
		for (uint32_t j = i + 1; j < all->nr; j++) {
			text_printf(&json, "%s\n      {\"pids\": [%" PRId32
				    ", %" PRId32 "]", gap,
				    all->member[i].task.pid,
				    all->member[j].task.pid);
			json_bytes(&json, all, "common",
				   share_common(&all->share, i, j));
			json_bytes(&json, all, "parted",
				   share_parted(&all->share, i, j));
			text_puts(&json, "}");
			gap = ",";
		}
	}
	text_puts(&json, "\n   ]");
	table_member(t, "pairs", json.s);
	text_free(&json);
}

/* By default, there is no column for pages that are no shared memory. */
static bool has_row(const struct overlap *all, uint16_t i)
{
	const struct options *opt = all->opt;
	bool any = opt->json || opt->output || opt->every_column;

	return all->share.row[i].frames ||
	       (any && (all->apart[i].zero || all->apart[i].special));
}

static void print(struct overlap *all)
{
	const struct options *opt = all->opt;
	const struct share *s = &all->share;
	struct table *t;

	if (options_prose(opt))
		share_matrix(opt, s, all->member,
			     all->all.header.page_shift);
	t = table_open(opt, &all->all);
	for (uint16_t i = 0; i < SHARE_ROWS; i++)
		if (has_row(all, i))
			table_row(t, &(struct row){ all, &s->row[i], i });
	table_total(t, &(struct row){ all, &s->total, SEGMENTS });
	add_processes(t, all);
	add_pairs(t, all);
	table_close(t, &all->all);
}

/* Reading */

/* Frames have the same meaning on one machine only, until it boots. */
static int check_machine(const struct overlap *all, const struct source *src)
{
	const struct mmscope_header *a = &all->all.header;
	const struct mmscope_header *b = &src->stream.header;

	if (!all->nr || (a->machine == b->machine &&
			 a->page_shift == b->page_shift &&
			 !strcmp(a->release, b->release)))
		return EXIT_FINE;
	return complain(EXIT_FAILED,
			"%s is from another machine or kernel than the first file: their frames cannot be compared",
			src->file);
}

static int check_twice(const struct overlap *all, const struct source *src,
		       const struct mmscope_task *task)
{
	for (uint32_t i = 0; src->pid && i < all->nr; i++) {
		const struct mmscope_task *other = &all->member[i].task;

		if (other->tgid == task->tgid)
			return complain(EXIT_USAGE,
					"%d and %d are the same process",
					other->pid, task->pid);
	}
	return EXIT_FINE;
}

static void add_member(struct overlap *all, const struct source *src,
		       const struct share_pages *pages)
{
	all->member = more(all->member, all->nr, &all->room,
			   sizeof(*all->member));
	all->member[all->nr] = (struct share_member){
		.task = pages->sp.task,
		.time_ns = src->stream.header.time_ns,
	};
	if (!all->nr)
		all->all.header = src->stream.header;
	share_pages_add(pages, &all->share, all->nr++, all->apart);
	all->changed += stream_add_end(&all->all, &src->stream,
				       src->pid == getpid());
}

/* Of a damaged file, or a process that exits, what could be read is shown. */
static int take_stream(struct overlap *all, struct source *src)
{
	struct share_pages pages;
	int code = EXIT_FINE;

	share_pages_read(&pages, &src->stream);
	if (src->stream.error || src->stream.end.status)
		code = source_verdict(src);
	if (!exit_is_failure(code))
		code = source_task(&pages.sp.task) ? EXIT_FAILED : code;
	if (!exit_is_failure(code) && check_twice(all, src, &pages.sp.task))
		code = EXIT_USAGE;
	if (!exit_is_failure(code) && !(all->group && code))
		add_member(all, src, &pages);
	share_pages_free(&pages);
	return code;
}

static int take_source(struct overlap *all, int pid, const char *file)
{
	struct options of = *all->opt;
	struct asked asked = {
		.parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			 MMSCOPE_PART_PAGETABLE,
	};
	struct source src = { .all_processes = all->group };
	int code;

	of.pid = pid;
	of.input = file;
	asked.parts |= source_threads(&of);
	if (of.given & OPT_FACTS)
		asked.flags = MMSCOPE_QUERY_FACTS;
	code = source_open(&src, &of, &asked);
	if (!code)
		code = check_machine(all, &src);
	if (!code)
		code = take_stream(all, &src);
	source_close(&src);
	return code;
}

/* Add the result of one source to that of those before. */
static int settle(const struct overlap *all, int before, int code)
{
	if (code == EXIT_PARTIAL && all->group)
		return before;
	return code ? code : before;
}

static int take_files(struct overlap *all)
{
	const struct options *opt = all->opt;
	int code = EXIT_FINE;

	if (opt->nr_inputs + (size_t)opt->nr_operands < 2)
		return complain(EXIT_USAGE,
				"missing FILE: snapshots of two processes are needed");
	for (size_t i = 0; i < opt->nr_inputs && !exit_is_failure(code); i++)
		code = settle(all, code, take_source(all, 0, opt->inputs[i]));
	for (int i = 0; i < opt->nr_operands && !exit_is_failure(code); i++)
		code = settle(all, code, take_source(all, 0, opt->operands[i]));
	return code;
}

static int take_targets(struct overlap *all, const struct targets *found)
{
	struct progress progress = { 0 };
	int code = EXIT_FINE;

	progress_begin(&progress);
	for (size_t i = 0; i < found->nr && !exit_is_failure(code); i++) {
		progress_processes(&progress, i, found->nr);
		code = settle(all, code, take_source(all, found->pid[i], NULL));
	}
	progress_end(&progress);
	return code;
}

/* A name stands for all processes that have it. */
static int find_targets(struct targets *found, const struct options *opt)
{
	int code = EXIT_FINE;

	if (opt->cgroup)
		return targets_add_cgroup(found, opt->cgroup);
	for (int i = 0; i < opt->nr_operands && !code; i++)
		code = targets_add_named(found, opt->operands[i]);
	if (!code && found->nr < 2)
		code = complain(EXIT_USAGE,
				"missing PID: two processes, --family PID, --cgroup PATH or -i FILE are needed");
	return code;
}

static int take_pids(struct overlap *all)
{
	struct targets found = { 0 };
	int code = find_targets(&found, all->opt);

	if (!code)
		code = take_targets(all, &found);
	if (!code && !all->nr)
		code = complain(EXIT_NO_PROCESS, "no process is left");
	targets_free(&found);
	return code;
}

static int take_processes(struct overlap *all, const struct processes *list)
{
	struct targets found = { 0 };
	int code;

	for (size_t i = 0; i < list->nr; i++)
		targets_add(&found, list->process[i].pid);
	code = take_targets(all, &found);
	targets_free(&found);
	if (!code && all->nr == 1)
		note("no process descends from %d", all->opt->family);
	if (!code && !all->nr)
		code = complain(EXIT_NO_PROCESS, "no such process: %d",
				all->opt->family);
	return code;
}

static int take_family(struct overlap *all)
{
	const struct options *opt = all->opt;
	struct processes list = { 0 };
	int code;

	code = processes_list(&list, PROCESS_STAT);
	if (!code && !processes_keep_family(&list, opt->family))
		code = complain(EXIT_NO_PROCESS, "no such process: %d",
				opt->family);
	if (!code)
		code = take_processes(all, &list);
	processes_free(&list);
	return code;
}

static int check_choice(const struct options *opt)
{
	if (opt->family && (opt->input || opt->nr_operands || opt->cgroup))
		return complain(EXIT_USAGE,
				"--family cannot be combined with other processes or files");
	if (opt->cgroup && opt->nr_operands)
		return complain(EXIT_USAGE,
				"--cgroup cannot be combined with other processes");
	return EXIT_FINE;
}

static int finish(struct overlap *all, int code)
{
	all->all.ended = !code;
	share_count(&all->share, all->nr, SHARE_ROWS);
	print(all);
	if (!all->changed)
		return code;
	note("%zu of the processes changed during the read", all->changed);
	return all->opt->input ? code : EXIT_PARTIAL;
}

static int run_shared(const struct options *opt)
{
	struct overlap all = {
		.opt = opt,
		.group = opt->family || opt->cgroup,
	};
	int code = check_choice(opt);

	if (!code && opt->family)
		code = take_family(&all);
	else if (!code)
		code = opt->input ? take_files(&all) : take_pids(&all);
	if (!exit_is_failure(code))
		code = finish(&all, code);
	share_free(&all.share);
	free(all.member);
	return code;
}

const struct command cmd_shared = {
	.name = "shared",
	.operands = "PID...",
	.summary = "compare processes: which frames they have in common",
	.example = "What a server and its children share, and what is written by several:\n"
		   "  mmscope shared --family 4711 -o SEGMENT,FRAMES,EXCLUSIVE,WRITABLE\n",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES | OPT_FACTS | OPT_FAMILY |
		   OPT_CGROUP,
	.several = true,
	.most = INT_MAX,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_shared,
};
