/* SPDX-License-Identifier: GPL-2.0-only */
/* Claims that the program breaks, to see their tests fail. */
#ifndef BROKEN_H
#define BROKEN_H

#include <stdbool.h>

#include "target/example.h"

/* Break the claim that BROKEN of the environment names, if any. */
void break_claim(struct example *io, char **argv);

/* Take a step in a way that breaks the claim. Return: false if it is as usual. */
bool break_step(enum example_step step, struct example *io);

#endif
