// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands about several processes, with a module of its own: open() and write() are
 * replaced. The processes are children of this program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "commands.h"
#include "exit_code.h"
#include "here.h"
#include "query.h"
#include "tap.h"

#define CHILDREN	3

static pid_t child[CHILDREN];
static char name[16], pid[CHILDREN][16];

/* The module knows no such process. */
static pid_t exited;

/* The stream of this one is damaged at its end. */
static pid_t damaged;

static void answer_walk(int32_t of)
{
	const struct mmscope_walk walk = {
		.addr = 0x10, .stop = MMSCOPE_STOP_GAP,
		.gap_end = process_vmas[0].start,
	};
	struct build b = { 0 };

	build_header(&b, 4, MMSCOPE_PART_WALK, 0);
	build_task(&b, of, name, 0);
	build_walk(&b, &walk, NULL);
	build_end(&b, 0, 0);
	query_answer(&b);
}

/* Each process has one mapping, and one page of its own in it. */
static void answer(int32_t of, uint32_t flags)
{
	const struct mmscope_mm mm = build_some_mm(4);
	const struct run run = {
		.start = process_vmas[0].start, .nr = 1,
		.frame = 0x1000 + (uint64_t)of, .level = MMSCOPE_PTE,
		.kind = MMSCOPE_PRESENT,
	};
	struct build b = { 0 };

	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
		     MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_THREADS, flags);
	build_task(&b, of, name, 0);
	build_mm(&b, &mm, "/exe", "");
	build_vma(&b, &process_vmas[0]);
	build_runs(&b, &run, 1);
	build_end(&b, 0, 0);
	if (of == damaged)
		build_bytes(&b, "damage", sizeof("damage"));
	query_answer(&b);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	const struct mmscope_query *query = bytes;

	if (fd != query_fd)
		return syscall(SYS_write, fd, bytes, len);
	for (size_t i = 0; i < CHILDREN; i++) {
		if (child[i] != query->pid || child[i] == exited)
			continue;
		if (query->parts & MMSCOPE_PART_WALK)
			answer_walk(query->pid);
		else
			answer(query->pid, query->flags);
		return (ssize_t)len;
	}
	errno = ESRCH;
	return -1;
}

