// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading the module, and messages about what is in the way. The functions that look at
 * the machine are replaced, and scripts run in place of modprobe.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "commands.h"
#include "exit_code.h"
#include "options.h"
#include "source.h"
#include "tap.h"
#include "version.h"

#define ALL_CAPS	"CapEff:\t000001ffffffffff\n"

/* Scripts, and what modprobe begins a message with. */
#define LOAD		"touch \"$0.loaded\""
#define FAIL(text)	"echo \"modprobe: " text "\" >&2; exit 1"
#define INSERT		"ERROR: could not insert 'mmscope': "

#define NOT_LOADED	"module not loaded: "
#define REBUILD		"install mmscope-dkms and the headers of this kernel, or run make dkms in the sources of mmscope"
#define REFUSAL		"the module, version 0.0.9, is not of the sources of this mmscope, version "
#define REINSTALL	"install both from the same sources, then run modprobe -r mmscope"

/**
 * struct machine - what the reader finds; zero is what it needs
 * @name: of the test
 * @uid: real user
 * @euid: effective user
 * @caps: CapEff: line of status, NULL for all capabilities
 * @lockdown: the file, NULL if it is empty
 * @modules_disabled: the file, NULL if it is empty
 * @no_mount_point: there is no /sys/kernel/debug
 * @not_mounted: debugfs is not mounted
 * @loaded: the module is loaded
 * @refuses: the module refuses queries
 * @modprobe: shell script, "" for an empty MMSCOPE_MODPROBE, NULL for an unset one
 * @says: the expected message
 */
struct machine {
	const char *name;
	uid_t uid;
	uid_t euid;
	const char *caps;
	const char *lockdown;
	const char *modules_disabled;
	bool no_mount_point;
	bool not_mounted;
	bool loaded;
	bool refuses;
	const char *modprobe;
	const char *says;
};

static const struct machine *machine;

/* The script, and the file that it makes if it loads the module. */
static char script[32] = "/tmp/mmscope-test-XXXXXX";
static char mark[sizeof(script) + 8];

static struct build answer;

uid_t getuid(void)
{
	return machine ? machine->uid : 0;
}

uid_t geteuid(void)
{
	return machine ? machine->euid : 0;
}

static bool exists(const char *path)
{
	if (!strcmp(path, "/sys/module/mmscope"))
		return machine->loaded || !faccessat(AT_FDCWD, mark, F_OK, 0);
	return !strcmp(path, "/sys/kernel/debug") && !machine->no_mount_point;
}

int access(const char *path, int mode)
{
	(void)mode;
	if (exists(path))
		return 0;
	errno = ENOENT;
	return -1;
}

int statfs(const char *path, struct statfs *fs)
{
	(void)path;
	fs->f_type = machine->not_mounted ? SYSFS_MAGIC : DEBUGFS_MAGIC;
	return 0;
}

/* A timerfd refuses the query by EINVAL. */
int open(const char *path, int flags, ...)
{
	(void)flags;
	if (!strstr(path, "mmscope/query") || machine->not_mounted ||
	    !exists("/sys/module/mmscope")) {
		errno = ENOENT;
		return -1;
	}
	if (machine->refuses)
		return timerfd_create(CLOCK_MONOTONIC, 0);
	return build_answer_fd(&answer);
}

FILE *fopen(const char *path, const char *mode)
{
	static char text[128];
	const char *line = "\n";

	if (strstr(path, "status"))
		line = machine->caps ? machine->caps : ALL_CAPS;
	else if (strstr(path, "lockdown") && machine->lockdown)
		line = machine->lockdown;
	else if (strstr(path, "modules_disabled") && machine->modules_disabled)
		line = machine->modules_disabled;
	else if (strstr(path, "mmscope/version"))
		line = "# mmscope version, abi 2\nmodule: 0.0.9\nabi: 2\n";
	strcpy(text, line);
	return fmemopen(text, strlen(text), mode);
}

