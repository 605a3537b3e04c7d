// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "array.h"
#include "exit_code.h"
#include "help.h"
#include "message.h"
#include "option_table.h"
#include "options.h"
#include "parse.h"
#include "schema.h"
#include "target.h"
#include "version.h"

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

/* JSON has all columns by default, except those that need a longer read. */
static bool is_default(const struct options *opt, unsigned int flags)
{
	bool view = opt->given & opt->cmd->view;

	if (flags & COL_FACTS)
		return opt->given & OPT_FACTS;
	if (flags & COL_SECTIONS)
		return opt->given & OPT_SECTIONS;
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
		if (opt->every_column || is_default(opt, opt->cmd->columns[i].flags))
			add_column(opt, i);
}

/**
 * options_table - whether the command prints a table
 * @opt: options of a command that has one
 *
 * Return: false if it draws instead
 */
bool options_table(const struct options *opt)
{
	return !opt->cmd->draws || opt->format || opt->output ||
	       opt->every_column || opt->sort_name;
}

/**
 * options_prose - whether sentences may follow the table
 * @opt: the options
 *
 * Return: false if the output is for a program, or is a list of chosen columns
 */
bool options_prose(const struct options *opt)
{
	return !opt->format && !opt->noheadings && !opt->output &&
	       !opt->every_column;
}

static int choose_sort(struct options *opt)
{
	const char *name = opt->sort_name;
	int index;

	if (!name)
		return EXIT_FINE;
	if (opt->given & OPT_TREE)
		return complain(EXIT_USAGE,
				"--sort cannot be combined with --tree");
	opt->descending = *name == '-';
	name += opt->descending;
	index = find_column(opt->cmd, name, strlen(name));
	if (index < 0)
		return complain(EXIT_USAGE, "unknown column: \"%s\"", name);
	opt->sort = (size_t)index + 1;
	return EXIT_FINE;
}

static int choose_columns(struct options *opt)
{
	const char *list = opt->output;
	size_t len;

	if (!(opt->cmd->options & OPT_TABLE))
		return EXIT_FINE;
	if (opt->noheadings && !options_table(opt))
		return complain(EXIT_USAGE,
				"--noheadings needs -o COLUMNS or --json");
	if (choose_sort(opt))
		return EXIT_USAGE;
	if (!list || *list == '+' || opt->every_column)
		default_columns(opt);
	if (list && *list == '+')
		list++;
	for (; list && *list; list += len + (list[len] == ',')) {
		int index;

		len = strcspn(list, ",");
		index = find_column(opt->cmd, list, len);
		if (index < 0)
			return complain(EXIT_USAGE, "unknown column: \"%.*s\"",
					(int)len, list);
		add_column(opt, (size_t)index);
	}
	return EXIT_FINE;
}

/**
 * options_want - whether a column with certain flags is printed, or sorted by
 * @opt: the options
 * @column_flags: COL_*
 *
 * Return: true if there is one
 */
bool options_want(const struct options *opt, unsigned int column_flags)
{
	if (opt->sort &&
	    opt->cmd->columns[opt->sort - 1].flags & column_flags)
		return true;
	for (size_t i = 0; i < opt->nr_columns; i++)
		if (opt->cmd->columns[opt->columns[i]].flags & column_flags)
			return true;
	return false;
}

/**
 * options_sections - whether the ELF files of mappings have to be read
 * @opt: the options
 *
 * Return: true with --sections, and if a column needs them
 */
bool options_sections(const struct options *opt)
{
	return opt->given & OPT_SECTIONS || options_want(opt, COL_SECTIONS);
}

/* Seven decimal digits or fewer: it may as well be a PID, which 0 cannot be. */
static bool is_ambiguous(const char *s)
{
	return strlen(s) <= 7 && !s[strspn(s, "0123456789")] && s[strspn(s, "0")];
}

static int refuse_ambiguous(const char *s)
{
	return complain(EXIT_USAGE,
			"\"%s\" may be a PID or an address: write 0x%s for the address",
			s, s);
}

