// SPDX-License-Identifier: GPL-2.0-only
#include <sys/syscall.h>
#include <unistd.h>

#include "die.h"
#include "target/thread.h"

pid_t thread_id(void)
{
	return syscall(SYS_gettid);
}

unsigned long thread_pointer(void)
{
	unsigned long tp;

#ifdef __x86_64__
	asm("mov %%fs:0, %0" : "=r" (tp));
#else
	asm("mrs %0, tpidr_el0" : "=r" (tp));
#endif
	return tp;
}

void thread_read_self(struct self *self)
{
	pthread_attr_t attr;
	size_t size, guard;
	void *stack;

	if (pthread_getattr_np(pthread_self(), &attr) ||
	    pthread_attr_getstack(&attr, &stack, &size) ||
	    pthread_attr_getguardsize(&attr, &guard) ||
	    sigaltstack(NULL, &self->altstack))
		die("a thread cannot read itself");
	pthread_attr_destroy(&attr);
	self->tls = thread_pointer();
	self->stack = (unsigned long)stack;
	self->stack_end = self->stack + size;
	self->guard = guard;
	self->local = (unsigned long)&attr;
	self->tid = thread_id();
}

void thread_start(void *(*fn)(void *arg), struct self *self,
		  const pthread_attr_t *attr)
{
	pthread_t thread;

	if (pthread_create(&thread, attr, fn, self))
		die("pthread_create failed");
	while (!self->tid)
		usleep(1000);
}

void thread_sleep(void)
{
	for (;;)
		pause();
}

void *thread_live(void *self)
{
	thread_read_self(self);
	thread_sleep();
}
