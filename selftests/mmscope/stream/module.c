// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "die.h"
#include "stream/module.h"

static const char *module_file(void)
{
	const char *file = getenv("MMSCOPE_KO");

	return file ? file : "/payload/mmscope.ko";
}

int module_loaded(void)
{
	return !access(MMSCOPE_DIR "/version", F_OK);
}

int module_load(const char *params)
{
	int fd = open(module_file(), O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return errno;
	err = syscall(SYS_finit_module, fd, params, 0) ? errno : 0;
	close(fd);
	return err;
}

int module_unload(void)
{
	return syscall(SYS_delete_module, "mmscope", O_NONBLOCK) ? errno : 0;
}

void module_need(void)
{
	int err;

	if (geteuid())
		die("these tests need root");
	if (module_loaded())
		return;
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	if (module_loaded())
		return;
	err = module_load("");
	if (err || !module_loaded())
		die("mmscope is not loaded, and %s (set MMSCOPE_KO) cannot be: %s",
		    module_file(), strerror(err));
}

int attach_text(const void *text, size_t size)
{
	int fd = open(MMSCOPE_DIR "/attach", O_WRONLY | O_CLOEXEC);
	ssize_t ret;
	int err;

	if (fd < 0)
		return errno;
	ret = write(fd, text, size);
	err = ret < 0 ? errno : 0;
	close(fd);
	if (ret >= 0 && ret != size)
		die("write to attach: %zd of %zu bytes", ret, size);
	return err;
}

int attach(pid_t pid)
{
	char text[16];

	return attach_text(text, snprintf(text, sizeof(text), "%d\n", pid));
}

int detach(pid_t pid)
{
	return attach(-pid);
}

const char *folder_path(pid_t pid, const char *file)
{
	static char path[128];

	snprintf(path, sizeof(path), MMSCOPE_DIR "/%d/%s", pid, file);
	return path;
}

int folder_exists(pid_t pid)
{
	return !access(folder_path(pid, ""), F_OK);
}

int folder_open(pid_t pid, const char *file)
{
	int err = attach(pid);
	int fd;

	if (err)
		die("cannot attach to %d: %s", pid, strerror(err));
	fd = open(folder_path(pid, file), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("cannot open %s: %s", folder_path(pid, file),
		    strerror(errno));
	return fd;
}

size_t folder_count(void)
{
	DIR *dir = opendir(MMSCOPE_DIR);
	struct dirent *entry;
	size_t nr = 0;

	if (!dir)
		die("no " MMSCOPE_DIR);
	while ((entry = readdir(dir)))
		nr += *entry->d_name >= '0' && *entry->d_name <= '9';
	closedir(dir);
	return nr;
}

size_t file_read_in_steps(int fd, char *to, size_t step)
{
	size_t len = 0;
	ssize_t ret;

	while ((ret = read(fd, to + len, step)) > 0)
		len += ret;
	if (ret < 0)
		die("read: %s", strerror(errno));
	return len;
}
