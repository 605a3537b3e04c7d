// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmscope ps with a module of its own: open() and write() are replaced, so that a
 * query is answered from a table. The processes are children of this program.
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

/**
 * struct child - a process, and what the module reports of it
 * @comm: its name
 * @pid: set when it runs; 0: the module knows no such process
 * @kernel: reported as a kernel thread
 * @error: that ends the stream
 * @damaged: its sums contradict each other
 * @changed: its mappings changed during the read
 * @threads: number of threads
 * @pages: resident, all anonymous
 * @shared: pages of these that are shared by two
 * @huge: pages of these in huge pages
 * @pgtables: pages of page tables
 */
static struct child {
	const char *comm;
	pid_t pid;
	bool kernel;
	uint32_t error;
	bool damaged;
	bool changed;
	uint32_t threads;
	uint64_t pages;
	uint64_t shared;
	uint64_t huge;
	uint64_t pgtables;
} children[] = {
	{ "small", 0, false, 0, false, false, 1, 10, 4, 0, 3 },
	{ "the largest", 0, false, 0, false, false, 20, 2048, 0, 1024, 7 },
	{ "a) \"\033\n", 0, false, 0, false, false, 2, 11, 2, 0, 3 },
	{ "worker", 0, true, 0, false, false, 1, 0, 0, 0, 0 },
};

enum { SMALL, LARGEST, ODD, KERNEL };

static void build_sums(struct build *b, const struct child *child)
{
	const uint64_t alone = child->pages - child->shared;
	struct mmscope_sums sums = {
		.vmas = 5,
		.reserved = 4 * child->pages * PAGE,
		.pgtables_bytes = child->pgtables * PAGE,
		.pte = child->pages - child->huge,
		.pmd = child->huge,
		.anon = child->pages,
		.exclusive = alone + child->damaged,
		.shared = child->shared,
		.never = 3 * child->pages,
		.pss_bytes = alone * PAGE + child->shared * PAGE / 2,
	};

	build_record(b, MMSCOPE_REC_SUMS, &sums.vmas, sizeof(sums) - 8);
}

/* The answer to who: whatever the process, build_process() made it. */
static void answer_pages(void)
{
	struct build b = { 0 };

	build_process(&b, 4);
	query_answer(&b);
}

static void answer(const struct child *child)
{
	struct mmscope_task task = {
		.pid = child->pid, .tgid = child->pid,
		.flags = child->kernel ? MMSCOPE_TASK_KTHREAD : 0,
		.threads = child->threads,
	};
	struct build b = { 0 };

	snprintf(task.comm, sizeof(task.comm), "%s", child->comm);
	build_header(&b, 4, MMSCOPE_PART_SUMS, 0);
	build_record(&b, MMSCOPE_REC_TASK, &task.pid, sizeof(task) - 8);
	if (!child->kernel && !child->error)
		build_sums(&b, child);
	build_end(&b, child->error, child->changed ? MMSCOPE_END_CHANGED : 0);
	query_answer(&b);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	const struct mmscope_query *query = bytes;

	if (fd != query_fd)
		return syscall(SYS_write, fd, bytes, len);
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		if (children[i].pid != query->pid)
			continue;
		if (query->parts & MMSCOPE_PART_SUMS)
			answer(&children[i]);
		else
			answer_pages();
		return (ssize_t)len;
	}
	errno = ESRCH;
	return -1;
}

static void start_children(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		pid_t pid = fork();

		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			prctl(PR_SET_NAME, children[i].comm);
			raise(SIGSTOP);
			_exit(0);
		}
		waitpid(pid, NULL, WUNTRACED);
		children[i].pid = pid;
	}
}

static void stop_children(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		kill(children[i].pid, SIGKILL);
		waitpid(children[i].pid, NULL, 0);
	}
}

#define PS(...)	run_here(&cmd_ps, (const char *const[]){ __VA_ARGS__, NULL })

static void expect(struct output o, int code, const char *out, const char *err)
{
	tap_ok(o.code == code && !strcmp(o.out, out) && !strcmp(o.err, err),
	       "%d %s%s (expected %d %s%s)", o.code, o.out, o.err, code, out, err);
	output_free(&o);
}

static void test_table(void)
{
	expect(PS("-n", "-o", "command"), EXIT_FINE,
	       "the largest\na) \"\\033\\012\nsmall\n", "");
	expect(PS("-b", "-o", "command,threads,vmas,size,rss,pss,uss,tables,huge%"),
	       EXIT_FINE,
	       "COMMAND         THREADS VMAS     SIZE     RSS     PSS     USS TABLES HUGE%\n"
	       "the\\040largest       20    5 33554432 8388608 8388608 8388608  28672    50\n"
	       "a)\\040\"\\033\\012       2    5   180224   45056   40960   36864  12288     0\n"
	       "small                 1    5   163840   40960   32768   24576  12288     0\n"
	       "total                23   15 33898496 8474624 8462336 8450048  53248    49\n",
	       "");
}

