// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "exit_code.h"
#include "message.h"
#include "process.h"

#define PROC		"/proc"
#define CGROUP_MOUNT	"/sys/fs/cgroup"

/* In the flags of /proc/PID/stat. */
#define PF_KTHREAD	0x00200000u

/* The kernel cuts the name of a thread to this length. */
#define COMM_MAX	15u

/* A process can make its arguments as long as its address space. */
#define ARGS_MAX	(128u << 10)

/* Fields of /proc/PID/stat, numbered as in proc(5). */
enum {
	STAT_PPID = 4,
	STAT_FLAGS = 9,
	STAT_THREADS = 20,
	STAT_STARTED = 22,
};

static bool parse_number(const char **s, unsigned long long *nr)
{
	char *end;

	errno = 0;
	*nr = strtoull(*s, &end, 10);
	if (end == *s || errno)
		return false;
	*s = end;
	return true;
}

/**
 * process_parse_stat - take PROCESS_STAT from the text of /proc/PID/stat
 * @p: the process
 * @s: the text; the name in parentheses may have any byte in it
 *
 * Return: false if it is not valid
 */
bool process_parse_stat(struct process *p, const char *s)
{
	const char *name = strchr(s, '('), *end = strrchr(s, ')');
	unsigned long long field[STAT_STARTED + 1];

	if (!name || !end || end < name || strnlen(end, 4) < 4)
		return false;
	s = end + 3;		/* after ") S" */
	for (size_t i = STAT_PPID; i <= STAT_STARTED; i++)
		if (!parse_number(&s, &field[i]))
			return false;
	if (field[STAT_PPID] > INT_MAX)
		return false;
	text_clear(&p->comm);
	text_add(&p->comm, name + 1, (size_t)(end - name - 1));
	p->ppid = (int)field[STAT_PPID];
	p->threads = (unsigned int)field[STAT_THREADS];
	p->kernel = field[STAT_FLAGS] & PF_KTHREAD;
	p->started = field[STAT_STARTED];
	return true;
}

/**
 * process_parse_status - take PROCESS_USER from the text of /proc/PID/status
 * @p: the process
 * @s: the text; a newline in a name is escaped
 *
 * Return: false if it is not valid
 */
bool process_parse_status(struct process *p, const char *s)
{
	const char *line = strstr(s, "\nUid:");
	unsigned long long uid;

	if (!line)
		return false;
	line += strlen("\nUid:");
	if (!parse_number(&line, &uid) || !parse_number(&line, &uid))
		return false;
	p->uid = (uid_t)uid;
	return true;
}

/**
 * process_parse_args - take PROCESS_ARGS from the bytes of /proc/PID/cmdline
 * @p: the process
 * @s: the arguments, each followed by NUL
 * @len: number of bytes
 */
void process_parse_args(struct process *p, const char *s, size_t len)
{
	p->args_cut = len > ARGS_MAX;
	if (p->args_cut)
		len = ARGS_MAX;
	p->argv0 = strnlen(s, len);
	while (len && !s[len - 1])
		len--;
	text_clear(&p->args);
	text_add(&p->args, s, len);
	for (size_t i = 0; i < len; i++)
		if (!p->args.s[i])
			p->args.s[i] = ' ';
	if (p->argv0 > len)
		p->argv0 = len;
}

/* Return: 0, or the error; a process that has exited gives ENOENT or ESRCH. */
static int read_file(struct text *out, int pid, const char *name, size_t most)
{
	char path[64], bytes[4096];
	ssize_t len = 1;
	int fd;

	snprintf(path, sizeof(path), PROC "/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	text_clear(out);
	text_puts(out, "");
	while (len > 0 && out->len <= most) {
		len = read(fd, bytes, sizeof(bytes));
		if (len > 0)
			text_add(out, bytes, (size_t)len);
	}
	close(fd);
	return len < 0 ? errno : 0;
}

static bool take_stat(struct process *p, const struct text *file)
{
	return process_parse_stat(p, file->s);
}

static bool take_status(struct process *p, const struct text *file)
{
	return process_parse_status(p, file->s);
}

static bool take_args(struct process *p, const struct text *file)
{
	process_parse_args(p, file->s, file->len);
	return true;
}

static bool take_cgroups(struct process *p, const struct text *file)
{
	text_clear(&p->cgroups);
	text_add(&p->cgroups, file->s, file->len);
	return true;
}

static const struct {
	const char *name;
	size_t most;
	bool (*take)(struct process *p, const struct text *file);
} files[] = {			/* in order of PROCESS_* */
	{ "stat", SIZE_MAX, take_stat },
	{ "status", SIZE_MAX, take_status },
	{ "cmdline", ARGS_MAX, take_args },
	{ "cgroup", SIZE_MAX, take_cgroups },
};

/**
 * process_read - read facts about a process, if they are not known yet
 * @p: the process, with its @pid; call process_free() in any case
 * @facts: PROCESS_*
 *
 * Return: 0; ESRCH if it has exited; another error if it may not be read
 */
int process_read(struct process *p, unsigned int facts)
{
	struct text file = { 0 };
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files) && !error; i++) {
		if (!((facts & ~p->facts) >> i & 1))
			continue;
		error = read_file(&file, p->pid, files[i].name, files[i].most);
		if (!error && !files[i].take(p, &file))
			error = EINVAL;
		if (!error)
			p->facts |= 1u << i;
	}
	text_free(&file);
	return error == ENOENT ? ESRCH : error;
}

