// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams that end early, and output that cannot be written: what is printed,
 * which exit code follows, and what is left in the file system.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "lines.h"
#include "tap.h"

/* Offset of record number nr of a type. */
static size_t find(const struct build *b, uint32_t type, size_t nr)
{
	struct mmscope_head head;

	for (size_t at = sizeof(struct mmscope_header); at < b->len;
	     at += head.size) {
		memcpy(&head, b->bytes + at, sizeof(head));
		if (head.type == type && !nr--)
			return at;
	}
	return 0;
}

/* Cut before record nr of a type: that many rows are shown, and no more. */
static void expect_rows(const char *command, uint32_t type, size_t nr)
{
	struct build b = { 0 };
	struct output o;

	build_process(&b, 4);
	b.len = find(&b, type, nr) + 16;
	o = RUN(command, "-n", "-o", "START", "-i", build_file(&b));
	tap_ok(o.code == 3 && count_lines(o.out) == nr &&
	       strstr(o.err, "is cut off: it has no END record, output is incomplete"),
	       "%s: %zu rows before the cut, exit code %d, %s", command, nr,
	       o.code, o.err);
	output_free(&o);
	o = RUN(command, "--json", "-i", build_file(&b));
	tap_ok(o.code == 3 && json_valid(o.out) &&
	       strstr(o.out, "\"end\": null"), "%s: JSON of a cut stream",
	       command);
	output_free(&o);
	build_free(&b);
}

static void test_cut(void)
{
	struct build b = { 0 };
	struct output o;

	expect_rows("vmas", MMSCOPE_REC_VMA, 5);
	expect_rows("pagetable", MMSCOPE_REC_RUNS, 4);
	build_process(&b, 4);
	b.len = find(&b, MMSCOPE_REC_RUNS, 2);
	o = RUN("picture", "-i", build_file(&b));
	tap_ok(o.code == 3 && strstr(o.out, "+- stack  "), "picture of a cut stream");
	output_free(&o);
	o = RUN("mm", "-i", build_file(&b));
	tap_ok(o.code == 3 && strstr(o.out, "task_size"), "mm of a cut stream");
	output_free(&o);
	o = RUN("translate", "-i", build_file(&b), "555500003010");
	tap_ok(o.code == 3 && strstr(o.out, "physical address 1001010"),
	       "translation by a cut stream");
	output_free(&o);
	b.len = find(&b, MMSCOPE_REC_VMA, 0);
	o = RUN("mm", "-i", build_file(&b));
	tap_ok(o.code == 3 && strstr(o.out, "task_size"),
	       "mm of a stream cut after it");
	output_free(&o);
	b.len = sizeof(struct mmscope_header);
	o = RUN("mm", "-i", build_file(&b));
	tap_ok(o.code == 2 && !*o.out && strstr(o.err, "cut off"),
	       "nothing but a header: %d %s", o.code, o.err);
	output_free(&o);
	build_free(&b);
}

/* The command that prints while it reads, with a stream from a pipe. */
static void expect_piped(const char *what, const struct build *b, int code,
			 bool rows)
{
	char command[256], out[16] = "";
	FILE *f;
	int status;

	snprintf(command, sizeof(command),
		 "cat %s | %s pagetable -n -i - 2>/dev/null", build_file(b),
		 reader_path());
	f = popen(command, "r");
	if (!f)
		exit(99);
	while (fgets(out, sizeof(out), f))
		;
	status = pclose(f);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == code &&
	       !*out == !rows, "%s stream in a pipe: status %x", what, status);
}

/* Damage at the end of a file: no row is printed before it is found. */
static void test_corrupt(void)
{
	static const char *const commands[] = {
		"picture", "mm", "vmas", "pagetable", "tables",
	};
	struct build b = { 0 };

	build_process(&b, 4);
	b.len -= sizeof(struct mmscope_end);
	build_vma(&b, &process_vmas[0]);
	build_end(&b, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		struct output o = RUN(commands[i], "-i", build_file(&b));

		tap_ok(o.code == 2 && !*o.out && strstr(o.err, "corrupt"),
		       "%s: a VMA after the tables: %d %s", commands[i],
		       o.code, o.err);
		output_free(&o);
	}
	expect_piped("a corrupt", &b, 2, false);
	build_free(&b);
	build_process(&b, 4);
	expect_piped("a whole", &b, 0, true);
	b.len -= 8;
	expect_piped("a cut", &b, 3, true);
	build_free(&b);
}

/*
 * Start the reader with its standard output in a file, and with a limit of
 * processor time, which does not depend on the load of the machine. Return: the
 * status that waitpid() gives.
 */
