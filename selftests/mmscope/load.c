// SPDX-License-Identifier: GPL-2.0-only
/* Loading and unloading the module. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/target.h"

FIXTURE(load)
{
	struct target target;
	pid_t pid;
};

FIXTURE_SETUP(load)
{
	module_need();
	target_start(&self->target, target_sit, NULL);
	self->pid = self->target.pid;
}

FIXTURE_TEARDOWN(load)
{
	target_stop(&self->target);
	/* Other test programs need it. */
	module_need();
}

/* Load the module when it is loaded. */
TEST_F(load, twice_fails)
{
	EXPECT_EQ(EEXIST, module_load(""));
	EXPECT_TRUE(module_loaded());
}

/* Unload and load five times: all files and folders are gone in between. */
TEST_F(load, and_unload)
{
	int i;

	for (i = 0; i < 5; i++) {
		EXPECT_EQ(0, attach(self->pid));
		ASSERT_EQ(0, module_unload());
		EXPECT_FALSE(module_loaded());
		EXPECT_NE(0, access(MMSCOPE_DIR, F_OK));
		ASSERT_EQ(0, module_load(""));
		EXPECT_TRUE(module_loaded());
		EXPECT_FALSE(folder_exists(self->pid));
	}
}

/* Load with two PIDs as a parameter: both get folders, which can be read. */
TEST_F(load, makes_folders_for_pids)
{
	char params[64];

	ASSERT_EQ(0, module_unload());
	snprintf(params, sizeof(params), "pid=%d,%d", self->pid, getpid());
	ASSERT_EQ(0, module_load(params));
	EXPECT_TRUE(folder_exists(self->pid));
	EXPECT_TRUE(folder_exists(getpid()));
	EXPECT_EQ(2, folder_count());
	EXPECT_NE(NULL, strstr(text_get(self->pid, "mm"), "total_vm: "));
}

/* Load with PIDs of which one is invalid or free: nothing is left of the module. */
TEST_F(load, with_a_bad_pid_is_refused)
{
	static const struct {
		const char *params;
		int err;
	} bad[] = {
		{ "pid=0", EINVAL }, { "pid=-1", EINVAL }, { "pid=x", EINVAL },
		{ "pid=4194305", EINVAL }, { "pid=4194304", ESRCH },
		{ "pid=1,4194304", ESRCH }, { "pid=1,0", EINVAL },
	};
	size_t i;

	ASSERT_EQ(0, module_unload());
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(bad[i].err, module_load(bad[i].params)) {
			note("%s", bad[i].params);
		}
		EXPECT_NE(0, access(MMSCOPE_DIR, F_OK));
		EXPECT_NE(0, access("/sys/module/mmscope", F_OK));
	}
}

FIXTURE(open_file)
{
	struct target target;
};

FIXTURE_VARIANT(open_file)
{
	const char *file;		/* of the folder; NULL: query */
};

FIXTURE_VARIANT_ADD(open_file, query) {
	.file = NULL,
};

FIXTURE_VARIANT_ADD(open_file, mm) {
	.file = "mm",
};

FIXTURE_VARIANT_ADD(open_file, pagetable) {
	.file = "pagetable",
};

FIXTURE_VARIANT_ADD(open_file, tables) {
	.file = "tables",
};

FIXTURE_VARIANT_ADD(open_file, threads) {
	.file = "threads",
};

FIXTURE_VARIANT_ADD(open_file, snapshot) {
	.file = "snapshot",
};

FIXTURE_SETUP(open_file)
{
	module_need();
	target_start(&self->target, target_sit, NULL);
}

FIXTURE_TEARDOWN(open_file)
{
	target_stop(&self->target);
	module_need();
}

/* Unload while a file is open, before and after reading, and when it is closed. */
TEST_F(open_file, keeps_the_module)
{
	int fd = variant->file ? folder_open(self->target.pid, variant->file) :
				 query_open();
	char c;

	EXPECT_EQ(EWOULDBLOCK, module_unload());
	EXPECT_TRUE(module_loaded());
	if (!variant->file)
		ASSERT_EQ(0, query_ask_usual(fd, self->target.pid));
	EXPECT_EQ(1, read(fd, &c, 1));
	EXPECT_EQ(EWOULDBLOCK, module_unload());
	close(fd);
	EXPECT_EQ(0, module_unload());
}

/* Errors while the module is not loaded, or was not loaded a moment ago. */
static bool away(int err)
{
	return err == ENOENT || err == EIO || err == ENODEV || err == ENXIO;
}

static void read_file(const char *path)
{
	char buffer[4096];
	int fd = open(path, O_RDONLY);
	ssize_t ret;

	if (fd < 0 && !away(errno))
		die("open %s: %s", path, strerror(errno));
	if (fd < 0)
		return;
	do {
		ret = read(fd, buffer, sizeof(buffer));
	} while (ret > 0);
	if (ret < 0 && !away(errno))
		die("read %s: %s", path, strerror(errno));
	close(fd);
}

static void read_query(pid_t pid)
{
	int fd = open(MMSCOPE_DIR "/query", O_RDWR);
	struct stream *s;
	int err;

	if (fd < 0 && !away(errno))
		die("open query: %s", strerror(errno));
	if (fd < 0)
		return;
	err = query_ask_usual(fd, pid);
	if (!err)
		err = stream_read(fd, &s);
	if (err)
		die("an open query failed: %s", strerror(err));
	if (*s->wrong)
		die("wrong stream: %s", s->wrong);
	stream_free(s);
	close(fd);
}

static unsigned long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Sleep longer than reading took: slow readers would keep the module loaded. */
static pid_t start_reader(pid_t target, bool *stop, int which)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid)
		return pid;
	die_with(parent);
	while (!*stop) {
		unsigned long start = now_us();

		if (!which)
			read_query(target);
		else if (which == 1)
			read_file(folder_path(target, "pagetable"));
		else
			read_file(folder_path(target, "snapshot"));
		usleep(now_us() - start + 3000);
	}
	_exit(0);
}

/*
 * Three processes open and read files over and over, while the module is unloaded
 * and loaded: 20 times that succeeds, and at least once an open file prevents it.
 */
TEST_F(load, and_unload_while_others_read)
{
	bool *stop = target_share(sizeof(*stop));
	int i, unloads = 0, refusals = 0, status;
	pid_t reader[3];

	for (i = 0; i < 3; i++)
		reader[i] = start_reader(self->pid, stop, i);
	while (unloads < 20 || !refusals) {
		int err = module_unload();

		if (err) {
			ASSERT_EQ(EWOULDBLOCK, err);
			refusals++;
			usleep(500);
			continue;
		}
		unloads++;
		ASSERT_EQ(0, module_load(""));
		ASSERT_EQ(0, attach(self->pid));
	}
	*stop = true;
	for (i = 0; i < 3; i++) {
		waitpid(reader[i], &status, 0);
		EXPECT_EQ(0, status);
	}
}

TEST_HARNESS_MAIN
