// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "array.h"
#include "new_file.h"
#include "text.h"

/* The file contains addresses of a process: it is for its owner alone. */
#define MODE	0600

/* More names than other programs can take at the same time. */
#define TRIES	1000

/* For the signal handler: the temporary name, "" if there is none. */
static const char *volatile unfinished = "";

static char *join(const char *name, const char *suffix)
{
	struct text path = { 0 };

	text_printf(&path, "%s.%s", name, suffix);
	return path.s;
}

/* A file without a name: the kernel frees it, however this program ends. */
static int open_unnamed(const char *name)
{
	struct text path = { 0 };
	int fd = -1;

	text_puts(&path, name);
	if (!access("/proc/self/fd", X_OK))
		fd = open(dirname(path.s), O_TMPFILE | O_WRONLY | O_CLOEXEC,
			  MODE);
	text_free(&path);
	return fd;
}

static void remove_unfinished(int sig)
{
	unlink(unfinished);
	raise(sig);
}

static bool is_ignored_by_default(int sig)
{
	static const int ignored[] = {
		SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU,
	};

	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		if (sig == ignored[i])
			return true;
	return false;
}

/* All signals that would end this program, but those that nohup(1) ignores. */
static void install_cleanup(void)
{
	const struct sigaction cleanup = {
		.sa_handler = remove_unfinished,
		.sa_flags = SA_RESETHAND,
	};
	struct sigaction before;

	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (!is_ignored_by_default(sig) &&
		    !sigaction(sig, NULL, &before) &&
		    before.sa_handler == SIG_DFL)
			sigaction(sig, &cleanup, NULL);
}

static int open_named(struct new_file *file)
{
	int fd;

	file->temporary = join(file->name, "XXXXXX");
	fd = mkostemp(file->temporary, O_CLOEXEC);
	if (fd < 0)
		return -1;
	unfinished = file->temporary;
	install_cleanup();
	return fd;
}

/**
 * new_file_open - start a new file
 * @file: the file
 * @name: its name in the end; an existing file is replaced then. Valid until
 *	new_file_keep() or new_file_discard()
 *
 * Where the file system cannot make files without a name, a file with a
 * temporary name is removed by a signal handler, for all signals but SIGKILL.
 *
 * Return: false with errno set
 */
bool new_file_open(struct new_file *file, const char *name)
{
	*file = (struct new_file){ .name = name, .fd = open_unnamed(name) };
	if (file->fd < 0)
		file->fd = open_named(file);
	if (file->fd >= 0)
		return true;
	free(file->temporary);
	return false;
}

static bool link_as(const struct new_file *file, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file->fd);
	return !linkat(AT_FDCWD, path, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

/* linkat() replaces no file: this takes another name for a moment. */
static bool link_temporary(struct new_file *file)
{
	char suffix[32];

	for (unsigned int i = 0; i < TRIES; i++) {
		snprintf(suffix, sizeof(suffix), "%d.%u", (int)getpid(), i);
		free(file->temporary);
		file->temporary = join(file->name, suffix);
		if (link_as(file, file->temporary))
			return true;
		if (errno != EEXIST)
			break;
	}
	free(file->temporary);
	file->temporary = NULL;
	return false;
}

static bool replace(struct new_file *file)
{
	if (!file->temporary && link_as(file, file->name))
		return true;
	if (!file->temporary && (errno != EEXIST || !link_temporary(file)))
		return false;
	return !rename(file->temporary, file->name);
}

/**
 * new_file_keep - give the file its name, and close it
 * @file: the file, complete
 *
 * Return: false with errno set, and without a file
 */
bool new_file_keep(struct new_file *file)
{
	sigset_t all, before;
	bool kept;
	int error;

	/* Some file systems report a lack of space only at close(). */
	if (close(dup(file->fd))) {
		error = errno;
		new_file_discard(file);
		errno = error;
		return false;
	}
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	kept = replace(file);
	error = errno;
	if (kept) {
		unfinished = "";
		free(file->temporary);
		file->temporary = NULL;
	}
	new_file_discard(file);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return kept;
}

/**
 * new_file_discard - close the file, and leave nothing of it
 * @file: the file
 */
void new_file_discard(struct new_file *file)
{
	close(file->fd);
	if (!file->temporary)
		return;
	unlink(file->temporary);
	unfinished = "";
	free(file->temporary);
	file->temporary = NULL;
}
