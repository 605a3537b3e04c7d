/* SPDX-License-Identifier: GPL-2.0-only */
/* Conditions on page-table entries. */
#ifndef MMSCOPE_FILTER_H
#define MMSCOPE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run.h"

/**
 * struct filter - as in struct mmscope_query; all zero matches every entry
 * @kinds: 1 << enum mmscope_kind each
 * @levels: 1 << enum mmscope_level each
 * @attrs_set: MMSCOPE_ATTR_* that must be set
 * @attrs_clear: MMSCOPE_ATTR_* that must be clear
 * @page_set: page facts that must be set
 * @page_clear: page facts that must be clear
 * @frame_start: first frame
 * @frame_end: exclusive, 0 for no such condition
 */
struct filter {
	uint32_t kinds;
	uint32_t levels;
	uint32_t attrs_set;
	uint32_t attrs_clear;
	uint64_t page_set;
	uint64_t page_clear;
	uint64_t frame_start;
	uint64_t frame_end;
};

const char *filter_add(struct filter *f, const char *list, size_t *len);
bool filter_is_empty(const struct filter *f);
bool filter_excludes_all(const struct filter *f);
void filter_help(void);
const char *filter_name(size_t i, const char **help, bool *negates);
bool filter_wants_facts(const struct filter *f);
bool filter_run(const struct filter *f, const struct mmscope_header *h,
		struct run *run);

#endif
