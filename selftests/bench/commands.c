// SPDX-License-Identifier: GPL-2.0-only
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
#include "commands.h"
#include "die.h"
#include "peers.h"
#include "shapes.h"
#include "sizes.h"
#include "stream/module.h"
#include "target/target.h"

#define MAX_WORDS	6
#define MAX_CASES	8
#define MAX_SIZE	16

/* 64 MiB */
#define MEMORY		(64 * MIB / (4 * KIB))

/**
 * struct word_list - a command line; "%d" in a word stands for the PID
 * @name: what the results call it, without blanks; NULL for none
 * @word: program and arguments
 */
struct word_list {
	const char *name;
	const char *word[MAX_WORDS];
};

/**
 * struct command_case - a command, and others that answer the same question
 * @name: of the case
 * @by_amount: its entries are the target's amount, not its lines
 * @word: program and arguments of the command
 * @peer: the others
 * @in_place: one that the bench itself reads
 */
struct command_case {
	const char *name;
	bool by_amount;
	const char *word[MAX_WORDS];
	struct word_list peer[2];
	const struct peer *in_place;
};

/**
 * struct command_target - a process, and the commands that look at it
 * @make: makes its shape
 * @amount: of the shape at size 1
 * @sizes: the largest size: 1, 4 or 16
 * @cases: the commands
 */
struct command_target {
	void (*make)(struct shape *shape);
	size_t amount;
	int sizes;
	struct command_case cases[MAX_CASES];
};

#define FOLDER		MMSCOPE_DIR "/%d/"
#define CAT_MAPS	{ "cat-maps", { "cat", "/proc/%d/maps" } }
#define CAT_SMAPS	{ "cat-smaps", { "cat", "/proc/%d/smaps" } }
#define PMAP_X		{ "pmap-x", { "pmap", "-x", "%d" } }
#define PMAP_XX		{ "pmap-X", { "pmap", "-X", "%d" } }
#define PAGE_TYPES_L	{ "page-types-L", { "page-types", "-p", "%d", "-L", "-N" } }
#define PAGE_TYPES_R	{ "page-types-l", { "page-types", "-p", "%d", "-l", "-N" } }
#define VMAS		{ "cmd-vmas", { "mmscope", "vmas", "%d" } }
#define PAGETABLE	{ "cmd-pagetable", { "mmscope", "pagetable", "%d" } }
#define FACTS		"mmscope", "pagetable", "--facts", "%d"

static const struct command_target targets[] = {
	{ make_vmas, 10000, 16, {
		{ "text-vmas", .word = { "cat", FOLDER "vmas" },
		  .peer = { CAT_MAPS } },
		{ "cmd-vmas", .word = { "mmscope", "vmas", "%d" },
		  .peer = { PMAP_X, CAT_MAPS } },
		{ "cmd-vmas-residency",
		  .word = { "mmscope", "vmas", "--residency", "%d" },
		  .peer = { PMAP_XX, CAT_SMAPS } },
		{ "cmd-vmas-json", .word = { "mmscope", "vmas", "--json", "%d" },
		  .peer = { VMAS } },
		{ "cmd-picture", true, .word = { "mmscope", "%d" },
		  .peer = { CAT_SMAPS } },
	} },
	{ make_third, MEMORY, 16, {
		{ "text-pagetable", .word = { "cat", FOLDER "pagetable" },
		  .peer = { PAGE_TYPES_L } },
		{ "cmd-pagetable", .word = { "mmscope", "pagetable", "%d" },
		  .peer = { PAGE_TYPES_L } },
		{ "cmd-tree", .word = { "mmscope", "pagetable", "--tree", "%d" },
		  .peer = { PAGETABLE } },
	} },
	{ make_plain, MEMORY, 16, {
		{ "cmd-each",
		  .word = { "mmscope", "pagetable", "--each", "%d" },
		  .peer = { PAGE_TYPES_L } },
	} },
	{ make_blocks, MEMORY, 16, {
		{ "cmd-facts", .word = { FACTS }, .peer = { PAGE_TYPES_R } },
	} },
	{ make_plain, MEMORY, 1, {
		{ "cmd-facts-plain", .word = { FACTS }, .peer = { PAGE_TYPES_R } },
	} },
	{ make_threads, 10000, 1, {
		{ "cmd-threads", .word = { "mmscope", "threads", "%d" },
		  .in_place = &task_stat },
	} },
	{ }
};

