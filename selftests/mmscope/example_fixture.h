/* SPDX-License-Identifier: GPL-2.0-only */
/* The fixture of all tests of claims that look at a run of the example. */
#ifndef EXAMPLE_FIXTURE_H
#define EXAMPLE_FIXTURE_H

#include "test.h"
#include "oracle/proc.h"
#include "target/example.h"

#define STACK_LIMIT	MIB

static void start(struct example_run *run, const char *file, const char *claim)
{
	const struct example_setup setup = {
		.file = file,
		.stack = STACK_LIMIT,
		.claim = claim,
	};

	module_need();
	kernel_stand_still();
	example_start(run, &setup);
}

FIXTURE(program)
{
	struct example_run run;
	struct example *see;
	pid_t pid;
};

FIXTURE_VARIANT(program)
{
	const char *file;
};

FIXTURE_VARIANT_ADD(program, pie) {
	.file = "example_pie",
};

FIXTURE_SETUP(program)
{
	start(&self->run, variant->file, _metadata->name);
	self->see = self->run.see;
	self->pid = self->run.target.pid;
}

FIXTURE_TEARDOWN(program)
{
	example_stop(&self->run);
}

/* The last step of the program ended with this signal, at this address. */
#define EXPECT_SEGV(why, addr)						\
	do {								\
		EXPECT_EQ(SIGSEGV, self->see->signal);			\
		EXPECT_EQ(why, self->see->code);			\
		EXPECT_EQ(addr, self->see->fault);			\
	} while (0)

#endif
