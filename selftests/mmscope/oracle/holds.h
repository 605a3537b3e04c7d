/* SPDX-License-Identifier: GPL-2.0-only */
/* How long this thread holds mmap_lock, by the kernel's trace events. */
#ifndef HOLDS_H
#define HOLDS_H

#include <linux/types.h>
#include <stdbool.h>

/**
 * struct holds - of the mmap_lock of one other process, for reading
 * @nr: how often this thread took it, and let go
 * @longest_ns: the longest time between
 * @waits: how often this thread waited for a sleeping lock, mmap_lock included,
 *	while it did not hold it
 * @waits_inside: and while it did
 */
struct holds {
	__u64 nr;
	__u64 longest_ns;
	__u64 waits;
	__u64 waits_inside;
};

/* Times are traced in whole microseconds: @longest_ns may be off by that much. */
#define HOLDS_STEP_NS	1000

/* Does this kernel have the events? Mounts tracefs if nobody did. */
bool holds_traceable(void);

/* Has it events for waits, too? Spinlocks and mutexes do not count. */
bool holds_waits_traceable(void);

/* Begin and end to trace this thread. */
void holds_open(void);
void holds_close(void);

/*
 * Start a new trace; stop it and return what was traced. In between, this thread
 * may read only one other process.
 */
void holds_start(void);
struct holds holds_stop(void);

#endif
