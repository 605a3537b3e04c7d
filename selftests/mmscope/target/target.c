// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"
#include "sizes.h"
#include "oracle/proc.h"
#include "oracle/threads.h"
#include "target/target.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif

/* Environment variable with the descriptor at which an executed target waits. */
#define WAIT_FD		"MMSCOPE_WAIT_FD="

static void say_ready(int fd)
{
	char ready = 'r';

	if (write(fd, &ready, 1) != 1)
		_exit(2);
}

/* The socket is closed a moment before the status can be read. */
static void die_of_target(pid_t pid)
{
	int status, i;

	for (i = 0; i < 1000; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			die("target %d ended before it was ready, with %s %d",
			    pid, WIFSIGNALED(status) ? "signal" : "status",
			    WIFSIGNALED(status) ? WTERMSIG(status) :
						  WEXITSTATUS(status));
		usleep(1000);
	}
	die("target %d closed its socket before it was ready", pid);
}

static void hear_ready(struct target *target)
{
	char ready;

	if (read(target->fd, &ready, 1) != 1)
		die_of_target(target->pid);
}

static bool all_sleep(pid_t pid)
{
	bool sleep = true;
	size_t nr, i;
	pid_t *tid = proc_thread_ids(pid, &nr);

	if (!nr)
		die("target %d ended", pid);
	for (i = 0; i < nr && sleep; i++)
		sleep = proc_thread_sleeps(pid, tid[i]);
	free(tid);
	return sleep;
}

/* Every thread has to sleep: a new one still touches pages of its own. */
static void await_sleep(pid_t pid)
{
	while (!all_sleep(pid))
		usleep(1000);
}

void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(2);
}

static void serve(int fd, target_fn fn, void *arg)
{
	int step = 0;

	do {
		fn(arg, step);
		say_ready(fd);
	} while (read(fd, &step, sizeof(step)) == sizeof(step));
	_exit(0);
}

static pid_t fork_target(struct target *target, int *fd)
{
	pid_t parent;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		die("socketpair: %s", strerror(errno));
	fflush(stdout);
	parent = getpid();
	target->pid = fork();
	if (target->pid < 0)
		die("fork: %s", strerror(errno));
	if (target->pid) {
		close(fds[1]);
		target->fd = fds[0];
	} else {
		close(fds[0]);
		*fd = fds[1];
		die_with(parent);
	}
	return target->pid;
}

void target_start(struct target *target, target_fn fn, void *arg)
{
	int fd;

	if (!fork_target(target, &fd))
		serve(fd, fn, arg);
	target_await(target);
}

void target_leave(struct target *target, int step)
{
	if (write(target->fd, &step, sizeof(step)) != sizeof(step))
		die("target %d is gone", target->pid);
}

void target_await(struct target *target)
{
	hear_ready(target);
	await_sleep(target->pid);
}

void target_step(struct target *target, int step)
{
	target_leave(target, step);
	target_await(target);
}

void target_sit(void *arg, int step)
{
}

pid_t target_dead_pid(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid;
}

/* Executed targets */

static char *const default_argv[] = { "target", NULL };
static char *const default_envp[] = { NULL };

static size_t count(char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;
	return n;
}

static void do_exec(const struct target_exec *exec, int fd)
{
	char *const *argv = exec->argv ? exec->argv : default_argv;
	char *const *envp = exec->envp ? exec->envp : default_envp;
	size_t n = count(envp);
	char **env = calloc(n + 2, sizeof(*env));
	struct rlimit limit = { exec->stack, exec->stack };
	static char wait_fd[64];

	snprintf(wait_fd, sizeof(wait_fd), WAIT_FD "%d", dup(fd));
	memcpy(env, envp, n * sizeof(*env));
	env[n] = wait_fd;
	if (exec->stack && setrlimit(RLIMIT_STACK, &limit))
		_exit(2);
	personality(exec->personality);
	execve(exec->file ? exec->file : "/proc/self/exe", argv, env);
	_exit(2);
}

void target_exec(struct target *target, const struct target_exec *exec)
{
	int fd;

	if (!fork_target(target, &fd))
		do_exec(exec, fd);
	hear_ready(target);
	target_await_state(target->pid, 'S');
}

/* Runs before main(): a program executed as a target waits here. */
__attribute__((constructor))
static void wait_if_target(int argc, char **argv, char **envp)
{
	size_t len = strlen(WAIT_FD);
	char c;
	int fd;

	(void)argc;
	(void)argv;
	for (; *envp; envp++) {
		if (strncmp(*envp, WAIT_FD, len))
			continue;
		fd = atoi(*envp + len);
		say_ready(fd);
		while (read(fd, &c, 1) > 0)
			;
		_exit(0);
	}
}

