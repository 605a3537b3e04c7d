/* SPDX-License-Identifier: GPL-2.0-only */
/* The harness of all kselftests, and what every program here does with it. */
#ifndef TEST_H
#define TEST_H

#include "kselftest_harness.h"

#include "die.h"
#include "stream/module.h"
#include "sizes.h"

/* It is there to end what hangs: how long a test takes proves nothing. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	600

#endif