/**
 * options_range - parse the optional operand RANGE
 * @opt: the options
 * @start: first address, 0 without an operand
 * @end: exclusive, 0 for no bound
 *
 * Return: EXIT_FINE, or EXIT_USAGE after an error message
 */
int options_range(const struct options *opt, uint64_t *start, uint64_t *end)
{
	const char *s = opt->nr_operands ? opt->operands[0] : NULL;

	*start = 0;
	*end = 0;
	if (!s)
		return EXIT_FINE;
	if (is_ambiguous(s))
		return refuse_ambiguous(s);
	if (parse_range(s, start, end))
		return EXIT_FINE;
	return complain(EXIT_USAGE,
			"invalid range: \"%s\" (expected START-END, START+LENGTH, ADDRESS, SEGMENT or FILE)",
			s);
}

/**
 * options_address - parse an operand ADDRESS
 * @s: the operand
 * @addr: the address
 *
 * Return: EXIT_FINE, or EXIT_USAGE after an error message
 */
int options_address(const char *s, uint64_t *addr)
{
	if (is_ambiguous(s))
		return refuse_ambiguous(s);
	if (parse_address(s, addr))
		return EXIT_FINE;
	return complain(EXIT_USAGE,
			"invalid address: \"%s\" (expected up to 16 hexadecimal digits)", s);
}

/**
 * options_frames - parse a range of frames, written like one of addresses
 * @f: filter to set
 * @s: FRAME, START-END or START+COUNT
 *
 * Return: false if it is not valid
 */
bool options_frames(struct filter *f, const char *s)
{
	return parse_range(s, &f->frame_start, &f->frame_end) && f->frame_end;
}

static int set_color(struct options *opt, const char *when)
{
	static const char *const names[] = {
		[COLORS_AUTO] = "auto",
		[COLORS_ALWAYS] = "always",
		[COLORS_NEVER] = "never",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(when ? when : "always", names[i])) {
			opt->when = (enum color_when)i;
			return EXIT_FINE;
		}
	}
	return complain(EXIT_USAGE,
			"invalid --color: \"%s\" (expected auto, always or never)",
			when);
}

static int set_format(struct options *opt, enum table_format format)
{
	if (opt->format && opt->format != format)
		return complain(EXIT_USAGE,
				"only one of --raw, --pairs, --csv and --json is possible");
	opt->format = format;
	opt->bytes |= format == FORMAT_CSV;
	opt->json = format == FORMAT_JSON || format == FORMAT_JSON_LINES;
	return EXIT_FINE;
}

static int set_json(struct options *opt, const char *arg)
{
	if (!arg)
		return set_format(opt, FORMAT_JSON);
	if (!strcmp(arg, "lines"))
		return set_format(opt, FORMAT_JSON_LINES);
	return complain(EXIT_USAGE,
			"invalid --json: \"%s\" (expected lines, or nothing)",
			arg);
}

static int set_width(struct options *opt, const char *arg)
{
	uint64_t width;

	if (!parse_length(arg, &width) || width < WIDTH_LEAST ||
	    width > WIDTH_MOST)
		return complain(EXIT_USAGE,
				"invalid --width: \"%s\" (expected %d to %d)",
				arg, WIDTH_LEAST, WIDTH_MOST);
	opt->width = (unsigned int)width;
	return EXIT_FINE;
}

static int set_only(struct options *opt, const char *list)
{
	size_t len;
	const char *unknown = filter_add(&opt->filter, list, &len);

	if (unknown)
		return complain(EXIT_USAGE, "unknown name in --only: \"%.*s\"",
				(int)len, unknown);
	if (filter_excludes_all(&opt->filter))
		return complain(EXIT_USAGE,
				"--only %s: no entry can match all of these",
				list);
	return EXIT_FINE;
}

static int set_frames(struct options *opt, const char *arg)
{
	if (options_frames(&opt->filter, arg))
		return EXIT_FINE;
	return complain(EXIT_USAGE,
			"invalid --frame: \"%s\" (expected FRAME, START-END or START+COUNT, hexadecimal)",
			arg);
}