static void write_script(const char *text)
{
	int fd = openat(AT_FDCWD, script, O_WRONLY | O_TRUNC);

	if (dprintf(fd, "#!/bin/sh\n%s\n", text) < 0 || fchmod(fd, 0700))
		err(99, "%s", script);
	close(fd);
}

static void choose_modprobe(const char *text)
{
	if (!text) {
		unsetenv("MMSCOPE_MODPROBE");
		return;
	}
	setenv("MMSCOPE_MODPROBE", *text ? script : "", 1);
	write_script(text);
}

/* Return: messages, to be freed. */
static char *open_source(uint32_t parts, int *code)
{
	const struct options opt = { .cmd = &cmd_mm, .pid = 4711 };
	const struct asked asked = { .parts = parts };
	struct source src = { 0 };
	FILE *before = stderr;
	char *messages = NULL;
	size_t len;

	stderr = open_memstream(&messages, &len);
	*code = source_open(&src, &opt, &asked);
	source_close(&src);
	fclose(stderr);
	stderr = before;
	return messages;
}

static void expect(const struct machine *m, int want)
{
	char *messages, line[512];
	int code;

	machine = m;
	choose_modprobe(m->modprobe);
	unlink(mark);
	snprintf(line, sizeof(line), "mmscope: %s\n", m->says);
	messages = open_source(MMSCOPE_PART_MM, &code);
	tap_ok(code == want && !strcmp(messages, *m->says ? line : ""),
	       "%s: %d %s", m->name, code, messages);
	tap_ok(!faccessat(AT_FDCWD, mark, F_OK, 0) ==
	       !strcmp(m->says, "loaded the module mmscope"),
	       "%s: whether modprobe loads it", m->name);
	free(messages);
}

