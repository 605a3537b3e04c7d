/* SPDX-License-Identifier: GPL-2.0-only */
/* Compares mmscope's residency with smaps and numa_maps, VMA by VMA. */
#ifndef SMAPS_H
#define SMAPS_H

#include <sys/types.h>

#include "mmscope.h"

void smaps_open(pid_t pid);
/* Die if the next mapping is another one, or if a sum of it differs. */
void smaps_compare(const struct mmscope_residency *residency);
/* Die if mappings are left. */
void smaps_close(void);

#endif
