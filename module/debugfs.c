// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files under /sys/kernel/debug/mmscope, and nothing else about them: what
 * a file tells is a view's business.
 *
 * debugfs keeps a file's data alive while one of its operations runs, and
 * debugfs_remove() waits for them. What is open longer than that, a view, has
 * references of its own.
 */
#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/threads.h>
#include <linux/uaccess.h>
#include <linux/utsname.h>

#include "debugfs.h"
#include "filter.h"
#include "pgwalk.h"
#include "target.h"
#include "text.h"
#include "version.h"
#include "view.h"

#define MAX_FOLDERS	256

/* A number, a sign, a newline. */
#define MAX_ATTACH	16

/**
 * struct file_kind - a file that every folder has
 * @name: of the file
 * @parts: MMSCOPE_PART_*, what it tells
 * @fops: how it is read
 * @flags: MMSCOPE_QUERY_*
 */
struct file_kind {
	const char *name;
	u32 parts;
	const struct file_operations *fops;
	u32 flags;
};

struct folder_file {
	const struct folder *folder;
	const struct file_kind *kind;
};

#define FILES_PER_FOLDER	5

/**
 * struct folder - the folder of one task
 * @list: in folders
 * @pid: pinned; never the task, never its mm
 * @dir: the folder
 * @files: what is in it
 */
struct folder {
	struct list_head list;
	struct pid *pid;
	struct dentry *dir;
	struct folder_file files[FILES_PER_FOLDER];
};

static struct dentry *root;
static LIST_HEAD(folders);
static DEFINE_MUTEX(folders_lock);	/* the list, and what it holds */

/* Views behind open files */

static struct mmscope_view *view_new(void)
{
	struct mmscope_view *view = kzalloc(sizeof(*view), GFP_KERNEL);

	if (view && mmscope_view_init(view)) {
		kfree(view);
		return NULL;
	}
	return view;
}

static void view_free(struct mmscope_view *view)
{
	mmscope_view_destroy(view);
	kfree(view);
}

/* Return: a view of the task whose folder @file is being opened in. */
static struct mmscope_view *view_open(struct inode *inode, struct file *file)
{
	const struct folder_file *ff = inode->i_private;
	const struct mmscope_query query = {
		.parts = ff->kind->parts,
		.flags = ff->kind->flags,
	};
	struct mmscope_target target;
	struct mmscope_view *view;
	int err;

	if (!mmscope_may_look(file))
		return ERR_PTR(-EPERM);
	err = mmscope_target_pin(&target, ff->folder->pid, file);
	if (err)
		return ERR_PTR(err);

	view = view_new();
	if (!view) {
		mmscope_target_unpin(&target);
		return ERR_PTR(-ENOMEM);
	}
	mmscope_view_ask(view, &target, &query);
	return view;
}

/* Text */

static int text_open(struct inode *inode, struct file *file)
{
	struct mmscope_view *view = view_open(inode, file);
	int err;

	if (IS_ERR(view))
		return PTR_ERR(view);
	err = mmscope_text_open(file, view);
	if (err)
		view_free(view);
	return err;
}

static int text_release(struct inode *inode, struct file *file)
{
	view_free(mmscope_text_view(file));
	return seq_release_private(inode, file);
}

/* Without write, ioctl and mmap: kernel lockdown lets no other file be opened. */
static const struct file_operations text_fops = {
	.owner = THIS_MODULE,
	.open = text_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = text_release,
};

/* Streams */

static int snapshot_open(struct inode *inode, struct file *file)
{
	struct mmscope_view *view = view_open(inode, file);

	if (IS_ERR(view))
		return PTR_ERR(view);
	file->private_data = view;
	return stream_open(inode, file);
}

static int stream_release(struct inode *inode, struct file *file)
{
	view_free(file->private_data);
	return 0;
}

static ssize_t stream_read(struct file *file, char __user *to, size_t count,
			   loff_t *ppos)
{
	struct mmscope_view *view = file->private_data;
	ssize_t ret;

	if (mutex_lock_killable(&view->lock))
		return -EINTR;
	ret = mmscope_view_read(view, to, count);
	mutex_unlock(&view->lock);
	return ret;
}

static const struct file_operations snapshot_fops = {
	.owner = THIS_MODULE,
	.open = snapshot_open,
	.read = stream_read,
	.release = stream_release,
};

static int query_open(struct inode *inode, struct file *file)
{
	if (!mmscope_may_look(file))
		return -EPERM;
	file->private_data = view_new();
	if (!file->private_data)
		return -ENOMEM;
	return stream_open(inode, file);
}

/* What this module knows. */
#define QUERY_PARTS	(MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |		\
			 MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_WALK |	\
			 MMSCOPE_PART_TABLES)
#define QUERY_FLAGS	(MMSCOPE_QUERY_RESIDENCY | MMSCOPE_QUERY_FACTS | \
			 MMSCOPE_QUERY_CONSISTENT)