/**
 * process_free - free what process_read() allocated
 * @p: the process
 */
void process_free(struct process *p)
{
	text_free(&p->comm);
	text_free(&p->args);
	text_free(&p->cgroups);
}

/**
 * process_can_be_meant - whether a user who names a process can mean this one
 * @p: a process with PROCESS_STAT
 *
 * Return: false for kernel threads, which have no address space, and for the reader
 */
bool process_can_be_meant(const struct process *p)
{
	return !p->kernel && p->pid != getpid();
}

/**
 * process_title - how one process differs from others of its name
 * @p: a process with PROCESS_NAMES
 *
 * Return: its arguments, or its name if it has none; untrusted
 */
const char *process_title(const struct process *p)
{
	return p->args.len ? p->args.s : p->comm.s;
}

/**
 * process_is_named - compare the name of a process
 * @p: a process with PROCESS_NAMES
 * @name: its name. If the kernel had to cut it, the last component of the first
 *	argument is compared, too.
 *
 * Return: true if it has this name
 */
bool process_is_named(const struct process *p, const char *name)
{
	size_t len = strlen(name), argv0 = p->argv0;

	if (!strcmp(p->comm.s, name))
		return true;
	if (p->comm.len != COMM_MAX || len <= COMM_MAX || argv0 < len ||
	    strncmp(p->comm.s, name, COMM_MAX))
		return false;
	return !memcmp(p->args.s + argv0 - len, name, len) &&
	       (argv0 == len || p->args.s[argv0 - len - 1] == '/');
}

/* What follows a prefix of whole components, or NULL. */
static const char *after_components(const char *path, const char *prefix,
				    size_t len)
{
	if (strncmp(path, prefix, len) || (path[len] && path[len] != '/'))
		return NULL;
	return path + len;
}

/* Version 1 mounts a hierarchy by the name of its controllers, or of one. */
static const char *below_hierarchy(const char *path, const char *controllers,
				   size_t len)
{
	const char *named = memchr(controllers, '=', len);
	const char *end = controllers + len, *rest = NULL;

	if (!len)
		return path;
	if (*path++ != '/')
		return NULL;
	if (named)
		return after_components(path, named + 1,
					(size_t)(end - named - 1));
	rest = after_components(path, controllers, len);
	while (!rest && controllers < end) {
		size_t one = strcspn(controllers, ",:");

		rest = after_components(path, controllers, one);
		controllers += one + 1;
	}
	return rest;
}

/* One line of /proc/PID/cgroup: ID:CONTROLLERS:PATH, up to end. */
static bool line_in_cgroup(const char *line, const char *end, const char *path)
{
	const char *controllers = memchr(line, ':', (size_t)(end - line));
	const char *own, *mounted;
	size_t len;

	if (!controllers)
		return false;
	controllers++;
	own = memchr(controllers, ':', (size_t)(end - controllers));
	if (!own)
		return false;
	mounted = after_components(path, CGROUP_MOUNT, strlen(CGROUP_MOUNT));
	if (mounted)
		path = below_hierarchy(mounted, controllers,
				       (size_t)(own - controllers));
	if (!path)
		return false;
	own += strspn(own + 1, "/") + 1;
	path += strspn(path, "/");
	for (len = strlen(path); len && path[len - 1] == '/'; len--)
		;
	return !len || ((size_t)(end - own) >= len &&
			!memcmp(own, path, len) &&
			(own + len == end || own[len] == '/'));
}

/**
 * process_in_cgroup - whether a process is in a cgroup or in one below it
 * @p: a process with PROCESS_CGROUPS
 * @path: as in /proc/PID/cgroup, or below /sys/fs/cgroup
 *
 * Return: true if it is, in any hierarchy
 */
bool process_in_cgroup(const struct process *p, const char *path)
{
	const char *line = p->cgroups.s, *end;

	while (line && (end = strchr(line, '\n'))) {
		if (line_in_cgroup(line, end, path))
			return true;
		line = end + 1;
	}
	return false;
}