/* Replace "%d" by the PID. The strings stay until the next call. */
static char **fill_words(const char *const *word, pid_t pid)
{
	static char text[MAX_WORDS][64];
	static char *argv[MAX_WORDS + 1];
	const char *at;
	int i;

	for (i = 0; i < MAX_WORDS && word[i]; i++) {
		at = strstr(word[i], "%d");
		if (at)
			snprintf(text[i], sizeof(text[i]), "%.*s%d%s",
				 (int)(at - word[i]), word[i], pid, at + 2);
		else
			snprintf(text[i], sizeof(text[i]), "%s", word[i]);
		argv[i] = text[i];
	}
	argv[i] = NULL;
	return argv;
}

static pid_t start_words(const char *const *word, pid_t pid, int out)
{
	char **argv = fill_words(word, pid);
	posix_spawn_file_actions_t files;
	pid_t child;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (posix_spawnp(&child, argv[0], &files, NULL, argv, environ))
		die("cannot run %s", argv[0]);
	posix_spawn_file_actions_destroy(&files);
	return child;
}

static void finish_words(const char *const *word, pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		die("waitpid: %s", strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		die("%s %s ended with status %x", word[0], word[1], status);
}

/* Return: instructions from the start of the program to its end. */
static __u64 run_words(const char *const *word, pid_t pid)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	__u64 before = instructions();

	finish_words(word, start_words(word, pid, null));
	before = instructions() - before;
	close(null);
	return before;
}

static size_t count_lines(const char *const *word, pid_t pid)
{
	static char buffer[64 * KIB];
	size_t lines = 0;
	pid_t child;
	ssize_t i, n;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	child = start_words(word, pid, ends[1]);
	close(ends[1]);
	while ((n = read(ends[0], buffer, sizeof(buffer))) > 0)
		for (i = 0; i < n; i++)
			lines += buffer[i] == '\n';
	close(ends[0]);
	finish_words(word, child);
	return lines;
}

/* The first run warms up. */
static void measure(const char *name, int size, const char *reader,
		    const char *const *word, pid_t pid, size_t entries,
		    size_t lines)
{
	struct cost cost = { .entries = entries, .runs = lines };

	run_words(word, pid);
	cost.insns = run_words(word, pid);
	cases_print(name, size, reader, &cost);
}

static void measure_in_place(const char *name, const struct peer *peer,
			     pid_t pid)
{
	const struct question question = { .pid = pid };
	struct cost cost = { 0 };

	peer_measure(peer, &question, &cost);
	peer_measure(peer, &question, &cost);
	cases_print(name, 1, peer->name, &cost);
}

static void run_case(const struct command_case *c, int size, pid_t pid,
		     size_t amount)
{
	const struct word_list *peer = c->peer;
	size_t lines = count_lines(c->word, pid);

	idle(2);
	measure(c->name, size, "mmscope", c->word, pid,
		c->by_amount ? amount : lines, lines);
	if (size > 1)
		return;
	for (; peer < c->peer + ARRAY_SIZE(c->peer) && peer->name; peer++)
		measure(c->name, size, peer->name, peer->word, pid, 0, 0);
	if (c->in_place)
		measure_in_place(c->name, c->in_place, pid);
}

static bool is_wanted(const struct command_target *t, const char *only)
{
	const struct command_case *c = t->cases;

	for (; c < t->cases + MAX_CASES && c->name; c++)
		if (cases_wanted(only, c->name))
			return true;
	return false;
}

static void run_target(const struct command_target *t, int size,
		       const char *only)
{
	struct shape *shape = target_share(sizeof(*shape));
	const struct command_case *c = t->cases;
	struct target target;

	shape->make = t->make;
	shape->amount = t->amount * size;
	target_start(&target, shape_make, shape);
	if (attach(target.pid))
		die("cannot attach %d", target.pid);
	for (; c < t->cases + MAX_CASES && c->name; c++)
		if (cases_wanted(only, c->name))
			run_case(c, size, target.pid, shape->amount);
	detach(target.pid);
	target_stop(&target);
	munmap(shape, sizeof(*shape));
	idle(2);
}

void commands_run(const char *only)
{
	const struct command_target *t;
	int size;

	for (size = 1; size <= MAX_SIZE; size *= 4)
		for (t = targets; t->make; t++)
			if (size <= t->sizes && is_wanted(t, only))
				run_target(t, size, only);
}
