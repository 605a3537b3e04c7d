// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "die.h"
#include "oracle/gdb.h"
#include "oracle/threads.h"
#include "stream/read.h"

#ifdef __x86_64__
#define TLS_REGISTER	"$fs_base"
#else
#define TLS_REGISTER	"$tpidr"
#endif

/* Registers need no symbols: without a sysroot, gdb finds none, warns, and is fast. */
#define COMMAND \
	"gdb -nx -batch -iex 'set auto-load off' -iex 'set sysroot /nonexistent' " \
	"-p %d -ex 'thread apply all printf \"%%lx %%lx %%lx\\n\", " \
	"$sp, $pc, " TLS_REGISTER "' 2>&1"

static FILE *attach(pid_t pid)
{
	char command[sizeof(COMMAND) + 16];
	FILE *output;

	snprintf(command, sizeof(command), COMMAND, pid);
	output = popen(command, "re");
	if (!output)
		die("popen: %s", strerror(errno));
	return output;
}

/* 'Thread 2 (LWP 1234 "name"):', after which the registers are printed. */
static pid_t heading(const char *line)
{
	const char *lwp = strstr(line, "(LWP ");
	pid_t tid = 0;

	if (!strncmp(line, "Thread ", 7) && lwp)
		sscanf(lwp, "(LWP %d", &tid);
	return tid;
}

/* Return: whether the thread has other registers than gdb printed. */
static bool thread_differs(const struct mmscope_thread *t, const char *in_gdb)
{
	char registers[64];

	snprintf(registers, sizeof(registers), "%llx %llx %llx", t->sp, t->ip,
		 t->tls);
	if (!strcmp(registers, in_gdb))
		return false;
	note("thread %d: %s, in gdb %s", t->tid, registers, in_gdb);
	return true;
}

/* Read the line of registers after a heading. */
static bool next_differs(FILE *output, const struct mmscope_thread *t)
{
	char line[128];

	if (!t || !fgets(line, sizeof(line), output))
		return true;
	line[strcspn(line, "\n")] = '\0';
	return thread_differs(t, line);
}

/*
 * A stopped thread waits in the kernel. When gdb attaches, it takes the next signal
 * there, and waits again: its registers of user mode stay the same.
 */
size_t gdb_compare(pid_t pid)
{
	size_t nr = 0, differ = 0;
	struct stream *s;
	char line[256] = "";
	FILE *output;
	pid_t tid;

	threads_await_off_cpu(pid);
	s = stream_get(pid, MMSCOPE_PART_THREADS, 0, 0);
	output = attach(pid);
	while (fgets(line, sizeof(line), output)) {
		tid = heading(line);
		if (!tid)
			continue;
		nr++;
		differ += next_differs(output, thread_of(s, tid));
	}
	if (pclose(output))
		die("gdb failed: %.*s", (int)strcspn(line, "\n"), line);
	if (nr != s->nr_threads)
		note("gdb has %zu threads, mmscope %zu", nr, s->nr_threads);
	differ += nr != s->nr_threads;
	stream_free(s);
	return differ;
}
