/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of the regions of the kernel half. */
#ifndef MMSCOPE_KERNEL_AREA_H
#define MMSCOPE_KERNEL_AREA_H

#include <stdint.h>

const char *kernel_area_name(uint32_t area);
const char *kernel_area_holds(uint32_t area);

#endif
