// SPDX-License-Identifier: GPL-2.0-only
/* The processes of /proc: parsing their files, and choosing among them. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "exit_code.h"
#include "process.h"
#include "tap.h"

/* From PPID on: session, flags, faults, times, 3 threads, start, and so on. */
#define TAIL(ppid, flags)						\
	" S " ppid " 1 1 0 -1 " flags " 9 0 0 0 7 8 0 0 20 0 3 0 4711 99 1 " \
	"18446744073709551615 1 1 0 0 0 0 0\n"

static void test_stat(void)
{
	static const struct {
		const char *text;
		const char *comm;
		bool kernel;
	} valid[] = {
		{ "7 (sh)" TAIL("5", "4194560"), "sh", false },
		{ "7 (a b c)" TAIL("5", "4194560"), "a b c", false },
		{ "7 (x) S 9 9 (y)" TAIL("5", "4194560"), "x) S 9 9 (y", false },
		{ "7 (\n)\n(\n)" TAIL("5", "4194560"), "\n)\n(\n", false },
		{ "7 (() S 1 1 1)" TAIL("5", "4194560"), "() S 1 1 1", false },
		{ "7 ()" TAIL("5", "4194560"), "", false },
		{ "7 (kworker/u8:1-events_unbound)" TAIL("5", "69238880"),
		  "kworker/u8:1-events_unbound", true },
	};
	static const char *const invalid[] = {
		"", "7", "7 (sh", "7 sh) S 5", "7 )sh(", "7 (sh)", "7 (sh) S",
		"7 (sh) S 5 1 1", "7 (sh) S x 1 1 0 -1 4194560",
		"7 (sh)" TAIL("2147483648", "0"),
		"7 (sh)" TAIL("99999999999999999999", "0"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(valid); i++) {
		struct process p = { 0 };

		tap_ok(process_parse_stat(&p, valid[i].text) &&
		       !strcmp(p.comm.s, valid[i].comm) && p.ppid == 5 &&
		       p.kernel == valid[i].kernel && p.threads == 3 &&
		       p.started == 4711, "valid stat %zu", i);
		process_free(&p);
	}
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++) {
		struct process p = { 0 };

		tap_ok(!process_parse_stat(&p, invalid[i]),
		       "invalid stat %zu", i);
		process_free(&p);
	}
}

static void test_status(void)
{
	struct process p = { 0 };

	tap_ok(process_parse_status(&p, "Name:\ta\\nUid: 7\nUmask:\t0022\n"
				    "Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\n") &&
	       p.uid == 2, "effective user id");
	tap_ok(process_parse_status(&p, "Name:\tx\n"
				    "Uid:\t0\t4294967295\t0\t0\n") &&
	       p.uid == (uid_t)-1, "largest user id");
	tap_ok(!process_parse_status(&p, "Name:\tx\n"), "no user id");
	tap_ok(!process_parse_status(&p, "Name:\tx\nUid:\t1\n"), "one user id");
}

static void expect_args(const char *bytes, size_t len, const char *args,
			size_t argv0)
{
	struct process p = { 0 };

	process_parse_args(&p, bytes, len);
	tap_ok(!strcmp(p.args.s, args) && p.argv0 == argv0 && !p.args_cut,
	       "arguments: \"%s\"", args);
	process_free(&p);
}

static void test_args(void)
{
	const size_t huge = 1 << 20;
	struct process p = { 0 };
	char *bytes = grow(NULL, huge, 1);

	expect_args("", 0, "", 0);
	expect_args("\0\0", 2, "", 0);
	expect_args("sh\0-c\0a b\0", 10, "sh -c a b", 2);
	expect_args("sh\0\0x\0", 6, "sh  x", 2);
	expect_args("nginx: worker\0\0\0\0", 17, "nginx: worker", 13);
	expect_args("no end", 6, "no end", 6);
	memset(bytes, 'x', huge);
	process_parse_args(&p, bytes, huge);
	tap_ok(p.args_cut && p.args.len >= 4096 && p.args.len < huge &&
	       p.argv0 == p.args.len, "endless arguments are cut, and marked so");
	process_free(&p);
	free(bytes);
}

