// SPDX-License-Identifier: GPL-2.0-only
/* Whole programs: everything mmscope reports of them, compared with /proc. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"
#include "oracle/fields.h"
#include "oracle/gdb.h"
#include "oracle/kpage.h"
#include "oracle/mappings.h"
#include "oracle/numa.h"
#include "oracle/pages.h"
#include "oracle/pgtables.h"
#include "oracle/proc.h"
#include "oracle/smaps.h"
#include "oracle/threads.h"
#include "stream/ranges.h"
#include "stream/text.h"
#include "target/target.h"

FIXTURE(program)
{
	pid_t pid;
	char dir[32];
	char path[256];			/* of a program that was built with this one */
	bool missing;
};

/**
 * @argv: command line; the program gets a folder of its own
 * @threads: number of threads it has at least when it is ready
 * @ready: shell command that succeeds when it is ready; it knows $PID
 * @gdb: compare its threads with what gdb reports, too, which takes seconds
 */
FIXTURE_VARIANT(program)
{
	const char *argv[16];
	unsigned int threads;
	const char *ready;
	bool gdb;
};

FIXTURE_VARIANT_ADD(program, shell) {
	.argv = { "bash", "-c", "x=$(seq 1 20000); read y" },
	.threads = 1,
};

FIXTURE_VARIANT_ADD(program, memcached) {
	.argv = { "memcached", "-u", "root", "-l", "127.0.0.1", "-p", "0",
		  "-t", "4" },
	.threads = 5,
	.gdb = true,
};

FIXTURE_VARIANT_ADD(program, redis) {
	.argv = { "redis-server", "--port", "0", "--unixsocket", "socket",
		  "--save", "", "--logfile", "log" },
	.threads = 4,
	.ready = "grep -qsi 'ready to accept connections' log",
	.gdb = true,
};

FIXTURE_VARIANT_ADD(program, python) {
	.argv = { "python3", "-c",
		  "import threading, time, json, ssl\n"
		  "x = [bytes(i) for i in range(3000)]\n"
		  "for i in range(4):\n"
		  "    threading.Thread(target=time.sleep, args=(9999,)).start()\n"
		  "time.sleep(9999)\n" },
	.threads = 5,
};

/* A database without tables, but with all of its files, pools and rings. */
FIXTURE_VARIANT_ADD(program, mariadb) {
	.argv = { "mariadbd", "--no-defaults", "--user=root", "--datadir=.",
		  "--skip-grant-tables", "--skip-networking",
		  "--socket=socket", "--log-error=db.log",
		  "--innodb-buffer-pool-size=16M",
		  "--loose-innodb-buffer-pool-size-max=64M",
		  "--innodb-log-file-size=4M" },
	.threads = 5,
	.ready = "grep -qs 'ready for connections' db.log",
};

/* A server in Java that needs no classes but those of Java. */
FIXTURE_VARIANT_ADD(program, java) {
	.argv = { "rmiregistry", "-J-Xmx128m", "-J-XX:+UseG1GC",
		  "-J-Djava.rmi.server.hostname=127.0.0.1", "0" },
	.threads = 10,
	.ready = "grep -qs 'RMI TCP' /proc/$PID/task/*/comm",
	.gdb = true,
};

/* JavaScript: the stacks of its threads, of its worker and of its own. */
FIXTURE_VARIANT_ADD(program, node) {
	.argv = { "node", "-e",
		  "const { Worker } = require('worker_threads')\n"
		  "new Worker('setInterval(() => {}, 1e6)', { eval: true })\n"
		  "setInterval(() => {}, 1e6)\n" },
	.threads = 8,
	.gdb = true,
};

/* Go: its routines have stacks that the runtime allocates. */
FIXTURE_VARIANT_ADD(program, go) {
	.argv = { "prometheus-node-exporter",
		  "--web.listen-address=127.0.0.1:0" },
	.threads = 4,
	.gdb = true,
};

/* See target/bare/bare.c for these. */

#ifdef __x86_64__
FIXTURE_VARIANT_ADD(program, of_32_bits) {
	.argv = { "bare32", "heap" },
	.threads = 1,
};
#endif

FIXTURE_VARIANT_ADD(program, covered_heap) {
	.argv = { "bare64", "cover" },
	.threads = 1,
};

FIXTURE_VARIANT_ADD(program, reserved_terabytes) {
	.argv = { "bare64", "reserve" },
	.threads = 1,
};

static bool installed(const char *program)
{
	char command[128];

	snprintf(command, sizeof(command), "command -v %s >/dev/null", program);
	return !system(command);
}

/* Not every kernel can execute 32-bit programs. */
static bool can_execute(const char *path)
{
	char command[300];

	snprintf(command, sizeof(command), "'%s' exit 2>/dev/null", path);
	return !access(path, X_OK) && !system(command);
}

static void await_ready(pid_t pid, unsigned int threads, const char *command)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", pid);
	setenv("PID", number, 1);
	while (proc_status(pid, "Threads") < threads ||
	       (command && system(command))) {
		if (proc_state(pid) == 'Z')
			die("%d ended before it was ready", pid);
		usleep(100000);
	}
	target_await_state(pid, 'S');
}

