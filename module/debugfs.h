/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_DEBUGFS_H
#define _MMSCOPE_DEBUGFS_H

#include <linux/types.h>

int mmscope_debugfs_init(void);
void mmscope_debugfs_exit(void);
int mmscope_attach(pid_t nr);

#endif
