// SPDX-License-Identifier: GPL-2.0-only
/* mmscope snapshot: the files that it makes, and those that it leaves. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "tap.h"

static void test_snapshot(void)
{
	char dir[] = "/tmp/mmscope-XXXXXX", name[64];
	struct build b = { 0 };
	struct output o;
	struct stat st;

	if (!mkdtemp(dir)) {
		tap_ok(false, "mkdtemp");
		return;
	}
	snprintf(name, sizeof(name), "%s/x.snapshot", dir);
	build_process(&b, 4);
	o = RUN("snapshot", "-i", build_file(&b), "-o", "-");
	tap_ok(o.out_len == b.len && !memcmp(o.out, b.bytes, b.len),
	       "a snapshot is the stream, byte for byte");
	output_free(&o);
	o = RUN("snapshot", "-i", build_file(&b), "-o", name);
	tap_ok(o.code == 0 && !stat(name, &st) &&
	       st.st_size == (off_t)b.len &&
	       (st.st_mode & 0777) == 0600, "in a file");
	output_free(&o);
	build_bytes(&b, "damage", 6);
	o = RUN("snapshot", "-i", build_file(&b), "-o", name);
	tap_ok(o.code == 2 && !stat(name, &st) &&
	       st.st_size == (off_t)b.len - 6,
	       "a failure leaves the old file");
	output_free(&o);
	o = run_reader(name, (const char *const[]){ "-i", "-", NULL });
	tap_ok(o.code == 0 && *o.out, "picture of standard input");
	output_free(&o);
	o = run_reader(name,
		       (const char *const[]){ "pagetable", "-i", "-", NULL });
	tap_ok(o.code == 0 && *o.out, "page tables of standard input");
	output_free(&o);
	unlink(name);
	tap_ok(!rmdir(dir), "nothing else is left in the folder");
	o = RUN("snapshot", "-i", build_file(&b), "-o", "/nonexistent/x");
	tap_ok(o.code == 2, "a folder that does not exist");
	output_free(&o);
	build_free(&b);
}

static char *read_some(int fd, size_t len)
{
	char *bytes = calloc(1, len + 1);

	if (!bytes || read(fd, bytes, len + 1) != (ssize_t)len)
		tap_ok(false, "read");
	return bytes;
}

/* A FIFO is written in place, and so is the target of a link. */
static void test_snapshot_elsewhere(void)
{
	char dir[] = "/tmp/mmscope-XXXXXX", fifo[64], link[64], file[64];
	struct build b = { 0 };
	struct output o;
	struct stat st;
	char *bytes;
	int fd;

	if (!mkdtemp(dir)) {
		tap_ok(false, "mkdtemp");
		return;
	}
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	snprintf(link, sizeof(link), "%s/link", dir);
	snprintf(file, sizeof(file), "%s/file", dir);
	build_process(&b, 4);
	fd = mkfifo(fifo, 0600) ? -1 : open(fifo, O_RDWR);
	o = RUN("snapshot", "-i", build_file(&b), "-o", fifo);
	bytes = read_some(fd, b.len);
	tap_ok(o.code == 0 && !stat(fifo, &st) && S_ISFIFO(st.st_mode) &&
	       !memcmp(bytes, b.bytes, b.len), "a fifo is written to");
	free(bytes);
	output_free(&o);
	close(fd);

	close(creat(file, 0600));
	tap_ok(!symlink(file, link), "symlink");
	o = RUN("snapshot", "-i", build_file(&b), "-o", link);
	tap_ok(o.code == 0 && !lstat(link, &st) && S_ISLNK(st.st_mode) &&
	       !stat(file, &st) && st.st_size == (off_t)b.len,
	       "where a link leads to is written");
	output_free(&o);
	unlink(file);
	o = RUN("snapshot", "-i", build_file(&b), "-o", link);
	tap_ok(o.code == 2 && strstr(o.err, "dangling symbolic link") &&
	       !lstat(link, &st) && S_ISLNK(st.st_mode) && stat(file, &st),
	       "a link that leads nowhere stays: %s", o.err);
	output_free(&o);
	unlink(fifo);
	unlink(link);
	tap_ok(!rmdir(dir), "nothing else is left in the folder");
	build_free(&b);
}

/* A signal while it waits for more: no file is left. */
static void test_interrupted(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	char dir[] = "/tmp/mmscope-XXXXXX", fifo[64], file[64];
	int status, fd;
	pid_t pid;

	if (!mkdtemp(dir)) {
		tap_ok(false, "mkdtemp");
		return;
	}
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	snprintf(file, sizeof(file), "%s/file", dir);
	tap_ok(!mkfifo(fifo, 0600), "mkfifo");
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		const char *const args[] = { "snapshot", "-i", fifo, "-o", file,
					     NULL };

		pid = start_reader(args);
		/* The other end opens it after it has made the new file. */
		fd = open(fifo, O_WRONLY);
		kill(pid, signals[i]);
		waitpid(pid, &status, 0);
		tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == signals[i],
		       "signal %d ends it", signals[i]);
		close(fd);
	}
	unlink(fifo);
	tap_ok(!rmdir(dir), "nothing is left in the folder");
}

int main(void)
{
	test_snapshot();
	test_snapshot_elsewhere();
	test_interrupted();
	return tap_done();
}
