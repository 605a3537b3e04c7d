// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "array.h"
#include "commands.h"

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
