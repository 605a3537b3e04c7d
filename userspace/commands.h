/* SPDX-License-Identifier: GPL-2.0-only */
/* All commands. For each one, cmd_NAME.c defines struct command cmd_NAME. */
#ifndef MMSCOPE_COMMANDS_H
#define MMSCOPE_COMMANDS_H

#include "command.h"

/* In the order of --help; the first one needs no name. */
#define COMMANDS(each)							\
	each(picture) each(mm) each(vmas) each(pagetable)		\
	each(translate) each(tables) each(who) each(snapshot)

#define DECLARE_COMMAND(name)	extern const struct command cmd_##name;
COMMANDS(DECLARE_COMMAND)
#undef DECLARE_COMMAND

#endif
