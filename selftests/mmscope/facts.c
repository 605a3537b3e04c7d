// SPDX-License-Identifier: GPL-2.0-only
/* What is known of the page behind each entry. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shape_fixture.h"
#include "kpage.h"
#include "runs.h"
#include "stream.h"

#define PAGE	4096UL

TEST_F(shape, has_pages_as_the_kernel_tells)
{
	NEED_SHAPE();
	EXPECT_EQ(0, kpage_compare(self->target.pid, 0, 0));
}

TEST_HARNESS_MAIN
