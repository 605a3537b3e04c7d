// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "oracle/holds.h"
#include "oracle/proc.h"

#define TRACEFS		"/sys/kernel/tracing"
#define INSTANCE	TRACEFS "/instances/mmscope"
#define EVENTS		"/events/mmap_lock"
#define RELEASED	"mmap_lock_released"
#define ACQUIRED_ON	EVENTS "/mmap_lock_acquire_returned/enable"
#define RELEASED_ON	EVENTS "/" RELEASED "/enable"
#define WAITS		"/events/lock/contention_begin"
#define WAITS_ON	WAITS "/enable"

/* For each processor, in KiB: room for some thousands of holds. */
#define BUFFER		"2048"

/**
 * struct event - a line of the trace
 * @ns: time by CLOCK_MONOTONIC, which the module uses, too
 * @mm: that the lock belongs to: its address as the kernel prints it
 * @name: of the event
 * @write: the lock is taken for writing
 */
struct event {
	__u64 ns;
	char mm[32];
	char name[32];
	bool write;
};

bool holds_traceable(void)
{
	if (access(TRACEFS "/instances", F_OK) &&
	    mount("tracefs", TRACEFS, "tracefs", 0, NULL))
		return false;
	return !access(TRACEFS ACQUIRED_ON, F_OK);
}

bool holds_waits_traceable(void)
{
	return holds_traceable() && !access(TRACEFS WAITS_ON, F_OK);
}

/*
 * To enable an event, the kernel patches itself while it runs, and an emulated
 * processor may go on with the old code. In a guest all events are enabled before,
 * in the trace that needs no folder; elsewhere an instance traces them.
 */
static bool enabled_before(void)
{
	return file_number(TRACEFS ACQUIRED_ON, 0);
}

static const char *trace_path(const char *file)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s%s",
		 enabled_before() ? TRACEFS : INSTANCE, file);
	return path;
}

static void trace_write(const char *file, const char *text)
{
	file_write(trace_path(file), text);
}

static void switch_events(const char *on)
{
	trace_write(ACQUIRED_ON, on);
	trace_write(RELEASED_ON, on);
	if (holds_waits_traceable())
		trace_write(WAITS_ON, on);
}

static void make_instance(void)
{
	/* A test that died does not remove its instance. */
	rmdir(INSTANCE);
	if (mkdir(INSTANCE, 0700))
		die("cannot make %s: %s", INSTANCE, strerror(errno));
}

void holds_open(void)
{
	char filter[64];

	if (!enabled_before())
		make_instance();
	snprintf(filter, sizeof(filter), "common_pid == %d", getpid());
	trace_write("/tracing_on", "0");
	trace_write("/buffer_size_kb", BUFFER);
	trace_write("/trace_clock", "mono");
	trace_write(EVENTS "/filter", filter);
	if (holds_waits_traceable())
		trace_write(WAITS "/filter", filter);
	if (!enabled_before())
		switch_events("1");
}

void holds_close(void)
{
	if (enabled_before())
		return;
	switch_events("0");
	if (rmdir(INSTANCE))
		die("cannot remove %s: %s", INSTANCE, strerror(errno));
}

/* Take the lock of the own mm for writing: no thread of another process does. */
static void show_own_mm(void)
{
	void *p = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || munmap(p, 1))
		die("cannot map: %s", strerror(errno));
}

void holds_start(void)
{
	int fd = open(trace_path("/trace"), O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0)
		die("cannot empty the trace: %s", strerror(errno));
	close(fd);
	trace_write("/tracing_on", "1");
	show_own_mm();
}

/* Dies if the buffers were too small. */
static bool parse(const char *line, struct event *event)
{
	const char *at = strstr(line, ": mmap_lock_");
	unsigned long long seconds, us, kept, written;

	if (sscanf(line, "# entries-in-buffer/entries-written: %llu/%llu",
		   &kept, &written) == 2 && kept != written)
		die("%llu of %llu events are lost", written - kept, written);
	if (*line == '#' || !at)
		return false;
	if (sscanf(at, ": %31[^:]: mm=%31s", event->name, event->mm) != 2 ||
	    strstr(at, "success=false"))
		die("unknown event: %s", line);
	event->write = strstr(at, "write=true");
	while (at > line && at[-1] != ' ')
		at--;
	if (sscanf(at, "%llu.%6llu:", &seconds, &us) != 2)
		die("event without a time: %s", line);
	event->ns = (seconds * 1000000 + us) * 1000;
	return true;
}

/* What is locked for reading, and not by spinning, are semaphores. */
static bool is_wait(const char *line)
{
	const char *flags = strstr(line, ": contention_begin: ");

	return flags && strstr(flags, "READ") && !strstr(flags, "SPIN");
}

static void add_hold(struct holds *holds, __u64 ns)
{
	holds->nr++;
	if (ns > holds->longest_ns)
		holds->longest_ns = ns;
}

/* Events of the other mm have to alternate: taken, released. */
static struct holds read_trace(FILE *trace)
{
	char line[512], own[32] = "", other[32] = "";
	struct holds holds = { 0 };
	struct event event;
	__u64 since = 0;

	while (fgets(line, sizeof(line), trace)) {
		bool release;

		if (is_wait(line)) {
			holds.waits += !since;
			holds.waits_inside += !!since;
		}
		if (!parse(line, &event))
			continue;
		if (event.write)
			strcpy(own, event.mm);
		if (!*own || !strcmp(event.mm, own))
			continue;
		if (!*other)
			strcpy(other, event.mm);
		release = !strcmp(event.name, RELEASED);
		if (strcmp(event.mm, other) || release != !!since)
			die("unexpected event: %s", line);
		if (release)
			add_hold(&holds, event.ns - since);
		since = release ? 0 : event.ns;
	}
	if (!*own || since)
		die("the trace has no %s", since ? "end" : "beginning");
	return holds;
}

struct holds holds_stop(void)
{
	struct holds holds;
	FILE *trace;

	trace_write("/tracing_on", "0");
	trace = fopen(trace_path("/trace"), "r");
	if (!trace)
		die("cannot read the trace: %s", strerror(errno));
	holds = read_trace(trace);
	fclose(trace);
	return holds;
}
