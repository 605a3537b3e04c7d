// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit_code.h"
#include "message.h"
#include "process.h"
#include "target.h"

/* Candidates that are listed if a name is ambiguous, and bytes of their arguments. */
#define LISTED		10
#define ARGS_SHOWN	60

/* The reader itself is found by "self" only. */
static bool is_wanted(const struct process *p, const void *name)
{
	return process_can_be_meant(p) && process_is_named(p, name);
}

static int find_by_name(struct processes *all, const char *name)
{
	int code = processes_list(all, PROCESS_NAMES);

	if (!code)
		processes_keep(all, is_wanted, name);
	return code;
}

static int list_candidates(const struct processes *all, const char *name)
{
	size_t shown = all->nr < LISTED ? all->nr : LISTED;

	complain(EXIT_USAGE, "%zu processes are named \"%s\":", all->nr, name);
	for (size_t i = 0; i < shown; i++) {
		const struct process *p = &all->process[i];

		note("  %d  %.*s", p->pid, ARGS_SHOWN, process_title(p));
	}
	if (shown < all->nr)
		note("  and %zu others", all->nr - shown);
	return EXIT_USAGE;
}

static int parse_pid(const char *word, int *pid)
{
	char *end;
	long nr = strtol(word, &end, 10);

	if (*end || nr <= 0 || nr > INT_MAX)
		return complain(EXIT_USAGE, "\"%s\" is not a valid PID", word);
	*pid = (int)nr;
	return EXIT_FINE;
}

/**
 * target_exists - whether a word stands for a process
 * @word: the word
 *
 * Return: true for a number, for "self" and for the name of a process
 */
bool target_exists(const char *word)
{
	struct processes all = { 0 };
	bool exists;

	if (isdigit((unsigned char)*word) || !strcmp(word, "self"))
		return true;
	exists = !find_by_name(&all, word) && all.nr;
	processes_free(&all);
	return exists;
}

/**
 * target_find - find the process that a word stands for
 * @word: PID or TID; "self", the reader itself; or a name that one process has
 * @pid: result
 *
 * Return: EXIT_FINE, or another exit code after an error message
 */
int target_find(const char *word, int *pid)
{
	struct processes all = { 0 };
	int code;

	if (isdigit((unsigned char)*word))
		return parse_pid(word, pid);
	if (!strcmp(word, "self")) {
		*pid = getpid();
		return EXIT_FINE;
	}
	code = find_by_name(&all, word);
	if (!code && !all.nr)
		code = complain(EXIT_NO_PROCESS, "no process is named \"%s\"",
				word);
	else if (!code && all.nr > 1)
		code = list_candidates(&all, word);
	else if (!code)
		*pid = all.process[0].pid;
	processes_free(&all);
	return code;
}
