// SPDX-License-Identifier: GPL-2.0-only
#include <glob.h>

#include "recorded.h"
#include "tap.h"

/**
 * each_recorded - run a test for each recorded snapshot
 * @test: gets the path of one
 *
 * It is a failure if there is none.
 */
void each_recorded(void (*test)(const char *snapshot))
{
	glob_t found;

	if (glob("tests/recorded/*.snapshot", 0, NULL, &found)) {
		tap_ok(false, "there are recorded snapshots");
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		test(found.gl_pathv[i]);
	globfree(&found);
}
