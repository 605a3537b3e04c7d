// SPDX-License-Identifier: GPL-2.0-only
/*
 * The help of all commands: its width, and examples that work. The man page has all
 * commands and options.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "commands.h"
#include "option_table.h"
#include "options.h"
#include "text.h"
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

static void read_man(struct text *man)
{
	FILE *file = fopen("man/mmscope.1", "r");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		text_puts(man, line);
	if (file)
		fclose(file);
}

/* An item of the man page begins with the command, or with the option's names. */
static void test_man(void)
{
	struct text man = { 0 }, item = { 0 };

	read_man(&man);
	for (size_t i = 0; i < nr_commands; i++) {
		text_clear(&item);
		text_printf(&item, "\n.It Cm %s ", commands[i]->name);
		tap_ok(man.s && strstr(man.s, item.s), "the man page has %s",
		       commands[i]->name);
	}
	for (size_t i = 0; i < nr_known; i++) {
		text_clear(&item);
		text_puts(&item, "\n.It Fl ");
		if (known[i].val < NO_LETTER)
			text_printf(&item, "%c , ", known[i].val);
		text_printf(&item, "-%s%s%s", known[i].name,
			    option_is_optional(&known[i]) ? " Ns" :
			    known[i].arg ? " Ar " : "\n",
			    known[i].arg && !option_is_optional(&known[i]) ?
			    known[i].arg : "");
		tap_ok(man.s && strstr(man.s, item.s), "the man page has --%s",
		       known[i].name);
	}
	text_free(&item);
	text_free(&man);
}

int main(void)
{
	for (size_t i = 0; i < nr_commands; i++) {
		test_width(commands[i]);
		test_example(commands[i]);
	}
	test_man();
	return tap_done();
}
