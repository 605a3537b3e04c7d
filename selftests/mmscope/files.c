// SPDX-License-Identifier: GPL-2.0-only
/* Text files as ordinary files, and the files outside of folders. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/target.h"

FIXTURE(text)
{
	struct target target;
	int fd;
};

FIXTURE_VARIANT(text)
{
	const char *file;
};

FIXTURE_VARIANT_ADD(text, mm) {
	.file = "mm",
};

FIXTURE_VARIANT_ADD(text, vmas) {
	.file = "vmas",
};

FIXTURE_VARIANT_ADD(text, pagetable) {
	.file = "pagetable",
};

FIXTURE_VARIANT_ADD(text, tables) {
	.file = "tables",
};

FIXTURE_VARIANT_ADD(text, threads) {
	.file = "threads",
};

FIXTURE_SETUP(text)
{
	module_need();
	kernel_stand_still();
	target_start(&self->target, target_sit, NULL);
	self->fd = folder_open(self->target.pid, variant->file);
}

FIXTURE_TEARDOWN(text)
{
	close(self->fd);
	target_stop(&self->target);
}

/* Cut off the times, which are in the last line; that of threads has none. */
static void cut_end(char *text)
{
	char *end = strstr(text, "; mmap_lock held");

	if (!end)
		end = strstr(text, " threads\n");
	if (!end)
		die("no last line: %s", text);
	*end = '\0';
}

/* Idle processors take and drop references to any mm. */
static void cut_count(char *text)
{
	char *count = strstr(text, "mm_count: ");

	if (count)
		memset(count, 'x', strcspn(count, "\n"));
}

/* Read a text file with read()s of 3 up to 60000 bytes. */
TEST_F(text, reads_the_same_in_steps_of_any_size)
{
	static const size_t step[] = { 3, 100, 4096, 60000 };
	char *whole, *next = malloc(MIB);
	size_t i, len;

	ASSERT_EQ(0, text_read(self->fd, &whole));
	cut_end(whole);
	cut_count(whole);
	for (i = 0; i < ARRAY_SIZE(step); i++) {
		ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
		len = file_read_in_steps(self->fd, next, step[i]);
		next[len] = '\0';
		cut_end(next);
		cut_count(next);
		EXPECT_EQ(strlen(whole), strlen(next));
		EXPECT_EQ(0, strcmp(whole, next));
	}
}

/* Read parts of a text file with pread(), forwards and backwards. */
TEST_F(text, reads_the_same_from_any_place)
{
	static const off_t place[] = { 500, 0, 1, 77, 2000, 300 };
	char *whole, part[100];
	size_t i;

	ASSERT_EQ(0, text_read(self->fd, &whole));
	cut_count(whole);
	for (i = 0; i < ARRAY_SIZE(place); i++) {
		ssize_t ret = pread(self->fd, part, sizeof(part), place[i]);

		if (place[i] + sizeof(part) + 100 > strlen(whole))
			continue;
		ASSERT_LT(0, ret);
		if (!memmem(part, ret, "mm_count", 8))
			EXPECT_EQ(0, memcmp(whole + place[i], part, ret));
	}
}

/* Root may open it for writing, but write() fails. */
TEST_F(text, cannot_be_written)
{
	int fd = open(folder_path(self->target.pid, variant->file), O_RDWR);

	if (fd < 0)
		return;
	EXPECT_EQ(-1, write(fd, "x", 1));
	EXPECT_EQ(EINVAL, errno);
	close(fd);
}

/* Files outside of folders */

FIXTURE(files) {
};

FIXTURE_SETUP(files)
{
	module_need();
}

FIXTURE_TEARDOWN(files)
{
}

TEST_F(files, have_their_modes)
{
	static const struct {
		const char *path;
		mode_t mode;
	} file[] = {
		{ MMSCOPE_DIR "/version", S_IFREG | 0400 },
		{ MMSCOPE_DIR "/attach", S_IFREG | 0200 },
		{ MMSCOPE_DIR "/query", S_IFREG | 0600 },
	};
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(file); i++) {
		ASSERT_EQ(0, stat(file[i].path, &st));
		EXPECT_EQ(file[i].mode, st.st_mode);
		EXPECT_EQ(0, st.st_uid);
		EXPECT_EQ(0, st.st_gid);
	}
}

/* The lines of "version", compared with uname() and the header of a stream. */
TEST_F(files, show_the_version)
{
	struct stream *s = stream_get(getpid(), MMSCOPE_PART_MM, 0, 0);
	struct utsname uts;
	char want[64], *text;
	int fd = open(MMSCOPE_DIR "/version", O_RDONLY);

	ASSERT_EQ(0, text_read(fd, &text));
	uname(&uts);
	EXPECT_STREQ(uts.release, text_value(text, "kernel"));
	EXPECT_STREQ(uts.machine, text_value(text, "arch"));
	EXPECT_STREQ(s->header->module, text_value(text, "module"));
	snprintf(want, sizeof(want), "%u", MMSCOPE_ABI);
	EXPECT_STREQ(want, text_value(text, "abi"));
	snprintf(want, sizeof(want), "%ld", sysconf(_SC_PAGESIZE));
	EXPECT_STREQ(want, text_value(text, "page_size"));
	snprintf(want, sizeof(want), "%u", kernel_levels());
	EXPECT_STREQ(want, text_value(text, "page_table_levels"));
	close(fd);
}

TEST_HARNESS_MAIN
