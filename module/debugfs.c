// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files under /sys/kernel/debug/mmscope, and nothing about what they contain.
 *
 * Nothing one reader does may make another user of the module wait without a way
 * out. So debugfs must not wait for readers when it removes a folder: all files
 * are "unsafe" ones, which debugfs protects only while they are opened. An open
 * file needs no more protection: its view pins all that it uses, and the file
 * itself the module.
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
#include "level.h"
#include "query.h"
#include "target.h"
#include "text_file.h"
#include "version.h"
#include "view.h"

#define MAX_FOLDERS	256

/* A sign, a number, a newline. */
#define MAX_ATTACH	16

/**
 * struct file_kind - a file that every folder has
 * @name: of the file
 * @parts: MMSCOPE_PART_* that it shows; 0: all but the translation of an address,
 *	sums of what other parts have, and the kernel half
 * @fops: how it is read
 * @flags: MMSCOPE_QUERY_*
 */
struct file_kind {
	const char *name;
	u32 parts;
	const struct file_operations *fops;
	u32 flags;
};

static const struct file_operations text_fops, snapshot_fops;

static const struct file_kind file_kinds[] = {
	{ "mm",		MMSCOPE_PART_MM,	&text_fops },
	{ "vmas",	MMSCOPE_PART_VMAS,	&text_fops },
	{ "pagetable",	MMSCOPE_PART_PAGETABLE,	&text_fops },
	{ "tables",	MMSCOPE_PART_TABLES,	&text_fops },
	{ "threads",	MMSCOPE_PART_THREADS,	&text_fops },
	{ "snapshot",	0,			&snapshot_fops,
			MMSCOPE_QUERY_RESIDENCY },
};

/* Those in the folder "kernel", which is of no task. */
static const struct file_kind kernel_kinds[] = {
	{ "layout",	MMSCOPE_PART_KERNEL_LAYOUT,	&text_fops },
	{ "pagetable",	MMSCOPE_PART_KERNEL_PAGETABLE,	&text_fops },
};

/* @folder: of a task; NULL: the file is of the task that opens it. */
struct folder_file {
	const struct folder *folder;
	const struct file_kind *kind;
};

/**
 * struct folder - the folder of one task
 * @list: in folders
 * @pid: pinned; never the task, never its mm
 * @dir: the folder
 * @files: in it
 */
struct folder {
	struct list_head list;
	struct pid *pid;
	struct dentry *dir;
	struct folder_file files[ARRAY_SIZE(file_kinds)];
};

static struct dentry *root;
static LIST_HEAD(folders);
static DEFINE_MUTEX(folders_lock);	/* the list, and the folders in it */
static struct folder_file kernel_files[ARRAY_SIZE(kernel_kinds)];

/* Views of open files */

/*
 * The kernel half is recorded for those only who may see its addresses. To leave
 * out the addresses would leave nothing.
 */
static int pin(struct mmscope_target *target, struct pid *pid,
	       const struct file *file, u32 parts)
{
	int err = mmscope_target_pin(target, pid, file);

	if (err)
		return err;
	if (!(parts & mmscope_part_sets.addresses) ||
	    target->flags & MMSCOPE_TASK_ADDRESSES)
		return 0;
	mmscope_target_unpin(target);
	return -EPERM;
}

/* Return: a view of the task whose folder @file is being opened in. */
static struct mmscope_view *view_open(struct inode *inode, struct file *file)
{
	const struct folder_file *ff = inode->i_private;
	const struct mmscope_query query = {
		.parts = ff->kind->parts ?:
			 (mmscope_part_sets.known & ~MMSCOPE_PART_WALK &
			  ~MMSCOPE_PART_SUMS & ~mmscope_part_sets.addresses),
		.flags = ff->kind->flags,
	};
	struct mmscope_target target;
	struct mmscope_view *view;
	int err;

	if (!mmscope_may_look(file))
		return ERR_PTR(-EPERM);
	err = pin(&target, ff->folder ? ff->folder->pid : task_pid(current),
		  file, query.parts);
	if (err)
		return ERR_PTR(err);

	view = mmscope_view_new();
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
	const struct folder_file *ff = inode->i_private;
	struct mmscope_view *view = view_open(inode, file);
	int err;

	if (IS_ERR(view))
		return PTR_ERR(view);
	err = mmscope_text_open(file, view, ff->kind->name);
	if (err)
		mmscope_view_free(view);
	return err;
}

