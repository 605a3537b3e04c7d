// SPDX-License-Identifier: GPL-2.0-only
/* Rights to open and write the files, and to see kernel addresses. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/capability.h"
#include "target/target.h"

/* Run in a child, which may lose rights. Return: its exit status. */
static int in_child(int (*fn)(pid_t pid), pid_t pid)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (!child)
		_exit(fn(pid));
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

/* Return: the errno of opening every file, if that is the same, else 255. */
static int errno_of_open(pid_t pid)
{
	static const char * const file[] = { "mm", "vmas", "pagetable",
					     "tables", "threads", "snapshot" };
	int err, i;

	err = open(MMSCOPE_DIR "/query", O_RDWR) < 0 ? errno : 0;
	if (err != (open(MMSCOPE_DIR "/attach", O_WRONLY) < 0 ? errno : 0))
		return 255;
	for (i = 0; i < ARRAY_SIZE(file); i++)
		if (err != (open(folder_path(pid, file[i]), O_RDONLY) < 0 ?
			    errno : 0))
			return 255;
	return err;
}

FIXTURE(rights)
{
	struct target target;
	pid_t pid;
};

FIXTURE_SETUP(rights)
{
	module_need();
	target_start(&self->target, target_sit, NULL);
	self->pid = self->target.pid;
	ASSERT_EQ(0, attach(self->pid));
}

FIXTURE_TEARDOWN(rights)
{
	target_stop(&self->target);
}

/* Root opens all files. */
TEST_F(rights, of_root_suffice)
{
	EXPECT_EQ(0, in_child(errno_of_open, self->pid));
}

static int without_sys_admin(pid_t pid)
{
	capability_drop(CAP_SYS_ADMIN);
	return errno_of_open(pid);
}

/* Root without CAP_SYS_ADMIN opens none. */
TEST_F(rights, need_sys_admin)
{
	EXPECT_EQ(EPERM, in_child(without_sys_admin, self->pid));
}

static int as_nobody(pid_t pid)
{
	if (setgid(65534) || setuid(65534))
		return 254;
	return errno_of_open(pid);
}

/* Another user opens none. */
TEST_F(rights, of_others_do_not_suffice)
{
	EXPECT_EQ(EACCES, in_child(as_nobody, self->pid));
}

static int as_root_of_a_namespace(pid_t pid)
{
	if (unshare(CLONE_NEWUSER))
		return 254;
	file_write("/proc/self/setgroups", "deny");
	file_write("/proc/self/uid_map", "0 0 1");
	file_write("/proc/self/gid_map", "0 0 1");
	return errno_of_open(pid);
}

/* Root of a user namespace, with all capabilities there, opens none. */
TEST_F(rights, of_a_user_namespace_do_not_suffice)
{
	EXPECT_EQ(EPERM, in_child(as_root_of_a_namespace, self->pid));
}

/* Return: the errno of each way to write a query and to attach, or 255. */
static int errno_of_write(int query, int attach, pid_t pid)
{
	int err = query_ask(query, pid, MMSCOPE_PART_MM, 0, 0);
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	if (err != (write(attach, text, strlen(text)) < 0 ? errno : 0))
		return 255;
	snprintf(text, sizeof(text), "-%d", pid);
	if (err != (write(attach, text, strlen(text)) < 0 ? errno : 0))
		return 255;
	return err;
}

static int attach_open(void)
{
	return open(MMSCOPE_DIR "/attach", O_WRONLY);
}

/* Opened as root, kept over setuid(): no process can be picked any more. */
static int write_as_nobody(pid_t pid)
{
	int query = query_open(), attach = attach_open();

	if (setgid(65534) || setuid(65534))
		return 254;
	return errno_of_write(query, attach, pid);
}

TEST_F(rights, to_write_end_with_setuid)
{
	EXPECT_EQ(EPERM, in_child(write_as_nobody, self->pid));
	EXPECT_TRUE(folder_exists(self->pid));
}

/* The same for a root that gave up the capability after it opened the files. */
static int write_without_sys_admin(pid_t pid)
{
	int query = query_open(), attach = attach_open();

	capability_drop(CAP_SYS_ADMIN);
	return errno_of_write(query, attach, pid);
}

TEST_F(rights, to_write_end_with_sys_admin)
{
	EXPECT_EQ(EPERM, in_child(write_without_sys_admin, self->pid));
	EXPECT_TRUE(folder_exists(self->pid));
}

/* The capability of a user namespace of its own does not help the writer. */
static int write_as_root_of_a_namespace(pid_t pid)
{
	int query = query_open(), attach = attach_open();

	if (unshare(CLONE_NEWUSER))
		return 254;
	return errno_of_write(query, attach, pid);
}

TEST_F(rights, to_write_end_in_a_user_namespace)
{
	EXPECT_EQ(EPERM, in_child(write_as_root_of_a_namespace, self->pid));
}

