/* SPDX-License-Identifier: GPL-2.0-only */
/* The processes that /proc lists. */
#ifndef MMSCOPE_PROCESS_H
#define MMSCOPE_PROCESS_H

#include <sys/types.h>

#include "text.h"

/* Facts about a process; each set costs one file of /proc/PID. */
#define PROCESS_STAT	(1u << 0)	/* ppid, comm, threads, kernel, started */
#define PROCESS_USER	(1u << 1)	/* uid */
#define PROCESS_ARGS	(1u << 2)	/* args */
#define PROCESS_CGROUPS	(1u << 3)	/* cgroups */

/* All that process_is_named() needs. */
#define PROCESS_NAMES	(PROCESS_STAT | PROCESS_ARGS)

/**
 * struct process - a process
 * @pid: its id in the reader's pid namespace
 * @facts: PROCESS_* of the facts that are known
 * @ppid: its parent; 0 if that is not in the pid namespace
 * @threads: number of threads
 * @kernel: it is a kernel thread
 * @in_family: used by processes_keep_family()
 * @started: when it started, in clock ticks; never before its parent did
 * @uid: effective user id
 * @comm: name of its main thread, untrusted; the kernel cuts it to 15 bytes
 * @args: its arguments, untrusted, with blanks in between; may be empty
 * @argv0: length of the first one
 * @args_cut: only the beginning of them was read
 * @cgroups: as in /proc/PID/cgroup
 */
struct process {
	int pid;
	unsigned int facts;
	int ppid;
	unsigned int threads;
	bool kernel;
	bool in_family;
	uint64_t started;
	uid_t uid;
	struct text comm;
	struct text args;
	size_t argv0;
	bool args_cut;
	struct text cgroups;
};

/**
 * struct processes - a list of processes
 * @process: in order of pid
 * @nr: their number
 * @room: number of elements allocated
 * @refused: number of processes that exist and could not be read
 */
struct processes {
	struct process *process;
	size_t nr;
	size_t room;
	size_t refused;
};

bool process_parse_stat(struct process *p, const char *s);
bool process_parse_status(struct process *p, const char *s);
void process_parse_args(struct process *p, const char *s, size_t len);

int process_read(struct process *p, unsigned int facts);
void process_free(struct process *p);
bool process_can_be_meant(const struct process *p);
const char *process_title(const struct process *p);
bool process_is_named(const struct process *p, const char *name);
bool process_in_cgroup(const struct process *p, const char *path);

int processes_list(struct processes *all, unsigned int facts);
void processes_free(struct processes *all);
struct process *processes_find(const struct processes *all, int pid);
void processes_keep(struct processes *all,
		    bool (*want)(const struct process *p, const void *arg),
		    const void *arg);
bool processes_keep_family(struct processes *all, int pid);

#endif
