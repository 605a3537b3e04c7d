/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_RESIDENCY_H
#define _MMSCOPE_RESIDENCY_H

#include <linux/types.h>

#include "residency_walk.h"

struct mmscope_buf;
struct vm_area_struct;

bool mmscope_resident_slice(struct mmscope_resident *res,
			    struct mmscope_buf *buf, struct mm_struct *mm);
bool mmscope_resident_vma(struct mmscope_resident *res, struct mmscope_buf *buf,
			  struct vm_area_struct *vma, unsigned long start);
void mmscope_resident_start(struct mmscope_resident *res, struct mm_struct *mm,
			    unsigned long start, unsigned long end);
bool mmscope_resident_range(struct mmscope_resident *res);

#endif
