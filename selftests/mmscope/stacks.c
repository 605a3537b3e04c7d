// SPDX-License-Identifier: GPL-2.0-only
/* The stacks that the reader finds, compared with what threads know of their own. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "target/crowd.h"
#include "target/target.h"
#include "target/thread.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#define OWN_STACK	(256 * 1024UL)
#define SIGNAL_STACK	(64 * 1024UL)
#define MANY		1000

/* The threads of a target. */
enum {
	MAIN,
	DEFAULT,
	LARGE_GUARD,
	TINY,
	GIVEN,			/* by the program, in a mapping of its own */
	LOW, HIGH,		/* given, in one mapping without guards */
	ENTRIES_LOW, ENTRIES_HIGH, /* the same, with guard entries */
	NR
};

struct life {
	struct self self[NR];
	volatile pid_t other;
	unsigned long other_stack;
	bool entries;		/* the kernel has guard entries */
};

static struct life *life;

/* Writable memory between mappings without access, so that it merges with none. */
static char *map_alone(size_t size)
{
	char *map = target_map(NULL, size + 2 * PAGE, PROT_NONE, MAP_PRIVATE,
			       -1);

	if (mprotect(map + PAGE, size, PROT_READ | PROT_WRITE))
		die("mprotect: %s", strerror(errno));
	return map + PAGE;
}

static void start_given(int slot, char *stack, size_t size)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	if (pthread_attr_setstack(&attr, stack, size))
		die("pthread_attr_setstack failed");
	thread_start(thread_live, &life->self[slot], &attr);
	pthread_attr_destroy(&attr);
}

/* Two stacks in one mapping, with a guard entry below each of them, or without. */
static void start_pair(int slot, bool entries)
{
	char *map = map_alone(2 * OWN_STACK);
	size_t guard = entries ? PAGE : 0;
	int i;

	for (i = 0; i < 2; i++, map += OWN_STACK) {
		if (entries && madvise(map, PAGE, MADV_GUARD_INSTALL))
			die("madvise: %s", strerror(errno));
		start_given(slot + i, map + guard, OWN_STACK - guard);
	}
}

static bool has_guard_entries(void)
{
	char *page = target_map(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE,
				-1);
	bool has = !madvise(page, PAGE, MADV_GUARD_INSTALL);

	munmap(page, PAGE);
	return has;
}

static void start_threads(void *arg, int step)
{
	pthread_attr_t attr;

	life->entries = has_guard_entries();
	pthread_attr_init(&attr);
	thread_start(thread_live, &life->self[DEFAULT], &attr);
	pthread_attr_setguardsize(&attr, 5 * PAGE);
	thread_start(thread_live, &life->self[LARGE_GUARD], &attr);
	pthread_attr_setguardsize(&attr, PAGE);
	pthread_attr_setstacksize(&attr, sysconf(_SC_THREAD_STACK_MIN));
	thread_start(thread_live, &life->self[TINY], &attr);
	start_given(GIVEN, map_alone(OWN_STACK), OWN_STACK);
	start_pair(LOW, false);
	if (life->entries)
		start_pair(ENTRIES_LOW, true);
	thread_read_self(&life->self[MAIN]);
}

/* The reader */

/**
 * struct row - what the reader prints of a thread
 * @guess: "-" for nothing
 */
struct row {
	pid_t tid;
	unsigned long start, end;
	unsigned long sp, used, rss, room, limit;
	unsigned long guard, guard_start, guard_end;
	char guard_kind[16], origin[16], guess[32], on_altstack[8];
	unsigned long tls, tls_top;
};

#define COLUMNS	"TID,START,END,SP,USED,RSS,ROOM,LIMIT,GUARD,GUARD_RANGE,"	\
		"GUARD_KIND,ORIGIN,GUESSES,ON_ALTSTACK,TLS,TLS_TOP"

struct rows {
	struct row *row;
	size_t nr;
};

/* An unknown number is 0. */
static unsigned long number(char **line, int base)
{
	return strtoul(strsep(line, " "), NULL, base);
}

static void word(char **line, char *to, size_t size)
{
	snprintf(to, size, "%s", strsep(line, " "));
}

static struct row parse(char *line)
{
	struct row r = { 0 };
	char *range, *at, *to;

