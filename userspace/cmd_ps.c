// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "cell.h"
#include "commands.h"
#include "exit_code.h"
#include "message.h"
#include "options.h"
#include "process.h"
#include "progress.h"
#include "source.h"
#include "table.h"

/**
 * struct row - a process, or all of them
 * @process: NULL for all
 * @task: its TASK record
 * @sums: its SUMS record, with bytes in place of pages
 * @threads: number of threads
 */
struct row {
	struct process *process;
	struct mmscope_task task;
	struct mmscope_sums sums;
	uint64_t threads;
};

static const struct mmscope_sums *sums_of(const void *row)
{
	return &((const struct row *)row)->sums;
}

/* Facts of /proc that few columns need. Return: NULL if the process has exited. */
static const struct process *process_of(const void *row, unsigned int facts)
{
	struct process *p = ((const struct row *)row)->process;

	return process_read(p, facts) ? NULL : p;
}

/* The process */

static void cell_pid(struct text *out, const void *row,
		     const struct options *opt)
{
	(void)opt;
	text_number(out, (uint64_t)((const struct row *)row)->process->pid, 10);
}

static void cell_ppid(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct process *p = process_of(row, PROCESS_STAT);

	(void)opt;
	if (p)
		text_number(out, (uint64_t)p->ppid, 10);
}

static void cell_uid(struct text *out, const void *row,
		     const struct options *opt)
{
	const struct process *p = process_of(row, PROCESS_USER);

	(void)opt;
	if (p)
		text_number(out, p->uid, 10);
}

/* Users without a name are shown by number. */
static void cell_user(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct process *p = process_of(row, PROCESS_USER);
	const struct passwd *user = p ? getpwuid(p->uid) : NULL;

	if (user)
		cell_string(out, user->pw_name, opt);
	else
		cell_uid(out, row, opt);
}

static void cell_command(struct text *out, const void *row,
			 const struct options *opt)
{
	cell_string(out, ((const struct row *)row)->task.comm, opt);
}

static void cell_args(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct process *p = process_of(row, PROCESS_ARGS);

	if (!p || !p->args.len)
		return;
	cell_string(out, p->args.s, opt);
	if (p->args_cut)
		text_puts(out, "...");
}

/* Lines of /proc/PID/cgroup as a list. */
static void cell_cgroups(struct text *out, const void *row,
			 const struct options *opt)
{
	const struct process *p = process_of(row, PROCESS_CGROUPS);
	const char *line = p ? p->cgroups.s : "", *end;
	struct text one = { 0 };

	while ((end = strchr(line, '\n'))) {
		text_clear(&one);
		text_add(&one, line, (size_t)(end - line));
		cell_list(out, one.s, opt);
		line = end + 1;
	}
	cell_list_end(out, opt);
	text_free(&one);
}

static void cell_threads(struct text *out, const void *row,
			 const struct options *opt)
{
	const uint64_t threads = ((const struct row *)row)->threads;

	(void)opt;
	if (threads)
		text_number(out, threads, 10);
}

/* Its memory */

#define CELL_SUM(name, bytes)						\
static void cell_##name(struct text *out, const void *row,		\
			const struct options *opt)			\
{									\
	const struct mmscope_sums *s = sums_of(row);			\
									\
	cell_bytes(out, bytes, opt);					\
}

CELL_SUM(size, s->reserved)
CELL_SUM(rss, s->pte + s->pmd + s->pud)
CELL_SUM(pss, s->pss_bytes)
CELL_SUM(uss, s->exclusive)
CELL_SUM(swap, s->swapped)
CELL_SUM(tables, s->pgtables_bytes)
CELL_SUM(huge, s->pmd + s->pud)
CELL_SUM(cont, s->cont)
CELL_SUM(anon, s->anon)
CELL_SUM(file, s->file)
CELL_SUM(shmem, s->shmem)
CELL_SUM(hugetlb, s->hugetlb)
CELL_SUM(shared, s->shared)
CELL_SUM(dirty, s->dirty)
CELL_SUM(accessed, s->accessed)
CELL_SUM(zero, s->zero)
CELL_SUM(special, s->special)
CELL_SUM(other, s->other)
CELL_SUM(never, s->never)

