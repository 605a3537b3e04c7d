/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers of mmscope and its peers, side by side. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "ask.h"

/* Dies if mmscope and any peer that exists say different things. */
void answers_compare(const struct ask *ask);

#endif
