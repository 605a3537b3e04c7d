/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of the running kernel. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>

/* No background work on memory, and huge pages only where a program asks. */
void machine_settle(void);

/* Split the huge pages of the calling process in place. */
void machine_split_huge(void *start, size_t size);

/* How much of the page cache one page fault maps. */
void machine_fault_around(size_t size);

/* Give memory that asks for huge pages folios of 64 KiB instead. */
bool machine_has_folios(void);
void machine_folios(bool on);

/* Pages of hugetlb of @size bytes; they stay reserved. */
bool machine_has_huge(size_t size);
void machine_reserve_huge(size_t size, size_t nr);

/* Preempt the kernel at any time, or as it was configured. */
void machine_preempt(bool any_time);

#endif