void target_path(const char *name, char *path, size_t size)
{
	char *self = proc_link(getpid(), "exe");

	*strrchr(self, '/') = '\0';
	snprintf(path, size, "%s/%s", self, name);
	free(self);
}

pid_t target_try(char *const argv[])
{
	int fds[2];
	char c;
	pid_t parent = getpid();
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		die_with(parent);
		/* With a path, execvp() would take the file for a script. */
		if (strchr(argv[0], '/'))
			execv(argv[0], argv);
		else
			execvp(argv[0], argv);
		if (write(fds[1], "x", 1) != 1)
			_exit(3);
		_exit(2);
	}
	close(fds[1]);
	/* End of file: execve() has closed the other end. */
	if (read(fds[0], &c, 1)) {
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	close(fds[0]);
	return pid;
}

pid_t target_spawn(char *const argv[])
{
	pid_t pid = target_try(argv);

	if (pid < 0)
		die("cannot execute %s", argv[0]);
	return pid;
}

bool target_broken(void)
{
	return getenv("BROKEN");
}

/* Ending targets, and their states */

void target_kill(pid_t pid)
{
	/* kill() takes these for many processes. */
	if (pid <= 0)
		die("no process has PID %d", pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void target_stop(struct target *target)
{
	if (target->pid <= 0)
		return;
	target_kill(target->pid);
	close(target->fd);
	target->pid = 0;
}

void target_await_state(pid_t pid, char state)
{
	while (proc_state(pid) != state)
		usleep(1000);
}

void target_freeze(pid_t pid)
{
	siginfo_t info;

	kill(pid, SIGSTOP);
	if (waitid(P_PID, pid, &info, WSTOPPED))
		die("cannot stop %d: %s", pid, strerror(errno));
}

/* Memory */

void *target_share(size_t size)
{
	return target_map(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1);
}

void *target_map(void *addr, size_t size, int prot, int flags, int fd)
{
	void *p;

	if (fd < 0)
		flags |= MAP_ANONYMOUS;
	p = mmap(addr, size, prot, flags, fd, 0);
	if (p == MAP_FAILED)
		die("mmap of %zu bytes, flags %x: %s", size, flags,
		    strerror(errno));
	return p;
}

void *target_bad_pointer(void)
{
	return target_map(NULL, PAGE, PROT_NONE, MAP_PRIVATE, -1);
}

void *target_map_alone(size_t pages, int prot, int flags, int fd)
{
	size_t page = PAGE;
	char *p = target_map(NULL, (pages + 2) * page, PROT_NONE, MAP_PRIVATE,
			     -1);

	munmap(p, page);
	munmap(p + (pages + 1) * page, page);
	return target_map(p + page, pages * page, prot, flags | MAP_FIXED, fd);
}

static bool is_swapped(void *start, size_t nr)
{
	__u64 *entry = malloc(nr * sizeof(*entry));
	size_t swapped = 0;

	proc_pagemap(getpid(), (unsigned long)start, nr, entry);
	while (swapped < nr && entry[swapped] & PM_SWAP)
		swapped++;
	free(entry);
	return swapped == nr;
}

/*
 * A page that is still in the batch of the processor that touched it cannot be
 * swapped out; only a call on that processor drains the batch.
 */
bool target_page_out(void *start, size_t size)
{
	int attempt, nr = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t before, one;
	bool swapped = false;

	sched_getaffinity(0, sizeof(before), &before);
	for (attempt = 0; !swapped && attempt < 500; attempt++) {
		CPU_ZERO(&one);
		CPU_SET(attempt % nr, &one);
		sched_setaffinity(0, sizeof(one), &one);
		madvise(start, size, MADV_PAGEOUT);
		swapped = is_swapped(start, size / PAGE);
		if (!swapped)
			usleep(10000);
	}
	sched_setaffinity(0, sizeof(before), &before);
	return swapped;
}

/* Keep the compiler from removing the access. */
static inline void use(unsigned long value)
{
	asm volatile("" : : "r" (value) : "memory");
}

void target_touch(void *start, size_t size)
{
	size_t page = PAGE, i;
	char *p = start;

	for (i = 0; i < size; i += page)
		p[i] = i / page + 1;
	use((unsigned long)p);
}

void target_look(const void *start, size_t size)
{
	size_t page = PAGE, i;
	const char *p = start;

	for (i = 0; i < size; i += page)
		use(p[i]);
}

int target_file(const char *path, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char block[4096];
	size_t done;

	if (fd < 0)
		die("cannot create %s: %s", path, strerror(errno));
	for (done = 0; done < size; done += sizeof(block)) {
		memset(block, 1 + done / sizeof(block), sizeof(block));
		if (write(fd, block, sizeof(block)) != sizeof(block))
			die("cannot write %s: %s", path, strerror(errno));
	}
	return fd;
}
