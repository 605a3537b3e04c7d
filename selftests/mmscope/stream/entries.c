// SPDX-License-Identifier: GPL-2.0-only
#include <linux/const.h>
#include <stddef.h>

#include "sizes.h"
#include "stream/entries.h"

/**
 * struct meaning - of bits in an entry
 * @mask: the bits
 * @value: of these bits if the attribute is set
 * @attr: MMSCOPE_ATTR_*
 */
struct meaning {
	__u64 mask;
	__u64 value;
	unsigned int attr;
};

#if defined(__x86_64__)
/* Without dirty: newer kernels also keep it in a software bit. */
static const struct meaning meanings[] = {
	{ _BITULL(0), _BITULL(0), MMSCOPE_ATTR_READ },
	{ _BITULL(1), _BITULL(1), MMSCOPE_ATTR_WRITE },
	{ _BITULL(2), _BITULL(2), MMSCOPE_ATTR_USER },
	{ _BITULL(5), _BITULL(5), MMSCOPE_ATTR_ACCESSED },
	{ _BITULL(8), _BITULL(8), MMSCOPE_ATTR_GLOBAL },
	{ _BITULL(63), 0, MMSCOPE_ATTR_EXEC },
	{ _BITULL(63) | _BITULL(2), 0, MMSCOPE_ATTR_KERNEL_EXEC },
};

__u64 entry_in_block(__u64 raw, unsigned int attrs)
{
	return raw;
}

bool entry_leads_on(__u64 raw)
{
	return !(raw & _BITULL(7));
}

__u64 entry_phys(const struct stream *stream, __u64 raw)
{
	return raw & 0x000ffffffffff000ULL;
}
#elif defined(__aarch64__)
static const struct meaning meanings[] = {
	{ _BITULL(6), _BITULL(6), MMSCOPE_ATTR_READ | MMSCOPE_ATTR_USER },
	{ _BITULL(10), _BITULL(10), MMSCOPE_ATTR_ACCESSED },
	{ _BITULL(11), 0, MMSCOPE_ATTR_GLOBAL },
	/* DBM: hardware clears bit 7 at the first write. */
	{ _BITULL(51), _BITULL(51), MMSCOPE_ATTR_WRITE },
	{ _BITULL(51) | _BITULL(7), _BITULL(51), MMSCOPE_ATTR_DIRTY },
	/* A software bit: Linux keeps dirty there, too. */
	{ _BITULL(55), _BITULL(55), MMSCOPE_ATTR_DIRTY },
	{ _BITULL(52), _BITULL(52), MMSCOPE_ATTR_CONT },
	{ _BITULL(53), 0, MMSCOPE_ATTR_KERNEL_EXEC },
	{ _BITULL(54), 0, MMSCOPE_ATTR_EXEC | MMSCOPE_ATTR_USER },
};

/* Linux sets both dirty bits, the one of the processor where a write is allowed. */
__u64 entry_in_block(__u64 raw, unsigned int attrs)
{
	if (attrs & MMSCOPE_ATTR_ACCESSED)
		raw |= _BITULL(10);
	if (attrs & MMSCOPE_ATTR_DIRTY)
		raw |= _BITULL(55);
	if (attrs & MMSCOPE_ATTR_DIRTY && raw & _BITULL(51))
		raw &= ~_BITULL(7);
	return raw;
}

bool entry_leads_on(__u64 raw)
{
	return raw & _BITULL(1);
}

/*
 * With 4 KiB pages, a fifth level comes with longer physical addresses, whose
 * upper bits take the place of the shareability bits.
 */
__u64 entry_phys(const struct stream *stream, __u64 raw)
{
	if (stream->header->levels == 5)
		return (raw & 0x0003fffffffff000ULL) | (raw & 0x300) << 42;
	return raw & 0x0000ffffffffffffULL & -(1ULL << stream->header->page_shift);
}
#else
#error "the entries of this architecture are unknown"
#endif

/* Only arm64 has them; how many depends on the size of pages, and the level. */
unsigned int entry_block(const struct stream *stream, unsigned int level)
{
	switch (stream->header->page_shift) {
	case 14:
		return level == MMSCOPE_PTE ? 128 : 32;
	case 16:
		return 32;
	default:
		return 16;
	}
}

bool entry_valid(__u64 raw)
{
	return raw & _BITULL(0);
}

unsigned int entry_attrs(__u64 raw)
{
	unsigned int attrs = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(meanings); i++)
		if ((raw & meanings[i].mask) == meanings[i].value)
			attrs |= meanings[i].attr;
	return attrs;
}

unsigned int entry_attrs_known(void)
{
	unsigned int attrs = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(meanings); i++)
		attrs |= meanings[i].attr;
	return attrs;
}

unsigned int level_below(const struct stream *stream, unsigned int level)
{
	do {
		level--;
	} while (!stream->header->level_shift[level]);
	return level;
}
