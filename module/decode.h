/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_DECODE_H
#define _MMSCOPE_DECODE_H

#include <linux/types.h>

#include "uapi/mmscope.h"

struct mmscope_entry;
struct mmscope_pgwalk;

void mmscope_decode(struct mmscope_entry *entry, struct mmscope_pgwalk *walk,
		    enum mmscope_level level, void *entryp, u64 raw);
bool mmscope_decode_again(struct mmscope_entry *entry,
			  struct mmscope_pgwalk *walk, enum mmscope_level level,
			  void *entryp, u64 *raw);

#endif
