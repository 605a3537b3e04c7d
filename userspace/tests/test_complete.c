// SPDX-License-Identifier: GPL-2.0-only
/* Candidates for half-typed command lines. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "commands.h"
#include "filter.h"
#include "tap.h"

#define FILES	"\tfile\n"

#define COMPLETE(...)	RUN("--complete", __VA_ARGS__)

static bool offers(const struct output *o, const char *candidate)
{
	char line[128];

	snprintf(line, sizeof(line), "%s\t", candidate);
	if (!strncmp(o->out, line, strlen(line)))
		return true;
	snprintf(line, sizeof(line), "\n%s\t", candidate);
	return strstr(o->out, line);
}

/* Whole answers; those with processes depend on the machine, and are not here. */
static void test_lines(void)
{
	static const struct {
		const char *words[6];
		const char *out;
	} lines[] = {
		{ { "vmas", "--sec" },
		  "--sections\tread the mapped ELF files, name their sections\n" },
		{ { "-i", "it", "vm" }, "vmas\tlist the mappings (VMAs)\n" },
		{ { "snapshot", "1", "" }, "" },
		{ { "vmas", "--cgroup", "/", "hea" }, "heap\theap\n" },
		{ { "who", "" }, "" },
		{ { "-i", "" }, FILES },
		{ { "vmas", "--inp", "" }, FILES },
		{ { "vmas", "--input=" }, FILES },
		{ { "snapshot", "-o", "x" }, FILES },
		{ { "shared", "-i", "a", "" }, FILES },
		{ { "vmas", "-o", "inod" },
		  "inode\tinode of the file\ninode,\tand others\n" },
		{ { "vmas", "-nbo", "INOD" },
		  "INODE\tinode of the file\nINODE,\tand others\n" },
		{ { "vmas", "-o", "+inode,In" }, "" },
		{ { "vmas", "-o", "inode,inod" }, "" },
		{ { "vmas", "1", "--sort", "-inod" },
		  "-inode\tinode of the file\n" },
		{ { "vmas", "--sort=INOD" }, "--sort=INODE\tinode of the file\n" },
		{ { "vmas", "--json=" }, "--json=lines\tone object a line\n" },
		{ { "vmas", "--no-such=" }, "" },
		{ { "--color", "al" }, "" },
		{ { "picture", "--color=al" },
		  "--color=always\teven in a file or a pipe\n" },
		{ { "pagetable", "--only", "PT" },
		  "PTE\tin PTE tables\nPTE,\tand others\n" },
		{ { "pagetable", "--only", "no-thp,no-th" }, "" },
		{ { "vmas", "1", "hea" }, "heap\theap\n" },
		{ { "vmas", "-i", "it", "hea" }, "heap\theap\n" },
		{ { "vma", "1", "hea" }, "heap\theap\n" },
		{ { "vma", "--sort=INOD" }, "--sort=INODE\tinode of the file\n" },
		{ { "vmas", "1", "heap", "hea" }, "" },
		{ { "explain", "1", "heap", "hea" }, "heap\theap\n" },
		{ { "vmas", "1", "--", "--sec" }, "" },
		{ { "vmas", "--", "1", "hea" }, "heap\theap\n" },
		/* The name of the command is an argument here. */
		{ { "-o", "vmas", "translate", "1", "" }, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const char *args[8] = { "--complete" };
		struct output o;

		memcpy(args + 1, lines[i].words, sizeof(lines[i].words));
		o = run_reader(NULL, args);
		if (!tap_ok(!o.code && !*o.err && !strcmp(o.out, lines[i].out),
			    "line %zu", i))
			fprintf(stderr, "line %zu: %s(expected %s)\n", i, o.out,
				lines[i].out);
		output_free(&o);
	}
}

static void test_commands(void)
{
	struct output o = COMPLETE("");

	for (size_t i = 0; i < nr_commands; i++)
		tap_ok(offers(&o, commands[i]->name), "%s is offered",
		       commands[i]->name);
	output_free(&o);
	o = RUN("--complete");
	tap_ok(!o.code && offers(&o, "vmas"), "no word is an empty word");
	output_free(&o);
}

/* The options that help lists are offered, and no others. */
static void test_options(const struct command *cmd)
{
	struct output help = RUN(cmd->name, "--help");
	struct output o = COMPLETE(cmd->name, "--");
	size_t listed = 0, offered = 0;
	char name[32] = "--";
	bool all = true;

	for (const char *at = help.out; (at = strstr(at, " --")); at += 3) {
		if (at[-1] != ',' && at[-1] != ' ')
			continue;
		all &= sscanf(at + 3, "%29[a-z-]", name + 2) == 1 &&
		       offers(&o, name);
		listed++;
	}
	for (const char *at = o.out; *at; at = strchr(at, '\n') + 1)
		offered += strcspn(at, "=") > strcspn(at, "\t");
	tap_ok(all && listed && offered == listed,
	       "%s has %zu options, %zu are offered", cmd->name, listed,
	       offered);
	output_free(&help);
	output_free(&o);
}

static void test_columns(const struct command *cmd)
{
	struct output o = COMPLETE(cmd->name, "1", "-o", "");
	const char *line = cmd->nr_columns ? o.out : "";
	bool all = true;

	for (size_t i = 0; i < cmd->nr_columns && *line; i++) {
		size_t len = strlen(cmd->columns[i].name);

		all &= !strncmp(line, cmd->columns[i].name, len) &&
		       line[len] == '\t';
		line = strchr(line, '\n') + 1;
	}
	tap_ok(all && !*line, "the columns of %s", cmd->name);
	output_free(&o);
}

/* Every name that is offered is valid alone. */
static void test_only(void)
{
	struct output o = COMPLETE("pagetable", "--only", "n");
	struct output all = COMPLETE("pagetable", "--only", "");
	const char *const lists[] = { o.out, all.out };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		size_t nr = 0, valid = 0, len;

		for (const char *at = lists[i]; *at; at = strchr(at, '\n') + 1) {
			struct filter f = { 0 };
			char name[32];

			nr++;
			snprintf(name, sizeof(name), "%.*s",
				 (int)strcspn(at, "\t"), at);
			valid += !filter_add(&f, name, &len);
		}
		tap_ok(nr > 10 && nr == valid, "%zu of %zu names are valid",
		       valid, nr);
	}
	output_free(&o);
	output_free(&all);
}

