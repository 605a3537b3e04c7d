/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_TRANSLATE_H
#define _MMSCOPE_TRANSLATE_H

#include "uapi/mmscope.h"

struct vm_area_struct;

void mmscope_translate(struct mmscope_walk *rec, struct vm_area_struct *vma,
		       unsigned long addr);

#endif
