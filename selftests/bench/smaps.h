/* SPDX-License-Identifier: GPL-2.0-only */
/* smaps and numa_maps, mapping by mapping, beside mmscope's residency. */
#ifndef SMAPS_H
#define SMAPS_H

#include <sys/types.h>

#include "mmscope.h"

void smaps_open(pid_t pid);
/* Dies if the next mapping is another one, or another number of kB differs. */
void smaps_compare(const struct mmscope_residency *told);
/* Dies if there is a further mapping. */
void smaps_close(void);

#endif
