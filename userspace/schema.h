/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON Schema of a command's output. */
#ifndef MMSCOPE_SCHEMA_H
#define MMSCOPE_SCHEMA_H

/* Version of the JSON; bump it when a member changes its meaning. */
#define JSON_FORMAT	4

struct command;

void schema_print(const struct command *cmd);

#endif