static int set_neighbours(size_t *nr, const char *arg)
{
	uint64_t value = 0;

	if (arg[strspn(arg, "0123456789")] ||
	    (!parse_length(arg, &value) && strspn(arg, "0") != strlen(arg)))
		return complain(EXIT_USAGE,
				"invalid number of mappings: \"%s\"", arg);
	*nr = value;
	return EXIT_FINE;
}

static int add_input(struct options *opt, const char *file)
{
	if (!opt->cmd->several) {
		if (opt->input)
			return complain(EXIT_USAGE, "-i takes one file here");
		opt->input = file;
		return EXIT_FINE;
	}
	opt->input = file;
	if (opt->nr_inputs == INPUTS_MAX)
		return complain(EXIT_USAGE,
				"more than %d times -i: give further files without it",
				INPUTS_MAX);
	opt->inputs[opt->nr_inputs++] = file;
	return EXIT_FINE;
}

#define MEMBER(name)	offsetof(struct options, name)

/* Options that only set a member of struct options. */
static bool set_member(struct options *opt, int val, const char *arg)
{
	static const struct {
		int val;
		size_t at;
	} switches[] = {
		{ 'a', MEMBER(all) },
		{ 'b', MEMBER(bytes) },
		{ 'n', MEMBER(noheadings) },
		{ 'u', MEMBER(whole) },
		{ LONG_EVERY_COLUMN, MEMBER(every_column) },
	}, words[] = {
		{ 'o', MEMBER(output) },
		{ LONG_SORT, MEMBER(sort_name) },
		{ LONG_USER, MEMBER(user) },
		{ LONG_CGROUP, MEMBER(cgroup) },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(switches); i++) {
		if (switches[i].val != val)
			continue;
		*(bool *)((char *)opt + switches[i].at) = true;
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].val != val)
			continue;
		*(const char **)((char *)opt + words[i].at) = arg;
		return true;
	}
	return false;
}

/* Return: -1 if nothing is left to do. */
static int set_option(struct options *opt, int val, const char *arg)
{
	if (set_member(opt, val, arg))
		return EXIT_FINE;
	switch (val) {
	case 'i':
		return add_input(opt, arg);
	case 'J':
		return set_json(opt, arg);
	case 'r':
		return set_format(opt, FORMAT_RAW);
	case 'P':
		return set_format(opt, FORMAT_PAIRS);
	case LONG_CSV:
		return set_format(opt, FORMAT_CSV);
	case 'B':
		return set_neighbours(&opt->before, arg);
	case 'A':
		return set_neighbours(&opt->after, arg);
	case LONG_COLOR:
		return set_color(opt, arg);
	case LONG_WIDTH:
		return set_width(opt, arg);
	case LONG_ONLY:
		return set_only(opt, arg);
	case LONG_FRAME:
		return set_frames(opt, arg);
	case LONG_FAMILY:
		return target_find(arg, &opt->family);
	case 'H':
		help_list_columns(opt->cmd);
		return -1;
	case LONG_SCHEMA:
		schema_print(opt->cmd);
		return -1;
	case 'h':
		help_command(opt->cmd);
		return -1;
	case 'V':
		printf("mmscope %s\n", MMSCOPE_VERSION);
		return -1;
	case '?':
		return EXIT_USAGE;
	default:
		opt->given |= 1u << (val - LONG_GIVEN);
		return EXIT_FINE;
	}
}

static int refuse_empty(const struct command *cmd, int val)
{
	const struct known *k = option_find(val, cmd->options);

	return complain(EXIT_USAGE, "missing %s after --%s", k->arg, k->name);
}

/**
 * options_first_word - find the first operand, with options of all commands
 * @argc: number of arguments
 * @argv: arguments
 * @help: set if --help is given before it
 *
 * Return: its index in @argv, 0 if there is none
 */
