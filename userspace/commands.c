// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "array.h"
#include "commands.h"
#include "spell.h"
#include "text.h"

#define COMMAND(name)	&cmd_##name

const struct command *const commands[] = { COMMANDS };
const size_t nr_commands = ARRAY_SIZE(commands);

/**
 * command_named - find a command by its name
 * @name: the whole name
 *
 * Return: the command, NULL if there is none
 */
const struct command *command_named(const char *name)
{
	for (size_t i = 0; i < nr_commands; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

/**
 * command_abbreviated - find a command by the beginning of its name
 * @word: the beginning
 *
 * Return: the only command that begins so, NULL if there is none or several
 */
const struct command *command_abbreviated(const char *word)
{
	const struct command *found = NULL;

	for (size_t i = 0; i < nr_commands; i++) {
		if (strncmp(commands[i]->name, word, strlen(word)))
			continue;
		if (found)
			return NULL;
		found = commands[i];
	}
	return found;
}

/**
 * commands_begin - name the commands that begin with a word
 * @names: the names are appended, with commas
 * @word: the beginning
 *
 * Return: number of names
 */
size_t commands_begin(struct text *names, const char *word)
{
	size_t nr = 0;

	for (size_t i = 0; i < nr_commands; i++)
		if (!strncmp(commands[i]->name, word, strlen(word)))
			text_printf(names, "%s%s", nr++ ? ", " : "",
				    commands[i]->name);
	return nr;
}

/**
 * command_like - find the command that a misspelt word may mean
 * @word: the word
 *
 * Return: the one that differs least, NULL if it is another word
 */
const struct command *command_like(const char *word)
{
	size_t best = strlen(word) / 3 + 1;
	const struct command *found = NULL;

	for (size_t i = 0; i < nr_commands; i++) {
		size_t distance = spell_distance(word, commands[i]->name);

		if (distance > best || (found && distance == best))
			continue;
		best = distance;
		found = commands[i];
	}
	return found;
}