	/* One blank between cells. */
	for (at = to = line + strspn(line, " "); *at; at++)
		if (*at != ' ' || at[1] != ' ')
			*to++ = *at;
	*to = '\0';
	line += strspn(line, " ");
	r.tid = number(&line, 10);
	r.start = number(&line, 16);
	r.end = number(&line, 16);
	r.sp = number(&line, 16);
	r.used = number(&line, 10);
	r.rss = number(&line, 10);
	r.room = number(&line, 10);
	r.limit = number(&line, 16);
	r.guard = number(&line, 10);
	range = strsep(&line, " ");
	r.guard_start = strtoul(range, &range, 16);
	r.guard_end = *range == '-' ? strtoul(range + 1, NULL, 16) : 0;
	word(&line, r.guard_kind, sizeof(r.guard_kind));
	word(&line, r.origin, sizeof(r.origin));
	word(&line, r.guess, sizeof(r.guess));
	word(&line, r.on_altstack, sizeof(r.on_altstack));
	r.tls = number(&line, 16);
	r.tls_top = number(&line, 10);
	return r;
}

static struct rows read_rows(const char *of)
{
	struct rows rows = { 0 };
	char command[200], line[600];
	int status;
	FILE *f;

	snprintf(command, sizeof(command),
		 "mmscope threads -n -b -o " COLUMNS " %s", of);
	f = popen(command, "re");
	if (!f)
		die("popen: %s", strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		rows.row = realloc(rows.row,
				   (rows.nr + 1) * sizeof(*rows.row));
		rows.row[rows.nr++] = parse(line);
	}
	status = pclose(f);
	if (status)
		die("%s: exit code %d", command, WEXITSTATUS(status));
	return rows;
}

static struct rows rows_of(pid_t pid)
{
	char of[16];

	snprintf(of, sizeof(of), "%d", pid);
	return read_rows(of);
}

static const struct row *row_of(const struct rows *rows, pid_t tid)
{
	size_t i;

	for (i = 0; i < rows->nr; i++)
		if (rows->row[i].tid == tid)
			return &rows->row[i];
	die("no row of thread %d", tid);
}

/* Resident bytes, as pagemap has them. */
static unsigned long resident(pid_t pid, unsigned long start, unsigned long end)
{
	unsigned long at, bytes = 0;
	int fd = proc_open(pid, "pagemap", O_RDONLY);
	__u64 entry;

	for (at = start; at < end; at += PAGE) {
		if (pread(fd, &entry, 8, at / PAGE * 8) != 8)
			die("pagemap: %s", strerror(errno));
		bytes += entry & PM_PRESENT ? PAGE : 0;
	}
	close(fd);
	return bytes;
}

FIXTURE(stacks)
{
	struct target target;
	struct rows rows;
	pid_t pid;
};

FIXTURE_SETUP(stacks)
{
	module_need();
	life = target_share(sizeof(*life));
	target_start(&self->target, start_threads, NULL);
	self->pid = self->target.pid;
	self->rows = rows_of(self->pid);
	ASSERT_EQ(life->entries ? NR : NR - 2, self->rows.nr);
}

FIXTURE_TEARDOWN(stacks)
{
	free(self->rows.row);
	target_stop(&self->target);
}

/* Threads whose stack has a guard below and their TLS on top: nothing is a guess. */
static const int certain[] = {
	DEFAULT, LARGE_GUARD, TINY, GIVEN, ENTRIES_LOW, ENTRIES_HIGH,
};

/* Start and end of these stacks, as pthread_getattr_np() reports them. */
TEST_F(stacks, are_where_the_library_made_them)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(certain); i++) {
		const struct self *me = &life->self[certain[i]];
		const struct row *row;

		if (!me->tid)
			continue;
		row = row_of(&self->rows, me->tid);
		EXPECT_EQ(me->stack, row->start);
		EXPECT_EQ(me->stack_end, row->end);
		EXPECT_STREQ("-", row->guess);
		EXPECT_STREQ("library", row->origin);
	}
}

