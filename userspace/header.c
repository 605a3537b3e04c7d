// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "header.h"

/* Levels in use map more from one to the next; the first maps base pages. */
static bool check_levels(const struct mmscope_header *h)
{
	unsigned int used = 0, last = 0;

	for (unsigned int i = MMSCOPE_PTE; i < MMSCOPE_LEVEL_SLOTS; i++) {
		unsigned int shift = h->level_shift[i];

		if (!shift)
			continue;
		if (shift <= last || shift > 60)
			return false;
		last = shift;
		used++;
	}
	return used == h->levels && used > 0 && h->page_shift >= 12 &&
	       h->page_shift <= 20 &&
	       h->level_shift[MMSCOPE_PTE] == h->page_shift;
}

static bool is_terminated(const char *s, size_t size)
{
	return memchr(s, '\0', size);
}

/**
 * header_check - check a header whose magic, ABI and size are right
 * @h: the header
 * @at: offset of the field that is wrong
 *
 * Return: NULL, or what is wrong, a part of a sentence
 */
const char *header_check(const struct mmscope_header *h, size_t *at)
{
	*at = offsetof(struct mmscope_header, level_shift);
	if (!check_levels(h))
		return "levels of the page tables";
	*at = offsetof(struct mmscope_header, release);
	if (!is_terminated(h->release, sizeof(h->release)))
		return "kernel release without a NUL";
	*at = offsetof(struct mmscope_header, module);
	if (!is_terminated(h->module, sizeof(h->module)))
		return "module version without a NUL";
	return NULL;
}

/**
 * header_above - the next level above that is in use
 * @h: a checked header
 * @level: enum mmscope_level, or 0
 *
 * Return: enum mmscope_level, 0 if there is none
 */
unsigned int header_above(const struct mmscope_header *h, unsigned int level)
{
	while (++level < MMSCOPE_LEVEL_SLOTS)
		if (h->level_shift[level])
			return level;
	return 0;
}

/**
 * header_below - the next level below that is in use
 * @h: a checked header
 * @level: enum mmscope_level, or MMSCOPE_LEVEL_SLOTS
 *
 * Return: enum mmscope_level, 0 if there is none
 */
unsigned int header_below(const struct mmscope_header *h, unsigned int level)
{
	while (--level)
		if (h->level_shift[level])
			return level;
	return 0;
}

/**
 * header_user_bits - log2 of the size that a user half can have at most
 * @h: a checked header
 *
 * Return: bits, at most 63; x86-64 shares its top table between both halves,
 * arm64 has two
 */
unsigned int header_user_bits(const struct mmscope_header *h)
{
	unsigned int bits = 0;

	for (unsigned int i = MMSCOPE_PTE; i < MMSCOPE_LEVEL_SLOTS; i++)
		if (h->level_shift[i])
			bits = h->level_shift[i];
	/* A table is a page of 8-byte entries. */
	bits += h->page_shift - 3u;
	if (bits > 63)
		bits = 63;
	return h->machine == EM_AARCH64 ? bits : bits - 1;
}

/**
 * header_untag - remove the tag of an address, as the module does
 * @h: a checked header
 * @addr: the address
 *
 * Where a process has to enable tags, no stream records that it did.
 *
 * Return: the address without a tag, if the processor ignores tags
 */
uint64_t header_untag(const struct mmscope_header *h, uint64_t addr)
{
	const unsigned int tag_shift = 56;

	if (h->machine != EM_AARCH64 || addr >> (tag_shift - 1) & 1)
		return addr;
	return addr & ((1ULL << tag_shift) - 1);
}
