// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocations of the module fail, one by one and at random. Every call returns
 * the right and complete answer or ENOMEM, and nothing leaks.
 *
 * Only allocations with code of the module on the stack fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "target/target.h"

/* Room for any answer about a sleeping target. */
#define ROOM		(512 * KIB)

#define ROUNDS		20		/* with faults at random */
#define MANY		1000000		/* more than there can be faults */

/* Fault injection */

static const char * const injectors[] = { "failslab", "fail_page_alloc" };

static const char *knob(size_t injector, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s",
		 injectors[injector], name);
	return path;
}

static void set(const char *name, unsigned long long value)
{
	char text[32];
	size_t i;

	snprintf(text, sizeof(text), "%llu", value);
	for (i = 0; i < ARRAY_SIZE(injectors); i++)
		file_write(knob(i, name), text);
}

/* Each test checks this: an old harness runs a test even if its setup skips it. */
static bool can_fail(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(injectors); i++)
		if (access(knob(i, "require-start"), F_OK))
			return false;
	return true;
}

#define NO_FAULTS	"this kernel has no fault injection"

/* @start: of the code that has to be on the stack */
static void faults_prepare(__u64 start, size_t size)
{
	set("probability", 0);
	set("interval", 1);
	set("space", 0);
	set("verbose", 0);
	set("times", MANY);
	set("stacktrace-depth", 32);
	set("require-start", start);
	set("require-end", start + size);
	file_write(knob(0, "ignore-gfp-wait"), "N");
	file_write(knob(0, "cache-filter"), "N");
	file_write(knob(1, "ignore-gfp-wait"), "N");
	file_write(knob(1, "ignore-gfp-highmem"), "N");
	file_write(knob(1, "min-order"), "0");
}

/* The size includes the module's data: there is no other code so near. */
static void faults_prepare_module(void)
{
	FILE *file = fopen("/sys/module/mmscope/sections/.text", "r");
	unsigned long long start;

	if (!file || fscanf(file, "%llx", &start) != 1)
		die("cannot read the address of the module's text");
	fclose(file);
	faults_prepare(start, file_number("/sys/module/mmscope/coresize", 0));
}

/* The number of faults since the last faults_prepare(). */
static long faults(size_t injector)
{
	return MANY - file_number(knob(injector, "times"), MANY);
}

#define FAIL_NTH	"/proc/thread-self/fail-nth"

/* Let the @nth allocation from now on fail; 0: none. */
static void fail_nth(int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", nth);
	file_write(FAIL_NTH, text);
}

/* Return: whether it has failed. Turns it off, too. */
static bool nth_failed(void)
{
	bool failed = !file_number(FAIL_NTH, -1);

	fail_nth(0);
	return failed;
}

/* Uses of the module. Each returns 0 or an errno. */

/**
 * struct user - reads about a target
 * @pid: of the target
 * @fd: of the open file, or -1
 * @len: of the answer
 * @answer: locked memory: a page fault that fails would rightly give EFAULT
 */
struct user {
	pid_t pid;
	int fd;
	size_t len;
	char *answer;
};

static int use_attach(struct user *user, const char *file)
{
	return attach(user->pid);
}

static int use_detach(struct user *user, const char *file)
{
	return detach(user->pid);
}

static int open_at(struct user *user, const char *path, int flags)
{
	user->fd = open(path, flags | O_CLOEXEC);
	return user->fd < 0 ? errno : 0;
}

static int use_open(struct user *user, const char *file)
{
	return open_at(user, folder_path(user->pid, file), O_RDONLY);
}

static int use_open_query(struct user *user, const char *file)
{
	return open_at(user, MMSCOPE_DIR "/query", O_RDWR);
}

/* Without page facts, which depend on other processes, too. */
static int use_ask(struct user *user, const char *file)
{
	return query_put(user->fd, (struct mmscope_query){
		.pid = user->pid,
		.parts = PARTS_USUAL,
		.flags = MMSCOPE_QUERY_RESIDENCY,
	});
}

static int use_read(struct user *user, const char *file)
{
	ssize_t ret;

	user->len = 0;
	do {
		ret = read(user->fd, user->answer + user->len,
			   ROOM - user->len);
		if (ret > 0)
			user->len += ret;
	} while (ret > 0);
	return ret ? errno : 0;
}

static int use_close(struct user *user, const char *file)
{
	int err = close(user->fd) ? errno : 0;

	user->fd = -1;
	return err;
}

typedef int (*use_fn)(struct user *user, const char *file);

#define MAX_USES	6

