/* SPDX-License-Identifier: GPL-2.0-only */
/* Compares the answers of mmscope and its peers. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "question.h"

/* Die if the answers of mmscope and of a peer that exists differ. */
void answers_compare(const struct question *question);

#endif
