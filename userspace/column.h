/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of columns for programs. */
#ifndef MMSCOPE_COLUMN_H
#define MMSCOPE_COLUMN_H

#include "command.h"
#include "text.h"

void column_variable(struct text *out, const struct column *col);
void column_member(struct text *out, const struct column *col);

#endif
