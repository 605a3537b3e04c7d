// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is said where the module is loaded, but not to be asked. The functions
 * that find this out are played: they tell of a kernel that is locked down.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "command.h"
#include "tap.h"

int access(const char *path, int mode)
{
	(void)path;
	(void)mode;
	return 0;
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

/* All that the command says, to be freed. */
static char *said_by(const struct options *opt, int *code)
{
	FILE *before = stderr;
	char *said = NULL;
	size_t len;

	stderr = open_memstream(&said, &len);
	*code = opt->cmd->run(opt);
	fclose(stderr);
	stderr = before;
	return said;
}

static void test_locked_down(void)
{
	char frame[] = "1000", *operands = frame;
	const struct options mm = { .cmd = &cmd_mm, .pid = 4711 };
	const struct options who = { .cmd = &cmd_who, .operands = &operands,
				     .nr_operands = 1 };
	int code;
	char *said = said_by(&mm, &code);

	tap_ok(code == EXIT_FAILED && strstr(said, "locked down") &&
	       strstr(said, "modprobe mmscope pid=4711") &&
	       strstr(said, "mmscope/4711/snapshot"),
	       "who is asked for can be named to the module: %s", said);
	free(said);
	said = said_by(&who, &code);
	tap_ok(code == EXIT_FAILED && strstr(said, "locked down") &&
	       !strstr(said, "pid=") && !strstr(said, "/snapshot"),
	       "nobody was named: %s", said);
	free(said);
}

int main(void)
{
	test_locked_down();
	return tap_done();
}
