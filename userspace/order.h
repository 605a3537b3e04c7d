/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the format promises of the records of a stream together: their order and
 * number, ascending addresses, and sums. See the head of uapi/mmscope.h.
 */
#ifndef MMSCOPE_ORDER_H
#define MMSCOPE_ORDER_H

#include <stdint.h>

#include "record.h"

/**
 * struct order - state of the checks
 * @overlaps: huge entries that replaced a table during the read, and so begin
 *	before the end of the run before
 *
 * The other members are those of order.c.
 */
struct order {
	uint64_t overlaps;

	uint32_t seen;			/* 1 << enum mmscope_rec */
	uint32_t last;			/* enum mmscope_rec */
	uint32_t names;			/* 1 << enum mmscope_names_of */
	uint64_t vmas, runs, entries;
	uint64_t vma_start, vma_end;
	uint64_t run_last;
	unsigned int run_level;		/* 0: no run yet */
	uint64_t upper_start;
	unsigned int upper_level;	/* 0: no entry yet */
	uint64_t uppers;
	uint64_t tables_end;
	uint64_t tables;
	int32_t tid;
	uint64_t threads;
	unsigned int regions;
	uint64_t region_start;
	uint64_t kernel_start;		/* of the last run; 0: none */
};

const char *order_check(struct order *o, const struct mmscope_header *h,
			struct record *rec);

#endif
