/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads, children and programs that come and go, around some threads that stay. */
#ifndef RESTLESS_H
#define RESTLESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdnoreturn.h>
#include <sys/types.h>

/* More than one slice lists. */
#define STAYING		200

/**
 * struct restless - shared with the process
 * @barrier: for those that stay
 * @ready: all of those have started
 * @staying: their ids
 * @changes: how often others have come and gone
 */
struct restless {
	pthread_barrier_t barrier;
	volatile bool ready;
	volatile pid_t staying[STAYING];
	unsigned long changes;
};

/* Does not return; @restless is zero at first. */
noreturn void restless_live(struct restless *restless);

#endif
