// SPDX-License-Identifier: GPL-2.0-only
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cases.h"
#include "clock.h"
#include "delay.h"
#include "die.h"
#include "machine.h"
#include "peers.h"
#include "scope.h"
#include "shapes.h"
#include "sizes.h"
#include "target/target.h"

#define SAMPLES		500

/**
 * struct mapper - a process that maps and unmaps a page; in shared memory
 * @shape: its other memory, which is read meanwhile
 * @worst: the longest mmap()
 * @done: all samples are taken
 */
struct mapper {
	struct shape shape;
	__u64 worst;
	atomic_bool done;
};

/* Sleep for a pseudo-random part of a millisecond. */
static void pause_a_while(void)
{
	static unsigned int state = 1;
	struct timespec time = { 0 };

	state = state * 1103515245 + 12345;
	time.tv_nsec = 50000 + (state >> 8) % 400000;
	nanosleep(&time, NULL);
}

/*
 * Let the mapping that is read grow, as malloc() does. Kernels with per-VMA locks
 * would not delay a change to another mapping.
 */
static __u64 map_once(const struct shape *shape)
{
	long page = sysconf(_SC_PAGESIZE);
	char *end = shape->start + shape->size;
	__u64 before = instructions();
	char *p = mmap(end, page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	__u64 delay = instructions() - before;

	if (p != end)
		die("cannot extend the mapping");
	munmap(p, page);
	return delay;
}

/* Step 0 makes the shape, step 1 takes the samples. */
static void map_and_unmap(void *arg, int step)
{
	const struct sched_param param = { .sched_priority = 1 };
	struct mapper *self = arg;
	int i;

	if (!step) {
		shape_make(&self->shape, step);
		return;
	}
	if (sched_setscheduler(0, SCHED_FIFO, &param))
		die("cannot set a real-time priority");
	for (i = 0; i < SAMPLES; i++) {
		__u64 delay;

		pause_a_while();
		delay = map_once(&self->shape);
		if (delay > self->worst)
			self->worst = delay;
	}
	self->done = true;
}

static void read_nothing(pid_t pid)
{
	usleep(1000);
}

static void read_smaps(pid_t pid)
{
	const struct question question = { .pid = pid };
	struct cost cost;

	peer_measure(&smaps, &question, &cost);
}

static void read_mmscope(pid_t pid)
{
	const struct question question = {
		.pid = pid,
		.parts = MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_VMAS,
		.flags = MMSCOPE_QUERY_RESIDENCY,
	};
	struct cost cost;

	scope_measure(&question, &cost);
}

static const struct {
	const char *name;
	void (*read)(pid_t pid);
} readers[] = {
	{ "nobody", read_nothing },
	{ "smaps", read_smaps },
	{ "mmscope", read_mmscope },
};

static __u64 worst_delay(void (*read)(pid_t pid))
{
	struct mapper *mapper = target_share(sizeof(*mapper));
	struct target target;

	mapper->shape.make = make_plain;
	mapper->shape.amount = 256 * MIB / (4 * KIB);
	target_start(&target, map_and_unmap, mapper);
	idle(2);
	machine_preempt(true);
	target_leave(&target, 1);
	while (!mapper->done)
		read(target.pid);
	machine_preempt(false);
	target_stop(&target);
	return mapper->worst;
}

void delay_run(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(readers); i++) {
		const struct cost cost = {
			.insns = worst_delay(readers[i].read),
		};

		cases_print("mmap-delay", 1, readers[i].name, &cost);
	}
}
