/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes as candidates for a half-typed word. */
#ifndef MMSCOPE_CANDIDATE_PROCESS_H
#define MMSCOPE_CANDIDATE_PROCESS_H

#include <stdbool.h>

#include "candidate.h"

void candidate_processes(struct candidates *c, bool common);

#endif
