// SPDX-License-Identifier: GPL-2.0-only
/* Answers of the module, without a module: open() returns streams made here. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "commands.h"
#include "exit_code.h"
#include "options.h"
#include "query.h"
#include "tap.h"

static struct build answers[2];
static size_t asked;

/* If not negative, what open() returns for the module's file. */
static int instead = -1;

static int open_next(void)
{
	return instead >= 0 ? instead : build_answer_fd(&answers[asked++]);
}

static void answer_mappings(struct build *b, uint32_t status, uint32_t flags)
{
	build_header(b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			   MMSCOPE_PART_THREADS, 0);
	build_task(b, 1, "init", 0);
	build_vma(b, &process_vmas[0]);
	build_end(b, status, flags);
}

static void answer_walk(struct build *b)
{
	const struct mmscope_walk walk = {
		.addr = 0x10, .stop = MMSCOPE_STOP_GAP,
		.gap_end = process_vmas[0].start,
	};

	build_header(b, 4, MMSCOPE_PART_WALK, 0);
	build_task(b, 1, "init", 0);
	build_walk(b, &walk, NULL);
	build_end(b, 0, 0);
}

/* The output goes to words. */
static int translate(char **words)
{
	char *operands[1] = { "0x10" };
	const struct options opt = {
		.cmd = &cmd_translate, .pid = 1,
		.operands = operands, .nr_operands = 1,
	};
	FILE *out = stdout, *err = stderr;
	size_t len;
	int code;

	stdout = open_memstream(words, &len);
	stderr = stdout;
	asked = 0;
	code = cmd_translate.run(&opt);
	fclose(stdout);
	stdout = out;
	stderr = err;
	return code;
}

/* Two queries: the mappings may have changed before the walk. */
static void test_translate(void)
{
	static const struct {
		uint32_t status, flags;
		int code;
		const char *says;
	} cases[] = {
		{ 0, 0, EXIT_FINE, "no mapping: in a gap" },
		{ 0, MMSCOPE_END_CHANGED, EXIT_PARTIAL, "changed during" },
		{ EINTR, 0, EXIT_PARTIAL, "read failed" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *words;
		int code;

		answer_mappings(&answers[0], cases[i].status, cases[i].flags);
		answer_walk(&answers[1]);
		code = translate(&words);
		tap_ok(asked == 2 && code == cases[i].code &&
		       strstr(words, cases[i].says), "translate: %d, %s", code,
		       cases[i].says);
		free(words);
		build_free(&answers[0]);
		build_free(&answers[1]);
	}
}

/* A file that fails with ESRCH when it is written to, as the module's would. */
static int file_of_dead_process(void)
{
	char path[32];
	pid_t pid = fork();
	int fd;

	if (!pid)
		for (;;)
			pause();
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = openat(AT_FDCWD, path, O_RDWR);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return fd;
}

static void test_no_process(void)
{
	char *words;
	int code;

	instead = file_of_dead_process();
	code = translate(&words);
	tap_ok(instead >= 0 && code == EXIT_NO_PROCESS &&
	       strstr(words, "process"), "no such process: %d, %s", code,
	       words);
	free(words);
	instead = -1;
}

int main(void)
{
	query_open = open_next;
	test_translate();
	test_no_process();
	return tap_done();
}
