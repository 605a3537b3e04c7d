/* SPDX-License-Identifier: GPL-2.0-only */
/* How long a process waits in mmap() while another one reads its memory. */
#ifndef DELAY_H
#define DELAY_H

/*
 * The case "mmap-delay", as lines of cases.h: INSNS is the worst delay. The reader
 * "nobody" stands for a process whose memory is not read.
 *
 * The delays shall show mmap_lock and nothing else. So the process has a
 * real-time priority, the kernel preempts at any time, and the samples are taken
 * at times that do not depend on the reader.
 */
void delay_run(void);

#endif
