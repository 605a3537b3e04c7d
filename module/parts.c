// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parts of a stream.
 */
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

/**
 * mmscope_parts_known() - the parts that a query may ask for
 *
 * Return: MMSCOPE_PART_*.
 */
u32 mmscope_parts_known(void)
{
	const struct mmscope_part *const *part;
	u32 parts = 0;

	for (part = mmscope_parts; *part; part++)
		parts |= (*part)->parts;
	return parts;
}

/**
 * mmscope_parts_ranged() - the parts that a query may limit to a range
 *
 * Return: MMSCOPE_PART_*.
 */
u32 mmscope_parts_ranged(void)
{
	const struct mmscope_part *const *part;
	u32 parts = 0;

	for (part = mmscope_parts; *part; part++)
		if ((*part)->ranged)
			parts |= (*part)->parts;
	return parts;
}

/**
 * mmscope_parts_addresses() - the parts for those who may see kernel addresses
 *
 * Return: MMSCOPE_PART_*.
 */
u32 mmscope_parts_addresses(void)
{
	const struct mmscope_part *const *part;
	u32 parts = 0;

	for (part = mmscope_parts; *part; part++)
		if ((*part)->addresses)
			parts |= (*part)->parts;
	return parts;
}
