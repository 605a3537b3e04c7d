// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmscope: a process's memory the way the kernel holds it.
 */
#include <linux/module.h>
#include <linux/pid.h>

#include "debugfs.h"
#include "entry.h"
#include "part.h"
#include "target.h"
#include "version.h"

static int pids[256];
static unsigned int nr_pids;
module_param_array_named(pid, pids, int, &nr_pids, 0);
MODULE_PARM_DESC(pid, "process or thread IDs to create folders for at load");

static int __init check_pids(void)
{
	unsigned int i;

	for (i = 0; i < nr_pids; i++) {
		struct pid *pid = mmscope_pid_get(pids[i]);

		if (IS_ERR(pid)) {
			pr_err("mmscope: no task has pid %d\n", pids[i]);
			return PTR_ERR(pid);
		}
		put_pid(pid);
	}
	return 0;
}

static void __init attach_pids(void)
{
	unsigned int i;

	for (i = 0; i < nr_pids; i++)
		if (mmscope_attach(pids[i]))
			pr_warn("mmscope: cannot attach to pid %d\n", pids[i]);
}

/*
 * Files can be opened as soon as they exist, so nothing may fail after they
 * were created.
 */
static int __init mmscope_init(void)
{
	int err;

	if (!mmscope_arch_supported()) {
		pr_err("mmscope: Xen PV guests are not supported\n");
		return -EOPNOTSUPP;
	}
	mmscope_parts_init();
	err = check_pids();
	if (!err)
		err = mmscope_debugfs_init();
	if (!err)
		attach_pids();
	return err;
}

static void __exit mmscope_exit(void)
{
	mmscope_debugfs_exit();
}

module_init(mmscope_init);
module_exit(mmscope_exit);

MODULE_DESCRIPTION("Shows a process's memory the way the kernel holds it");
MODULE_AUTHOR("The mmscope developers");
MODULE_VERSION(MMSCOPE_VERSION);
MODULE_LICENSE("GPL");
