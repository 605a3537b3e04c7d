/* SPDX-License-Identifier: GPL-2.0-only */
/* The frames of single pages in several processes, by pagemap and by mmscope. */
#ifndef FRAMES_H
#define FRAMES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct view - a page as a process has it
 * @pid: of the process, or of a thread
 * @at: an address in the page
 * @frame: by pagemap; 0 if the page is not present
 * @alone: by pagemap, no other entry maps the frame
 * @anon: by pagemap, it is no page of a file or of shared memory
 */
struct view {
	pid_t pid;
	const volatile void *at;
	__u64 frame;
	bool alone;
	bool anon;
};

static inline struct view view_of(pid_t pid, const volatile void *at)
{
	return (struct view){ .pid = pid, .at = at };
}

/*
 * Read all of them at one moment: if the kernel moves a page meanwhile, the reads
 * start again. Return the number of pages that mmscope shows otherwise than
 * pagemap, and note them.
 */
size_t frames_differ(struct view *view, size_t nr);

#endif