/* What was asked with the rights to do so can be read without them. */
static int read_as_nobody(pid_t pid)
{
	struct stream *s;
	int fd = query_open();

	if (query_ask(fd, pid, MMSCOPE_PART_MM, 0, 0))
		return 253;
	if (setgid(65534) || setuid(65534))
		return 254;
	if (stream_read(fd, &s))
		return 252;
	return *s->wrong || s->task->pid != pid;
}

TEST_F(rights, to_read_are_those_of_the_query)
{
	EXPECT_EQ(0, in_child(read_as_nobody, self->pid));
}

static bool shows_addresses(const struct stream *s)
{
	return s->task->flags & MMSCOPE_TASK_ADDRESSES || s->mm->pgd ||
	       s->mm->get_unmapped_area;
}

static int without_syslog(pid_t pid)
{
	struct stream *s;
	char *text;

	capability_drop(CAP_SYSLOG);
	s = stream_get(pid, MMSCOPE_PART_MM, 0, 0);
	if (shows_addresses(s))
		return 1;
	text = text_get(pid, "mm");
	if (!strstr(text_value(text, "pgd"), "withheld"))
		return 2;
	if (s->mm->area_len &&
	    !strstr(text_value(text, "get_unmapped_area"), "withheld"))
		return 3;
	/* Everything else is there. */
	return s->mm->total_vm * PAGE / KIB != proc_status(pid, "VmSize");
}

/* Root without CAP_SYSLOG reads everything but kernel addresses. */
TEST_F(rights, to_kernel_addresses_need_syslog)
{
	struct stream *s = stream_get(self->pid, MMSCOPE_PART_MM, 0, 0);

	EXPECT_TRUE(s->task->flags & MMSCOPE_TASK_ADDRESSES);
	EXPECT_NE(0, s->mm->pgd);
	EXPECT_EQ(0, in_child(without_syslog, self->pid));
}

static int passed[2];

static int open_without_syslog(pid_t pid)
{
	int fd[2];
	struct iovec data = { &pid, sizeof(pid) };
	char control[CMSG_SPACE(sizeof(fd))] = { };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	capability_drop(CAP_SYSLOG);
	fd[0] = query_open();
	fd[1] = folder_open(pid, "snapshot");
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), fd, sizeof(fd));
	return sendmsg(passed[1], &message, 0) < 0;
}

/*
 * A child without CAP_SYSLOG opens two files and passes them to its parent, which
 * has it: what the parent reads has no kernel addresses.
 */
TEST_F(rights, to_addresses_are_those_of_the_opener)
{
	char control[CMSG_SPACE(2 * sizeof(int))];
	struct iovec data = { control, sizeof(pid_t) };
	char got[CMSG_SPACE(2 * sizeof(int))];
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = got,
		.msg_controllen = sizeof(got),
	};
	struct stream *s;
	int fd[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, passed));
	ASSERT_EQ(0, in_child(open_without_syslog, self->pid));
	ASSERT_LT(0, recvmsg(passed[0], &message, 0));
	memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));

	ASSERT_EQ(0, query_ask(fd[0], self->pid, MMSCOPE_PART_MM, 0, 0));
	ASSERT_EQ(0, stream_read(fd[0], &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_FALSE(shows_addresses(s));
	ASSERT_EQ(0, stream_read(fd[1], &s));
	ASSERT_STREQ("", s->wrong);
	EXPECT_FALSE(shows_addresses(s));
}

/* A writer without CAP_SYSLOG sees none, even if the opener had it. */
static int query_without_syslog(pid_t pid)
{
	int fd = query_open();
	struct stream *s;

	capability_drop(CAP_SYSLOG);
	if (query_ask(fd, pid, MMSCOPE_PART_MM, 0, 0) || stream_read(fd, &s))
		return 255;
	return shows_addresses(s);
}

TEST_F(rights, do_not_grow_with_the_opener)
{
	EXPECT_EQ(0, in_child(query_without_syslog, self->pid));
}

#define KPTR_RESTRICT	"/proc/sys/kernel/kptr_restrict"

/* kptr_restrict: 0 and 1 leave addresses to root, 2 withholds them from it. */
TEST_F(rights, to_kernel_addresses_end_with_kptr_restrict)
{
	static const char * const value[] = { "0", "1", "2" };
	char old[16];
	int i;

	snprintf(old, sizeof(old), "%lld", file_number(KPTR_RESTRICT, 0));
	for (i = 0; i < ARRAY_SIZE(value); i++) {
		struct stream *s;
		char *text;

		file_write(KPTR_RESTRICT, value[i]);
		s = stream_get(self->pid, MMSCOPE_PART_MM, 0, 0);
		text = text_get(self->pid, "mm");
		file_write(KPTR_RESTRICT, old);
		EXPECT_EQ(i < 2, shows_addresses(s));
		EXPECT_EQ(i == 2, !!strstr(text_value(text, "pgd"), "withheld"));
		EXPECT_EQ(proc_status(self->pid, "VmSize"), s->mm->total_vm * PAGE / KIB);
		stream_free(s);
		free(text);
	}
}

TEST_HARNESS_MAIN
