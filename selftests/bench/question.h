/* SPDX-License-Identifier: GPL-2.0-only */
/* A question that mmscope and its peers answer, and what an answer costs. */
#ifndef QUESTION_H
#define QUESTION_H

#include <linux/types.h>
#include <sys/types.h>

/**
 * struct question - one question
 * @pid: of the process
 * @parts: MMSCOPE_PART_*
 * @flags: MMSCOPE_QUERY_*
 * @start: of the range, for pages
 * @end: of the range, exclusive
 */
struct question {
	pid_t pid;
	__u32 parts;
	__u32 flags;
	__u64 start;
	__u64 end;
};

/**
 * struct cost - the cost of an answer
 * @insns: instructions, from opening the file to closing it
 * @bytes: number of bytes read
 * @vmas: VMAs in the answer; 0 for peers, like all that follows
 * @runs: runs in the answer
 * @entries: entries in these runs
 * @holds: number of times that mmap_lock was taken
 * @longest: longest hold of mmap_lock, in instructions
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
