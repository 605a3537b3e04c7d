/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads of a target, and what they read of themselves. */
#ifndef THREAD_H
#define THREAD_H

#include <pthread.h>
#include <signal.h>
#include <stdnoreturn.h>
#include <sys/types.h>

/**
 * struct self - what a thread reads of itself
 * @tid: its id, set last
 * @tls: thread pointer
 * @stack: first address of its stack
 * @stack_end: exclusive
 * @guard: bytes of its guard, as the library has it
 * @local: address of a variable on its stack
 * @altstack: as sigaltstack() reports
 */
struct self {
	volatile pid_t tid;
	unsigned long tls;
	unsigned long stack;
	unsigned long stack_end;
	unsigned long guard;
	unsigned long local;
	stack_t altstack;
};

pid_t thread_id(void);
unsigned long thread_pointer(void);
void thread_read_self(struct self *self);

/*
 * Call @fn in a new thread, which has to read itself. Returns when it has.
 * @attr: NULL for the default
 */
void thread_start(void *(*fn)(void *arg), struct self *self,
		  const pthread_attr_t *attr);

/* A thread that reads itself and sleeps until the process is killed. */
void *thread_live(void *self);
noreturn void thread_sleep(void);

#endif
