// SPDX-License-Identifier: GPL-2.0-only
#include <pthread.h>
#include <unistd.h>

#include "die.h"
#include "target/crowd.h"
#include "target/thread.h"

static void *sleep_on(void *unused)
{
	thread_sleep();
}

void crowd_start(size_t nr)
{
	pthread_attr_t attr;
	pthread_t thread;
	size_t i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, sysconf(_SC_THREAD_STACK_MIN));
	for (i = 0; i < nr; i++)
		if (pthread_create(&thread, &attr, sleep_on, NULL))
			die("only %zu threads can be made", i);
}
