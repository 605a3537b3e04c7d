// SPDX-License-Identifier: GPL-2.0-only
/* What make prints on a machine that lacks something. Nothing is built. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "array.h"
#include "tap.h"

#define NOWHERE		"/dev/null/nowhere"

#define NO_HEADERS	"mmscope: no kernel headers in "
#define NO_COMPILER	"mmscope: no C compiler, or no headers of the C library: "

static const struct {
	const char *words, *says;
} cases[] = {
	{ "-C .. module RELEASE=9.9-test KDIR=" NOWHERE,
	  NO_HEADERS NOWHERE ": install linux-headers-9.9-test or set KDIR\n" },
	{ "-C .. dkms RELEASE=9.9-test PATH=" NOWHERE,
	  NO_HEADERS "/lib/modules/9.9-test/build: install linux-headers-9.9-test" },
	/* This folder has a Makefile. */
	{ "-C .. dkms RELEASE=9.9-test KDIR=userspace PATH=" NOWHERE,
	  "mmscope: no dkms: install the package dkms\n" },
	{ "-C .. deb PATH=" NOWHERE,
	  "mmscope: packages cannot be built: install build-essential debhelper dh-dkms\n" },
	{ "O=" NOWHERE " CC=" NOWHERE,
	  NO_COMPILER "install gcc and libc6-dev\n" },
	{ "O=" NOWHERE " CFLAGS=-nostdinc",
	  NO_COMPILER "install gcc and libc6-dev\n" },
};

/* The outer make passes its options and its jobs on in the environment. */
static void run(const char *words, const char *says)
{
	char command[256], output[4096];
	size_t len;
	int status;
	FILE *f;

	snprintf(command, sizeof(command),
		 "unset MAKEFLAGS MFLAGS MAKELEVEL; exec make %s 2>&1", words);
	f = popen(command, "re");
	if (!f)
		err(99, "popen");
	len = fread(output, 1, sizeof(output) - 1, f);
	output[len] = '\0';
	status = pclose(f);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 2 &&
	       strstr(output, says), "make %s: %s", words, says);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		run(cases[i].words, cases[i].says);
	return tap_done();
}
