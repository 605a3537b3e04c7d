/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading the module. */
#ifndef MMSCOPE_LOAD_H
#define MMSCOPE_LOAD_H

#include <stdbool.h>

bool load_is_done(void);
int load_module(void);

#endif
