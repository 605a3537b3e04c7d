// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams that are long in one way: what commands need grows with their length,
 * not with its square. The limit is of processor time, far above what they need
 * and far below what a square takes, so the load of the machine does not matter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "tap.h"

#define MANY	400000
#define SECONDS	60

static void run_limited(const char *what, const char *command,
			const struct build *b)
{
	const struct rlimit limit = { SECONDS, SECONDS };
	const char *const args[] = { command, "-i", build_file(b), NULL };
	struct rusage before, after;
	int status;
	pid_t pid;

	/* The limit is inherited; this program needs little itself. */
	setrlimit(RLIMIT_CPU, &limit);
	getrusage(RUSAGE_CHILDREN, &before);
	pid = start_reader(args);
	waitpid(pid, &status, 0);
	getrusage(RUSAGE_CHILDREN, &after);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	       "%s: %s: %ld s of %d", what, command,
	       (long)(after.ru_utime.tv_sec - before.ru_utime.tv_sec),
	       SECONDS);
}

/* Pages of a program's file in turn with pages that it copied. */
static void test_alternating(void)
{
	struct mmscope_mm mm = build_some_mm(4);
	struct build b = { 0 };
	struct vma file = { .perms = "r-xp", .name = "/usr/bin/x", .ino = 7 };
	struct vma anon = { .perms = "rw-p" };

	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			   MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 7, "x", 0);
	build_mm(&b, &mm, "/usr/bin/x", "");
	for (uint64_t i = 0; i < MANY; i += 2) {
		file.start = 0x7f0000000000 + i * PAGE;
		file.end = file.start + PAGE;
		file.pgoff = i;
		build_vma(&b, &file);
		file.perms = "rw-p";
		anon.start = file.end;
		anon.end = anon.start + PAGE;
		build_vma(&b, &anon);
	}
	build_end(&b, 0, 0);
	run_limited("a file's pages in turn with others", "vmas", &b);
	run_limited("a file's pages in turn with others", "picture", &b);
	build_free(&b);
}

/* Runs that each go through many mappings. */
static void test_runs(void)
{
	struct build b = { 0 };
	struct run run = { .nr = 64, .level = MMSCOPE_PTE, .frame = 1,
			   .kind = MMSCOPE_PRESENT, .raw_shift = 12 };

	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			   MMSCOPE_PART_PAGETABLE, 0);
	build_task(&b, 7, "x", 0);
	for (uint64_t i = 0; i < MANY; i++) {
		struct vma vma = { .start = i * PAGE, .end = (i + 1) * PAGE,
				   .perms = i % 2 ? "rw-p" : "r--p" };

		build_vma(&b, &vma);
	}
	for (uint64_t i = 0; i < MANY; i += 64) {
		run.start = i * PAGE;
		run.frame = 1 + (i ^ 64);
		build_runs(&b, &run, 1);
	}
	build_end(&b, 0, 0);
	run_limited("runs through many mappings", "picture", &b);
	build_free(&b);
}

int main(void)
{
	test_alternating();
	test_runs();
	return tap_done();
}