/* All uses, in a sensible order. */
static const struct way {
	const char *file;
	use_fn use[MAX_USES];
} ways[] = {
	{ "mm", { use_attach, use_open, use_read, use_close, use_detach } },
	{ "vmas", { use_attach, use_open, use_read, use_close, use_detach } },
	{ "pagetable", { use_attach, use_open, use_read, use_close,
			 use_detach } },
	{ "tables", { use_attach, use_open, use_read, use_close, use_detach } },
	{ "threads", { use_attach, use_open, use_read, use_close, use_detach } },
	{ "snapshot", { use_attach, use_open, use_read, use_close,
			use_detach } },
	{ "query", { use_open_query, use_ask, use_read, use_close } },
};

/* A folder has all of its files, or does not exist. */
static void check_folder(pid_t pid)
{
	static const char * const file[] = { "mm", "vmas", "pagetable",
					     "tables", "threads", "snapshot" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(file); i++)
		if (access(folder_path(pid, file[i]), F_OK) &&
		    folder_exists(pid))
			die("a folder without %s", file[i]);
}

/**
 * typedef step_fn - do one step of a way
 * @nth: number of the allocation that fails, if only one does
 *
 * Return: whether an allocation failed.
 */
typedef bool (*step_fn)(struct user *user, const char *file, use_fn use,
			int nth);

static bool step(struct user *user, const char *file, use_fn use, int nth)
{
	int err = use(user, file);

	if (err)
		die("%s: %s", file, strerror(err));
	return false;
}

/* A call that failed with ENOMEM succeeds when there is memory again. */
static bool step_refused(struct user *user, const char *file, use_fn use,
			 int nth)
{
	bool failed;
	int err;

	fail_nth(nth);
	err = use(user, file);
	failed = nth_failed();
	check_folder(user->pid);
	if (!err)
		return failed;
	if (err != ENOMEM || !failed)
		die("%s: allocation %d: %s", file, nth, strerror(err));
	step(user, file, use, 0);
	return true;
}

static bool step_by_chance(struct user *user, const char *file, use_fn use,
			   int nth)
{
	int err;

	while ((err = use(user, file))) {
		if (err != ENOMEM)
			die("%s: %s", file, strerror(err));
		check_folder(user->pid);
	}
	return false;
}

/* Return: whether any allocation failed. */
static bool go(struct user *user, const struct way *way, step_fn how, int nth)
{
	bool failed = false;
	size_t i;

	for (i = 0; i < MAX_USES && way->use[i]; i++)
		failed |= how(user, way->file, way->use[i], nth);
	return failed;
}

/* Answers */

static bool is_stream(const char *answer)
{
	return *answer != '#';
}

/*
 * Clear what other processes change: idle processors hold references to the mm,
 * and processes that run the same files share its pages.
 */
static void forget_others(struct stream *s)
{
	size_t i;

	((struct mmscope_mm *)s->mm)->mm_count = 0;
	for (i = 0; i < s->nr_residencies; i++) {
		struct mmscope_residency *res =
			(struct mmscope_residency *)s->residency[i];

		res->shared += res->exclusive;
		res->exclusive = 0;
		res->pss_bytes = 0;
		res->accessed = 0;
	}
}

static struct stream *as_stream(const struct user *user)
{
	int memory = memfd_create("stream", MFD_CLOEXEC);
	struct stream *s;

	if (write(memory, user->answer, user->len) != user->len ||
	    lseek(memory, 0, SEEK_SET) || stream_read(memory, &s))
		die("cannot keep an answer");
	close(memory);
	if (*s->wrong)
		die("wrong stream: %s", s->wrong);
	forget_others(s);
	return s;
}

/* All but the header, which has the time, and END, which has durations. */
static void check_stream(const struct user *user, const struct user *right)
{
	struct stream *s = as_stream(user), *r = as_stream(right);
	size_t from = sizeof(*r->header), to = r->len - sizeof(*r->end);

	if (s->end->status || s->end->flags)
		die("END: status %u, flags %x", s->end->status, s->end->flags);
	if (s->len != r->len || memcmp(s->data + from, r->data + from, to - from))
		die("not the same stream as without faults");
	stream_free(s);
	stream_free(r);
}

/* The same for text, without mm_count and the last line. */
static char *as_text(const struct user *user)
{
	char *text = strndup(user->answer, user->len);
	char *end = strstr(text, "; mmap_lock held");
	char *count = strstr(text, "mm_count: ");

	if (!end)
		end = strstr(text, " threads\n");
	if (!end || !strchr(end, '\n'))
		die("no last line: %s", text);
	*end = '\0';
	if (count)
		memset(count, 'x', strcspn(count, "\n"));
	return text;
}

static void check_text(const struct user *user, const struct user *right)
{
	char *is = as_text(user), *wanted = as_text(right);

	if (strcmp(is, wanted))
		die("not the same text as without faults: %s", is);
	free(is);
	free(wanted);
}