static void cell_huge_share(struct text *out, const void *row,
			    const struct options *opt)
{
	const struct mmscope_sums *s = sums_of(row);
	const uint64_t huge = s->pmd + s->pud, rss = s->pte + huge;

	(void)opt;
	if (rss)
		text_number(out, (huge * 100 + rss / 2) / rss, 10);
}

static void cell_vmas(struct text *out, const void *row,
		      const struct options *opt)
{
	(void)opt;
	text_number(out, sums_of(row)->vmas, 10);
}

#define COL_MORE	(COL_NUMBER | COL_SUM)
#define COL_MAIN	(COL_MORE | COL_DEFAULT)

static const struct column columns[] = {
	{ "PID", COL_DEFAULT | COL_NUMBER, cell_pid, "process" },
	{ "PPID", COL_NUMBER, cell_ppid, "its parent" },
	{ "USER", 0, cell_user, "effective user, by name" },
	{ "UID", COL_NUMBER, cell_uid, "effective user, by number" },
	{ "COMMAND", COL_DEFAULT, cell_command, "name of the process" },
	{ "THREADS", COL_MAIN, cell_threads, "number of threads" },
	{ "VMAS", COL_MORE, cell_vmas, "number of mappings" },
	{ "SIZE", COL_MAIN, cell_size, "reserved" },
	{ "RSS", COL_MAIN, cell_rss,
	  "resident: ANON + FILE + SHMEM + HUGETLB = USS + SHARED" },
	{ "PSS", COL_MAIN, cell_pss,
	  "each page divided by the number of its mappings" },
	{ "USS", COL_MAIN, cell_uss, "mapped once" },
	{ "SHARED", COL_MORE, cell_shared, "mapped more than once" },
	{ "SWAP", COL_MAIN, cell_swap, "swapped out" },
	{ "TABLES", COL_MAIN, cell_tables, "page tables" },
	{ "HUGE%", COL_MAIN, cell_huge_share,
	  "percentage of RSS that is in huge pages" },
	{ "HUGE", COL_MORE, cell_huge, "resident in huge pages" },
	{ "CONT", COL_MORE, cell_cont, "in blocks with a contiguous hint" },
	{ "ANON", COL_MORE, cell_anon, "anonymous pages" },
	{ "FILE", COL_MORE, cell_file, "pages of files" },
	{ "SHMEM", COL_MORE, cell_shmem, "pages of tmpfs and shared memory" },
	{ "HUGETLB", COL_MORE, cell_hugetlb, "pages of hugetlb; not in PSS" },
	{ "DIRTY", COL_MORE, cell_dirty, "dirty, as in smaps" },
	{ "ACCESSED", COL_MORE, cell_accessed, "accessed: Referenced in smaps" },
	{ "ZERO", COL_MORE, cell_zero, "the shared page of zeroes; not in RSS" },
	{ "SPECIAL", COL_MORE, cell_special,
	  "without struct page: devices; not in RSS" },
	{ "OTHER", COL_MORE, cell_other,
	  "other entries: migrating, poisoned, markers; not in RSS" },
	{ "NEVER", COL_MORE, cell_never,
	  "never faulted in, freed, or swapped-out shmem" },
	{ "CGROUPS", COL_JSON | COL_LIST | COL_CUT, cell_cgroups,
	  "as in /proc/PID/cgroup; in JSON, an array" },
	{ "ARGS", COL_CUT, cell_args, "command line" },
};

/* Which processes */

/**
 * struct wanted - the processes that the user wants
 * @opt: the options
 * @uid: user of --user
 * @found: by operand: a process matched
 */
struct wanted {
	const struct options *opt;
	uid_t uid;
	bool *found;
};

/* Return: 0 for a name. */
static int pid_of(const char *operand)
{
	if (operand[strspn(operand, "0123456789")])
		return 0;
	return strlen(operand) < 10 ? atoi(operand) : INT_MAX;
}

static bool matches(const struct process *p, const char *operand)
{
	int pid = pid_of(operand);

	return pid ? p->pid == pid : process_is_named(p, operand);
}