static void test_operands(void)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", children[SMALL].pid);
	expect(PS("-n", "-o", "command", pid), EXIT_FINE, "small\n", "");
	expect(PS("-n", "-o", "command", "small"), EXIT_FINE, "small\n", "");
	expect(PS("-n", "-o", "command", pid, "the largest", "small"), EXIT_FINE,
	       "the largest\nsmall\n", "");
	expect(PS("-n", "-o", "command", children[ODD].comm), EXIT_FINE,
	       "a) \"\\033\\012\n", "");
	expect(PS("-n", "-o", "command", "smal", "small"), EXIT_PARTIAL, "small\n",
	       "mmscope: no process is named \"smal\"\n");
	expect(PS("smal"), EXIT_NO_PROCESS, "",
	       "mmscope: no process is named \"smal\"\n");
	expect(PS("4294967297"), EXIT_NO_PROCESS, "",
	       "mmscope: no such process: 4294967297\n");
	expect(PS("worker"), EXIT_NO_PROCESS, "",
	       "mmscope: no process with a user address space\n");
	/* A process that the module does not find has exited. */
	snprintf(pid, sizeof(pid), "%d", getpid());
	expect(PS(pid), EXIT_NO_PROCESS, "",
	       "mmscope: no process with a user address space\n");
	expect(PS("-n", "-o", "command", pid, "small"), EXIT_FINE, "small\n", "");
}

static void test_filters(void)
{
	char uid[16], line[32];

	snprintf(uid, sizeof(uid), "%u", geteuid());
	snprintf(line, sizeof(line), "small %s\n", uid);
	expect(PS("-n", "-o", "command,uid", "--user", uid, "small"), EXIT_FINE,
	       line, "");
	expect(PS("--user", "4294967294", "small"), EXIT_NO_PROCESS, "",
	       "mmscope: no process matches\n");
	expect(PS("--user", "no such user"), EXIT_USAGE, "",
	       "mmscope: unknown user: \"no such user\"\n");
	expect(PS("--user", "4294967296"), EXIT_USAGE, "",
	       "mmscope: unknown user: \"4294967296\"\n");
	expect(PS("-n", "-o", "command", "--cgroup", "/", "small"), EXIT_FINE,
	       "small\n", "");
	expect(PS("--cgroup", "/no/such", "small"), EXIT_NO_PROCESS, "",
	       "mmscope: no process matches\n");
}

static void test_json(void)
{
	struct output o = PS("--json");

	tap_ok(!o.code && json_valid(o.out) && strstr(o.out, "\"huge_pct\": 50") &&
	       strstr(o.out, "\"command\": \"a) \\\"\\u001b\\u000a\"") &&
	       strstr(o.out, "\"threads\": 20") && strstr(o.out, "\"cgroups\": [\""),
	       "JSON: %s%s", o.out, o.err);
	output_free(&o);
}

static void test_failures(void)
{
	struct child *child = &children[ODD];

	child->error = EIO;
	expect(PS("-n", "-o", "command", "small", child->comm), EXIT_PARTIAL,
	       "small\n",
	       "mmscope: read failed (Input/output error); output is incomplete\n"
	       "mmscope: 1 of the processes could not be read\n");
	child->error = ESRCH;
	expect(PS("-n", "-o", "command", "small", child->comm), EXIT_FINE,
	       "small\n", "");
	child->error = 0;
	child->damaged = true;
	expect(PS("-n", "-o", "command", "small", child->comm), EXIT_PARTIAL,
	       "small\n",
	       "mmscope: the module's stream is corrupt at byte 184: sums of residency\n"
	       "mmscope: 1 of the processes could not be read\n");
	child->damaged = false;
	child->changed = true;
	expect(PS("-n", "-o", "command", "small", child->comm), EXIT_PARTIAL,
	       "a) \"\\033\\012\nsmall\n",
	       "mmscope: 1 of the processes changed during the read\n");
	child->changed = false;
}

int main(void)
{
	start_children();
	test_table();
	test_operands();
	test_filters();
	test_json();
	keep_formats(&cmd_ps, "small");
	keep_formats(&cmd_who, "1000");
	test_failures();
	stop_children();
	return tap_done();
}
