// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "candidate_process.h"
#include "process.h"

/* Bytes of a process's arguments that describe it. */
#define ARGS_SHOWN	60

/* Only a name that no shell would have to quote. */
static bool is_simple(const char *name)
{
	while (isalnum((unsigned char)*name) || (*name && strchr("-_.+", *name)))
		name++;
	return !*name;
}

static void offer(struct candidates *c, const char *name, const struct process *p)
{
	struct text args = { 0 };

	text_escape(&args, process_title(p), false);
	if (args.len > ARGS_SHOWN)
		args.s[ARGS_SHOWN] = '\0';
	candidate_offer(c, name, args.s);
	text_free(&args);
}

static void offer_pid(struct candidates *c, const struct process *p)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", p->pid);
	offer(c, pid, p);
}

static void offer_name(struct candidates *c, const struct processes *all,
		       const struct process *p, bool common)
{
	const char *name = p->comm.s;

	if (strncmp(name, c->typed, strlen(c->typed)) || !is_simple(name))
		return;
	for (size_t i = 0; i < all->nr; i++) {
		const struct process *other = &all->process[i];

		if (other != p && process_can_be_meant(other) &&
		    !strcmp(other->comm.s, name) && (!common || other < p))
			return;
	}
	offer(c, name, p);
}

/**
 * candidate_processes - offer processes
 * @c: the candidates: PIDs, or names after a letter
 * @common: a name may be that of several processes
 */
void candidate_processes(struct candidates *c, bool common)
{
	bool names = isalpha((unsigned char)*c->typed);
	struct processes all;

	if (!processes_list(&all, PROCESS_NAMES)) {
		for (size_t i = 0; i < all.nr; i++) {
			if (!process_can_be_meant(&all.process[i]))
				continue;
			if (names)
				offer_name(c, &all, &all.process[i], common);
			else
				offer_pid(c, &all.process[i]);
		}
	}
	processes_free(&all);
}
