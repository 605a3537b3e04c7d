// SPDX-License-Identifier: GPL-2.0-only
/*
 * A reader that sleeps for ever, in the copy to a page that userfaultfd never
 * fills, must not make any other process wait.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sizes.h"
#include "test.h"
#include "stream/module.h"
#include "stream/read.h"
#include "target/target.h"

/* A page whose first access never returns; *uffd reports the access. */
static void *bottomless_page(int *uffd)
{
	void *page = target_map(NULL, PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE, -1);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { (unsigned long)page, PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	*uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (*uffd < 0 || ioctl(*uffd, UFFDIO_API, &api) ||
	    ioctl(*uffd, UFFDIO_REGISTER, &range))
		die("userfaultfd is missing");
	return page;
}

struct sink {
	int fd;
	void *page;
};

static void *read_into(void *arg)
{
	struct sink *to = arg;

	return (void *)read(to->fd, to->page, PAGE);
}

static void get_stuck(int fd, int ready)
{
	struct pollfd access = { .events = POLLIN };
	struct sink to = {
		.fd = fd, .page = bottomless_page(&access.fd),
	};
	pthread_t thread;

	if (pthread_create(&thread, NULL, read_into, &to))
		die("cannot start a thread");
	poll(&access, 1, -1);
	if (write(ready, "", 1) != 1)
		die("cannot report the access");
	pause();
}

/* A process that reads fd into such a page; returns once it sleeps there. */
static pid_t stuck_reader(int fd)
{
	pid_t parent = getpid(), pid;
	int line[2];
	char c;

	if (pipe(line))
		die("cannot make a pipe");
	pid = fork();
	if (!pid) {
		die_with(parent);
		get_stuck(fd, line[1]);
		_exit(1);
	}
	close(line[1]);
	if (read(line[0], &c, 1) != 1)
		die("the reader did not get stuck");
	close(line[0]);
	return pid;
}

/*
 * What another process gets from a write to "attach", or -1 if it hangs: then it
 * does so until the reader is killed, not for some time.
 */
static int write_attach(int (*write)(pid_t), pid_t target)
{
	pid_t parent = getpid(), pid = fork();
	int status, i;

	if (!pid) {
		die_with(parent);
		_exit(write(target));
	}
	for (i = 0; i < 12000; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		usleep(10000);
	}
	return -1;
}

FIXTURE(stuck) {
	struct target target;
	int fd;
	pid_t reader;
};

FIXTURE_VARIANT(stuck) {
	const char *file;	/* of the folder; NULL: "query" */
};

FIXTURE_VARIANT_ADD(stuck, text) {
	.file = "vmas",
};

FIXTURE_VARIANT_ADD(stuck, snapshot) {
	.file = "snapshot",
};

FIXTURE_VARIANT_ADD(stuck, query) {
	.file = NULL,
};

FIXTURE_SETUP(stuck)
{
	module_need();
	target_start(&self->target, target_sit, NULL);
	if (variant->file) {
		self->fd = folder_open(self->target.pid, variant->file);
	} else {
		ASSERT_EQ(0, attach(self->target.pid));
		self->fd = query_open();
		ASSERT_EQ(0, query_ask_usual(self->fd, self->target.pid));
	}
	self->reader = stuck_reader(self->fd);
}

FIXTURE_TEARDOWN(stuck)
{
	close(self->fd);
	target_kill(self->reader);
	target_stop(&self->target);
}

/*
 * While the reader sleeps in its read(), its folder is removed, another one is
 * made and removed, and its own is made again: each write returns.
 */
TEST_F(stuck, reader_delays_no_attach)
{
	struct target other;

	target_start(&other, target_sit, NULL);
	EXPECT_EQ(0, write_attach(detach, self->target.pid));
	EXPECT_EQ(0, write_attach(attach, other.pid));
	EXPECT_EQ(0, write_attach(attach, self->target.pid));
	EXPECT_EQ(0, write_attach(detach, other.pid));
	EXPECT_EQ(0, write_attach(detach, self->target.pid));
	target_stop(&other);
}

/* Another file of the folder can be opened and read meanwhile. */
TEST_F(stuck, reader_delays_no_reader)
{
	char c;
	int fd = folder_open(self->target.pid, "mm");

	EXPECT_EQ(1, read(fd, &c, 1));
	EXPECT_EQ(0, close(fd));
}

TEST_HARNESS_MAIN