/* Two have the same name, which no other process has. */
static void start_children(void)
{
	snprintf(name, sizeof(name), "s%d", getpid());
	for (size_t i = 0; i < CHILDREN; i++) {
		child[i] = fork();
		if (!child[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			prctl(PR_SET_NAME, i < 2 ? name : "other");
			raise(SIGSTOP);
			_exit(0);
		}
		waitpid(child[i], NULL, WUNTRACED);
		snprintf(pid[i], sizeof(pid[i]), "%d", child[i]);
	}
}

static void stop_children(void)
{
	for (size_t i = 0; i < CHILDREN; i++) {
		kill(child[i], SIGKILL);
		waitpid(child[i], NULL, 0);
	}
}

#define VMAS(...)	run_here(&cmd_vmas, (const char *const[]){ __VA_ARGS__, NULL })
#define PAGETABLE(...) \
	run_here(&cmd_pagetable, (const char *const[]){ __VA_ARGS__, NULL })
#define SHARED(...)	run_here(&cmd_shared, (const char *const[]){ __VA_ARGS__, NULL })
#define TRANSLATE(...)	run_here(&cmd_translate, (const char *const[]){ __VA_ARGS__, NULL })
#define EXPLAIN(...)	run_here(&cmd_explain, (const char *const[]){ __VA_ARGS__, NULL })

static void expect(struct output o, int code, const char *out, const char *err)
{
	tap_ok(o.code == code && !strcmp(o.out, out) && !strcmp(o.err, err),
	       "%d %s%s (expected %d %s%s)", o.code, o.out, o.err, code, out,
	       err);
	output_free(&o);
}

/* The text with the PIDs of two children in place of %s. */
static const char *with(const char *fmt, const char *first, const char *second)
{
	static char text[1024];
	const char *const pids[] = { first, second };
	size_t nr = 0, len = 0;

	for (; *fmt && len + 20 < sizeof(text); fmt++) {
		if (strncmp(fmt, "%s", 2)) {
			text[len++] = *fmt;
			continue;
		}
		len += (size_t)sprintf(text + len, "%s", pids[nr++ % 2]);
		fmt++;
	}
	text[len] = '\0';
	return text;
}

#define ROW	"555500000000 8K\n"

static void test_tables(void)
{
	struct output o = VMAS("-o", "START,SIZE", pid[2], pid[0]);

	tap_ok(!o.code && !strncmp(o.out, pid[2], strlen(pid[2])) &&
	       strstr(o.out, "\nSTART        SIZE\n555500000000   8K\n\n") &&
	       strstr(o.out, with("\n\n%s: ", pid[0], "")),
	       "a heading for each process: %s", o.out);
	output_free(&o);
	expect(VMAS("-no", "START,SIZE", pid[0], pid[2]), EXIT_FINE,
	       with("%s 555500000000 8K\n%s 555500000000 8K\n", pid[0], pid[2]),
	       "");
	expect(VMAS("-ro", "START", pid[0], pid[2]), EXIT_FINE,
	       with("PID START\n%s 555500000000\n%s 555500000000\n", pid[0],
		    pid[2]), "");
	expect(VMAS("--csv", "-o", "SIZE", pid[0], pid[2]), EXIT_FINE,
	       with("PID,SIZE\n%s,8192\n%s,8192\n", pid[0], pid[2]), "");
	expect(VMAS("-Po", "SIZE", pid[0], pid[2]), EXIT_FINE,
	       with("PID=\"%s\" SIZE=\"8K\"\nPID=\"%s\" SIZE=\"8K\"\n", pid[0],
		    pid[2]), "");
	expect(VMAS("--json=lines", "-o", "SIZE", "--sort", "SIZE", pid[0], pid[2]),
	       EXIT_FINE,
	       with("{\"pid\": %s, \"size\": 8192}\n{\"pid\": %s, \"size\": 8192}\n",
		    pid[0], pid[2]), "");
	expect(VMAS("-no", "START,SIZE", pid[0]), EXIT_FINE, ROW, "");
}

static void test_json(void)
{
	struct output o = VMAS("--json", pid[0], pid[2]);
	char *second = strstr(o.out, ",\n{\n");

	tap_ok(!o.code && json_valid(o.out) && *o.out == '[' && second &&
	       strstr(second, with("\"pid\": %s,", pid[2], "")),
	       "JSON of two processes is an array");
	output_free(&o);
	o = VMAS("--json", pid[0]);
	tap_ok(!o.code && json_valid(o.out) && *o.out == '{',
	       "that of one is an object");
	output_free(&o);
	exited = child[0];
	o = VMAS("--json", pid[0], pid[2]);
	tap_ok(o.code == EXIT_PARTIAL && json_valid(o.out) && *o.out == '[' &&
	       *o.err, "JSON if one has exited: %s", o.err);
	output_free(&o);
	o = VMAS("--json", pid[2], pid[0]);
	tap_ok(o.code == EXIT_PARTIAL && json_valid(o.out), "or the last one");
	output_free(&o);
	exited = 0;
	/* Rows are printed before the damage is found. */
	damaged = child[0];
	o = PAGETABLE("--json", pid[0], pid[2]);
	tap_ok(o.code == EXIT_FAILED && json_valid(o.out) && *o.out == '[',
	       "JSON if the first one fails: %s%s", o.out, o.err);
	output_free(&o);
	damaged = 0;
}

/* What of the operands is a PID, and what a range. */
static void test_operands(void)
{
	struct output o;

	expect(VMAS("-no", "SIZE", pid[0], pid[2], "555500000000"), EXIT_FINE,
	       with("%s 8K\n%s 8K\n", pid[0], pid[2]), "");
	expect(VMAS("-no", "SIZE", pid[0], "0x1000"), EXIT_FINE, "",
	       "mmscope: no mapping in 0x1000\n");
	o = VMAS("-no", "SIZE", pid[2], name);
	tap_ok(o.code == EXIT_FAILED && strstr(o.err, "the process has no segment or file \"s"),
	       "a name is a range of vmas: %s", o.err);
	output_free(&o);
}

static void test_cgroup(void)
{
	struct output o = VMAS("--raw", "-o", "SIZE", "--cgroup", "/");

	/* The module knows the children only. */
	tap_ok(o.code == EXIT_PARTIAL &&
	       strstr(o.out, with("PID SIZE\n%s 8K\n%s 8K\n", pid[0], pid[1])),
	       "the processes of a cgroup: %s", o.out);
	output_free(&o);
}

/* Sentences of each process, after a heading and an empty line between two. */
static void expect_sentences(struct output o, const char *says, size_t times)
{
	const char *second = strstr(o.out, with("\n\n%s: ", pid[2], ""));
	size_t nr = 0;

	for (const char *at = o.out; (at = strstr(at, says)); at++)
		nr++;
	tap_ok(!o.code && second && nr == times &&
	       !strncmp(o.out, with("%s: ", pid[0], ""), strlen(pid[0]) + 2),
	       "%zu times \"%s\": %s%s", nr, says, o.out, o.err);
	output_free(&o);
}

static void test_sentences(void)
{
	struct output o;

	expect_sentences(TRANSLATE(pid[0], pid[2], "0x10"), "\n10\n", 2);
	expect_sentences(EXPLAIN(pid[0], pid[2], "0x10"), "\ngap 0-", 2);
	expect_sentences(EXPLAIN(pid[0], pid[2]), "\nfile ", 2);
	o = EXPLAIN(pid[0], "555500000000");
	tap_ok(!o.code && !strncmp(o.out, "file ", 5), "no heading for one: %s", o.out);
	output_free(&o);
	expect(TRANSLATE("-no", "ADDR,STOP", pid[0], pid[2], "0x10"), EXIT_FINE,
	       with("%s 10 gap\n%s 10 gap\n", pid[0], pid[2]), "");
	o = TRANSLATE("--json", pid[0], pid[2], "0x10");
	tap_ok(!o.code && json_valid(o.out) && *o.out == '[',
	       "JSON of translations is an array: %s", o.out);
	output_free(&o);
	o = EXPLAIN("--json", pid[0], pid[2]);
	tap_ok(!o.code && json_valid(o.out) && *o.out == '[',
	       "JSON of sentences is an array: %s", o.err);
	output_free(&o);
	expect(TRANSLATE(pid[0], "9999999"), EXIT_USAGE, "",
	       "mmscope: \"9999999\" may be a PID or an address: write 0x9999999 for the address\n");
}

/* A name stands for all processes that have it. */
static void test_shared(void)
{
	expect(SHARED("-nbo", "SEGMENT,PROCS,FRAMES", name), EXIT_FINE,
	       "file 2 8192\n", "");
	expect(SHARED("-nbo", "SEGMENT,PROCS,FRAMES", pid[0], name, pid[2]),
	       EXIT_FINE, "file 3 12288\n", "");
	expect(SHARED("-nbo", "SEGMENT,PROCS,FRAMES", pid[2]), EXIT_USAGE, "",
	       "mmscope: missing PID: two processes, --family PID, --cgroup PATH or -i FILE are needed\n");
}

int main(void)
{
	start_children();
	test_tables();
	test_json();
	test_operands();
	test_cgroup();
	test_sentences();
	test_shared();
	stop_children();
	return tap_done();
}
