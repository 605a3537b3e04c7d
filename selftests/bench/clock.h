/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's clock counts its instructions, one a nanosecond. */
#ifndef CLOCK_H
#define CLOCK_H

#include <linux/types.h>
#include <time.h>

static inline __u64 instructions(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Costs next to nothing, and all that was put off gets done. */
static inline void idle(unsigned int seconds)
{
	struct timespec time = { .tv_sec = seconds };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time))
		;
}

#endif
