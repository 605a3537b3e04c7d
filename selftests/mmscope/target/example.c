// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "die.h"
#include "target/example.h"

/* The program gets the descriptor: it stays open at execve(). */
static int share(struct example_run *run)
{
	int fd = memfd_create("example", 0);

	if (fd < 0 || ftruncate(fd, sizeof(*run->see)))
		die("memfd_create: %s", strerror(errno));
	run->see = target_map(NULL, sizeof(*run->see), PROT_READ | PROT_WRITE,
			      MAP_SHARED, fd);
	return fd;
}

void example_start(struct example_run *run, const struct example_setup *setup)
{
	int fd = share(run);
	char path[256], number[16], broken[64];
	char *const argv[] = { "example", number, NULL };
	char *const envp[] = { broken, NULL };
	const struct target_exec exec = {
		.file = path,
		.personality = setup->personality,
		.stack = setup->stack,
		.argv = argv,
		.envp = envp,
	};

	target_path(setup->file, path, sizeof(path));
	snprintf(number, sizeof(number), "%d", fd);
	snprintf(broken, sizeof(broken), "BROKEN=%s",
		 target_broken() ? setup->claim : "");
	target_exec(&run->target, &exec);
	close(fd);
}

void example_stop(struct example_run *run)
{
	target_stop(&run->target);
	munmap(run->see, sizeof(*run->see));
}

void example_do(struct example_run *run, enum example_step step,
		unsigned long addr, unsigned long size)
{
	run->see->addr = addr;
	run->see->size = size;
	target_step(&run->target, step);
}
