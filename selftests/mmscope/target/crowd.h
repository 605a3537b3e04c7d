/* SPDX-License-Identifier: GPL-2.0-only */
/* Many threads. */
#ifndef CROWD_H
#define CROWD_H

#include <stddef.h>

/* Start threads that sleep, on the smallest stacks that the C library gives. */
void crowd_start(size_t nr);

#endif
