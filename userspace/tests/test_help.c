// SPDX-License-Identifier: GPL-2.0-only
/* The help of all commands: its width, and examples that work. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "commands.h"
#include "options.h"
#include "tap.h"

#define WIDTH	80

static void test_width(const struct command *cmd)
{
	struct output o = RUN(cmd->name, "--help");
	size_t widest = 0, len;

	for (const char *line = o.out; *line; line += len + 1) {
		len = strcspn(line, "\n");
		if (len > widest)
			widest = len;
	}
	tap_ok(!o.code && widest <= WIDTH, "%s --help has %zu columns",
	       cmd->name, widest);
	tap_ok(strstr(o.out, "\nExample:\n  "), "%s --help has an example",
	       cmd->name);
	output_free(&o);
}

/* Parse a line, up to a pipe, as the shell would split it. */
static bool is_accepted(const struct command *cmd, char *line)
{
	struct options opt = { .cmd = commands[0] };
	char *argv[16] = { strtok(line, " ") };
	bool accepted;
	int argc = 1;

	while (argc < (int)ARRAY_SIZE(argv) - 1) {
		argv[argc] = strtok(NULL, " ");
		if (!argv[argc] || !strcmp(argv[argc], "|"))
			break;
		if (argc > 1 || strcmp(argv[argc], cmd->name))
			argc++;
		else
			opt.cmd = cmd;
	}
	argv[argc] = NULL;
	accepted = !options_parse(&opt, argc, argv);
	targets_free(&opt.targets);
	return accepted;
}

static void test_example(const struct command *cmd)
{
	char *lines = strdup(cmd->example), *next;
	int nr = 0;

	for (char *line = lines; *line; line = next) {
		next = line + strcspn(line, "\n");
		*next++ = '\0';
		if (strncmp(line, "  mmscope ", 10))
			continue;
		nr++;
		tap_ok(is_accepted(cmd, line), "example %d of %s is accepted",
		       nr, cmd->name);
	}
	tap_ok(nr, "%s has %d examples", cmd->name, nr);
	free(lines);
}

int main(void)
{
	for (size_t i = 0; i < nr_commands; i++) {
		test_width(commands[i]);
		test_example(commands[i]);
	}
	return tap_done();
}
