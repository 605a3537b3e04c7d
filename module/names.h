/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_NAMES_H
#define _MMSCOPE_NAMES_H

#include <linux/types.h>

/**
 * struct mmscope_flag - a flag and its name
 * @mask: one bit, or 0 for a flag that this kernel does not have
 * @name: as printed
 */
struct mmscope_flag {
	u64 mask;
	const char *name;
};

/* Both end with an entry without a name. */
extern const struct mmscope_flag mmscope_vma_flags[];
extern const struct mmscope_flag mmscope_mm_flags[];

/* Names of the numbers in uapi/mmscope.h */
const char *mmscope_segment_name(u8 segment);
const char *mmscope_vma_kind_name(u8 kind);
const char *mmscope_level_name(u8 level);
const char *mmscope_kind_name(u8 kind);
const char *mmscope_area_name(u32 area);
const char *mmscope_policy_name(u8 policy);

#endif
