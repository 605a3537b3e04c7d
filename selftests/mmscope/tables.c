// SPDX-License-Identifier: GPL-2.0-only
/* Page tables and how full they are, against what the kernel counts. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shape_fixture.h"
#include "pgtables.h"
#include "stream.h"

#define PAGE	4096UL

TEST_F(shape, has_the_tables_that_the_kernel_counts)
{
	NEED_SHAPE();
	EXPECT_EQ(0, pgtables_compare(self->target.pid));
}

TEST_F(shape, has_the_same_tables_in_text)
{
	NEED_SHAPE();
	EXPECT_EQ(0, pgtables_compare_text(self->target.pid));
}

TEST_HARNESS_MAIN
