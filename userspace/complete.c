// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "candidate.h"
#include "candidate_process.h"
#include "commands.h"
#include "complete.h"
#include "exit_code.h"
#include "filter.h"
#include "option_table.h"
#include "segment.h"
#include "target.h"

/**
 * struct before - what the words before the half-typed one mean
 * @cmd: the command, NULL if no word names one yet
 * @option: the half-typed word is the argument of this one, or NULL
 * @operands: number of operands after the name of the command
 * @input: -i FILE or --cgroup PATH is among them, which stand for a PID
 * @ended: no option may follow, because of "--"
 */
struct before {
	const struct command *cmd;
	const struct known *option;
	int operands;
	bool input;
	bool ended;
};

/* Options before any operand are those of the default command. */
static unsigned int options_of(const struct before *b)
{
	return b->cmd ? b->cmd->options : commands[0]->options;
}

/* A shortened command is none if a process has that name. */
static const struct command *find_command(const char *word)
{
	const struct command *cmd = command_named(word);
	struct target target;

	if (cmd || !command_abbreviated(word))
		return cmd;
	target_look_up(&target, word);
	if (!target_exists(&target))
		cmd = command_abbreviated(word);
	target_free(&target);
	return cmd;
}

static void take_operand(struct before *b, const char *word)
{
	if (b->cmd) {
		b->operands++;
		return;
	}
	b->cmd = find_command(word);
	if (!b->cmd) {
		b->cmd = commands[0];
		b->operands = 1;
	}
}

static void read_words(struct before *b, int argc, char **argv)
{
	struct accepted any = { 0 };
	int val;

	options_accept(&any, ~0u, "-:");
	opterr = 0;
	optind = 0;
	while ((val = getopt_long(argc, argv, any.brief, any.longer,
				  NULL)) != -1) {
		if (val == 1)
			take_operand(b, optarg);
		else if (val == 'i' || val == LONG_CGROUP)
			b->input = true;
		else if (val == ':')
			b->option = option_find(optopt, b->cmd ?
						b->cmd->options : ~0u);
	}
	b->ended = optind > 1 && !strcmp(argv[optind - 1], "--");
	while (optind < argc)
		take_operand(b, argv[optind++]);
}

static void offer_columns(struct candidates *c, const struct command *cmd)
{
	c->any_case = true;
	for (size_t i = 0; i < cmd->nr_columns; i++)
		candidate_offer(c, cmd->columns[i].name, cmd->columns[i].help);
}

/* There are many negations: offer them only after the first letter. */
static void offer_filters(struct candidates *c)
{
	const char *name, *help;
	char negation[32];
	bool negates;

	c->any_case = true;
	candidate_list(c);
	for (size_t i = 0; (name = filter_name(i, &help, &negates)); i++) {
		candidate_offer(c, name, help);
		if (!*c->typed || !negates)
			continue;
		snprintf(negation, sizeof(negation), "no-%s", name);
		candidate_offer(c, negation, "entries without it");
	}
}

/* Offer the values that an option has names for, each after @lead. */
static void offer_values(struct candidates *c, const struct known *option,
			 const char *lead)
{
	static const struct {
		int val;
		const char *name;
		const char *help;
	} values[] = {
		{ 'J', "lines", "one object a line" },
		{ LONG_COLOR, "auto", "if standard output is a terminal" },
		{ LONG_COLOR, "always", "even in a file or a pipe" },
		{ LONG_COLOR, "never", "no colours" },
	};
	char name[64];

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		if (values[i].val != option->val)
			continue;
		snprintf(name, sizeof(name), "%s%s", lead, values[i].name);
		candidate_offer(c, name, values[i].help);
	}
}

/* The reader itself, "self", is no target of a command about all processes. */
static void offer_processes(struct candidates *c, const struct before *b)
{
	bool all_processes = b->cmd && b->cmd->all_processes;

	candidate_processes(c, all_processes);
	if (!all_processes)
		candidate_offer(c, "self", "mmscope itself");
}

static void offer_output(struct candidates *c, const struct before *b)
{
	const struct command *cmd = b->cmd ? b->cmd : commands[0];

	if (!(cmd->options & OPT_TABLE)) {
		candidate_files();
		return;
	}
	c->typed += *c->typed == '+';
	candidate_list(c);
	offer_columns(c, cmd);
}

