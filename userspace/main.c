// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "commands.h"
#include "complete.h"
#include "exit_code.h"
#include "message.h"
#include "options.h"
#include "output.h"
#include "series.h"
#include "target.h"
#include "terminal.h"
#include "text.h"

static int usage(void)
{
	printf("Usage: mmscope [options] PID|NAME\n"
	       "       mmscope COMMAND [options] PID|NAME [...]\n");
	for (size_t i = 0; i < nr_commands; i++)
		if (commands[i]->all_processes)
			printf("       mmscope %s [options] %s\n",
			       commands[i]->name, commands[i]->operands);
	printf("\nShow the memory of a process as the kernel holds it.\n\n"
	       "Commands:\n");
	for (size_t i = 0; i < nr_commands; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	printf("\nThe default command is %s.\n"
	       "See 'mmscope COMMAND --help' and mmscope(1).\n",
	       commands[0]->name);
	return EXIT_FINE;
}

static int refuse_word(const char *word)
{
	const struct command *near = command_like(word);
	struct text names = { 0 };

	if (*word && commands_begin(&names, word) > 1)
		complain(EXIT_USAGE, "ambiguous command: \"%s\" (%s)", word,
			 names.s);
	else
		complain(EXIT_USAGE,
			 "unknown command: \"%s\", and no process has that name%s%s%s",
			 word, near ? "; did you mean " : "",
			 near ? near->name : "", near ? "?" : "");
	text_free(&names);
	return EXIT_USAGE;
}

/*
 * Open standard descriptors that are closed, or a file opened later would get
 * one of them and receive messages. Each is opened the wrong way round, so that
 * using it fails.
 */
static void reserve_std_fds(void)
{
	static const int way[] = {
		[STDIN_FILENO] = O_WRONLY,
		[STDOUT_FILENO] = O_RDONLY,
		[STDERR_FILENO] = O_RDONLY,
	};

	for (int fd = 0; fd < (int)ARRAY_SIZE(way); fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", way[fd]) < 0)
			_exit(EXIT_FAILED);
}

/* Set the command. Return: EXIT_FINE, or EXIT_USAGE after a message. */
static int find_command(struct options *opt, const char *word)
{
	bool picture = !word || (opt->first && target_exists(opt->first));

	if (!opt->cmd && !picture)
		opt->cmd = command_abbreviated(word);
	opt->named = opt->cmd;
	if (picture && !opt->cmd)
		opt->cmd = commands[0];
	return opt->cmd ? EXIT_FINE : refuse_word(word);
}

static int parse_and_run(struct options *opt, int argc, char **argv)
{
	int code = options_parse(opt, argc, argv);

	if (code)
		return code < 0 ? EXIT_FINE : code;
	terminal_look(opt);
	return options_repeat(opt) ? series_run(opt) : opt->cmd->run(opt);
}

/*
 * The command is the first operand, or what begins with that operand, unless that stands
 * for a process.
 */
static int run(int argc, char **argv, struct options *opt)
{
	struct target first = { 0 };
	bool help;
	int at = options_first_word(argc, argv, &help);
	int code;

	opt->cmd = at ? command_named(argv[at]) : NULL;
	if (!opt->cmd && help)
		return usage();
	if (!opt->cmd && at) {
		target_look_up(&first, argv[at]);
		opt->first = &first;
	}
	code = find_command(opt, at ? argv[at] : NULL);
	if (opt->named) {
		memmove(&argv[at], &argv[at + 1],
			(size_t)(argc - at) * sizeof(*argv));
		argc--;
	}
	if (!code)
		code = parse_and_run(opt, argc, argv);
	targets_free(&opt->targets);
	target_free(&first);
	opt->first = NULL;
	return code;
}

int main(int argc, char **argv)
{
	struct options opt = { 0 };
	int code;

	reserve_std_fds();
	if (argc > 1 && !strcmp(argv[1], "--complete"))
		return output_close(complete(argc - 1, argv + 1));
	code = run(argc, argv, &opt);
	if (code == EXIT_USAGE)
		fprintf(stderr, "Try 'mmscope%s%s --help' for more information.\n",
			opt.named ? " " : "", opt.named ? opt.cmd->name : "");
	return output_close(code);
}
