// SPDX-License-Identifier: GPL-2.0-only
/* The process that a word stands for, and misspelt words. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "exit_code.h"
#include "spell.h"
#include "tap.h"
#include "target.h"

/* A child with that name, which waits. */
static pid_t start_child(const char *name)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready))
		return -1;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		close(ready[0]);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	tap_ok(!read(ready[0], &byte, 1), "the child has its name");
	close(ready[0]);
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static bool exists(const char *word)
{
	struct target t;
	bool result;

	target_look_up(&t, word);
	result = target_exists(&t);
	target_free(&t);
	return result;
}

/* Names that no other process has, even if these tests run twice. */
static void test_names(void)
{
	pid_t first, second;
	char name[16];
	int pid = 0;

	snprintf(name, sizeof(name), "t) %d", getpid());
	tap_ok(!exists(name), "no process has the name yet");
	tap_ok(target_find(name, &pid) == EXIT_NO_PROCESS && !pid,
	       "so it is not found");
	first = start_child(name);
	tap_ok(exists(name) && !target_find(name, &pid) && pid == first,
	       "the only process of a name is found");
	second = start_child(name);
	pid = 0;
	tap_ok(exists(name) && target_find(name, &pid) == EXIT_USAGE &&
	       !pid, "one of two is not chosen");
	end_child(first);
	tap_ok(!target_find(name, &pid) && pid == second, "the other one is left");
	end_child(second);
}

static void test_numbers(void)
{
	static const char *const invalid[] = {
		"0", "00", "1x", "1 ", "2147483648", "99999999999999999999",
	};
	int pid = 0;

	tap_ok(!target_find("1", &pid) && pid == 1, "a number is a PID");
	tap_ok(!target_find("2147483647", &pid) && pid == INT32_MAX,
	       "the largest PID");
	tap_ok(!target_find("self", &pid) && pid == getpid(), "self");
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++)
		tap_ok(target_find(invalid[i], &pid) == EXIT_USAGE,
		       "\"%s\" is refused", invalid[i]);
}

static void test_distance(void)
{
	static const struct {
		const char *a;
		const char *b;
		size_t distance;
	} pairs[] = {
		{ "", "", 0 }, { "", "mm", 2 }, { "vmas", "vmas", 0 },
		{ "vmsa", "vmas", 1 }, { "vma", "vmas", 1 }, { "vmmas", "vmas", 1 },
		{ "vmax", "vmas", 1 }, { "pgaetable", "pagetable", 1 },
		{ "mm", "who", 3 },
		{ "0123456789012345678901234567890123", "vmas", SIZE_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		tap_ok(spell_distance(pairs[i].a, pairs[i].b) == pairs[i].distance &&
		       spell_distance(pairs[i].b, pairs[i].a) == pairs[i].distance,
		       "\"%s\" and \"%s\"", pairs[i].a, pairs[i].b);
}

int main(void)
{
	test_names();
	test_numbers();
	test_distance();
	return tap_done();
}
