/* SPDX-License-Identifier: GPL-2.0-only */
/* The harness of all kselftests, and what every test program needs. */
#ifndef TEST_H
#define TEST_H

#include "kselftest_harness.h"

#include "die.h"
#include "stream/module.h"
#include "sizes.h"

/* Only ends tests that hang: no test depends on how long it takes. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	600

#endif
