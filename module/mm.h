/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_MM_H
#define _MMSCOPE_MM_H

#include <linux/types.h>

struct mmscope_buf;
struct mmscope_target;

bool mmscope_record_mm(struct mmscope_buf *buf,
		       const struct mmscope_target *target);

#endif
