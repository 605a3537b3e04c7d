/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of the kernel that runs. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>

/* Nothing happens that no program asked for, and huge pages only on request. */
void machine_settle(void);

/* Make small pages of huge ones of this process, where they are. */
void machine_split_huge(void *start, size_t size);

/* How much a page fault maps of what is in memory anyway. */
void machine_fault_around(size_t size);

/* Whether memory that asks for huge pages gets folios of 64 KiB in their place. */
bool machine_has_folios(void);
void machine_folios(bool on);

/* Huge pages of hugetlb, by their size in bytes; never given back. */
bool machine_has_huge(size_t size);
void machine_reserve_huge(size_t size, size_t nr);

/* Whether the kernel gives way to other programs at any time, or as it likes. */
void machine_preempt(bool any_time);

#endif
