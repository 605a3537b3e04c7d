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
		return complain(EXIT_USAGE, "invalid PID: \"%s\"", word);
	*pid = (int)nr;
	return EXIT_FINE;
}

static bool is_self(const char *word)
{
	return !strcmp(word, "self");
}

/**
 * target_look_up - find the processes that a word may stand for
 * @t: result; call target_free() in any case
 * @word: PID or TID; "self", the reader itself; or a name
 */
void target_look_up(struct target *t, const char *word)
{
	*t = (struct target){ .word = word };
	if (isdigit((unsigned char)*word) || is_self(word))
		return;
	t->code = processes_list(&t->named, PROCESS_NAMES);
	if (!t->code)
		processes_keep(&t->named, is_wanted, word);
}

/**
 * target_exists - whether a word stands for a process
 * @t: what target_look_up() found
 *
 * Return: true for a number, for "self" and for the name of a process
 */
bool target_exists(const struct target *t)
{
	return isdigit((unsigned char)*t->word) || is_self(t->word) ||
	       t->named.nr;
}

/**
 * target_choose - choose the one process that a word stands for
 * @t: what target_look_up() found
 * @pid: result
 *
 * Return: EXIT_FINE, or another exit code after an error message
 */
int target_choose(const struct target *t, int *pid)
{
	if (isdigit((unsigned char)*t->word))
		return parse_pid(t->word, pid);
	if (is_self(t->word)) {
		*pid = getpid();
		return EXIT_FINE;
	}
	if (t->code)
		return t->code;
	if (!t->named.nr)
		return complain(EXIT_NO_PROCESS, "no process is named \"%s\"",
				t->word);
	if (t->named.nr > 1)
		return list_candidates(&t->named, t->word);
	*pid = t->named.process[0].pid;
	return EXIT_FINE;
}

/**
 * target_free - free what target_look_up() found
 * @t: the target
 */
void target_free(struct target *t)
{
	processes_free(&t->named);
}

/**
 * target_find - find the one process that a word stands for
 * @word: PID or TID; "self", the reader itself; or a name that one process has
 * @pid: result
 *
 * Return: EXIT_FINE, or another exit code after an error message
 */
int target_find(const char *word, int *pid)
{
	struct target t;
	int code;

	target_look_up(&t, word);
	code = target_choose(&t, pid);
	target_free(&t);
	return code;
}
