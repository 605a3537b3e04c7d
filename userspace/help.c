// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "filter.h"
#include "help.h"
#include "option_table.h"

static void help_option(const struct known *k)
{
	char left[40];

	if (k->val < NO_LETTER && option_is_optional(k))
		snprintf(left, sizeof(left), "-%c, --%s[=%s]", k->val, k->name,
			 k->arg);
	else if (k->val < NO_LETTER)
		snprintf(left, sizeof(left), "-%c, --%s%s%s", k->val, k->name,
			 k->arg ? " " : "", k->arg ? k->arg : "");
	else if (option_is_optional(k))
		snprintf(left, sizeof(left), "    --%s[=%s]", k->name, k->arg);
	else
		snprintf(left, sizeof(left), "    --%s%s%s", k->name,
			 k->arg ? "=" : "", k->arg ? k->arg : "");
	printf("  %-24s %s\n", left, k->help);
}

static const char *option_name(unsigned int mask)
{
	for (size_t i = 0; i < nr_known; i++)
		if (known[i].mask == mask)
			return known[i].name;
	return "";
}

static char column_mark(const struct column *col)
{
	if (col->flags & (COL_DEFAULT | COL_NOT_IN_VIEW))
		return '*';
	return col->flags & COL_IN_VIEW ? '+' : ' ';
}

static void help_columns(const struct command *cmd)
{
	if (!cmd->nr_columns)
		return;
	printf(cmd->draws ? "\nColumns of -o and --json (* with -o +" :
			    "\nColumns (* by default");
	if (cmd->view)
		printf(", + with --%s", option_name(cmd->view));
	printf("):\n");
	for (size_t i = 0; i < cmd->nr_columns; i++)
		printf(" %c%-12s %s\n", column_mark(&cmd->columns[i]),
		       cmd->columns[i].name, cmd->columns[i].help);
}

static void help_usage(const struct command *cmd)
{
	const char *gap = *cmd->operands ? " " : "";
	const char *more = cmd->several ? "FILE..." : cmd->operands;
	const char *to = cmd->options & OPT_FILE ? " -o FILE" : "";

	printf("Usage: mmscope %s [options]%s%s%s%s\n", cmd->name,
	       cmd->all_processes ? "" :
	       cmd->pid_optional ? " [PID]" : cmd->repeats ? " PID..." : " PID",
	       gap, cmd->operands, to);
	if (cmd->repeats)
		printf("       mmscope %s [options] --cgroup PATH%s%s\n",
		       cmd->name, gap, cmd->operands);
	if (cmd->options & OPT_FAMILY)
		printf("       mmscope %s [options] --family PID | --cgroup PATH\n",
		       cmd->name);
	if (cmd->options & OPT_INPUT)
		printf("       mmscope %s [options] -i FILE%s%s%s\n", cmd->name,
		       gap, more, to);
}

static void help_example(const struct command *cmd)
{
	const char *line = cmd->example;

	printf("\nExample:\n");
	for (size_t len; *line; line += len) {
		len = strcspn(line, "\n") + 1;
		printf("  %.*s", (int)len, line);
	}
}

/**
 * help_command - print the help of a command
 * @cmd: the command
 */
void help_command(const struct command *cmd)
{
	help_usage(cmd);
	printf("\n%c%s.\n", toupper((unsigned char)*cmd->summary),
	       cmd->summary + 1);
	if (strstr(cmd->operands, "RANGE"))
		printf("\nRANGE is START-END, START+LENGTH, ADDRESS, or a name: of a segment (heap), of a\n"
		       "mapped file (libc), or stack:TID.\n");
	printf("\nOptions:\n");
	for (size_t i = 0; i < nr_known; i++)
		if (option_taken(&known[i], cmd->options))
			help_option(&known[i]);
	if (cmd->options & OPT_ONLY)
		filter_help();
	help_columns(cmd);
	help_example(cmd);
}

/**
 * help_list_columns - print the columns of a command, for a script
 * @cmd: the command
 */
void help_list_columns(const struct command *cmd)
{
	for (size_t i = 0; i < cmd->nr_columns; i++)
		printf("%-12s %s\n", cmd->columns[i].name,
		       cmd->columns[i].help);
}
