// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages about a module that refuses queries. The functions that look for the
 * cause are replaced: they find a kernel that is locked down.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "commands.h"
#include "exit_code.h"
#include "options.h"
#include "tap.h"

/* The folder of the process that was given as pid= when loading the module. */
static const char *folder = "";

int access(const char *path, int mode)
{
	(void)mode;
	if (!strcmp(path, "/sys/module/mmscope") || !strcmp(path, folder))
		return 0;
	errno = ENOENT;
	return -1;
}

int statfs(const char *path, struct statfs *fs)
{
	(void)path;
	fs->f_type = DEBUGFS_MAGIC;
	return 0;
}

int open(const char *path, int flags, ...)
{
	(void)path;
	(void)flags;
	errno = EPERM;
	return -1;
}

FILE *fopen(const char *path, const char *mode)
{
	static const char lockdown[] = "none [integrity] confidentiality\n";
	static const char status[] = "Name:\troot\nCapEff:\t000001ffffffffff\n";
	const char *text = strstr(path, "lockdown") ? lockdown : status;

	return fmemopen((void *)text, strlen(text), mode);
}

/* Run a command. Return: its messages, to be freed. */
static char *messages_of(const struct options *opt, int *code)
{
	FILE *before = stderr;
	char *messages = NULL;
	size_t len;

	stderr = open_memstream(&messages, &len);
	*code = opt->cmd->run(opt);
	fclose(stderr);
	stderr = before;
	return messages;
}

static void test_locked_down(void)
{
	char frame[] = "1000", *operands = frame;
	const struct options mm = { .cmd = &cmd_mm, .pid = 4711 };
	const struct options who = { .cmd = &cmd_who, .operands = &operands,
				     .nr_operands = 1 };
	int code;
	char *messages = messages_of(&mm, &code);

	tap_ok(code == EXIT_FAILED && strstr(messages, "locked down") &&
	       strstr(messages, "modprobe mmscope pid=4711") &&
	       strstr(messages, "mmscope/4711/snapshot"),
	       "a process without a folder: %s", messages);
	free(messages);
	folder = "/sys/kernel/debug/mmscope/4711/snapshot";
	messages = messages_of(&mm, &code);
	tap_ok(code == EXIT_FAILED && strstr(messages, "locked down") &&
	       !strstr(messages, "modprobe") &&
	       strstr(messages, "-i /sys/kernel/debug/mmscope/4711/snapshot"),
	       "a process with a folder: %s", messages);
	free(messages);
	messages = messages_of(&who, &code);
	tap_ok(code == EXIT_FAILED && strstr(messages, "locked down") &&
	       !strstr(messages, "pid=") && !strstr(messages, "/snapshot"),
	       "all processes: %s", messages);
	free(messages);
}

int main(void)
{
	test_locked_down();
	return tap_done();
}
