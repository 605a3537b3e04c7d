/* SPDX-License-Identifier: GPL-2.0-only */
/* What both mmscope and /proc report of one address. */
#ifndef PLACE_H
#define PLACE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct place - an address of a process that keeps still
 * @start: of its mapping
 * @end: of its mapping, exclusive
 * @kind: enum mmscope_vma_kind; 0 if nothing is mapped there
 * @perms: of the mapping, as in maps: "rw-p"
 * @name: of the mapping, as in maps
 * @present: an entry of a page table maps a page there
 * @zero: it is the page of zeroes
 * @anon: it is an anonymous page; else one of the page cache
 * @frame: of the page
 */
struct place {
	__u64 start;
	__u64 end;
	unsigned int kind;
	char perms[5];
	char name[256];
	bool present;
	bool zero;
	bool anon;
	__u64 frame;
};

/* Ends the test if mmscope and /proc differ. */
struct place place_at(pid_t pid, __u64 addr);

/* Do both addresses have a page, and the same one? */
bool place_shared(pid_t pid, __u64 addr, pid_t other, __u64 other_addr);

/* Pages that are present in a range; ends the test if mmscope and /proc differ. */
size_t place_count(pid_t pid, __u64 start, size_t pages);

/* May the page be written to? Only mmscope reports that. */
bool place_writable(pid_t pid, __u64 addr);

#endif