static int by_pid(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Return: 0 if a name in /proc is not a PID. */
static int pid_of(const char *name)
{
	const char *s = name;
	unsigned long long pid;

	if (*s < '1' || *s > '9' || !parse_number(&s, &pid) || *s ||
	    pid > INT_MAX)
		return 0;
	return (int)pid;
}

static void add_process(struct processes *all, int pid, unsigned int facts)
{
	struct process p = { .pid = pid };
	int error = process_read(&p, facts);

	if (error) {
		all->refused += error != ESRCH;
		process_free(&p);
		return;
	}
	all->process = more(all->process, all->nr, &all->room,
			    sizeof(*all->process));
	all->process[all->nr++] = p;
}

/* Return: 0, or the error of the folder. */
static int add_processes(struct processes *all, DIR *dir, unsigned int facts)
{
	const struct dirent *entry;
	int pid;

	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return errno;
		pid = pid_of(entry->d_name);
		if (pid)
			add_process(all, pid, facts);
	}
}

/**
 * processes_list - list all processes; those that exit meanwhile are left out
 * @all: the list; call processes_free() in any case
 * @facts: PROCESS_*; 0 for the PIDs alone
 *
 * Return: EXIT_FINE, or EXIT_FAILED after a message
 */
int processes_list(struct processes *all, unsigned int facts)
{
	DIR *dir = opendir(PROC);
	int error;

	*all = (struct processes){ 0 };
	if (!dir)
		return complain(EXIT_FAILED, PROC ": %s", strerror(errno));
	error = add_processes(all, dir, facts);
	closedir(dir);
	if (error)
		return complain(EXIT_FAILED, PROC ": %s", strerror(error));
	if (!all->nr && !all->refused)
		return complain(EXIT_FAILED, PROC ": no process found");
	if (all->nr)
		qsort(all->process, all->nr, sizeof(*all->process), by_pid);
	return EXIT_FINE;
}

/**
 * processes_free - free a list
 * @all: the list
 */
void processes_free(struct processes *all)
{
	for (size_t i = 0; i < all->nr; i++)
		process_free(&all->process[i]);
	free(all->process);
	*all = (struct processes){ 0 };
}

/**
 * processes_find - find a process
 * @all: the list
 * @pid: its id
 *
 * Return: the process, or NULL
 */
struct process *processes_find(const struct processes *all, int pid)
{
	const struct process key = { .pid = pid };

	return all->nr ? bsearch(&key, all->process, all->nr,
				 sizeof(*all->process), by_pid) : NULL;
}

/**
 * processes_keep - drop all processes from a list except some
 * @all: the list
 * @want: true for a process to keep
 * @arg: argument of @want
 */
void processes_keep(struct processes *all,
		    bool (*want)(const struct process *p, const void *arg),
		    const void *arg)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->nr; i++) {
		if (want(&all->process[i], arg))
			all->process[kept++] = all->process[i];
		else
			process_free(&all->process[i]);
	}
	all->nr = kept;
}

static int by_parent(const void *a, const void *b)
{
	const struct process *x = *(const struct process *const *)a;
	const struct process *y = *(const struct process *const *)b;

	return (x->ppid > y->ppid) - (x->ppid < y->ppid);
}

/* The first one of a parent's children in a list in order of parents. */
static size_t first_child(struct process *const *child, size_t nr, int ppid)
{
	size_t low = 0, high = nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (child[mid]->ppid < ppid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool in_family(const struct process *p, const void *arg)
{
	(void)arg;
	return p->in_family;
}

/* Mark the children of a family's members, and theirs, each once. */
static void mark_family(struct process **child, size_t nr_child,
			struct process *first)
{
	struct process **family = grow(NULL, nr_child, sizeof(*family));
	size_t nr = 0;

	first->in_family = true;
	family[nr++] = first;
	for (size_t i = 0; i < nr; i++) {
		const struct process *parent = family[i];
		size_t at = first_child(child, nr_child, parent->pid);

		for (; at < nr_child && child[at]->ppid == parent->pid; at++) {
			if (child[at]->in_family ||
			    child[at]->started < parent->started)
				continue;
			child[at]->in_family = true;
			family[nr++] = child[at];
		}
	}
	free(family);
}

/**
 * processes_keep_family - keep a process and all that descend from it
 * @all: a list with PROCESS_STAT
 * @pid: the process
 *
 * The list is not of one moment: if a PID was used again meanwhile, a process may
 * seem to have a parent that started after it. That is not its parent.
 *
 * Return: false if @pid is not in the list, which is empty then
 */
bool processes_keep_family(struct processes *all, int pid)
{
	struct process *first = processes_find(all, pid);
	struct process **child = grow(NULL, all->nr, sizeof(*child));

	for (size_t i = 0; i < all->nr; i++) {
		all->process[i].in_family = false;
		child[i] = &all->process[i];
	}
	if (first) {
		qsort(child, all->nr, sizeof(*child), by_parent);
		mark_family(child, all->nr, first);
	}
	free(child);
	processes_keep(all, in_family, NULL);
	return first;
}
