/* SPDX-License-Identifier: GPL-2.0-only */
/* A command that runs once for each of several processes. */
#ifndef MMSCOPE_SERIES_H
#define MMSCOPE_SERIES_H

#include "options.h"
#include "text.h"

/**
 * struct series - the runs
 * @begun: number of them that have printed something
 */
struct series {
	size_t begun;
};

int series_run(const struct options *opt);
bool series_begin(const struct options *opt);
void series_heading(const struct options *opt);
bool series_has_pid(const struct options *opt);
void series_json(const struct options *opt, struct text *out);

#endif
