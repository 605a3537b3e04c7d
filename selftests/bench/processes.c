// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "clock.h"
#include "die.h"
#include "processes.h"
#include "scope.h"
#include "shapes.h"
#include "sizes.h"
#include "stream/read.h"
#include "target/target.h"

#define PROCESSES	200
#define OTHERS		1000

/* A sparse file on ext4; ./run makes it. */
#define FILE_NAME	"/payload/sparse"

/* What a process of each kind has; the same in pages. */
#define AMOUNT		(8 * MIB)
#define AMOUNT_PAGES	(AMOUNT / (4 * KIB))

#define PARTIAL		3

static struct target targets[PROCESSES];

/* Memory that processes have from fork() alone. */
static struct shape common = { .amount = AMOUNT_PAGES };

/* All processes that /proc lists. */
static pid_t pids[PROCESSES + OTHERS];
static size_t nr_pids;

/* The pages of a file that others map, too. */
static void read_file(struct shape *shape)
{
	int fd = open(FILE_NAME, O_RDONLY);

	if (fd < 0)
		die(FILE_NAME ": %s", strerror(errno));
	target_look(target_map(NULL, AMOUNT, PROT_READ, MAP_PRIVATE, fd),
		    AMOUNT);
	close(fd);
}

/* Kinds of processes; the first one has what fork() left to all of them. */
static const struct {
	void (*make)(struct shape *shape);
	size_t amount;
} kinds[] = {
	{ NULL, 0 },
	{ make_plain, AMOUNT_PAGES },
	{ read_file, 0 },
	{ make_thp, AMOUNT_PAGES },
	{ make_vmas, 100 },
};

static void be_process(void *arg, int step)
{
	struct shape *shape = arg;

	if (!shape->make)
		return;
	munmap(common.start, common.size);
	shape_make(shape, step);
}

static void start_processes(void)
{
	struct shape *shape = target_share(PROCESSES * sizeof(*shape));
	size_t i;

	make_plain(&common);
	for (i = 0; i < PROCESSES; i++) {
		shape[i].make = kinds[i % ARRAY_SIZE(kinds)].make;
		shape[i].amount = kinds[i % ARRAY_SIZE(kinds)].amount;
		target_start(&targets[i], be_process, &shape[i]);
	}
	munmap(common.start, common.size);
}

static void list_processes(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	if (!dir)
		die("/proc: %s", strerror(errno));
	while ((entry = readdir(dir)))
		if (isdigit((unsigned char)*entry->d_name)) {
			if (nr_pids == ARRAY_SIZE(pids))
				die("more than %zu processes", nr_pids);
			pids[nr_pids++] = atoi(entry->d_name);
		}
	closedir(dir);
}

static struct question question_of(pid_t pid)
{
	return (struct question){ .pid = pid, .parts = MMSCOPE_PART_SUMS };
}

static void ask_all(const void *arg, struct cost *sum)
{
	size_t i;

	for (i = 0; i < nr_pids; i++) {
		const struct question question = question_of(pids[i]);
		struct cost cost;

		scope_measure(&question, &cost);
		sum->insns += cost.insns;
		sum->bytes += cost.bytes;
		sum->holds += cost.holds;
		if (cost.longest > sum->longest)
			sum->longest = cost.longest;
	}
}

/* Kernel threads have the file, but it cannot be opened. */
static size_t read_rollup(pid_t pid, char *text, size_t size)
{
	ssize_t len, all = 0;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	fd = open(path, O_RDONLY);
	while (fd >= 0 && (len = read(fd, text + all, size - 1 - all)) > 0)
		all += len;
	text[all] = '\0';
	close(fd);
	return all;
}

static void read_all(const void *arg, struct cost *cost)
{
	__u64 before = instructions();
	static char text[4096];
	size_t i;

	for (i = 0; i < nr_pids; i++)
		cost->bytes += read_rollup(pids[i], text, sizeof(text));
	cost->insns = instructions() - before;
}

static void run_command(const void *arg, struct cost *cost)
{
	static char *const argv[] = { "mmscope", "ps", NULL };
	__u64 before = instructions();
	posix_spawn_file_actions_t to;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&to);
	posix_spawn_file_actions_addopen(&to, STDOUT_FILENO, "/dev/null",
					 O_WRONLY, 0);
	if (posix_spawnp(&pid, *argv, &to, NULL, argv, environ) ||
	    waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    (WEXITSTATUS(status) && WEXITSTATUS(status) != PARTIAL))
		die("mmscope ps failed");
	posix_spawn_file_actions_destroy(&to);
	cost->insns = instructions() - before;
}

static void compare_answers(pid_t pid)
{
	const struct question question = question_of(pid);
	struct stream *stream = scope_stream(&question);
	const struct mmscope_sums *sums = stream->sums;
	char text[4096], *rss;
	__u64 pages;

	read_rollup(pid, text, sizeof(text));
	rss = strstr(text, "\nRss:");
	pages = sums->pte + sums->pmd + sums->pud;
	if (!rss || strtoull(rss + 5, NULL, 10) * KIB !=
	    pages * sysconf(_SC_PAGESIZE))
		die("%d: %llu pages in mmscope, in smaps_rollup %s", pid, pages,
		    text);
	stream_free(stream);
}

void processes_run(const char *only)
{
	bool module = cases_wanted(only, "ps");
	bool command = cases_wanted(only, "cmd-ps");
	size_t i;

	if (!module && !command)
		return;
	start_processes();
	list_processes();
	idle(2);
	for (i = 0; i < PROCESSES; i++)
		compare_answers(targets[i].pid);
	if (module) {
		cases_measure("ps", 1, "mmscope", ask_all, NULL, nr_pids);
		cases_measure("ps", 1, "smaps_rollup", read_all, NULL, 0);
	}
	if (command) {
		cases_measure("cmd-ps", 1, "mmscope", run_command, NULL, nr_pids);
		cases_measure("cmd-ps", 1, "smaps_rollup", read_all, NULL, 0);
	}
	for (i = 0; i < PROCESSES; i++)
		target_stop(&targets[i]);
}
