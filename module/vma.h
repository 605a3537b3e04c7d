/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_VMA_H
#define _MMSCOPE_VMA_H

#include <linux/types.h>

struct mm_struct;
struct mmscope_buf;

bool mmscope_record_vmas(struct mmscope_buf *buf, struct mm_struct *mm,
			 unsigned long *cursor, unsigned long end, u64 *count);
bool mmscope_record_walk(struct mmscope_buf *buf, struct mm_struct *mm,
			 unsigned long addr, u64 *count);

#endif
