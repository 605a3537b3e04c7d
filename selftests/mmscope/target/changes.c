// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of an address space that targets make again and again while they are
 * read. Every call undoes what it does.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"
#include "oracle/proc.h"
#include "sizes.h"
#include "target/changes.h"
#include "target/target.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define BLOCK	(256 * PAGE)
#define RW	(PROT_READ | PROT_WRITE)

static void *scratch(size_t size)
{
	return target_map(NULL, size, RW, MAP_PRIVATE, -1);
}

static void *scratch_huge(void)
{
	char *p = scratch(2 * HUGE);
	char *aligned = (char *)(((unsigned long)p + HUGE - 1) & -HUGE);

	if (aligned > p)
		munmap(p, aligned - p);
	munmap(aligned + HUGE, p + HUGE - aligned);
	return aligned;
}

void change_map(pid_t *child)
{
	char *p[8];
	int i;

	for (i = 0; i < 8; i++) {
		p[i] = scratch(BLOCK);
		target_touch(p[i] + i * 9 * PAGE, 20 * PAGE);
	}
	for (i = 0; i < 8; i++)
		munmap(p[i], BLOCK);
}

/* munmap() frees the tables of what it unmaps. */
void change_unmap_tables(pid_t *child)
{
	char *p = target_map(NULL, 4 * GIB, RW, MAP_PRIVATE | MAP_NORESERVE, -1);
	int i;

	madvise(p, 4 * GIB, MADV_NOHUGEPAGE);
	for (i = 0; i < 32; i++)
		p[i * 128 * MIB] = 1;
	munmap(p + GIB / 2, 3 * GIB);
	munmap(p, 4 * GIB);
}

void change_protect(pid_t *child)
{
	char *p = scratch(100 * PAGE);
	int i;

	madvise(p, 100 * PAGE, MADV_NOHUGEPAGE);
	target_touch(p, 100 * PAGE);
	for (i = 0; i < 100; i += 3)
		mprotect(p + i * PAGE, PAGE, i % 2 ? PROT_READ : PROT_NONE);
	mprotect(p, 100 * PAGE, RW);
	munmap(p, 100 * PAGE);
}

void change_forget(pid_t *child)
{
	char *p = scratch(4 * BLOCK);

	madvise(p, 4 * BLOCK, MADV_NOHUGEPAGE);
	target_touch(p + BLOCK / 2, BLOCK);
	madvise(p + BLOCK, 2 * BLOCK, MADV_DONTNEED);
	madvise(p, 4 * BLOCK, MADV_DONTNEED);
	munmap(p, 4 * BLOCK);
}

void change_split(pid_t *child)
{
	char *p = scratch_huge();

	madvise(p, HUGE, MADV_HUGEPAGE);
	target_touch(p, PAGE);
	madvise(p + 100 * PAGE, PAGE, MADV_DONTNEED);
	mprotect(p + 200 * PAGE, 3 * PAGE, PROT_READ);
	munmap(p, HUGE);
}

void change_collapse(pid_t *child)
{
	char *p = scratch_huge();

	madvise(p, HUGE, MADV_NOHUGEPAGE);
	target_touch(p, HUGE);
	madvise(p, HUGE, MADV_HUGEPAGE);
	madvise(p, HUGE, MADV_COLLAPSE);
	munmap(p, HUGE);
}

/* Collapsing shared memory frees its PTE tables. */
void change_collapse_shared(pid_t *child)
{
	int fd = memfd_create("huge", MFD_CLOEXEC);
	char *p = scratch_huge();

	if (ftruncate(fd, HUGE))
		die("ftruncate: %s", strerror(errno));
	p = mmap(p, HUGE, RW, MAP_SHARED | MAP_FIXED, fd, 0);
	target_touch(p, HUGE);
	madvise(p, HUGE, MADV_COLLAPSE);
	target_look(p, HUGE);
	munmap(p, HUGE);
	close(fd);
}

