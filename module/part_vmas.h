/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_PART_VMAS_H
#define _MMSCOPE_PART_VMAS_H

#include <linux/limits.h>

#include "uapi/mmscope.h"

struct mmscope_job;
struct vm_area_struct;

/*
 * A VMA with its residency; the longest name is a path, or the text around one
 * given by prctl().
 */
#define MMSCOPE_VMA_ROOM	(sizeof(struct mmscope_vma) + sizeof(__u64) + \
				 sizeof(struct mmscope_residency) + PATH_MAX)

void mmscope_record_vma(struct mmscope_job *job, struct vm_area_struct *vma);

#endif