/* Guards of the library and of the program. Two next to each other are one mapping. */
TEST_F(stacks, have_guards)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	int i;

	for (i = 0; i < ARRAY_SIZE(certain); i++) {
		const struct self *me = &life->self[certain[i]];
		const struct proc_vma *below;
		const struct row *row;

		if (!me->tid)
			continue;
		row = row_of(&self->rows, me->tid);
		EXPECT_LE(me->guard, row->guard);
		EXPECT_EQ(me->stack, row->guard_end);
		EXPECT_EQ(row->guard, row->guard_end - row->guard_start);
		below = proc_vma_at(maps, me->stack - 1);
		if (!strncmp(below->perms, "---", 3)) {
			EXPECT_STREQ("mapping", row->guard_kind);
			EXPECT_EQ(below->start, row->guard_start);
		} else {
			EXPECT_STREQ("entries", row->guard_kind);
			EXPECT_EQ(PAGE, row->guard);
		}
	}
	EXPECT_EQ(5 * PAGE, life->self[LARGE_GUARD].guard);
	proc_maps_free(maps);
}

/* Guard entries by MADV_GUARD_INSTALL between stacks of one mapping. */
TEST_F(stacks, have_guard_entries)
{
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	const struct self *low = &life->self[ENTRIES_LOW];
	const struct self *high = &life->self[ENTRIES_HIGH];

	if (!life->entries)
		SKIP(return, "this kernel has no guard entries");
	EXPECT_EQ(proc_vma_at(maps, low->stack), proc_vma_at(maps, high->stack));
	EXPECT_STREQ("entries", row_of(&self->rows, low->tid)->guard_kind);
	EXPECT_STREQ("entries", row_of(&self->rows, high->tid)->guard_kind);
	proc_maps_free(maps);
}

/* No guard parts these stacks, so the reader guesses: by TLS bases. */
TEST_F(stacks, are_guesses_without_guards)
{
	const struct self *low = &life->self[LOW];
	const struct self *high = &life->self[HIGH];
	const struct row *row = row_of(&self->rows, low->tid);

	EXPECT_EQ(low->stack, row->start);
	EXPECT_EQ(low->stack_end, row->end);
	EXPECT_NE(NULL, strstr(row->guess, "end"));
	row = row_of(&self->rows, high->tid);
	EXPECT_EQ(high->stack, row->start);
	EXPECT_EQ(high->stack_end, row->end);
	EXPECT_NE(NULL, strstr(row->guess, "start"));
	EXPECT_STREQ("none", row->guard_kind);
	EXPECT_STREQ("program", row->origin);
}

/* The main thread: its mapping, and how far it may grow. */
TEST_F(stacks, of_main_thread_may_grow)
{
	const struct self *me = &life->self[MAIN];
	const struct row *row = row_of(&self->rows, me->tid);
	struct proc_maps *maps = proc_maps(self->pid, "maps");
	const struct proc_vma *vma = proc_vma_at(maps, me->local);
	struct rlimit limit;

	ASSERT_EQ(0, prlimit(self->pid, RLIMIT_STACK, NULL, &limit));
	EXPECT_EQ(vma->start, row->start);
	EXPECT_EQ(vma->end, row->end);
	EXPECT_STREQ("kernel", row->origin);
	EXPECT_STREQ("gap", row->guard_kind);
	EXPECT_STREQ("-", row->guess);
	if (limit.rlim_cur < vma->end)
		EXPECT_EQ(vma->end - limit.rlim_cur, row->limit);
	proc_maps_free(maps);
}

/* What is used, what is left, what is resident, and where the TLS is. */
TEST_F(stacks, are_measured)
{
	size_t i;

	for (i = 0; i < NR; i++) {
		const struct self *me = &life->self[i];
		const struct row *row;

		if (!me->tid)
			continue;
		row = row_of(&self->rows, me->tid);
		EXPECT_EQ(row->end, row->sp + row->used);
		EXPECT_EQ(row->sp, row->limit + row->room);
		EXPECT_LE(row->start, row->sp);
		EXPECT_GT(row->end, row->sp);
		EXPECT_EQ(resident(self->pid, row->start, row->end), row->rss);
		EXPECT_EQ(me->tls, row->tls);
		EXPECT_EQ(i == MAIN ? 0 : me->stack_end - me->tls, row->tls_top);
	}
}