void change_page_out(pid_t *child)
{
	size_t size = 100 * PAGE;
	char *p = scratch(size);

	madvise(p, size, MADV_NOHUGEPAGE);
	target_touch(p, size);
	madvise(p, size, MADV_PAGEOUT);
	target_look(p + size / 2, size / 2);
	munmap(p, size);
}

void change_brk(pid_t *child)
{
	char *p = sbrk(BLOCK);

	target_touch(p, BLOCK);
	sbrk(-BLOCK);
}

void change_move(pid_t *child)
{
	char *p = scratch(BLOCK), *to = scratch(2 * BLOCK);

	target_touch(p, BLOCK);
	p = mremap(p, BLOCK, 2 * BLOCK, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (p == MAP_FAILED)
		die("mremap: %s", strerror(errno));
	p = mremap(p, 2 * BLOCK, BLOCK / 2, 0);
	munmap(p, BLOCK / 2);
}

static void *grow(void *arg)
{
	char big[50 * PAGE];

	target_touch(big, sizeof(big));
	return NULL;
}

/* A mapping that grows down like a stack, within RLIMIT_STACK. */
void change_grow_stack(pid_t *child)
{
	char *area = scratch(8 * BLOCK), *p = area + 7 * BLOCK;
	int i;

	munmap(area, 8 * BLOCK);
	p = target_map(p, PAGE, RW, MAP_PRIVATE | MAP_FIXED | MAP_GROWSDOWN, -1);
	for (i = 0; i < 2800 * KIB / PAGE; i += 7)
		p[-i * (long)PAGE] = 1;
	munmap(area, 8 * BLOCK);
}

void change_threads(pid_t *child)
{
	pthread_t thread[4];
	int i;

	for (i = 0; i < 4; i++)
		if (pthread_create(&thread[i], NULL, grow, NULL))
			die("pthread_create");
	for (i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
}

void change_fork(pid_t *child)
{
	char *p = scratch(BLOCK);
	pid_t pid;

	target_touch(p, BLOCK);
	pid = fork();
	if (!pid)
		_exit(0);
	target_touch(p, BLOCK);
	waitpid(pid, NULL, 0);
	munmap(p, BLOCK);
}

void change_hugetlb(pid_t *child)
{
	const size_t size = kernel_hugetlb_size();
	char *p = mmap(NULL, 2 * size, RW, MAP_SHARED | MAP_ANONYMOUS |
		       MAP_HUGETLB, -1, 0);

	if (p == MAP_FAILED)
		die("cannot map pages of hugetlb: %s", strerror(errno));
	target_touch(p, PAGE);
	if (!fork()) {
		target_touch(p + size, PAGE);
		_exit(0);
	}
	wait(NULL);
	munmap(p, 2 * size);
}

void change_clear(pid_t *child)
{
	proc_clear_refs(getpid(), 4);
	proc_clear_refs(getpid(), 1);
}

/* Children that start and end: readers look at these, not at the target. */

void change_exit(pid_t *child)
{
	pid_t pid = fork();

	if (!pid) {
		target_touch(scratch(4 * BLOCK), BLOCK);
		_exit(0);
	}
	*child = pid;
	waitpid(pid, NULL, 0);
}

void change_exec(pid_t *child)
{
	char *const argv[] = { "true", NULL };
	pid_t pid = fork();

	if (!pid) {
		*child = getpid();
		execvp(argv[0], argv);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

static void *exec_self(void *arg)
{
	char *const argv[] = { "true", NULL };

	execvp(argv[0], argv);
	return NULL;
}

/* execve() by another thread ends the first thread, whose PID readers have. */
void change_exec_in_thread(pid_t *child)
{
	pid_t pid = fork();
	pthread_t thread;

	if (!pid) {
		*child = getpid();
		pthread_create(&thread, NULL, exec_self, NULL);
		syscall(SYS_exit, 0);
	}
	waitpid(pid, NULL, 0);
}
