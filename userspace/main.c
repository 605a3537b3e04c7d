// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "array.h"
#include "command.h"
#include "output.h"

#define WIDTH_PIPED	80
#define WIDTH_LEAST	60

static const struct command *const commands[] = {
	&cmd_picture,	&cmd_mm,     &cmd_vmas, &cmd_pagetable,
	&cmd_translate, &cmd_tables, &cmd_who,	&cmd_snapshot,
};

#define NR_COMMANDS	ARRAY_SIZE(commands)

static int usage(void)
{
	printf("Usage: mmscope [options] PID\n"
	       "       mmscope COMMAND [options] PID [...]\n");
	for (size_t i = 0; i < NR_COMMANDS; i++)
		if (commands[i]->everybody)
			printf("       mmscope %s [options] %s\n",
			       commands[i]->name, commands[i]->operands);
	printf("\nShows the memory of a process as the kernel holds it.\n\n"
	       "Commands:\n");
	for (size_t i = 0; i < NR_COMMANDS; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	printf("\nWithout a command, mmscope draws the picture.\n"
	       "Each command has its own --help; all of them: man mmscope.\n");
	return EXIT_FINE;
}

/* A PID or an option means the picture. */
static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	if (isdigit((unsigned char)name[0]) || name[0] == '-')
		return &cmd_picture;
	return NULL;
}

static bool wants_no_color(void)
{
	const char *value = getenv("NO_COLOR");

	return value && *value;
}

/*
 * Only a terminal sees the locale, its width or colours: what is piped or kept
 * is the same on every machine.
 */
static void look_at_terminal(struct options *opt)
{
	bool tty = isatty(STDOUT_FILENO);
	struct winsize size;

	opt->color = opt->when == COLOR_ALWAYS ||
		     (opt->when == COLOR_AUTO && tty && !wants_no_color());
	if (tty && setlocale(LC_CTYPE, ""))
		opt->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	if (opt->width)
		return;
	opt->width = WIDTH_PIPED;
	if (tty && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		opt->width = size.ws_col > WIDTH_LEAST ? size.ws_col :
							 WIDTH_LEAST;
}

/*
 * What was closed must not come to be a file that is opened here: the wrong way
 * round, /dev/null keeps the place and refuses what is written.
 */
static void keep_places(void)
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

int main(int argc, char **argv)
{
	struct options opt = { 0 };
	int code;

	keep_places();
	if (argc < 2) {
		complain(EXIT_USAGE, "whose memory? give a PID (see mmscope --help)");
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return output_close(usage());
	opt.cmd = find_command(argv[1]);
	if (!opt.cmd)
		return complain(EXIT_USAGE,
				"unknown command: \"%s\" (see mmscope --help)",
				argv[1]);
	if (!strcmp(opt.cmd->name, argv[1])) {
		argv[1] = argv[0];
		argc--;
		argv++;
	}
	code = options_parse(&opt, argc, argv);
	if (code)
		return output_close(code < 0 ? EXIT_FINE : code);
	look_at_terminal(&opt);
	return output_close(opt.cmd->run(&opt));
}
