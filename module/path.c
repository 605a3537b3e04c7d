// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths of mapped files. A path may have 2,000 components, more work than fits into
 * a slice: the long ones are put together once mmap_lock is dropped.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "path.h"
#include "record.h"

/**
 * mmscope_path_depth() - count the components of a path in its own mount
 * @path: the path
 *
 * Mounts are private to the kernel: components above the mount are not counted.
 *
 * Return: their number, but no more than MMSCOPE_PATH_SHORT + 1.
 */
unsigned int mmscope_path_depth(const struct path *path)
{
	const struct dentry *dentry = path->dentry, *parent;
	unsigned int depth = 0;

	rcu_read_lock();
	while (depth <= MMSCOPE_PATH_SHORT) {
		parent = READ_ONCE(dentry->d_parent);
		if (parent == dentry)
			break;
		dentry = parent;
		depth++;
	}
	rcu_read_unlock();
	return depth;
}

/**
 * mmscope_path_put() - make a path the name of a VMA
 * @rec: of the VMA, with PATH_MAX bytes of room after it
 * @path: the path
 */
void mmscope_path_put(struct mmscope_vma *rec, const struct path *path)
{
	char *name = mmscope_record_tail(rec), *last = name + PATH_MAX - 1;
	const char *from;

	*last = '/';
	from = d_path(path, name, PATH_MAX);
	if (IS_ERR(from)) {
		rec->name_kind = MMSCOPE_NAME_TOO_LONG;
		rec->name_len = 0;
		*name = '\0';
		return;
	}
	rec->name_kind = MMSCOPE_NAME_PATH;
	/* Paths are written from the end of the buffer, where they end with 0. */
	rec->name_len = *last ? strlen(from) : last - from;
	memmove(name, from, rec->name_len + 1);
}

/**
 * mmscope_path_later() - make a path the name of a VMA once mmap_lock is dropped
 * @wait: keeps the path; keeps no other
 * @rec: of the VMA, with PATH_MAX bytes of room after it, which it takes for now.
 *	Stays where it is until mmscope_path_finish()
 * @path: the path
 */
void mmscope_path_later(struct mmscope_path *wait, struct mmscope_vma *rec,
			const struct path *path)
{
	rec->name_kind = MMSCOPE_NAME_PATH;
	rec->name_len = PATH_MAX - 1;
	wait->rec = rec;
	wait->path = *path;
	path_get(&wait->path);
}

/**
 * mmscope_path_finish() - put the path together that waits for it, if any
 * @wait: the path
 * @buf: the slice, as it was left when mmap_lock was dropped
 *
 * Context: may sleep; mmap_lock not held.
 */
void mmscope_path_finish(struct mmscope_path *wait, struct mmscope_buf *buf)
{
	struct mmscope_vma *rec = wait->rec;

	if (!rec)
		return;
	/* A walk that was blocked dropped its records. */
	if ((void *)rec < buf->data + buf->len) {
		mmscope_path_put(rec, &wait->path);
		mmscope_record_trim(buf, rec, sizeof(*rec) + rec->name_len + 1);
	}
	path_put(&wait->path);
	wait->rec = NULL;
}
