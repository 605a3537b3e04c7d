/* SPDX-License-Identifier: GPL-2.0-only */
/* Child processes that get into a shape and keep still. */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * typedef target_fn - what a target does
 * @arg: as given to target_start()
 * @step: 0 at its start, then as given to target_step()
 */
typedef void (*target_fn)(void *arg, int step);

struct target {
	pid_t pid;
	int fd;			/* our end of the line to it */
};

/* Fork a target; returns when step 0 is done and it waits. */
void target_start(struct target *target, target_fn fn, void *arg);

/* Have it do a step; returns when it is done and waits again. */
void target_step(struct target *target, int step);

/* Have it begin a step that it does not come back from. */
void target_leave(struct target *target, int step);

/* What a target does that has nothing to do. */
void target_sit(void *arg, int step);

struct target_exec {
	const char *file;		/* default: this program */
	unsigned long personality;
	unsigned long stack;		/* RLIMIT_STACK, if not 0 */
	char *const *argv;		/* default: "target" */
	char *const *envp;		/* default: nothing */
};

/*
 * Execute a program that waits: this one, or a copy of it. Nothing else
 * happened in its address space.
 */
void target_exec(struct target *target, const struct target_exec *exec);

/* Start any program, and return as soon as it is executed. */
pid_t target_spawn(char *const argv[]);

/* Kill and reap. */
void target_stop(struct target *target);
void target_kill(pid_t pid);

/*
 * For every child that does not end by itself: who runs the tests waits until
 * the last process that has their output open is gone.
 */
void die_with(pid_t parent);

/* A number that was a task's and is no more. */
pid_t target_dead_pid(void);

/* Stop all threads with SIGSTOP; returns when they have stopped. */
void target_freeze(pid_t pid);

/* Wait until the state in /proc/PID/stat is @state. */
void target_await_state(pid_t pid, char state);

/* Memory that parent and targets share, zeroed. */
void *target_share(size_t size);

/* Map, and die if that fails; fd -1 for anonymous memory. */
void *target_map(void *addr, size_t size, int prot, int flags, int fd);

/* Where neither reading nor writing is possible. */
void *target_bad_pointer(void);

/* Map pages where nothing is beside them: alike mappings would become one. */
void *target_map_alone(size_t pages, int prot, int flags, int fd);

/* Write to, or read from, each page. */
void target_touch(void *start, size_t size);
void target_look(const void *start, size_t size);

/*
 * Have pages swapped out, all of them. MADV_PAGEOUT is a wish: it is repeated
 * until pagemap says that it is fulfilled. Returns false if that does not come.
 */
bool target_page_out(void *start, size_t size);

/* A new file with that content size, mapped nowhere; unlinked by nobody. */
int target_file(const char *path, size_t size);

#endif
