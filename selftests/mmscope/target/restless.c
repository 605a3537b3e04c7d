// SPDX-License-Identifier: GPL-2.0-only
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"
#include "target/restless.h"
#include "target/thread.h"

static struct restless *life;

static void count_change(void)
{
	__atomic_add_fetch(&life->changes, 1, __ATOMIC_SEQ_CST);
}

static void *end(void *arg)
{
	return NULL;
}

static void *come_and_go(void *arg)
{
	pthread_t thread;

	for (;; count_change())
		if (!pthread_create(&thread, NULL, end, NULL))
			pthread_join(thread, NULL);
	return NULL;
}

static void *execute_programs(void *arg)
{
	pid_t pid;

	for (;; count_change()) {
		pid = vfork();
		if (!pid) {
			execl("/bin/true", "true", NULL);
			_exit(1);
		}
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	return NULL;
}

static void *stay(void *arg)
{
	volatile pid_t *tid = arg;

	*tid = thread_id();
	pthread_barrier_wait(&life->barrier);
	thread_sleep();
}

void restless_live(struct restless *restless)
{
	void *(*const others[])(void *arg) = { come_and_go, execute_programs };
	pthread_attr_t attr;
	pthread_t thread;
	int i;

	life = restless;
	pthread_barrier_init(&life->barrier, NULL, STAYING + 1);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, sysconf(_SC_THREAD_STACK_MIN));
	for (i = 0; i < STAYING; i++) {
		if (i % (STAYING / 4) == 0)
			pthread_create(&thread, NULL, others[i / (STAYING / 4) % 2], NULL);
		if (pthread_create(&thread, &attr, stay, (void *)&life->staying[i]))
			die("only %d threads can be made", i);
	}
	pthread_barrier_wait(&life->barrier);
	life->ready = true;
	thread_sleep();
}
