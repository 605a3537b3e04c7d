/* SPDX-License-Identifier: GPL-2.0-only */
/* The gate page of x86-64, which /proc/PID/maps lists as [vsyscall]. */
#ifndef MMSCOPE_GATE_H
#define MMSCOPE_GATE_H

#include <stdbool.h>

bool gate_exists(void);

#endif
