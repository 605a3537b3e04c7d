/* SPDX-License-Identifier: GPL-2.0-only */
/* The page tables of the kernel half, read through /proc/kcore. */
#ifndef KHALF_H
#define KHALF_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "stream/stream.h"

/**
 * struct khalf_run - entries in a row with the same size and permissions
 * @start: address that the first one maps
 * @size: bytes that all map; the end of all addresses wraps to 0
 * @raw: the bits that they have in common, by the processor's manual
 * @attrs: the attributes in KHALF_ATTRS
 * @level: enum mmscope_level
 */
struct khalf_run {
	__u64 start;
	__u64 size;
	__u64 raw;
	__u32 attrs;
	__u8 level;
};

struct khalf {
	struct khalf_run *run;
	size_t nr;
};

#define KHALF_ATTRS	(MMSCOPE_ATTR_WRITE | MMSCOPE_ATTR_EXEC | \
			 MMSCOPE_ATTR_KERNEL_EXEC | MMSCOPE_ATTR_USER | \
			 MMSCOPE_ATTR_GLOBAL)

/* Add a run after the last one, or to it if they are alike. */
void khalf_add(struct khalf *found, struct khalf_run run);

/* Cut a run to the range. @last is included. Return: whether anything is left. */
bool khalf_cut(struct khalf_run *run, __u64 start, __u64 last);

/*
 * Walk the tables from the root of @stream, which has a KERNEL record. @last is
 * included. Free the runs.
 */
struct khalf khalf_walk(const struct stream *stream, __u64 start, __u64 last);

/* The physical address that these tables lead to; 0 if they do not map @addr. */
__u64 khalf_phys(const struct stream *stream, __u64 addr);

/*
 * Where each entry of the top table for the kernel half leads, 0 if it is not in use.
 * Return: the number of entries, at most MAX_TABLE_ENTRIES.
 */
size_t khalf_top(const struct stream *stream, __u64 *phys);

#endif
