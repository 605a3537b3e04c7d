// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel lockdown in confidentiality mode, against a snapshot from before. It
 * cannot be taken back, so this program has to be the last one that runs on a
 * machine: "make run_tests" leaves it out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/target.h"

#define LOCKDOWN	"/sys/kernel/security/lockdown"

/* From a folder made before: nothing can be attached in lockdown. */
static struct stream *snapshot_of(pid_t pid)
{
	int fd = open(folder_path(pid, "snapshot"), O_RDONLY);
	struct stream *s;

	if (fd < 0)
		die("cannot open a snapshot: %s", strerror(errno));
	if (stream_read(fd, &s) || *s->wrong)
		die("cannot read a snapshot");
	close(fd);
	return s;
}

static char *text_of(pid_t pid)
{
	int fd = open(folder_path(pid, "mm"), O_RDONLY);
	char *text;

	if (fd < 0 || text_read(fd, &text))
		die("cannot read mm: %s", strerror(errno));
	close(fd);
	return text;
}

TEST(lockdown_withholds_kernel_addresses)
{
	struct stream *before, *after;
	struct target target;
	char *text;

	module_need();
	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	if (access(LOCKDOWN, F_OK))
		SKIP(return, "this kernel has no lockdown");
	kernel_stand_still();
	target_start(&target, target_sit, NULL);
	ASSERT_EQ(0, attach(target.pid));
	before = snapshot_of(target.pid);
	ASSERT_TRUE(before->task->flags & MMSCOPE_TASK_ADDRESSES);
	ASSERT_NE(0, before->mm->pgd);

	file_write(LOCKDOWN, "confidentiality");
	after = snapshot_of(target.pid);
	text = text_of(target.pid);
	EXPECT_FALSE(after->task->flags & MMSCOPE_TASK_ADDRESSES);
	EXPECT_EQ(0, after->mm->pgd);
	EXPECT_EQ(0, after->mm->get_unmapped_area);
	EXPECT_NE(NULL, strstr(text_value(text, "pgd"), "withheld"));

	/* Everything else is still there. */
	EXPECT_EQ(before->mm->total_vm, after->mm->total_vm);
	EXPECT_EQ(before->mm->start_stack, after->mm->start_stack);
	EXPECT_EQ(before->nr_vmas, after->nr_vmas);
	EXPECT_EQ(before->nr_runs, after->nr_runs);
	EXPECT_EQ(proc_status(target.pid, "VmSize"), after->mm->total_vm * PAGE / KIB);
	target_stop(&target);
}

TEST_HARNESS_MAIN