static void test_names(void)
{
	static const struct {
		const char *comm;
		const char *argv0;
		const char *name;
		bool is;
	} rows[] = {
		{ "sh", "/bin/dash", "sh", true },
		{ "sh", "/bin/dash", "dash", false },
		{ "sh", "/bin/sh", "s", false },
		{ "a b", "a b", "a b", true },
		{ "prometheus-node", "/usr/bin/prometheus-node-exporter",
		  "prometheus-node-exporter", true },
		{ "prometheus-node", "prometheus-node-exporter",
		  "prometheus-node-exporter", true },
		{ "prometheus-node", "/usr/bin/prometheus-node-exporter",
		  "prometheus-node-export", false },
		{ "prometheus-node", "/usr/bin/prometheus-node-exporter",
		  "prometheus-node", true },
		{ "prometheus-node", "x-prometheus-node-exporter",
		  "prometheus-node-exporter", false },
		{ "worker", "/usr/bin/prometheus-node-exporter",
		  "prometheus-node-exporter", false },
		{ "prometheus-node", "", "prometheus-node-exporter", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct process p = { 0 };

		text_puts(&p.comm, rows[i].comm);
		process_parse_args(&p, rows[i].argv0,
				   strlen(rows[i].argv0) + 1);
		tap_ok(process_is_named(&p, rows[i].name) == rows[i].is,
		       "%s (%s) is %s%s", rows[i].comm, rows[i].argv0,
		       rows[i].is ? "" : "not ", rows[i].name);
		process_free(&p);
	}
}

static void test_cgroups(void)
{
	static const char two[] = "0::/system.slice/a:b.service\n";
	static const char one[] = "12:cpu,cpuacct:/c/d\n5:memory:/m/d\n"
				  "1:name=systemd:/user.slice\n0::/\n";
	static const struct {
		const char *cgroups;
		const char *path;
		bool in;
	} rows[] = {
		{ two, "/", true },
		{ two, "/system.slice", true },
		{ two, "system.slice/", true },
		{ two, "/system", false },
		{ two, "/system.slice/a:b.service", true },
		{ two, "/system.slice/a:b.service/c", false },
		{ two, "/sys/fs/cgroup", true },
		{ two, "/sys/fs/cgroup/system.slice", true },
		{ two, "/sys/fs/cgroup/user.slice", false },
		{ two, "/sys/fs/cgroups", false },
		{ one, "/m", true },
		{ one, "/m/d", true },
		{ one, "/d", false },
		{ one, "/user.slice", true },
		{ one, "/sys/fs/cgroup/memory/m", true },
		{ one, "/sys/fs/cgroup/memory", true },
		{ one, "/sys/fs/cgroup/memory/c", false },
		{ one, "/sys/fs/cgroup/cpu/c/d", true },
		{ one, "/sys/fs/cgroup/cpuacct/c", true },
		{ one, "/sys/fs/cgroup/cpu,cpuacct/c/d", true },
		{ one, "/sys/fs/cgroup/systemd/user.slice", true },
		{ one, "/sys/fs/cgroup/systemd/m", false },
		{ "", "/", false },
		{ "0:\n:\n\n", "/", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct process p = { 0 };

		text_puts(&p.cgroups, rows[i].cgroups);
		tap_ok(process_in_cgroup(&p, rows[i].path) == rows[i].in,
		       "%sin cgroup %s", rows[i].in ? "" : "not ",
		       rows[i].path);
		process_free(&p);
	}
}

/* A list of processes 1 to nr, of which each has the next one's PID as parent. */
static struct processes make_chain(int nr, bool loop)
{
	struct processes all = { 0 };

	for (int pid = 1; pid <= nr; pid++) {
		const struct process p = {
			.pid = pid,
			.ppid = pid < nr ? pid + 1 : loop,
			.started = loop ? 0 : (uint64_t)(nr - pid),
		};

		all.process = more(all.process, all.nr, &all.room, sizeof(p));
		all.process[all.nr++] = p;
	}
	return all;
}

static void test_family(void)
{
	struct processes all = make_chain(200000, false);

	tap_ok(processes_keep_family(&all, 150000) && all.nr == 150000 &&
	       all.process[0].pid == 1 && all.process[149999].pid == 150000,
	       "the family in a long chain");
	tap_ok(processes_keep_family(&all, 1) && all.nr == 1,
	       "a process without children");
	tap_ok(!processes_keep_family(&all, 2) && !all.nr,
	       "a process that does not exist");
	tap_ok(!processes_keep_family(&all, 2) && !all.nr, "an empty list");
	processes_free(&all);

	all = make_chain(1000, true);
	tap_ok(processes_keep_family(&all, 500) && all.nr == 1000,
	       "a loop of parents");
	processes_free(&all);

	all = make_chain(3, false);
	all.process[2].ppid = 3;
	all.process[0].started = 0;
	tap_ok(processes_keep_family(&all, 3) && all.nr == 2 &&
	       !processes_find(&all, 1) && processes_find(&all, 3),
	       "a parent that started after the child");
	processes_free(&all);
}

static bool is_pid(const struct process *p, const void *arg)
{
	return p->pid == *(const pid_t *)arg;
}

/* A child with a strange name, in the real /proc. */
static void test_live(void)
{
	static const char name[] = "a) S 1 1\n(";
	const unsigned int facts = PROCESS_NAMES | PROCESS_USER |
				   PROCESS_CGROUPS;
	pid_t child = fork(), self = getpid();
	struct processes all;
	struct process *p;

	if (!child) {
		prctl(PR_SET_NAME, name);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(child, NULL, WUNTRACED);
	tap_ok(!processes_list(&all, facts), "list of processes");
	p = processes_find(&all, child);
	tap_ok(p && !strcmp(p->comm.s, name) && p->ppid == self &&
	       p->uid == geteuid() && p->threads == 1 && !p->kernel &&
	       process_is_named(p, name) && strstr(p->args.s, "test_process"),
	       "a child in the list");
	tap_ok(processes_keep_family(&all, self) && all.nr == 2 &&
	       all.process[0].pid == self && all.process[1].pid == child,
	       "this process and its child");
	processes_keep(&all, is_pid, &child);
	tap_ok(all.nr == 1 && all.process[0].pid == child, "one of them");
	processes_free(&all);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void test_exited(void)
{
	pid_t child = fork();
	struct process p = { .pid = child };
	siginfo_t info;

	if (!child)
		_exit(0);
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	tap_ok(!process_read(&p, PROCESS_NAMES) && !p.args.len,
	       "a zombie has a name and no arguments");
	waitpid(child, NULL, 0);
	tap_ok(!process_read(&p, PROCESS_STAT), "known facts are not read again");
	tap_ok(process_read(&p, PROCESS_USER) == ESRCH, "an exited process");
	process_free(&p);
}

int main(void)
{
	test_stat();
	test_status();
	test_args();
	test_names();
	test_cgroups();
	test_family();
	test_live();
	test_exited();
	return tap_done();
}
