/* SPDX-License-Identifier: GPL-2.0-only */
/* Child processes to look at: they do what a test asks, and keep still. */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * typedef target_fn - called in the target for each step
 * @arg: as given to target_start()
 * @step: 0 at the start, then as given to target_step()
 */
typedef void (*target_fn)(void *arg, int step);

struct target {
	pid_t pid;
	int fd;			/* socket to it */
};

/* Fork a target; returns when it has done step 0 and sleeps. */
void target_start(struct target *target, target_fn fn, void *arg);

/* Let it do a step; returns when it is done and sleeps again. */
void target_step(struct target *target, int step);

/* Let it begin a step, and wait until that is done and all its threads sleep. */
void target_leave(struct target *target, int step);
void target_await(struct target *target);

/* The target function that does nothing. */
void target_sit(void *arg, int step);

struct target_exec {
	const char *file;		/* default: this program */
	unsigned long personality;
	unsigned long stack;		/* RLIMIT_STACK, if not 0 */
	char *const *argv;		/* default: "target" */
	char *const *envp;		/* default: nothing */
};

/*
 * Execute this program, or a copy of it, as a target: it waits before main(), in
 * an address space in which nothing else happened.
 */
void target_exec(struct target *target, const struct target_exec *exec);

/* The path of a program that was built with this one, and lies next to it. */
void target_path(const char *name, char *path, size_t size);

/* Start any program; returns as soon as execve() has succeeded. */
pid_t target_spawn(char *const argv[]);
/* The same; -1 if the program cannot be executed. */
pid_t target_try(char *const argv[]);

/* Kill and reap. */
void target_stop(struct target *target);
void target_kill(pid_t pid);

/*
 * Call this in every child that does not end by itself: the runner of the tests
 * waits until the last process that has their output open is gone.
 */
void die_with(pid_t parent);

/* A PID that was in use, and is free now. */
pid_t target_dead_pid(void);

/* Stop all threads with SIGSTOP; returns when they have stopped. */
void target_freeze(pid_t pid);

/* Wait until the state in /proc/PID/stat is @state. */
void target_await_state(pid_t pid, char state);

/* Memory that parent and targets share, zeroed. */
void *target_share(size_t size);

/* mmap(), and die if that fails; @fd is -1 for anonymous memory. */
void *target_map(void *addr, size_t size, int prot, int flags, int fd);

/*
 * Tests of claims also run with BROKEN in the environment: then their targets break the
 * claims, and every test has to fail.
 */
bool target_broken(void);

/* An address that can be neither read nor written. */
void *target_bad_pointer(void);

/* Map pages between two unmapped ones, so that no mappings are merged. */
void *target_map_alone(size_t pages, int prot, int flags, int fd);

/* Write to each page, or read each page. */
void target_touch(void *start, size_t size);
void target_look(const void *start, size_t size);

/*
 * Swap out all pages of a range. MADV_PAGEOUT may skip some, so it is repeated
 * until pagemap shows them as swapped. Returns false if that never happens.
 */
bool target_page_out(void *start, size_t size);

/* A new file of that size; the caller unlinks it. */
int target_file(const char *path, size_t size);

#endif