static void test_success(void)
{
	static const struct machine machines[] = {
		{ .name = "not loaded", .modprobe = LOAD,
		  .says = "loaded the module mmscope" },
		{ .name = "modprobe is chatty", .modprobe = "echo x; echo y >&2; " LOAD,
		  .says = "loaded the module mmscope" },
		{ .name = "status of modprobe",
		  .modprobe = LOAD "; exit 1",
		  .says = "loaded the module mmscope" },
		{ .name = "arguments", .says = "loaded the module mmscope",
		  .modprobe = "[ \"$*\" = mmscope ] && [ \"$LC_ALL\" = C ] && " LOAD },
		{ .name = "loaded", .loaded = true, .modprobe = LOAD, .says = "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		expect(&machines[i], EXIT_FINE);
}

static void test_obstacles(void)
{
	static const struct machine machines[] = {
		{ .name = "user", .uid = 1000, .euid = 1000, .modprobe = LOAD,
		  .says = NOT_LOADED "run mmscope as root, which loads it" },
		{ .name = "set-user-ID", .uid = 1000, .modprobe = LOAD,
		  .says = NOT_LOADED "run mmscope as root, which loads it" },
		{ .name = "effective user", .euid = 1000, .modprobe = LOAD,
		  .says = NOT_LOADED "run mmscope as root, which loads it" },
		{ .name = "no CAP_SYS_MODULE", .modprobe = LOAD,
		  .caps = "CapEff:\t000001fffffeffff\n",
		  .says =
			"module not loaded: no CAP_SYS_MODULE: run modprobe mmscope outside of the container",
		},
		{ .name = "modules_disabled", .modprobe = LOAD,
		  .modules_disabled = "1\n",
		  .says =
			"module not loaded: kernel.modules_disabled is 1: it can be loaded only after a reboot",
		},
		{ .name = "modules_disabled is 0", .modprobe = "",
		  .modules_disabled = "0\n",
		  .says = NOT_LOADED "run modprobe mmscope" },
		{ .name = "locked down", .modprobe = LOAD,
		  .lockdown = "none [integrity] confidentiality\n",
		  .says =
			"the kernel is locked down: load the module with \"modprobe mmscope pid=4711\", then use -i /sys/kernel/debug/mmscope/4711/snapshot in place of the PID",
		},
		{ .name = "not locked down", .modprobe = "",
		  .lockdown = "[none] integrity confidentiality\n",
		  .says = NOT_LOADED "run modprobe mmscope" },
		{ .name = "no debugfs", .modprobe = LOAD, .no_mount_point = true,
		  .says =
			"the kernel has no debugfs: boot one that has CONFIG_DEBUG_FS, without debugfs=off",
		},
		{ .name = "debugfs is not mounted", .loaded = true,
		  .modprobe = LOAD, .not_mounted = true,
		  .says = "debugfs is not mounted: run mount -t debugfs none /sys/kernel/debug" },
		{ .name = "no modprobe",
		  .says = NOT_LOADED "there is no modprobe in /sbin or /usr/sbin, install kmod" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		expect(&machines[i], EXIT_FAILED);
}

/* The messages are those of kmod 30. */
static void test_modprobe_fails(void)
{
	static const struct machine machines[] = {
		{ .name = "no module",
		  .modprobe = FAIL("FATAL: Module mmscope not found in directory /lib"),
		  .says = NOT_LOADED "it is not installed for this kernel: " REBUILD },
		{ .name = "wrong kernel", .modprobe = FAIL(INSERT "Exec format error"),
		  .says = NOT_LOADED "it was built for another kernel: " REBUILD },
		{ .name = "wrong symbols",
		  .modprobe = FAIL(INSERT "Unknown symbol in module, or unknown parameter"),
		  .says = NOT_LOADED "it was built for another kernel: " REBUILD },
		{ .name = "unknown key",
		  .modprobe = FAIL(INSERT "Key was rejected by service"),
		  .says =
			"module not loaded: the kernel does not trust its key: enrol that by mokutil --import",
		},
		{ .name = "no key",
		  .modprobe = FAIL(INSERT "Required key not available"),
		  .says =
			"module not loaded: the kernel does not trust its key: enrol that by mokutil --import",
		},
		{ .name = "another error",
		  .modprobe = FAIL(INSERT "Operation not supported"),
		  .says = NOT_LOADED "modprobe: " INSERT "Operation not supported" },
		{ .name = "no effect", .modprobe = "true",
		  .says = NOT_LOADED "modprobe mmscope had no effect" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		expect(&machines[i], EXIT_FAILED);
}

static void test_not_run(void)
{
	static const struct machine none = { .name = "no program" };
	char *messages;
	int code;

	machine = &none;
	setenv("MMSCOPE_MODPROBE", "/nonexistent/modprobe", 1);
	messages = open_source(MMSCOPE_PART_MM, &code);
	tap_ok(code == EXIT_FAILED &&
	       strstr(messages, "/nonexistent/modprobe: No such file or directory\n"),
	       "no program: %s", messages);
	free(messages);
}

static void test_versions(void)
{
	static const struct machine refuses = {
		.name = "the module refuses", .loaded = true, .refuses = true,
		.modprobe = LOAD,
		.says = REFUSAL MMSCOPE_VERSION ": " REINSTALL,
	};
	static const struct machine answers = {
		.name = "the module's format is newer", .loaded = true,
		.modprobe = LOAD,
		.says = "the module's stream has ABI version 4, this mmscope reads 3: " REINSTALL,
	};
	const uint32_t abi = 4;

	expect(&refuses, EXIT_FAILED);
	memcpy(answer.bytes + offsetof(struct mmscope_header, abi), &abi,
	       sizeof(abi));
	expect(&answers, EXIT_FAILED);
}

int main(void)
{
	int fd = mkstemp(script);

	if (fd < 0)
		err(99, "%s", script);
	close(fd);
	snprintf(mark, sizeof(mark), "%s.loaded", script);
	build_header(&answer, 4, MMSCOPE_PART_MM, 0);
	test_success();
	test_obstacles();
	test_modprobe_fails();
	test_not_run();
	test_versions();
	unlink(script);
	unlink(mark);
	build_free(&answer);
	return tap_done();
}