/* What only says more about a part, and that part. */
static bool query_flags_valid(const struct mmscope_query *query)
{
	const u32 vmas = MMSCOPE_QUERY_RESIDENCY | MMSCOPE_QUERY_CONSISTENT;

	if (query->flags & ~QUERY_FLAGS)
		return false;
	if (query->flags & vmas && !(query->parts & MMSCOPE_PART_VMAS))
		return false;
	if ((query->flags & vmas) == vmas)
		return false;
	return !(query->flags & MMSCOPE_QUERY_FACTS) ||
	       query->parts & MMSCOPE_PART_PAGETABLE;
}

/* Can the module answer this? What it does not know it must not ignore. */
static bool query_valid(const struct mmscope_query *query)
{
	const u32 ranged = MMSCOPE_PART_VMAS | MMSCOPE_PART_PAGETABLE |
			   MMSCOPE_PART_TABLES;

	if (query->abi != MMSCOPE_ABI || query->__reserved)
		return false;
	if (!query->parts || query->parts & ~QUERY_PARTS)
		return false;
	if (!query_flags_valid(query) || !mmscope_filter_valid(query))
		return false;
	if (query->parts & MMSCOPE_PART_WALK)
		return !(query->parts & ranged) && !query->end;
	return !query->end || query->start < query->end;
}

static int query_copy(struct mmscope_query *query, const char __user *from,
		      size_t count)
{
	int err;
	u32 size;

	if (count < MMSCOPE_QUERY_SIZE_MIN)
		return -EINVAL;
	if (get_user(size, (const u32 __user *)from))
		return -EFAULT;
	if (size != count)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(query, sizeof(*query), from, size);
	if (err)
		return err;
	return query_valid(query) ? 0 : -EINVAL;
}

static ssize_t query_write(struct file *file, const char __user *from,
			   size_t count, loff_t *ppos)
{
	struct mmscope_view *view = file->private_data;
	struct mmscope_target target;
	struct mmscope_query query;
	struct pid *pid;
	int err;

	err = query_copy(&query, from, count);
	if (err)
		return err;
	pid = mmscope_pid_get(query.pid);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	err = mmscope_target_pin(&target, pid, file);
	put_pid(pid);
	if (err)
		return err;

	if (mutex_lock_killable(&view->lock)) {
		mmscope_target_unpin(&target);
		return -EINTR;
	}
	mmscope_view_ask(view, &target, &query);
	mutex_unlock(&view->lock);
	return count;
}

static const struct file_operations query_fops = {
	.owner = THIS_MODULE,
	.open = query_open,
	.read = stream_read,
	.write = query_write,
	.release = stream_release,
};

/* version */