static bool is_wanted(const struct process *p, const void *arg)
{
	const struct wanted *wanted = arg;
	const struct options *opt = wanted->opt;
	bool any = !opt->nr_operands;

	for (int i = 0; i < opt->nr_operands; i++) {
		if (!matches(p, opt->operands[i]))
			continue;
		wanted->found[i] = true;
		any = true;
	}
	return any && (!opt->user || p->uid == wanted->uid) &&
	       (!opt->cgroup || process_in_cgroup(p, opt->cgroup));
}

static int find_user(const char *name, uid_t *uid)
{
	const struct passwd *user = getpwnam(name);
	unsigned long long id;
	char *end;

	if (user) {
		*uid = user->pw_uid;
		return EXIT_FINE;
	}
	errno = 0;
	id = strtoull(name, &end, 10);
	if (name[strspn(name, "0123456789")] || errno || (uid_t)id != id)
		return complain(EXIT_USAGE, "unknown user: \"%s\"", name);
	*uid = (uid_t)id;
	return EXIT_FINE;
}

static unsigned int facts_for(const struct options *opt)
{
	unsigned int facts = 0;

	for (int i = 0; i < opt->nr_operands; i++)
		if (!pid_of(opt->operands[i]))
			facts |= PROCESS_NAMES;
	if (opt->user)
		facts |= PROCESS_USER;
	if (opt->cgroup)
		facts |= PROCESS_CGROUPS;
	return facts;
}

/* Return: EXIT_PARTIAL if there is no process for an operand. */
static int report_missing(const struct wanted *wanted)
{
	const struct options *opt = wanted->opt;
	int code = EXIT_FINE;

	for (int i = 0; i < opt->nr_operands; i++) {
		if (wanted->found[i])
			continue;
		code = EXIT_PARTIAL;
		if (pid_of(opt->operands[i]))
			note("no such process: %s", opt->operands[i]);
		else
			note("no process is named \"%s\"", opt->operands[i]);
	}
	return code;
}

/* Return: EXIT_FINE or EXIT_PARTIAL; or another exit code after a message. */
static int choose(struct processes *all, const struct options *opt)
{
	struct wanted wanted = { .opt = opt };
	int code = opt->user ? find_user(opt->user, &wanted.uid) : EXIT_FINE;

	if (!code)
		code = processes_list(all, facts_for(opt));
	if (code)
		return code;
	wanted.found = grow(NULL, (size_t)opt->nr_operands, sizeof(bool));
	memset(wanted.found, 0, (size_t)opt->nr_operands * sizeof(bool));
	processes_keep(all, is_wanted, &wanted);
	code = report_missing(&wanted);
	free(wanted.found);
	if (all->nr)
		return code;
	return code ? EXIT_NO_PROCESS :
		      complain(EXIT_NO_PROCESS, "no process matches");
}

/* Reading and printing */

/**
 * struct listing - the table in the making
 * @opt: the options
 * @all: the processes
 * @query: descriptor for queries, -1 before the first one
 * @row: those that were read
 * @nr: number of rows
 * @room: number of rows allocated
 * @stream: a stream for all: the header of the first one, the sum of the ends
 * @changed: number of processes that changed during the read
 * @failed: number of processes that could not be read
 */
struct listing {
	const struct options *opt;
	struct processes all;
	int query;
	struct row *row;
	size_t nr;
	size_t room;
	struct stream stream;
	size_t changed;
	size_t failed;
};

/* The counts are neighbours of one type. */
static void pages_to_bytes(struct mmscope_sums *sums, unsigned int page_shift)
{
	for (__u64 *count = &sums->pte; count <= &sums->never; count++)
		*count <<= page_shift;
	sums->hugetlb_exclusive <<= page_shift;
}

static void add_up(struct row *total, const struct row *row)
{
	const __u64 *from = &row->sums.vmas;

	for (__u64 *to = &total->sums.vmas; to <= &total->sums.hugetlb_exclusive;
	     to++)
		*to += *from++;
	total->threads += row->threads;
}

/* A stream without SUMS is of a kernel thread. */
static void take_process(struct listing *list, struct source *src,
			 struct process *process)
{
	struct stream *s = &src->stream;
	struct row row = { .process = process };
	struct record rec;
	bool known = false;

