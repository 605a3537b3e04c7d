/* SPDX-License-Identifier: GPL-2.0-only */
/* What is asked of mmscope and of its peers alike, and what that costs. */
#ifndef ASK_H
#define ASK_H

#include <linux/types.h>
#include <sys/types.h>

/**
 * struct ask - one question
 * @pid: about whom
 * @parts: MMSCOPE_PART_*
 * @flags: MMSCOPE_QUERY_*
 * @start: of the range, for pages
 * @end: of the range
 */
struct ask {
	pid_t pid;
	__u32 parts;
	__u32 flags;
	__u64 start;
	__u64 end;
};

/**
 * struct cost - what an answer took
 * @insns: instructions, from opening the file to closing it
 * @bytes: that were read
 * @vmas: in the answer; this and the rest only of mmscope
 * @runs: in the answer
 * @entries: in these runs
 * @holds: how often mmap_lock was taken
 * @longest: the longest time it was held, in instructions
 */
struct cost {
	__u64 insns;
	__u64 bytes;
	__u64 vmas;
	__u64 runs;
	__u64 entries;
	__u64 holds;
	__u64 longest;
};

#endif