static int write_to(int out, bool ignore_sigpipe, const char *const *args)
{
	const struct rlimit seconds = { .rlim_cur = 20, .rlim_max = 20 };
	const char *argv[16] = { "mmscope" };
	int status, null = open("/dev/null", O_WRONLY);
	pid_t pid;

	for (size_t i = 0; args[i]; i++)
		argv[i + 1] = args[i];
	pid = fork();
	if (!pid) {
		setrlimit(RLIMIT_CPU, &seconds);
		signal(SIGPIPE, ignore_sigpipe ? SIG_IGN : SIG_DFL);
		dup2(out, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execv(reader_path(), (char **)argv);
		_exit(127);
	}
	close(null);
	waitpid(pid, &status, 0);
	return status;
}

/* One run of 2^35 entries: terabytes of rows. */
static void build_endless(struct build *b)
{
	static const struct run run = {
		.nr = 1ULL << 35, .level = MMSCOPE_PTE, .kind = MMSCOPE_ZERO,
		.frame = 7,
	};

	build_header(b, 4, MMSCOPE_PART_PAGETABLE, 0);
	build_task(b, 1, "init", 0);
	build_runs(b, &run, 1);
	build_end(b, 0, 0);
}

static void test_unwritable(void)
{
	struct build b = { 0 };
	const char *const args[] = { "pagetable", "--each", "-i", NULL, NULL };
	const char *const json[] = { "pagetable", "--each", "--json", "-i",
				     NULL, NULL };
	const char *copy[6];
	int pipes[2], status, full;

	build_endless(&b);
	memcpy(copy, args, sizeof(args));
	copy[3] = build_file(&b);
	full = open("/dev/full", O_WRONLY);
	if (full < 0) {
		tap_skip("no /dev/full");
	} else {
		status = write_to(full, false, copy);
		tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 2,
		       "a full disk: status %x", status);
	}
	if (pipe(pipes))
		exit(99);
	close(pipes[0]);
	status = write_to(pipes[1], true, copy);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 2,
	       "a closed pipe, SIGPIPE ignored: status %x", status);
	status = write_to(pipes[1], false, copy);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE,
	       "a closed pipe: status %x", status);
	memcpy(copy, json, sizeof(json));
	copy[4] = build_file(&b);
	status = write_to(pipes[1], true, copy);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 2,
	       "JSON to a closed pipe: status %x", status);
	close(pipes[1]);
	close(full);
	build_free(&b);
}

static size_t count_files(const char *dir)
{
	DIR *d = opendir(dir);
	size_t nr = 0;

	while (d && readdir(d))
		nr++;
	if (d)
		closedir(d);
	return nr - 2;
}

static bool has_unnamed_files(const char *dir)
{
	int fd = open(dir, O_TMPFILE | O_WRONLY, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/*
 * Kill "snapshot -o FILE" while it copies. Its input is a FIFO that gets more
 * than a FIFO holds: once that is written, the reader is in the middle of it.
 */
static void kill_snapshot(const char *dir, int sig, bool replace)
{
	static const char zeroes[1 << 20];
	const struct mmscope_head unknown = { .type = 999, .size = 1 << 20 };
	char fifo[64], file[64];
	const char *const args[] = { "snapshot", "-i", fifo, "-o", file, NULL };
	struct build b = { 0 };
	int status, fd;
	pid_t pid;

	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	snprintf(file, sizeof(file), "%s/file", dir);
	if (mkfifo(fifo, 0600))
		exit(99);
	if (replace)
		close(open(file, O_CREAT | O_WRONLY, 0600));
	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			   MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 1, "init", 0);
	build_bytes(&b, &unknown, sizeof(unknown));
	build_bytes(&b, zeroes, sizeof(zeroes) / 2);
	pid = start_reader(args);
	fd = open(fifo, O_WRONLY);
	tap_ok(write(fd, b.bytes, b.len) == (ssize_t)b.len, "half a stream");
	kill(pid, sig);
	waitpid(pid, &status, 0);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == sig,
	       "signal %d ends it: status %x", sig, status);
	tap_ok(count_files(dir) == (replace ? 2 : 1),
	       "signal %d leaves %zu files", sig, count_files(dir));
	close(fd);
	unlink(fifo);
	unlink(file);
	build_free(&b);
}

static void test_killed(void)
{
	static const int signals[] = {
		SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM,
		SIGXCPU,
	};
	char dir[] = "/tmp/mmscope-XXXXXX";

	if (!mkdtemp(dir))
		exit(99);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		kill_snapshot(dir, signals[i], false);
	kill_snapshot(dir, SIGTERM, true);
	if (has_unnamed_files(dir)) {
		kill_snapshot(dir, SIGKILL, false);
		kill_snapshot(dir, SIGKILL, true);
	} else {
		tap_skip("no files without a name in %s", dir);
	}
	tap_ok(!rmdir(dir), "the folder is empty");
}

/* A file is replaced by what is complete, and has no neighbours left. */
static void test_replaced(void)
{
	char dir[] = "/tmp/mmscope-XXXXXX", file[64];
	struct build b = { 0 };
	struct stat st;
	struct output o;

	if (!mkdtemp(dir))
		exit(99);
	snprintf(file, sizeof(file), "%s/file", dir);
	build_process(&b, 4);
	for (int i = 0; i < 3; i++) {
		o = RUN("snapshot", "-i", build_file(&b), "-o", file);
		tap_ok(o.code == 0 && !stat(file, &st) &&
		       st.st_size == (off_t)b.len &&
		       (st.st_mode & 07777) == 0600 && count_files(dir) == 1,
		       "written %d times: %d %s", i + 1, o.code, o.err);
		output_free(&o);
	}
	b.len -= 8;
	o = RUN("snapshot", "-i", build_file(&b), "-o", file);
	tap_ok(o.code == 3 && !stat(file, &st) && st.st_size == (off_t)b.len,
	       "the copy of a cut stream is kept, exit code %d", o.code);
	output_free(&o);
	b.bytes[sizeof(struct mmscope_header) + 4] = 1;
	o = RUN("snapshot", "-i", build_file(&b), "-o", file);
	tap_ok(o.code == 2 && !stat(file, &st) && st.st_size == (off_t)b.len &&
	       count_files(dir) == 1,
	       "damage does not replace a file, exit code %d", o.code);
	output_free(&o);
	unlink(file);
	tap_ok(!rmdir(dir), "the folder is empty");
	build_free(&b);
}

int main(void)
{
	test_cut();
	test_corrupt();
	test_unwritable();
	test_killed();
	test_replaced();
	return tap_done();
}
