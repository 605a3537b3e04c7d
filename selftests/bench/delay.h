/* SPDX-License-Identifier: GPL-2.0-only */
/* How long a process waits in mmap() while it is looked at. */
#ifndef DELAY_H
#define DELAY_H

/*
 * The case "mmap-delay", as lines of cases.h: INSNS is the worst delay, and
 * "nobody" tells it for a process that nobody reads.
 *
 * Delays show only what mmap_lock does to the process if it gets the processor
 * whenever it wants to go on. So it has a real-time priority, the kernel is
 * one that gives way at any time, and it comes at times that have nothing to do
 * with those of the reader.
 */
void delay_run(void);

#endif