int options_first_word(int argc, char **argv, bool *help)
{
	struct accepted any = { 0 };
	int val;

	*help = false;
	options_accept(&any, ~0u, "-");
	opterr = 0;
	optind = 0;
	while ((val = getopt_long(argc, argv, any.brief, any.longer,
				  NULL)) != -1) {
		if (val == 1)
			return optind - 1;
		*help |= val == 'h';
	}
	return optind < argc ? optind : 0;
}

static int find_target(const struct options *opt, const char *word, int *pid)
{
	return opt->first && opt->first->word == word ?
	       target_choose(opt->first, pid) : target_find(word, pid);
}

/* Where an address may follow, only a number that is the PID of a process is one. */
static bool is_further_target(const struct command *cmd, const char *word)
{
	char path[32];

	if (!cmd->most)
		return true;
	if (!is_ambiguous(word))
		return false;
	snprintf(path, sizeof(path), "/proc/%s", word);
	return !access(path, F_OK);
}

/* Take the operands that are processes, at least one; *nr is their number. */
static int take_words(struct options *opt, int argc, char **argv, int *nr)
{
	const struct command *cmd = opt->cmd;
	int pid, code;

	if (!argc)
		return complain(EXIT_USAGE, "missing PID%s",
				cmd->options & OPT_INPUT ? " or -i FILE" : "");
	do {
		code = find_target(opt, argv[*nr], &pid);
		if (code)
			return code;
		targets_add(&opt->targets, pid);
		++*nr;
	} while (cmd->repeats && *nr < argc &&
		 is_further_target(cmd, argv[*nr]));
	opt->pid = opt->targets.pid[0];
	return EXIT_FINE;
}

static int take_targets(struct options *opt, int argc, char **argv, int *nr)
{
	const struct command *cmd = opt->cmd;

	if (opt->input && opt->cgroup)
		return complain(EXIT_USAGE, "--cgroup cannot be combined with -i");
	if (opt->input || cmd->all_processes || cmd->several)
		return EXIT_FINE;
	if (opt->cgroup)
		return targets_add_cgroup(&opt->targets, opt->cgroup);
	if (!argc && cmd->pid_optional) {
		opt->pid = getpid();
		return EXIT_FINE;
	}
	return take_words(opt, argc, argv, nr);
}

static int take_operands(struct options *opt, int argc, char **argv)
{
	const struct command *cmd = opt->cmd;
	int nr = 0, code = take_targets(opt, argc, argv, &nr);

	if (code)
		return code;
	argc -= nr;
	argv += nr;
	if (argc < cmd->least)
		return complain(EXIT_USAGE, "missing operand: %s",
				cmd->operands);
	if (argc > cmd->most)
		return complain(EXIT_USAGE, "unexpected argument: \"%s\"",
				argv[cmd->most]);
	opt->operands = argv;
	opt->nr_operands = argc;
	return EXIT_FINE;
}

/**
 * options_repeat - whether the command runs once for each of several processes
 * @opt: the options
 *
 * Return: true for several PIDs, and for a cgroup, even if it has one process
 */
bool options_repeat(const struct options *opt)
{
	return opt->cmd->repeats && (opt->targets.nr > 1 || opt->cgroup);
}

/**
 * options_parse - parse the command line of one command
 * @opt: result; @cmd must be set, all else zero but @first; free its @targets
 * @argc: number of arguments
 * @argv: arguments; the first one is skipped, the name of the command is not
 *	among them
 *
 * Return: EXIT_FINE; -1 if nothing is left to do, as after --help; another exit
 * code after an error message
 */
int options_parse(struct options *opt, int argc, char **argv)
{
	struct accepted a = { 0 };
	int val, code;

	options_accept(&a, opt->cmd->options, "");
	opterr = 1;
	optind = 0;
	while ((val = getopt_long(argc, argv, a.brief, a.longer, NULL)) != -1) {
		code = optarg && !*optarg ? refuse_empty(opt->cmd, val) :
					    set_option(opt, val, optarg);
		if (code)
			return code;
	}
	code = take_operands(opt, argc - optind, argv + optind);
	return code ? code : choose_columns(opt);
}
