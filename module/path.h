/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MMSCOPE_PATH_H
#define _MMSCOPE_PATH_H

#include <linux/path.h>

struct mmscope_buf;
struct mmscope_vma;

/* Components of the longest path that is put together under mmap_lock. */
#define MMSCOPE_PATH_SHORT	64

/**
 * struct mmscope_path - a path that is put together once mmap_lock is dropped
 * @path: referenced, if it has a dentry
 * @rec: the VMA record that waits for it
 */
struct mmscope_path {
	struct path path;
	struct mmscope_vma *rec;
};

unsigned int mmscope_path_depth(const struct path *path);
void mmscope_path_put(struct mmscope_vma *rec, const struct path *path);
void mmscope_path_later(struct mmscope_path *wait, struct mmscope_vma *rec,
			const struct path *path);
void mmscope_path_finish(struct mmscope_path *wait, struct mmscope_buf *buf);

#endif