/* A child with that name, which waits. */
static pid_t start_child(const char *name)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(pid, NULL, WUNTRACED);
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void expect(struct output o, const char *candidate, bool wanted)
{
	tap_ok(!o.code && offers(&o, candidate) == wanted, "%s is %soffered",
	       candidate, wanted ? "" : "not ");
	output_free(&o);
}

/* Names that no other process has, even if these tests run twice. */
static void test_processes(void)
{
	char name[16], odd[16], pid[16], self[16];
	pid_t first, second, quoted;

	snprintf(name, sizeof(name), "c%d", getpid());
	snprintf(odd, sizeof(odd), "o %d", getpid());
	snprintf(self, sizeof(self), "%d", getpid());
	first = start_child(name);
	quoted = start_child(odd);
	snprintf(pid, sizeof(pid), "%d", first);
	expect(COMPLETE("vmas", ""), pid, true);
	expect(COMPLETE("vmas", ""), self, true);
	expect(COMPLETE("vmas", ""), "self", true);
	expect(COMPLETE("vmas", "s"), "self", true);
	expect(COMPLETE("shared", "1", ""), pid, true);
	expect(COMPLETE("shared", "--family", ""), pid, true);
	expect(COMPLETE("ps", pid), pid, true);
	expect(COMPLETE(pid), pid, true);
	expect(COMPLETE("vmas", "-i", "it", ""), pid, false);
	expect(COMPLETE("vmas", "1", ""), pid, false);
	expect(COMPLETE("vmas", "c"), name, true);
	expect(COMPLETE("c"), name, true);
	expect(COMPLETE("vmas", "o"), odd, false);
	second = start_child(name);
	expect(COMPLETE("vmas", "c"), name, false);
	expect(COMPLETE("ps", "c"), name, true);
	end_child(first);
	end_child(second);
	end_child(quoted);
}

int main(void)
{
	test_lines();
	test_commands();
	for (size_t i = 0; i < nr_commands; i++) {
		test_options(commands[i]);
		test_columns(commands[i]);
	}
	test_only();
	test_processes();
	return tap_done();
}
