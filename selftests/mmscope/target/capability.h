/* SPDX-License-Identifier: GPL-2.0-only */
/* Capabilities of this process. */
#ifndef CAPABILITY_H
#define CAPABILITY_H

#include <linux/capability.h>

/* Give up CAP_* for good. */
void capability_drop(int capability);

#endif
