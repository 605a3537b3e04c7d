// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "pager.h"

/* What a shell exits with if it cannot run the command, and so does the child. */
#define NOT_RUN	126

static const char *pager_command(void)
{
	const char *command = getenv("MMSCOPE_PAGER");

	if (!command)
		command = getenv("PAGER");
	return command ? command : "less";
}

/* As in git(1), these ask for no pager. */
static bool is_none(const char *command)
{
	return !*command || !strcmp(command, "cat");
}

/**
 * pager_wanted - whether output that is longer than the terminal goes to a pager
 * @opt: the options
 *
 * Return: false if standard output is no terminal, or if the user wants none
 */
bool pager_wanted(const struct options *opt)
{
	return opt->tty && !(opt->given & OPT_NO_PAGER) &&
	       !is_none(pager_command());
}

static bool fits_terminal(const char *text, size_t len)
{
	struct winsize size = { 0 };
	size_t lines = 0;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	/* A serial line has no size. The last line is for the next prompt. */
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row ||
	       lines < size.ws_row;
}

static void ignore_signals(struct sigaction *old)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGPIPE };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &ignore, &old[i]);
}

static void restore_signals(const struct sigaction *old)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGPIPE };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &old[i], NULL);
}

/* -F: quit if it fits the screen, -R: colours, -X: leave it on the screen. */
static void run_pager(int in, const char *command)
{
	setenv("LESS", "FRX", 0);
	if (dup2(in, STDIN_FILENO) < 0)
		_exit(NOT_RUN);
	if (!strcmp(command, "less"))
		execlp("less", "less", NULL);
	else
		execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(NOT_RUN);
}

/* A pager may quit before it has read all. */
static void write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	for (; len && (n = write(fd, text, len)) > 0; text += n)
		len -= (size_t)n;
}

/* Return: false if it could not be run. */
static bool page(const char *text, size_t len)
{
	struct sigaction old[3];
	int pipes[2], status = 0;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return false;
	ignore_signals(old);
	pid = fork();
	if (!pid) {
		restore_signals(old);
		run_pager(pipes[0], pager_command());
	}
	close(pipes[0]);
	if (pid > 0)
		write_all(pipes[1], text, len);
	close(pipes[1]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	restore_signals(old);
	return pid > 0 && !(WIFEXITED(status) && WEXITSTATUS(status) >= NOT_RUN);
}

/**
 * pager_show - print text, in a pager if it is longer than the terminal
 * @text: the text
 * @len: its length in bytes
 *
 * The user may choose the pager by MMSCOPE_PAGER or PAGER. Without one that can be
 * run, the text is just printed.
 */
void pager_show(const char *text, size_t len)
{
	fflush(stdout);
	if (fits_terminal(text, len) || !page(text, len))
		fwrite(text, 1, len, stdout);
}
