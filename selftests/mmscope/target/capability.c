// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "die.h"
#include "target/capability.h"

void capability_drop(int capability)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	__u32 bit = CAP_TO_MASK(capability);

	if (syscall(SYS_capget, &header, data))
		die("capget: %s", strerror(errno));
	data[CAP_TO_INDEX(capability)].effective &= ~bit;
	data[CAP_TO_INDEX(capability)].permitted &= ~bit;
	data[CAP_TO_INDEX(capability)].inheritable &= ~bit;
	if (syscall(SYS_capset, &header, data))
		die("capset: %s", strerror(errno));
}
