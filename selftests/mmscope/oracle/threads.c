// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "oracle/proc.h"
#include "oracle/threads.h"
#include "stream/read.h"

/* The first bytes of a file of a thread; an empty string if that has ended. */
static void read_of_thread(pid_t pid, pid_t tid, const char *file, char *text,
			   size_t size)
{
	char path[64];
	ssize_t len;
	int fd;

	*text = '\0';
	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", pid, tid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	len = read(fd, text, size - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
}

bool proc_thread_sleeps(pid_t pid, pid_t tid)
{
	char text[512], *name_end;

	read_of_thread(pid, tid, "stat", text, sizeof(text));
	name_end = strrchr(text, ')');
	if (!name_end || name_end[2] != 'S')
		return false;
	/* It has that state a moment before it is off its CPU. */
	return !proc_thread_runs(pid, tid);
}

bool proc_thread_runs(pid_t pid, pid_t tid)
{
	char text[512];

	read_of_thread(pid, tid, "syscall", text, sizeof(text));
	return !strcmp(text, "running\n");
}

/* The last two words are stack pointer and instruction pointer. */
void proc_thread_registers(pid_t pid, pid_t tid, unsigned long *sp,
			   unsigned long *ip)
{
	char text[512], *last;

	read_of_thread(pid, tid, "syscall", text, sizeof(text));
	last = strrchr(text, ' ');
	if (!last)
		die("thread %d is %s", tid, text);
	*ip = strtoul(last, NULL, 16);
	*last = '\0';
	*sp = strtoul(strrchr(text, ' '), NULL, 16);
}

static char *task_file(pid_t pid, pid_t tid, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "task/%d/%s", tid, file);
	return proc_read(pid, path, NULL);
}

struct thread_stat proc_thread_stat(pid_t pid, pid_t tid)
{
	char *text = task_file(pid, tid, "stat"), *end = strrchr(text, ')');
	struct thread_stat stat = { };
	int i;

	*end = '\0';
	snprintf(stat.comm, sizeof(stat.comm), "%s", strchr(text, '(') + 1);
	stat.state = end[2];
	/* The field after the name is number 3, the start is number 22. */
	for (end += 2, i = 3; i < 22; i++)
		end = strchr(end, ' ') + 1;
	stat.start = strtoull(end, NULL, 10);
	free(text);
	return stat;
}

static int compare_tids(const void *a, const void *b)
{
	return *(const pid_t *)a - *(const pid_t *)b;
}

pid_t *proc_thread_ids(pid_t pid, size_t *nr)
{
	struct dirent *entry;
	pid_t *tid = NULL;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	*nr = 0;
	while (dir && (entry = readdir(dir))) {
		if (!atoi(entry->d_name))
			continue;
		tid = realloc(tid, (*nr + 1) * sizeof(*tid));
		tid[(*nr)++] = atoi(entry->d_name);
	}
	if (dir)
		closedir(dir);
	qsort(tid, *nr, sizeof(*tid), compare_tids);
	return tid;
}

void threads_await_off_cpu(pid_t pid)
{
	size_t nr, i;
	pid_t *tid = proc_thread_ids(pid, &nr);

	for (i = 0; i < nr; i++)
		while (proc_thread_runs(pid, tid[i]))
			usleep(1000);
	free(tid);
}

size_t threads_compare_ids(const struct stream *s, pid_t pid)
{
	size_t nr, i, differ;
	pid_t *tid = proc_thread_ids(pid, &nr);

	differ = nr != s->nr_threads;
	for (i = 0; i < nr && i < s->nr_threads; i++)
		differ += s->thread[i]->tid != tid[i] ||
			  s->thread[i]->tgid != pid;
	if (differ)
		note("/proc has %zu threads, mmscope %zu", nr, s->nr_threads);
	free(tid);
	return differ;
}

static bool thread_differs(pid_t pid, const struct mmscope_thread *t)
{
	struct thread_stat stat = proc_thread_stat(pid, t->tid);
	unsigned long sp, ip;

	proc_thread_registers(pid, t->tid, &sp, &ip);
	if (!strcmp(stat.comm, t->comm) && stat.state == t->state &&
	    sp == t->sp && ip == t->ip)
		return false;
	note("thread %d, %s: %c %lx %lx, not %c %llx %llx", t->tid, stat.comm,
	     stat.state, sp, ip, t->state, t->sp, t->ip);
	return true;
}

size_t threads_compare(pid_t pid)
{
	struct stream *s;
	size_t i, differ;

	threads_await_off_cpu(pid);
	s = stream_get(pid, MMSCOPE_PART_THREADS, 0, 0);
	differ = threads_compare_ids(s, pid);
	for (i = 0; i < s->nr_threads && !differ; i++)
		differ += thread_differs(pid, s->thread[i]);
	stream_free(s);
	return differ;
}
