// SPDX-License-Identifier: GPL-2.0-only
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "die.h"
#include "shapes.h"
#include "target/target.h"

#define THREAD_STACK	(64 * 1024)

static void *sleep_on(void *unused)
{
	for (;;)
		pause();
	return NULL;
}

/* Stacks in one mapping: with a guard each, their number would be limited. */
void make_threads(struct shape *shape)
{
	pthread_attr_t attr;
	pthread_t thread;
	size_t i;

	shape->size = shape->amount * THREAD_STACK;
	shape->start = target_map(NULL, shape->size, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	pthread_attr_init(&attr);
	for (i = 0; i < shape->amount; i++)
		if (pthread_attr_setstack(&attr, shape->start + i * THREAD_STACK,
					  THREAD_STACK) ||
		    pthread_create(&thread, &attr, sleep_on, NULL))
			die("only %zu threads can be made", i);
}
