/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's header, wherever it is. */
#ifndef UAPI_H
#define UAPI_H

#if __has_include("mmscope.h")
#include "mmscope.h"
#else
#include <linux/mmscope.h>
#endif

#endif
