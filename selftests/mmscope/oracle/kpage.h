/* SPDX-License-Identifier: GPL-2.0-only */
/* Compare the page facts of runs with /proc/kpageflags and /proc/kpagecount. */
#ifndef KPAGE_H
#define KPAGE_H

#include <linux/const.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Bits of /proc/kpageflags */
#define KPF_LOCKED		_BITULL(0)
#define KPF_REFERENCED		_BITULL(2)
#define KPF_UPTODATE		_BITULL(3)
#define KPF_DIRTY		_BITULL(4)
#define KPF_LRU			_BITULL(5)
#define KPF_ACTIVE		_BITULL(6)
#define KPF_WRITEBACK		_BITULL(8)
#define KPF_RECLAIM		_BITULL(9)
#define KPF_MMAP		_BITULL(11)
#define KPF_ANON		_BITULL(12)
#define KPF_SWAPCACHE		_BITULL(13)
#define KPF_SWAPBACKED		_BITULL(14)
#define KPF_COMPOUND_HEAD	_BITULL(15)
#define KPF_COMPOUND_TAIL	_BITULL(16)
#define KPF_HUGE		_BITULL(17)
#define KPF_UNEVICTABLE		_BITULL(18)
#define KPF_HWPOISON		_BITULL(19)
#define KPF_KSM			_BITULL(21)
#define KPF_THP			_BITULL(22)
#define KPF_ZERO_PAGE		_BITULL(24)
#define KPF_RESERVED		_BITULL(32)
#define KPF_MLOCKED		_BITULL(33)

/* The words of one frame. */
__u64 kpage_flags(__u64 frame);
__u64 kpage_count(__u64 frame);

#define KPAGE_ROW	512

/**
 * struct kpage_flags - flags of a frame in kpageflags
 * @page: its own
 * @head: those of the first page of the compound page that it is part of
 */
struct kpage_flags {
	__u64 page;
	__u64 head;
};

/* The flags of frames in a row, at most KPAGE_ROW. */
void kpage_row(__u64 frame, size_t nr, struct kpage_flags *row);

/* Does kpageflags set KPF_KSM for pages of KSM only? */
bool kpage_knows_ksm(void);

/*
 * Compare the facts of all runs of a target that keeps still with kpageflags,
 * kpagecount, and the node with move_pages(2). Other processes may change shared
 * pages at the same time: such pages are compared again, one by one. Return the
 * number of pages that differ, and note the first ones.
 */
size_t kpage_compare(pid_t pid, __u64 start, __u64 end);

#endif
