// SPDX-License-Identifier: GPL-2.0-only
/*
 * modprobe(8) runs as a program. libkmod would be the only library that the reader
 * needs apart from the C library, and every cross build would need it for its target.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "exit_code.h"
#include "host.h"
#include "load.h"
#include "message.h"

/* Not searched in PATH, which sudo may leave as the user set it. */
static const char *find_modprobe(void)
{
	static const char *const files[] = { "/sbin/modprobe", "/usr/sbin/modprobe" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (!access(files[i], X_OK))
			return files[i];
	return NULL;
}

/* Return: 0, or why the program could not be run. */
static int run(const char *program, int output)
{
	char *const argv[] = { "modprobe", "mmscope", NULL };
	/* Messages are compared with English ones. */
	char *const env[] = { "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	error = posix_spawn(&pid, program, &actions, NULL, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	if (!error)
		waitpid(pid, NULL, 0);
	return error;
}

/*
 * Run modprobe, and copy the start of what it prints to @said. The exit status is of no
 * use: the module may be loaded by another process at the same time.
 */
static int run_modprobe(const char *program, char *said, size_t size)
{
	int output = memfd_create("modprobe", MFD_CLOEXEC);
	ssize_t n;
	int error;

	if (output < 0)
		return errno;
	error = run(program, output);
	n = pread(output, said, size - 1, 0);
	said[n > 0 ? n : 0] = '\0';
	said[strcspn(said, "\n")] = '\0';
	close(output);
	return error;
}

#define REBUILD		"install mmscope-dkms and the headers of this kernel, or run make dkms in the sources of mmscope"
#define UNTRUSTED	"the kernel does not trust its key: enrol that by mokutil --import"

/* Parts of the messages of modprobe, and of strerror(3), which it uses. */
static const struct {
	const char *said, *sentence;
} causes[] = {
	{ "not found in directory", "it is not installed for this kernel: " REBUILD },
	{ "Exec format error", "it was built for another kernel: " REBUILD },
	{ "Unknown symbol", "it was built for another kernel: " REBUILD },
	{ "Key was rejected", UNTRUSTED },
	{ "Required key not available", UNTRUSTED },
};

static int explain(const char *said)
{
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		if (strstr(said, causes[i].said))
			return complain(EXIT_FAILED, "module not loaded: %s",
					causes[i].sentence);
	return complain(EXIT_FAILED, "module not loaded: %s",
			*said ? said : "modprobe mmscope had no effect");
}

/* Return: why this user or this kernel cannot load modules, or NULL. */
static const char *find_obstacle(void)
{
	if (getuid() || geteuid())
		return "run mmscope as root, which loads it";
	if (!host_capable(CAP_SYS_MODULE))
		return "no CAP_SYS_MODULE: run modprobe mmscope outside of the container";
	if (host_sysctl("/proc/sys/kernel/modules_disabled"))
		return "kernel.modules_disabled is 1: it can be loaded only after a reboot";
	return NULL;
}

/**
 * load_is_done - whether the module is loaded
 *
 * Return: true also for a module that is part of the kernel's image
 */
bool load_is_done(void)
{
	return !access("/sys/module/mmscope", F_OK);
}

/**
 * load_module - load the module for root, and print a line about it
 *
 * The program in the environment variable MMSCOPE_MODPROBE runs in place of
 * modprobe(8); if that is empty, none does.
 *
 * Return: EXIT_FINE if the module is loaded, or EXIT_FAILED after a message
 */
int load_module(void)
{
	const char *program = secure_getenv("MMSCOPE_MODPROBE");
	const char *obstacle = find_obstacle();
	char said[512];
	int error;

	if (!program)
		program = find_modprobe();
	if (obstacle)
		return complain(EXIT_FAILED, "module not loaded: %s", obstacle);
	if (!program)
		return complain(EXIT_FAILED,
				"module not loaded: there is no modprobe in /sbin or /usr/sbin, install kmod");
	if (!*program)
		return complain(EXIT_FAILED,
				"module not loaded: run modprobe mmscope");
	error = run_modprobe(program, said, sizeof(said));
	if (error)
		return complain(EXIT_FAILED, "module not loaded: %s: %s",
				program, strerror(error));
	if (!load_is_done())
		return explain(said);
	note("loaded the module mmscope");
	return EXIT_FINE;
}
