/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock of the machine counts instructions, one a nanosecond. */
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

/* Let deferred work finish. The clock jumps ahead, so this takes no time. */
static inline void idle(unsigned int seconds)
{
	struct timespec time = { .tv_sec = seconds };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time))
		;
}

#endif
