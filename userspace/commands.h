/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All commands, in the order of --help; the first one is the default. For each
 * COMMAND(name), cmd_NAME.c defines struct command cmd_NAME.
 */
#ifndef MMSCOPE_COMMANDS_H
#define MMSCOPE_COMMANDS_H

#include "command.h"

#define COMMANDS							\
	COMMAND(picture), COMMAND(mm), COMMAND(vmas),			\
	COMMAND(pagetable), COMMAND(translate), COMMAND(tables),	\
	COMMAND(threads), COMMAND(kernel), COMMAND(who),			\
	COMMAND(ps), COMMAND(shared), COMMAND(explain),			\
	COMMAND(snapshot)

#define COMMAND(name)	cmd_##name
extern const struct command COMMANDS;
#undef COMMAND

extern const struct command *const commands[];
extern const size_t nr_commands;

const struct command *command_named(const char *name);
const struct command *command_abbreviated(const char *word);
size_t commands_begin(struct text *names, const char *word);
const struct command *command_like(const char *word);

#endif