	while (stream_next(s, &rec)) {
		if (rec.head.type != MMSCOPE_REC_SUMS)
			continue;
		row.sums = rec.sums;
		known = true;
	}
	if (!known || s->error || s->end.status)
		return;
	if (!list->nr)
		list->stream.header = s->header;
	list->changed += stream_add_end(&list->stream, s, process->pid == getpid());
	row.task = s->task;
	row.threads = s->task.threads;
	pages_to_bytes(&row.sums, s->header.page_shift);
	list->row = more(list->row, list->nr, &list->room, sizeof(row));
	list->row[list->nr++] = row;
}

static bool has_exited(const struct stream *s)
{
	return s->end.status == ESRCH ||
	       (s->error == STREAM_READ && s->sys_errno == ESRCH);
}

/* Return: EXIT_FINE, also if it has exited; or EXIT_FAILED after a message. */
static int read_process(struct listing *list, struct process *process)
{
	const struct asked asked = { .parts = MMSCOPE_PART_SUMS };
	struct options of = *list->opt;
	struct source src = { .query = &list->query };
	int code;

	of.pid = process->pid;
	code = source_open(&src, &of, &asked);
	if (!code) {
		take_process(list, &src, process);
		if ((src.stream.error || src.stream.end.status) &&
		    !has_exited(&src.stream) && source_verdict(&src))
			code = EXIT_FAILED;
	}
	source_close(&src);
	return exit_is_failure(code) ? code : EXIT_FINE;
}

/* What makes the first process fail will most likely make all of them fail. */
static int read_all(struct listing *list)
{
	struct progress progress = { 0 };
	int code = EXIT_FINE;

	progress_begin(&progress);
	for (size_t i = 0; i < list->all.nr; i++) {
		progress_processes(&progress, i, list->all.nr);
		code = read_process(list, &list->all.process[i]);
		if (code && !list->nr)
			break;
		list->failed += code != EXIT_FINE;
	}
	progress_end(&progress);
	if (code && !list->nr)
		return code;
	return list->nr ? EXIT_FINE :
			  complain(EXIT_NO_PROCESS,
				   "no process with a user address space");
}

static int by_pss(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->sums.pss_bytes != y->sums.pss_bytes)
		return x->sums.pss_bytes < y->sums.pss_bytes ? 1 : -1;
	return (x->process->pid > y->process->pid) -
	       (x->process->pid < y->process->pid);
}

static void print(struct listing *list)
{
	struct row total = { 0 };
	struct table *t;

	qsort(list->row, list->nr, sizeof(*list->row), by_pss);
	list->stream.ended = true;
	t = table_open(list->opt, &list->stream);
	for (size_t i = 0; i < list->nr; i++) {
		table_row(t, &list->row[i]);
		add_up(&total, &list->row[i]);
	}
	table_total(t, &total);
	table_close(t, &list->stream);
}

static int verdict(const struct listing *list)
{
	const size_t failed = list->failed + list->all.refused;

	if (failed)
		note("%zu of the processes could not be read", failed);
	if (list->changed)
		note("%zu of the processes changed during the read",
		     list->changed);
	return failed || list->changed ? EXIT_PARTIAL : EXIT_FINE;
}

static int run_ps(const struct options *opt)
{
	struct listing list = { .opt = opt, .query = -1 };
	int missing = choose(&list.all, opt), code = missing;

	if (!exit_is_failure(code))
		code = read_all(&list);
	if (!code) {
		print(&list);
		code = verdict(&list);
	}
	if (list.query >= 0)
		close(list.query);
	free(list.row);
	processes_free(&list.all);
	return code ? code : missing;
}

const struct command cmd_ps = {
	.name = "ps",
	.operands = "[NAME | PID]...",
	.summary = "list processes and what each has in memory",
	.example = "The processes of a user, those with the most swap first:\n"
		   "  mmscope ps --user www-data -o +SWAP --sort -SWAP\n",
	.options = OPT_TABLE | OPT_BYTES | OPT_USER | OPT_CGROUP,
	.all_processes = true,
	.most = INT_MAX,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_ps,
};
