/* SPDX-License-Identifier: GPL-2.0-only */
/* How much each two processes have in common, as text. */
#ifndef MMSCOPE_SHARE_MATRIX_H
#define MMSCOPE_SHARE_MATRIX_H

#include "options.h"
#include "share.h"
#include "uapi/mmscope.h"

/**
 * struct share_member - one of the processes
 * @task: its TASK record
 * @time_ns: CLOCK_REALTIME at which it was read
 */
struct share_member {
	struct mmscope_task task;
	uint64_t time_ns;
};

void share_matrix(const struct options *opt, const struct share *s,
		  const struct share_member *member, unsigned int page_shift);

#endif
