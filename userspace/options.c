// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "array.h"
#include "command.h"
#include "text.h"
#include "version.h"

#define NO_LETTER	256

enum {
	LONG_JSON = NO_LETTER,
	LONG_COLOR,
	LONG_WIDTH,
	LONG_ONLY,
	LONG_FRAME,
	LONG_GIVEN,			/* and behind: bits of @given */
};

/* Options without an argument that only set their bit. */
#define GIVEN(opt)	(LONG_GIVEN + __builtin_ctz(opt))

static const struct known {
	int val;
	const char *name;
	const char *arg;
	unsigned int mask;
	const char *help;
} known[] = {
	{ 'i', "input", "FILE", OPT_INPUT,
	  "read a snapshot instead of PID, - for standard input" },
	{ LONG_JSON, "json", NULL, OPT_TABLE, "print JSON; sizes are in bytes" },
	{ 'o', "output", "COLUMNS", OPT_TABLE,
	  "print these columns; +COLUMNS adds to the default" },
	{ 'o', "output", "FILE", OPT_FILE, "where to write, - for standard output" },
	{ 'n', "noheadings", NULL, OPT_TABLE, "print no headings" },
	{ 'b', "bytes", NULL, OPT_BYTES, "print exact sizes" },
	{ 'a', "all", NULL, OPT_ALL, "draw each box, even of a long row" },
	{ GIVEN(OPT_EACH), "each", NULL, OPT_EACH,
	  "a line for each entry, not for each run" },
	{ GIVEN(OPT_TREE), "tree", NULL, OPT_TREE,
	  "show the tables above the entries, too" },
	{ LONG_ONLY, "only", "NAMES", OPT_ONLY,
	  "only what these names are true of, see below" },
	{ LONG_FRAME, "frame", "FRAMES", OPT_FRAME,
	  "only what leads to FRAME, START-END or START+NUMBER" },
	{ GIVEN(OPT_FACTS), "facts", NULL, OPT_FACTS,
	  "ask for the facts of each page, too" },
	{ GIVEN(OPT_RESIDENCY), "residency", NULL, OPT_RESIDENCY,
	  "show what is in memory, and of what sort" },
	{ GIVEN(OPT_CONSISTENT), "consistent", NULL, OPT_CONSISTENT,
	  "mappings of one moment; the process may have to wait" },
	{ GIVEN(OPT_VMAS), "vmas", NULL, OPT_VMAS,
	  "show which mappings needed the tables" },
	{ LONG_WIDTH, "width", "COLUMNS", OPT_WIDTH, "width of the picture" },
	{ LONG_COLOR, "color", "WHEN", OPT_COLOR,
	  "auto, always or never" },
	{ 'h', "help", NULL, OPT_ALWAYS, "print this help" },
	{ 'V', "version", NULL, OPT_ALWAYS, "print the version" },
};

#define NR_KNOWN	ARRAY_SIZE(known)

static bool takes(const struct command *cmd, const struct known *k)
{
	return k->mask & (cmd->options | OPT_ALWAYS);
}

/**
 * complain - print a sentence on standard error
 * @code: exit code
 * @fmt: as in printf(3)
 *
 * Return: @code
 */
