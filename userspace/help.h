/* SPDX-License-Identifier: GPL-2.0-only */
/* The help of a command. */
#ifndef MMSCOPE_HELP_H
#define MMSCOPE_HELP_H

#include "command.h"

void help_command(const struct command *cmd);
void help_list_columns(const struct command *cmd);

#endif