FIXTURE_SETUP(program)
{
	const char *argv[ARRAY_SIZE(variant->argv)];
	int in[2];

	module_need();
	kernel_stand_still();
	memcpy(argv, variant->argv, sizeof(argv));
	if (!strncmp(argv[0], "bare", 4)) {
		target_path(argv[0], self->path, sizeof(self->path));
		argv[0] = self->path;
		self->missing = !can_execute(argv[0]);
	} else {
		self->missing = !installed(argv[0]);
	}
	if (self->missing)
		return;
	strcpy(self->dir, "/tmp/mmscope-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, chdir(self->dir));
	/* A standard input that stays empty. */
	ASSERT_EQ(0, pipe(in));
	ASSERT_EQ(0, dup2(in[0], 0));
	self->pid = target_spawn((char *const *)argv);
	await_ready(self->pid, variant->threads, variant->ready);
	target_freeze(self->pid);
}

FIXTURE_TEARDOWN(program)
{
	char command[64];

	if (!self->pid)
		return;
	target_kill(self->pid);
	snprintf(command, sizeof(command), "rm -r %s", self->dir);
	EXPECT_EQ(0, system(command));
}

static size_t ranges_compare_some(pid_t pid)
{
	struct proc_maps *maps = proc_maps(pid, "maps");
	size_t i, differ = 0;

	for (i = 0; i < maps->nr; i += 7)
		differ += ranges_compare(pid, maps->vma[i].start,
					 maps->vma[i].end - maps->vma[i].start);
	proc_maps_free(maps);
	return differ;
}

static const struct proc_vma *vma_below(const struct proc_maps *maps, __u64 end)
{
	size_t i;

	for (i = 0; i < maps->nr; i++)
		if (maps->vma[i].end == end)
			return &maps->vma[i];
	return NULL;
}

/*
 * A line of the reader: the stack has to be in the mapping of the stack pointer, right
 * above a guard. Workers of io_uring have none.
 */
static bool stack_differs(pid_t pid, const struct proc_maps *maps,
			  const char *line)
{
	unsigned long start = 0, end = 0, low = 0, high = 0, sp, ip;
	const struct proc_vma *vma, *below;
	int tid;

	if (sscanf(line, "%d %lx-%lx %lx-%lx", &tid, &start, &end, &low,
		   &high) < 1)
		return true;
	proc_thread_registers(pid, tid, &sp, &ip);
	if (!sp)
		return start || end;
	vma = proc_vma_at(maps, sp);
	if (start < vma->start || end > vma->end || sp < start || sp >= end)
		return true;
	below = vma_below(maps, start);
	return below && !strncmp(below->perms, "---", 3) &&
	       (low != below->start || high != below->end);
}

static size_t stacks_compare(pid_t pid)
{
	struct proc_maps *maps = proc_maps(pid, "maps");
	size_t nr = 0, differ = 0;
	char command[64], line[128];
	FILE *f;

	snprintf(command, sizeof(command),
		 "mmscope threads -n -o TID,STACK,GUARD_RANGE %d", pid);
	f = popen(command, "r");
	while (f && fgets(line, sizeof(line), f)) {
		nr++;
		if (!stack_differs(pid, maps, line))
			continue;
		note("wrong: %s", line);
		differ++;
	}
	if (!f || pclose(f))
		die("\"%s\" failed", command);
	proc_maps_free(maps);
	return differ + (nr != proc_status(pid, "Threads"));
}

/*
 * Start a program, wait until it is ready, and stop all of its threads. Then
 * compare everything: one process serves all checks, because some programs take
 * long to start.
 */
TEST_F(program, agrees_with_proc)
{
	pid_t pid = self->pid;

	if (self->missing)
		SKIP(return, "there is no %s here", variant->argv[0]);
	EXPECT_LE(variant->threads, proc_status(pid, "Threads"));
	EXPECT_EQ(0, fields_compare(pid));
	EXPECT_EQ(0, fields_compare_text(pid));
	EXPECT_EQ(0, mappings_compare(pid));
	EXPECT_EQ(0, mappings_compare_ranges(pid, 13));
	EXPECT_EQ(0, pages_compare_all(pid));
	EXPECT_EQ(0, ranges_compare_some(pid));
	EXPECT_EQ(0, kpage_compare(pid, 0, 0));
	EXPECT_EQ(0, numa_compare(pid));
	EXPECT_EQ(0, smaps_compare(pid));
	EXPECT_EQ(0, pgtables_compare(pid));
	EXPECT_EQ(0, text_compare(pid, "vmas"));
	EXPECT_EQ(0, text_compare(pid, "tables"));
	EXPECT_EQ(0, threads_compare(pid));
	if (installed("mmscope"))
		EXPECT_EQ(0, stacks_compare(pid));
	/* Near the end, because this clears accessed bits. */
	EXPECT_FALSE(pages_changed_by(pid, pages_look_at_all));
	/* At the end, because it may run when gdb detaches. */
	if (variant->gdb)
		EXPECT_EQ(0, gdb_compare(pid));
}

TEST_HARNESS_MAIN