int complain(int code, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("mmscope: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return code;
}

/**
 * note - print a sentence on standard error that is no reason to stop
 * @fmt: as in printf(3)
 */
void note(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("mmscope: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static void help_options(const struct command *cmd)
{
	printf("\nOptions:\n");
	for (size_t i = 0; i < NR_KNOWN; i++) {
		const struct known *k = &known[i];
		char left[40];

		if (!takes(cmd, k))
			continue;
		if (k->val < NO_LETTER)
			snprintf(left, sizeof(left), "-%c, --%s%s%s", k->val,
				 k->name, k->arg ? " " : "",
				 k->arg ? k->arg : "");
		else
			snprintf(left, sizeof(left), "    --%s%s%s", k->name,
				 k->arg ? "=" : "", k->arg ? k->arg : "");
		printf("  %-24s %s\n", left, k->help);
	}
}

static const char *option_name(unsigned int mask)
{
	for (size_t i = 0; i < NR_KNOWN; i++)
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
		printf(" %c%-11s %s\n", column_mark(&cmd->columns[i]),
		       cmd->columns[i].name, cmd->columns[i].help);
}

/**
 * options_help - print what a command does and takes
 * @cmd: the command
 */
void options_help(const struct command *cmd)
{
	const char *gap = *cmd->operands ? " " : "";

	printf("Usage: mmscope %s [options]%s%s%s\n", cmd->name,
	       cmd->everybody ? "" : " PID", gap, cmd->operands);
	if (cmd->options & OPT_INPUT)
		printf("       mmscope %s [options] -i FILE%s%s\n", cmd->name,
		       gap, cmd->operands);
	printf("\n%s\n", cmd->summary);
	help_options(cmd);
	if (cmd->options & OPT_ONLY)
		filter_help();
	help_columns(cmd);
}

static int find_column(const struct command *cmd, const char *name, size_t len)
{
	for (size_t i = 0; i < cmd->nr_columns; i++)
		if (strlen(cmd->columns[i].name) == len &&
		    !strncasecmp(cmd->columns[i].name, name, len))
			return (int)i;
	return -1;
}

static void add_column(struct options *opt, size_t index)
{
	for (size_t i = 0; i < opt->nr_columns; i++)
		if (opt->columns[i] == index)
			return;
	opt->columns[opt->nr_columns++] = index;
}

/* Without -o, JSON has them all but those that cost a closer look. */
static bool is_default(const struct options *opt, unsigned int flags)
{
	bool view = opt->given & opt->cmd->view;

	if (flags & COL_FACTS)
		return opt->given & OPT_FACTS;
	if (flags & COL_RESIDENCY)
		return view && (flags & COL_IN_VIEW || opt->json);
	if (flags & COL_IN_VIEW)
		return view;
	if (flags & COL_NOT_IN_VIEW)
		return !view;
	return flags & COL_DEFAULT || opt->json;
}

static void default_columns(struct options *opt)
{
	for (size_t i = 0; i < opt->cmd->nr_columns; i++)
		if (is_default(opt, opt->cmd->columns[i].flags))
			add_column(opt, i);
}

/**
 * options_table - whether it is a table that is to be printed
 * @opt: the options of a command that has one
 *
 * Return: false for what the command draws instead
 */
bool options_table(const struct options *opt)
{
	return !opt->cmd->draws || opt->json || opt->output;
}

static int choose_columns(struct options *opt)
{
	const char *list = opt->output;
	size_t len;

	if (!(opt->cmd->options & OPT_TABLE))
		return EXIT_FINE;
	if (opt->noheadings && !options_table(opt))
		return complain(EXIT_USAGE,
				"-n is for tables: give -o COLUMNS, too");
	if (!list || *list == '+')
		default_columns(opt);
	if (list && *list == '+')
		list++;
	for (; list && *list; list += len + (list[len] == ',')) {
		int index;

		len = strcspn(list, ",");
		index = find_column(opt->cmd, list, len);
		if (index < 0)
			return complain(EXIT_USAGE,
					"unknown column: \"%.*s\" (see mmscope %s --help)",
					(int)len, list, opt->cmd->name);
		add_column(opt, (size_t)index);
	}
	return EXIT_FINE;
}

/**
 * options_want - whether a column with certain flags is to be shown
 * @opt: the options
 * @column_flags: COL_*
 *
 * Return: true if there is one
 */
bool options_want(const struct options *opt, unsigned int column_flags)
{
	for (size_t i = 0; i < opt->nr_columns; i++)
		if (opt->cmd->columns[opt->columns[i]].flags & column_flags)
			return true;
	return false;
}

/**
 * options_range - the optional first operand as a range of addresses
 * @opt: the options
 * @start: first address, 0 without an operand
 * @end: first address behind, 0 for no bound
 *
 * Return: EXIT_FINE, or EXIT_USAGE after saying what is wrong
 */
int options_range(const struct options *opt, uint64_t *start, uint64_t *end)
{
	*start = 0;
	*end = 0;
	if (!opt->nr_operands || parse_range(opt->operands[0], start, end))
		return EXIT_FINE;
	return complain(EXIT_USAGE,
			"\"%s\" is no range: give START-END, START+LENGTH or an address in hexadecimal",
			opt->operands[0]);
}

/**
 * options_frames - a range of frames, as those of addresses are written
 * @f: the filter it goes to
 * @s: what was typed
 *
 * Return: false if it is none
 */
bool options_frames(struct filter *f, const char *s)
{
	return parse_range(s, &f->frame_start, &f->frame_end) && f->frame_end;
}

static int set_color(struct options *opt, const char *when)
{
	static const char *const names[] = {
		[COLOR_AUTO] = "auto",
		[COLOR_ALWAYS] = "always",
		[COLOR_NEVER] = "never",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(when, names[i])) {
			opt->when = (enum color_when)i;
			return EXIT_FINE;
		}
	}
	return complain(EXIT_USAGE, "--color takes auto, always or never");
}

static int set_width(struct options *opt, const char *arg)
{
	uint64_t width;

	if (!parse_length(arg, &width) || width < 60 || width > 500)
		return complain(EXIT_USAGE, "--width takes 60 to 500 columns");
	opt->width = (unsigned int)width;
	return EXIT_FINE;
}

static int set_only(struct options *opt, const char *list)
{
	size_t len;
	const char *unknown = filter_add(&opt->filter, list, &len);

	if (!unknown && filter_excludes_all(&opt->filter))
		return complain(EXIT_USAGE, "--only %s: nothing is all of that",
				list);
	if (!unknown)
		return EXIT_FINE;
	return complain(EXIT_USAGE,
			"--only does not know \"%.*s\" (see mmscope %s --help)",
			(int)len, unknown, opt->cmd->name);
}

static int set_frames(struct options *opt, const char *arg)
{
	if (options_frames(&opt->filter, arg))
		return EXIT_FINE;
	return complain(EXIT_USAGE,
			"--frame takes FRAME, START-END or START+NUMBER; frames are hexadecimal");
}

static int set_option(struct options *opt, int val, const char *arg)
{
	switch (val) {
	case 'i':
		opt->input = arg;
		return EXIT_FINE;
	case 'o':
		opt->output = arg;
		return EXIT_FINE;
	case LONG_JSON:
		opt->json = true;
		return EXIT_FINE;
	case 'n':
		opt->noheadings = true;
		return EXIT_FINE;
	case 'b':
		opt->bytes = true;
		return EXIT_FINE;
	case 'a':
		opt->all = true;
		return EXIT_FINE;
	case LONG_COLOR:
		return set_color(opt, arg);
	case LONG_WIDTH:
		return set_width(opt, arg);
	case LONG_ONLY:
		return set_only(opt, arg);
	case LONG_FRAME:
		return set_frames(opt, arg);
	case 'h':
		options_help(opt->cmd);
		return -1;
	case 'V':
		printf("mmscope %s\n", MMSCOPE_VERSION);
		return -1;
	default:
		if (val >= LONG_GIVEN) {
			opt->given |= 1u << (val - LONG_GIVEN);
			return EXIT_FINE;
		}
		fprintf(stderr, "Try mmscope %s --help\n", opt->cmd->name);
		return EXIT_USAGE;
	}
}

/* No argument of an option may be empty. */
static int refuse_empty(const struct command *cmd, int val)
{
	const struct known *k = known;

	while (k->val != val || !takes(cmd, k))
		k++;
	return complain(EXIT_USAGE, "--%s needs %s", k->name, k->arg);
}

/* The part of the table that the command takes, in getopt's two forms. */
static void fill_getopt(const struct command *cmd, char *brief,
			struct option *longer)
{
	for (size_t i = 0; i < NR_KNOWN; i++) {
		const struct known *k = &known[i];

		if (!takes(cmd, k))
			continue;
		*longer++ = (struct option){
			.name = k->name,
			.has_arg = k->arg ? required_argument : no_argument,
			.val = k->val,
		};
		if (k->val >= NO_LETTER)
			continue;
		*brief++ = (char)k->val;
		if (k->arg)
			*brief++ = ':';
	}
}

static int take_pid(struct options *opt, const char *s)
{
	char *end;
	long pid = strtol(s, &end, 10);

	if (*s < '0' || *s > '9' || *end || pid <= 0 || pid > INT_MAX)
		return complain(EXIT_USAGE, "\"%s\" is no process id", s);
	opt->pid = (int)pid;
	return EXIT_FINE;
}

static int take_operands(struct options *opt, int argc, char **argv)
{
	if (!opt->input && !opt->cmd->everybody) {
		if (!argc)
			return complain(EXIT_USAGE,
					"whose memory? give a PID%s (see mmscope %s --help)",
					opt->cmd->options & OPT_INPUT ?
						", or a file with -i" : "",
					opt->cmd->name);
		if (take_pid(opt, argv[0]))
			return EXIT_USAGE;
		argc--;
		argv++;
	}
	if (argc < opt->cmd->least)
		return complain(EXIT_USAGE, "%s needs %s",
				opt->cmd->name, opt->cmd->operands);
	if (argc > opt->cmd->most)
		return complain(EXIT_USAGE, "what is \"%s\"? (see mmscope %s --help)",
				argv[opt->cmd->most], opt->cmd->name);
	opt->operands = argv;
	opt->nr_operands = argc;
	return EXIT_FINE;
}

/**
 * options_parse - read the command line of one command
 * @opt: what it says; @cmd must be set, all else zero
 * @argc: number of arguments, the first is skipped
 * @argv: the arguments
 *
 * Return: EXIT_FINE; -1 if all is done, as after --help; or EXIT_USAGE after
 * saying what is wrong
 */
int options_parse(struct options *opt, int argc, char **argv)
{
	char brief[2 * NR_KNOWN + 1] = "";
	struct option longer[NR_KNOWN + 1] = { 0 };
	int val, code;

	fill_getopt(opt->cmd, brief, longer);
	while ((val = getopt_long(argc, argv, brief, longer, NULL)) != -1) {
		code = optarg && !*optarg ? refuse_empty(opt->cmd, val) :
					    set_option(opt, val, optarg);
		if (code)
			return code;
	}
	code = take_operands(opt, argc - optind, argv + optind);
	return code ? code : choose_columns(opt);
}