static void offer_argument(struct candidates *c, const struct before *b,
			   const struct known *option)
{
	switch (option->val) {
	case 'i':
		candidate_files();
		break;
	case 'o':
		offer_output(c, b);
		break;
	case LONG_SORT:
		c->typed += *c->typed == '-';
		offer_columns(c, b->cmd ? b->cmd : commands[0]);
		break;
	case LONG_ONLY:
		offer_filters(c);
		break;
	case LONG_FAMILY:
		offer_processes(c, b);
		break;
	default:
		offer_values(c, option, "");
	}
}

static void offer_options(struct candidates *c, const struct before *b)
{
	char name[48];

	for (size_t i = 0; i < nr_known; i++) {
		if (!option_taken(&known[i], options_of(b)))
			continue;
		if (known[i].val < NO_LETTER) {
			snprintf(name, sizeof(name), "-%c", known[i].val);
			candidate_offer(c, name, known[i].help);
		}
		snprintf(name, sizeof(name), "--%s", known[i].name);
		candidate_offer(c, name, known[i].help);
		if (!option_is_optional(&known[i]))
			continue;
		snprintf(name, sizeof(name), "--%s=", known[i].name);
		offer_values(c, &known[i], name);
	}
}

/* Complete what follows the first "=" of a long option. */
static void offer_assigned(struct candidates *c, const struct before *b)
{
	size_t len = strcspn(c->word, "=");

	for (size_t i = 0; i < nr_known; i++) {
		const struct known *k = &known[i];

		if (!k->arg || !option_taken(k, options_of(b)) ||
		    strlen(k->name) != len - 2 ||
		    strncmp(k->name, c->word + 2, len - 2))
			continue;
		c->typed = c->word + len + 1;
		offer_argument(c, b, k);
	}
}

static void offer_segments(struct candidates *c)
{
	for (unsigned int i = 0; i < SEGMENTS; i++)
		candidate_offer(c, segment_info(i)->name,
				segment_info(i)->label);
}

/* Whether the next operand stands for a process. */
static bool wants_process(const struct before *b)
{
	if (b->cmd->all_processes)
		return strstr(b->cmd->operands, "PID");
	return !b->input && (!b->operands || b->cmd->several ||
			     (b->cmd->repeats && !b->cmd->most));
}

static void offer_operands(struct candidates *c, const struct before *b)
{
	bool takes_pid = !b->cmd->all_processes && !b->input;

	if (wants_process(b))
		offer_processes(c, b);
	else if (b->cmd->several)
		candidate_files();
	else if (b->operands - takes_pid < b->cmd->most &&
		 (strstr(b->cmd->operands, "RANGE") ||
		  strstr(b->cmd->operands, "SEGMENT")))
		offer_segments(c);
}

/* A number, or the beginning of a name, may also be the process to draw. */
static void offer_first_word(struct candidates *c, const struct before *b)
{
	for (size_t i = 0; i < nr_commands; i++)
		candidate_offer(c, commands[i]->name, commands[i]->summary);
	if (*c->typed && !b->input)
		offer_processes(c, b);
}

/**
 * complete - print the candidates for the last word of a command line
 * @argc: number of words, with the name of the program
 * @argv: the words; the last one is half-typed, and may be empty
 *
 * Prints a line for each: the candidate, a tab, and a description. In a line without a
 * candidate, the names of files are meant.
 *
 * Return: EXIT_FINE
 */
int complete(int argc, char **argv)
{
	struct before b = { 0 };
	struct candidates c = { .word = argc > 1 ? argv[--argc] : "" };

	c.typed = c.word;
	read_words(&b, argc, argv);
	if (b.option)
		offer_argument(&c, &b, b.option);
	else if (!b.ended && !strncmp(c.word, "--", 2) && strchr(c.word, '='))
		offer_assigned(&c, &b);
	else if (!b.ended && *c.word == '-')
		offer_options(&c, &b);
	else if (b.cmd)
		offer_operands(&c, &b);
	else
		offer_first_word(&c, &b);
	candidate_end(&c);
	return EXIT_FINE;
}
