// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "exit_code.h"
#include "message.h"
#include "process.h"
#include "target.h"
#include "targets.h"
#include "text.h"

/**
 * targets_add - add a process
 * @all: the list
 * @pid: its PID
 */
void targets_add(struct targets *all, int pid)
{
	all->pid = more(all->pid, all->nr, &all->room, sizeof(*all->pid));
	all->pid[all->nr++] = pid;
}

static bool has(const struct targets *all, int pid)
{
	for (size_t i = 0; i < all->nr; i++)
		if (all->pid[i] == pid)
			return true;
	return false;
}

static void add_new(struct targets *all, const struct processes *found)
{
	for (size_t i = 0; i < found->nr; i++)
		if (!has(all, found->process[i].pid))
			targets_add(all, found->process[i].pid);
}

/**
 * targets_add_named - add all processes that a word stands for
 * @all: the list
 * @word: PID, "self", or a name; of a name, processes in the list are not added again
 *
 * Return: EXIT_FINE, or another exit code after an error message
 */
int targets_add_named(struct targets *all, const char *word)
{
	struct target t;
	int pid, code = EXIT_FINE;

	target_look_up(&t, word);
	if (t.named.nr) {
		add_new(all, &t.named);
	} else {
		code = target_choose(&t, &pid);
		if (!code)
			targets_add(all, pid);
	}
	target_free(&t);
	return code;
}

static bool is_in_cgroup(const struct process *p, const void *path)
{
	return process_can_be_meant(p) && process_in_cgroup(p, path);
}

/**
 * targets_add_cgroup - add the processes of a cgroup, except the reader
 * @all: the list
 * @path: as for process_in_cgroup()
 *
 * Return: EXIT_FINE, or another exit code after an error message
 */
int targets_add_cgroup(struct targets *all, const char *path)
{
	struct processes found;
	int code = processes_list(&found, PROCESS_STAT | PROCESS_CGROUPS);

	if (!code) {
		processes_keep(&found, is_in_cgroup, path);
		add_new(all, &found);
		if (!found.nr)
			code = complain(EXIT_NO_PROCESS,
					"no process is in the cgroup \"%s\"",
					path);
	}
	processes_free(&found);
	return code;
}

/**
 * targets_free - free a list
 * @all: the list
 */
void targets_free(struct targets *all)
{
	free(all->pid);
	*all = (struct targets){ 0 };
}
