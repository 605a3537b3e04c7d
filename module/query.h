/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_QUERY_H
#define _MMSCOPE_QUERY_H

#include <linux/types.h>

#include "uapi/mmscope.h"

int mmscope_query_copy(struct mmscope_query *query, const char __user *from,
		       size_t count);

#endif
