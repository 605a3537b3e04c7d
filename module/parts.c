// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parts of a stream.
 */
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kernel.h>

#include "part.h"

const struct mmscope_part *const mmscope_parts[] = {
	&mmscope_part_header,
	&mmscope_part_task,
	&mmscope_part_range,
	&mmscope_part_names,
	&mmscope_part_mm,
	&mmscope_part_vmas,
	&mmscope_part_upper,
	&mmscope_part_runs,
	&mmscope_part_tables,
	&mmscope_part_walk,
	&mmscope_part_sums,
	&mmscope_part_threads,
	&mmscope_part_kernel_layout,
	&mmscope_part_kernel_pagetable,
	&mmscope_part_changes,
	&mmscope_part_end,
	NULL
};

struct mmscope_part_sets mmscope_part_sets __ro_after_init;

/**
 * mmscope_parts_init() - fill in mmscope_part_sets, which each query needs
 */
void __init mmscope_parts_init(void)
{
	struct mmscope_part_sets *sets = &mmscope_part_sets;
	const struct mmscope_part *const *part;

	for (part = mmscope_parts; *part; part++) {
		sets->known |= (*part)->parts;
		if ((*part)->ranged)
			sets->ranged |= (*part)->parts;
		if ((*part)->addresses)
			sets->addresses |= (*part)->parts;
	}
}