/* A snapshot has all of it: the reader finds the same. */
TEST_F(stacks, are_the_same_in_a_snapshot)
{
	char name[] = "/tmp/stacks-XXXXXX", command[100], of[40];
	struct rows rows;
	size_t i;

	ASSERT_LE(0, mkstemp(name));
	snprintf(command, sizeof(command), "mmscope snapshot %d -o %s",
		 self->pid, name);
	ASSERT_EQ(0, system(command));
	snprintf(of, sizeof(of), "-i %s", name);
	rows = read_rows(of);
	ASSERT_EQ(self->rows.nr, rows.nr);
	for (i = 0; i < rows.nr; i++)
		EXPECT_EQ(0, memcmp(&rows.row[i], &self->rows.row[i],
				    sizeof(rows.row[i])));
	free(rows.row);
	unlink(name);
}

/* Other kinds of threads */

static int report_and_block(void *arg)
{
	life->other = getpid();
	thread_sleep();
}

static void block_in_handler(int sig)
{
	life->other = getpid();
	thread_sleep();
}

/* A process by clone() with CLONE_VM, on a stack that the program gave it. */
static void clone_with_stack(void)
{
	char *stack = map_alone(OWN_STACK);

	life->other_stack = (unsigned long)stack;
	clone(report_and_block, stack + OWN_STACK, CLONE_VM | SIGCHLD, NULL);
	thread_sleep();
}

static void *raise_on_altstack(void *arg)
{
	struct sigaction action = {
		.sa_handler = block_in_handler, .sa_flags = SA_ONSTACK,
	};
	stack_t altstack = {
		.ss_sp = map_alone(SIGNAL_STACK), .ss_size = SIGNAL_STACK,
	};

	thread_read_self(&life->self[DEFAULT]);
	sigaltstack(&altstack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	return NULL;
}

static void handle_on_altstack(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, raise_on_altstack, NULL);
	thread_sleep();
}

static pid_t start(void (*fn)(void))
{
	pid_t parent = getpid(), pid;

	life = target_share(sizeof(*life));
	pid = fork();
	if (!pid) {
		die_with(parent);
		fn();
		_exit(1);
	}
	while (!life->other)
		usleep(1000);
	return pid;
}

TEST(process_with_a_stack_of_its_own)
{
	const struct row *row;
	struct rows rows;
	pid_t pid;

	module_need();
	pid = start(clone_with_stack);
	target_await_state(life->other, 'S');
	rows = rows_of(pid);
	row = row_of(&rows, life->other);
	EXPECT_EQ(life->other_stack, row->start);
	EXPECT_EQ(life->other_stack + OWN_STACK, row->end);
	EXPECT_STREQ("program", row->origin);
	EXPECT_NE(NULL, strstr(row->guess, "end"));
	EXPECT_NE(NULL, strstr(row->guess, "origin"));
	free(rows.row);
	kill(life->other, SIGKILL);
	target_kill(pid);
}

/* A thread that handles a signal: its own stack is found, but not its depth. */
TEST(thread_on_alternate_stack)
{
	const struct self *me;
	const struct row *row;
	struct rows rows;
	pid_t pid;

	module_need();
	pid = start(handle_on_altstack);
	me = &life->self[DEFAULT];
	target_await_state(me->tid, 'S');
	rows = rows_of(pid);
	row = row_of(&rows, me->tid);
	EXPECT_STREQ("yes", row->on_altstack);
	EXPECT_EQ(me->stack, row->start);
	EXPECT_EQ(me->stack_end, row->end);
	EXPECT_EQ(0, row->used);
	EXPECT_STREQ("start,end", row->guess);
	free(rows.row);
	target_kill(pid);
}

static void start_many(void *arg, int step)
{
	crowd_start(MANY);
}

/* A thousand stacks: each is found, and none overlaps another. */
TEST(a_thousand_stacks)
{
	const size_t size = sysconf(_SC_THREAD_STACK_MIN);
	size_t i, guard, found = 0;
	struct target target;
	pthread_attr_t attr;
	struct rows rows;

	module_need();
	pthread_attr_init(&attr);
	ASSERT_EQ(0, pthread_attr_getguardsize(&attr, &guard));
	target_start(&target, start_many, NULL);
	rows = rows_of(target.pid);
	EXPECT_EQ(MANY + 1, rows.nr);
	for (i = 0; i < rows.nr; i++)
		found += rows.row[i].end - rows.row[i].start == size &&
			 rows.row[i].guard >= guard &&
			 !strcmp("-", rows.row[i].guess);
	EXPECT_EQ(MANY, found);
	free(rows.row);
	target_stop(&target);
}

TEST_HARNESS_MAIN