static int version_show(struct seq_file *m, void *unused)
{
	struct mmscope_header header = { };

	mmscope_levels(NULL, &header);
	seq_printf(m, "# mmscope version, abi %u\n", MMSCOPE_ABI);
	seq_printf(m, "module: %s\n", MMSCOPE_VERSION);
	seq_printf(m, "abi: %u\n", MMSCOPE_ABI);
	seq_printf(m, "kernel: %s\n", init_utsname()->release);
	seq_printf(m, "arch: %s\n", init_utsname()->machine);
	seq_printf(m, "page_size: %lu\n", PAGE_SIZE);
	seq_printf(m, "page_table_levels: %u\n", header.levels);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(version);

/* Folders */

static const struct file_kind file_kinds[FILES_PER_FOLDER] = {
	{ "mm",		MMSCOPE_PART_MM,	&text_fops },
	{ "vmas",	MMSCOPE_PART_VMAS,	&text_fops },
	{ "pagetable",	MMSCOPE_PART_PAGETABLE,	&text_fops },
	{ "tables",	MMSCOPE_PART_TABLES,	&text_fops },
	{ "snapshot",	MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			MMSCOPE_PART_PAGETABLE | MMSCOPE_PART_TABLES,
						&snapshot_fops,
			MMSCOPE_QUERY_RESIDENCY },
};

static void folder_free(struct folder *folder)
{
	debugfs_remove(folder->dir);
	put_pid(folder->pid);
	kfree(folder);
}

static int folder_fill(struct folder *folder)
{
	char name[16];
	unsigned int i;

	/* The number that is unique: other namespaces may use it too. */
	scnprintf(name, sizeof(name), "%d", pid_nr(folder->pid));
	folder->dir = debugfs_create_dir(name, root);
	if (IS_ERR(folder->dir))
		return PTR_ERR(folder->dir);

	for (i = 0; i < FILES_PER_FOLDER; i++) {
		struct folder_file *ff = &folder->files[i];
		struct dentry *file;

		ff->folder = folder;
		ff->kind = &file_kinds[i];
		file = debugfs_create_file(ff->kind->name, 0400, folder->dir,
					   ff, ff->kind->fops);
		if (IS_ERR(file))
			return PTR_ERR(file);
	}
	return 0;
}

/* Takes over the reference to @pid, whatever it returns. */
static struct folder *folder_new(struct pid *pid)
{
	struct folder *folder = kzalloc(sizeof(*folder), GFP_KERNEL);
	int err;

	if (!folder) {
		put_pid(pid);
		return ERR_PTR(-ENOMEM);
	}
	folder->pid = pid;
	err = folder_fill(folder);
	if (err) {
		folder_free(folder);
		return ERR_PTR(err);
	}
	return folder;
}

static void folder_drop(struct folder *folder)
{
	lockdep_assert_held(&folders_lock);

	list_del(&folder->list);
	folder_free(folder);
}

static void drop_dead_folders(void)
{
	struct folder *folder, *next;

	list_for_each_entry_safe(folder, next, &folders, list)
		if (!mmscope_pid_alive(folder->pid))
			folder_drop(folder);
}

static int add_folder(struct pid *pid)
{
	struct folder *folder;
	unsigned int nr = 0;

	lockdep_assert_held(&folders_lock);

	list_for_each_entry(folder, &folders, list) {
		if (folder->pid == pid) {
			put_pid(pid);
			return 0;
		}
		nr++;
	}
	if (nr >= MAX_FOLDERS) {
		put_pid(pid);
		return -ENOSPC;
	}

	folder = folder_new(pid);
	if (IS_ERR(folder))
		return PTR_ERR(folder);
	list_add_tail(&folder->list, &folders);
	return 0;
}

/**
 * mmscope_attach() - make the folder of a task
 * @nr: its number in the caller's pid namespace
 *
 * One that is there already is left alone. Folders of tasks that are gone go.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for a number that can be none; -ESRCH if there is no such
 * task; -ENOSPC with 256 folders; -ENOMEM.
 */
int mmscope_attach(pid_t nr)
{
	struct pid *pid = mmscope_pid_get(nr);
	int err;

	if (IS_ERR(pid))
		return PTR_ERR(pid);
	mutex_lock(&folders_lock);
	drop_dead_folders();
	err = add_folder(pid);
	mutex_unlock(&folders_lock);
	return err;
}

/* A folder outlives its task, and so does the number here. */
static int detach(pid_t nr)
{
	struct folder *folder, *next;
	int err = -ENOENT;

	if (nr <= 0 || nr > PID_MAX_LIMIT)
		return -EINVAL;
	mutex_lock(&folders_lock);
	list_for_each_entry_safe(folder, next, &folders, list) {
		if (pid_vnr(folder->pid) == nr) {
			folder_drop(folder);
			err = 0;
		}
	}
	drop_dead_folders();
	mutex_unlock(&folders_lock);
	return err;
}

static int attach_open(struct inode *inode, struct file *file)
{
	return mmscope_may_look(file) ? 0 : -EPERM;
}

static ssize_t attach_write(struct file *file, const char __user *from,
			    size_t count, loff_t *ppos)
{
	char text[MAX_ATTACH], *digits = text;
	int err, nr;

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, count))
		return -EFAULT;
	text[count] = '\0';
	if (strlen(text) != count)
		return -EINVAL;

	if (*digits == '-')
		digits++;
	/* kstrtoint() would take a sign. */
	if (!isdigit(*digits) || kstrtoint(digits, 10, &nr))
		return -EINVAL;
	err = digits == text ? mmscope_attach(nr) : detach(nr);
	return err ? err : count;
}

static const struct file_operations attach_fops = {
	.owner = THIS_MODULE,
	.open = attach_open,
	.write = attach_write,
};

/**
 * mmscope_debugfs_init() - make the files that are always there
 *
 * Context: may sleep.
 * Return: 0, or what debugfs says: -ENODEV where it is not to be had, -EEXIST
 * where something of our name stands already.
 */
int mmscope_debugfs_init(void)
{
	static const struct {
		const char *name;
		umode_t mode;
		const struct file_operations *fops;
	} files[] = {
		{ "version",	0400, &version_fops },
		{ "attach",	0200, &attach_fops },
		{ "query",	0600, &query_fops },
	};
	unsigned int i;

	root = debugfs_create_dir("mmscope", NULL);
	if (IS_ERR(root))
		return PTR_ERR(root);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		struct dentry *file = debugfs_create_file(files[i].name,
							  files[i].mode, root,
							  NULL, files[i].fops);

		if (IS_ERR(file)) {
			debugfs_remove(root);
			return PTR_ERR(file);
		}
	}
	return 0;
}

/**
 * mmscope_debugfs_exit() - remove all files
 *
 * Context: may sleep. No file is open: each open one holds the module.
 */
void mmscope_debugfs_exit(void)
{
	struct folder *folder, *next;

	mutex_lock(&folders_lock);
	list_for_each_entry_safe(folder, next, &folders, list)
		folder_drop(folder);
	mutex_unlock(&folders_lock);
	debugfs_remove(root);
}