static int text_release(struct inode *inode, struct file *file)
{
	mmscope_view_free(mmscope_text_view(file));
	return seq_release_private(inode, file);
}

/*
 * No write, ioctl or mmap: a locked-down kernel lets only such files be opened.
 */
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
	mmscope_view_free(file->private_data);
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
	file->private_data = mmscope_view_new();
	if (!file->private_data)
		return -ENOMEM;
	return stream_open(inode, file);
}

static ssize_t query_write(struct file *file, const char __user *from,
			   size_t count, loff_t *ppos)
{
	struct mmscope_view *view = file->private_data;
	struct mmscope_target target;
	struct mmscope_query query;
	struct pid *pid;
	int err;

	if (!mmscope_may_look(file))
		return -EPERM;
	err = mmscope_query_copy(&query, from, count);
	if (err)
		return err;
	pid = mmscope_pid_get(query.pid);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	err = pin(&target, pid, file, query.parts);
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

static void folder_free(struct folder *folder)
{
	debugfs_remove(folder->dir);
	put_pid(folder->pid);
	kfree(folder);
}

/* Make one file of each kind; @folder may be NULL. */
static int dir_fill(struct dentry *dir, const struct folder *folder,
		    struct folder_file *ff, const struct file_kind *kind,
		    unsigned int nr)
{
	struct dentry *file;

	for (; nr--; ff++, kind++) {
		ff->folder = folder;
		ff->kind = kind;
		file = debugfs_create_file_unsafe(kind->name, 0400, dir, ff,
						  kind->fops);
		if (IS_ERR(file))
			return PTR_ERR(file);
	}
	return 0;
}

static int folder_fill(struct folder *folder)
{
	char name[16];

	/* The number that is unique: other namespaces may use it too. */
	scnprintf(name, sizeof(name), "%d", pid_nr(folder->pid));
	folder->dir = debugfs_create_dir(name, root);
	if (IS_ERR(folder->dir))
		return PTR_ERR(folder->dir);
	return dir_fill(folder->dir, folder, folder->files, file_kinds,
			ARRAY_SIZE(file_kinds));
}

static int kernel_fill(void)
{
	struct dentry *dir = debugfs_create_dir("kernel", root);

	if (IS_ERR(dir))
		return PTR_ERR(dir);
	return dir_fill(dir, NULL, kernel_files, kernel_kinds,
			ARRAY_SIZE(kernel_kinds));
}

/* Takes over the reference to @pid, also when it fails. */
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
 * A folder that exists stays. Folders of tasks that are gone are removed.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for a number that no task can have; -ESRCH if there is no
 * such task; -ENOSPC with 256 folders; -ENOMEM; -EINTR if the caller was killed
 * while it waited.
 */
int mmscope_attach(pid_t nr)
{
	struct pid *pid = mmscope_pid_get(nr);
	int err;

	if (IS_ERR(pid))
		return PTR_ERR(pid);
	if (mutex_lock_killable(&folders_lock)) {
		put_pid(pid);
		return -EINTR;
	}
	drop_dead_folders();
	err = add_folder(pid);
	mutex_unlock(&folders_lock);
	return err;
}

/* A folder outlives its task: do not look for the task. */
static int detach(pid_t nr)
{
	struct folder *folder, *next;
	int err = -ENOENT;

	if (nr <= 0 || nr > PID_MAX_LIMIT)
		return -EINVAL;
	if (mutex_lock_killable(&folders_lock))
		return -EINTR;
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

	if (!mmscope_may_look(file))
		return -EPERM;
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
 * mmscope_debugfs_init() - make the files that exist as long as the module
 *
 * Context: may sleep.
 * Return: 0, or the error of debugfs: -ENODEV without it, -EEXIST if the name is
 * taken.
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
	int err;

	root = debugfs_create_dir("mmscope", NULL);
	if (IS_ERR(root))
		return PTR_ERR(root);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		struct dentry *file;

		file = debugfs_create_file_unsafe(files[i].name, files[i].mode,
						  root, NULL, files[i].fops);
		if (IS_ERR(file)) {
			debugfs_remove(root);
			return PTR_ERR(file);
		}
	}
	err = kernel_fill();
	if (err)
		debugfs_remove(root);
	return err;
}

/**
 * mmscope_debugfs_exit() - remove all files
 *
 * Context: may sleep. No file is open: each open file holds a reference to the module.
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
