// SPDX-License-Identifier: GPL-2.0-only
#include "array.h"
#include "entry.h"

/* name, what, resident, swapped, mapped, frame */
static const struct entry_kind kinds[] = {
	[MMSCOPE_NONE] = { "none", "never faulted in, or freed", 0, 0, 0, 0 },
	[MMSCOPE_TABLE] = { "table", "mapped by a table", 0, 0, 0, 0 },
	[MMSCOPE_PRESENT] = { "present", "present", 1, 0, 1, 1 },
	[MMSCOPE_ZERO] = { "zero", "the shared page of zeroes", 0, 0, 1, 1 },
	[MMSCOPE_PROTNONE] = { "protnone", "resident, but any access faults",
			       1, 0, 1, 1 },
	[MMSCOPE_NUMA_HINT] = { "numa-hint",
				"resident, and the next access faults for NUMA balancing",
				1, 0, 1, 1 },
	[MMSCOPE_SWAP] = { "swap", "swapped out", 0, 1, 0, 0 },
	[MMSCOPE_MIGRATION] = { "migration", "migrating to another frame", 1,
				0, 0, 1 },
	[MMSCOPE_DEVICE_PRIVATE] = { "dev-private", "in a device's own memory",
				     1, 0, 0, 1 },
	[MMSCOPE_DEVICE_EXCLUSIVE] = { "dev-exclusive",
				       "lent exclusively to a device", 1, 0, 0,
				       1 },
	[MMSCOPE_HWPOISON] = { "hwpoison",
			       "lost: its frame has a memory error", 0, 0, 0,
			       1 },
	[MMSCOPE_MARKER_UFFD_WP] = { "marker-uffd-wp",
				     "not present, and write-protected by userfaultfd",
				     0, 0, 0, 0 },
	[MMSCOPE_MARKER_POISON] = { "poison", "marked as poisoned", 0, 0, 0, 0 },
	[MMSCOPE_MARKER_GUARD] = { "guard", "a guard: any access faults", 0, 0,
				   0, 0 },
	[MMSCOPE_MARKER] = { "marker", "not present, and marked", 0, 0, 0, 0 },
	[MMSCOPE_UNKNOWN] = { "unknown", "of a kind unknown to the module", 0,
			      0, 0, 0 },
	[MMSCOPE_UFFD_RWP] = { "uffd-rwp",
			       "resident, and the next access faults for userfaultfd",
			       1, 0, 1, 1 },
};

static const struct entry_kind kind_newer = {
	"?", "of a kind unknown to this mmscope", 0, 0, 0, 0,
};

/* So many have a fixed place, the rest follow where they are set. */
#define PLACED	6

static const struct {
	unsigned int attr;
	char letter;
	const char *word;
} attr_names[] = {
	{ MMSCOPE_ATTR_READ, 'r', "read" },
	{ MMSCOPE_ATTR_WRITE, 'w', "write" },
	{ MMSCOPE_ATTR_EXEC, 'x', "exec" },
	{ MMSCOPE_ATTR_USER, 'u', "user" },
	{ MMSCOPE_ATTR_ACCESSED, 'a', "accessed" },
	{ MMSCOPE_ATTR_DIRTY, 'd', "dirty" },
	{ MMSCOPE_ATTR_SOFT_DIRTY, 's', "soft-dirty" },
	{ MMSCOPE_ATTR_UFFD_WP, 'p', "uffd-wp" },
	{ MMSCOPE_ATTR_GLOBAL, 'G', "global" },
	{ MMSCOPE_ATTR_SPECIAL, 'S', "special" },
	{ MMSCOPE_ATTR_UNCACHED, 'U', "uncached" },
	{ MMSCOPE_ATTR_DEVMAP, 'D', "devmap" },
	{ MMSCOPE_ATTR_EXCLUSIVE, 'e', "exclusive" },
	{ MMSCOPE_ATTR_CONT, 'c', "cont" },
	{ MMSCOPE_ATTR_KERNEL_EXEC, 'X', "kernel-exec" },
};

/**
 * entry_kind - look up a kind of entry
 * @kind: enum mmscope_kind, or a newer one
 *
 * Return: never NULL
 */
const struct entry_kind *entry_kind(unsigned int kind)
{
	return kind < ARRAY_SIZE(kinds) ? &kinds[kind] : &kind_newer;
}

/**
 * entry_level - name of a level
 * @level: enum mmscope_level
 *
 * Return: "PTE" to "PGD", or "?"
 */
const char *entry_level(unsigned int level)
{
	static const char *const names[] = {
		"?", "PTE", "PMD", "PUD", "P4D", "PGD",
	};

	return names[level < ARRAY_SIZE(names) ? level : 0];
}

/**
 * entry_index - index of the entry for an address in its table
 * @h: the stream's header
 * @addr: the address
 * @level: a level the stream uses
 *
 * Return: the index
 */
uint32_t entry_index(const struct mmscope_header *h, uint64_t addr,
		     unsigned int level)
{
	return (uint32_t)(addr >> h->level_shift[level]) &
	       ((1u << (h->page_shift - 3)) - 1);
}

/**
 * entry_attrs - append attributes as letters: "rw-uad", then others that are set
 * @out: the text
 * @attrs: MMSCOPE_ATTR_*
 */
void entry_attrs(struct text *out, unsigned int attrs)
{
	char *start = text_end(out, ARRAY_SIZE(attr_names)), *to = start;

	size_t i;

	for (i = 0; i < PLACED; i++) {
		*to++ = attrs & attr_names[i].attr ? attr_names[i].letter : '-';
		attrs &= ~attr_names[i].attr;
	}
	for (; i < ARRAY_SIZE(attr_names) && attrs; i++)
		if (attrs & attr_names[i].attr)
			*to++ = attr_names[i].letter;
	text_wrote(out, (size_t)(to - start));
}

/**
 * entry_attr - word for one attribute
 * @attrs: MMSCOPE_ATTR_*
 * @i: number of the attribute, from 0
 *
 * Return: its name if it is set, else ""; NULL after the last one
 */
const char *entry_attr(unsigned int attrs, size_t i)
{
	if (i >= ARRAY_SIZE(attr_names))
		return NULL;
	return attrs & attr_names[i].attr ? attr_names[i].word : "";
}

/**
 * entry_attr_words - append attributes as words with blanks between them
 * @out: the text
 * @attrs: MMSCOPE_ATTR_*
 */
void entry_attr_words(struct text *out, unsigned int attrs)
{
	const char *name, *gap = "";

	for (size_t i = 0; (name = entry_attr(attrs, i)); i++) {
		if (!*name)
			continue;
		text_printf(out, "%s%s", gap, name);
		gap = " ";
	}
}