static void check_answer(const struct user *user, const struct user *right)
{
	if (is_stream(right->answer))
		check_stream(user, right);
	else
		check_text(user, right);
}

FIXTURE(faults)
{
	struct target target;
	struct user user;
	struct user right[ARRAY_SIZE(ways)];	/* answers without faults */
	long users;
	long count;
	long module;
};

static char *room(void)
{
	char *p = target_map(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			     -1);

	if (mlock(p, ROOM))
		die("mlock: %s", strerror(errno));
	return p;
}

static void count_references(struct _test_data_faults *self)
{
	struct stream *s = stream_get(self->user.pid, MMSCOPE_PART_MM, 0, 0);

	self->users = s->mm->mm_users;
	self->count = s->mm->mm_count;
	stream_free(s);
	self->module = file_number("/sys/module/mmscope/refcnt", -1);
}

FIXTURE_SETUP(faults)
{
	size_t i;

	if (!can_fail())
		return;
	module_need();
	faults_prepare_module();
	target_start(&self->target, target_sit, NULL);
	self->user.pid = self->target.pid;
	self->user.answer = room();
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		self->right[i] = self->user;
		self->right[i].answer = room();
		go(&self->right[i], &ways[i], step, 0);
	}
	count_references(self);
}

/* Without faults, answers and references are as before. */
FIXTURE_TEARDOWN(faults)
{
	FIXTURE_DATA(faults) now = *self;
	size_t i;

	if (!can_fail())
		return;
	set("probability", 0);
	fail_nth(0);
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		go(&self->user, &ways[i], step, 0);
		check_answer(&self->user, &self->right[i]);
	}
	count_references(&now);
	EXPECT_EQ(self->users, now.users);
	/* Idle processors hold references, too. */
	EXPECT_GE(self->count + sysconf(_SC_NPROCESSORS_ONLN), now.count);
	EXPECT_EQ(self->module, now.module);
	EXPECT_FALSE(folder_exists(self->user.pid));
	target_stop(&self->target);
}

/* For every use, let the first allocation fail, then the second, and so on. */
TEST_F(faults, one_by_one_give_enomem)
{
	size_t i;
	int nth;

	if (!can_fail())
		SKIP(return, NO_FAULTS);
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		for (nth = 1; go(&self->user, &ways[i], step_refused, nth); nth++)
			check_answer(&self->user, &self->right[i]);
		check_answer(&self->user, &self->right[i]);
		note("%s: up to %d allocations a step", ways[i].file, nth - 1);
		/* At least the buffer of the file is allocated. */
		EXPECT_LT(1, nth);
	}
	EXPECT_LT(ARRAY_SIZE(ways), faults(0));
	EXPECT_LT(ARRAY_SIZE(ways), faults(1));
}

/* Let one allocation in ten fail, and repeat each call until it succeeds. */
TEST_F(faults, at_random_give_enomem)
{
	size_t i;
	int round;

	if (!can_fail())
		SKIP(return, NO_FAULTS);
	set("probability", 10);
	for (round = 0; round < ROUNDS || faults(0) <= ROUNDS ||
	     faults(1) <= ROUNDS; round++) {
		for (i = 0; i < ARRAY_SIZE(ways); i++) {
			go(&self->user, &ways[i], step_by_chance, 0);
			check_answer(&self->user, &self->right[i]);
		}
	}
	note("%ld and %ld faults in %d rounds", faults(0), faults(1), round);
}

/* More than the code of do_one_initcall(); the next functions do not call us. */
#define FUNCTION_SIZE	1024

/*
 * Load the module, and let each allocation of its own init function fail: it is
 * loaded completely, perhaps without a folder, or not at all.
 */
TEST_F(faults, at_loading_give_enomem)
{
	char params[32];
	int nth, err;
	bool failed;

	if (!can_fail())
		SKIP(return, NO_FAULTS);
	ASSERT_EQ(0, module_unload());
	snprintf(params, sizeof(params), "pid=%d", self->user.pid);
	faults_prepare(proc_symbol("do_one_initcall"), FUNCTION_SIZE);
	for (nth = 1, failed = true; failed; nth++) {
		fail_nth(nth);
		err = module_load(params);
		failed = nth_failed();
		if (err) {
			ASSERT_EQ(ENOMEM, err);
			ASSERT_TRUE(failed);
			ASSERT_NE(0, access(MMSCOPE_DIR, F_OK));
			continue;
		}
		ASSERT_TRUE(module_loaded());
		check_folder(self->user.pid);
		/* The module loads even if a folder cannot be made. */
		EXPECT_TRUE(failed || folder_exists(self->user.pid));
		ASSERT_EQ(0, module_unload());
	}
	note("up to %d allocations", nth - 2);
	EXPECT_LT(4, faults(0));
	module_need();
}

TEST_HARNESS_MAIN
