// SPDX-License-Identifier: GPL-2.0-only
#include "array.h"
#include "entry.h"

/* resident, swapped, mapped, frame */
static const struct entry_kind kinds[] = {
	[MMSCOPE_NONE] = { "none", "was never touched, or given back", 0, 0, 0,
			   0 },
	[MMSCOPE_TABLE] = { "table", "led to a further table", 0, 0, 0, 0 },
	[MMSCOPE_PRESENT] = { "present", "present", 1, 0, 1, 1 },
	[MMSCOPE_ZERO] = { "zero", "the shared page of zeroes", 0, 0, 1, 1 },
	[MMSCOPE_PROTNONE] = { "protnone", "in memory, but all access faults",
			       1, 0, 1, 1 },
	[MMSCOPE_NUMA_HINT] = { "numa-hint",
				"in memory, watched for NUMA balancing", 1, 0,
				1, 1 },
	[MMSCOPE_SWAP] = { "swap", "swapped out", 0, 1, 0, 0 },
	[MMSCOPE_MIGRATION] = { "migration", "on its way to another frame", 1,
				0, 0, 1 },
	[MMSCOPE_DEVICE_PRIVATE] = { "dev-private",
				     "held in a device's own memory", 1, 0, 0,
				     1 },
	[MMSCOPE_DEVICE_EXCLUSIVE] = { "dev-exclusive", "lent to a device", 1,
				       0, 0, 1 },
	[MMSCOPE_HWPOISON] = { "hwpoison", "lost: its frame is broken", 0, 0, 0,
			       1 },
	[MMSCOPE_MARKER_UFFD_WP] = { "uffd-wp",
				     "not there, and marked write-protected for userfaultfd",
				     0, 0, 0, 0 },
	[MMSCOPE_MARKER_POISON] = { "poison", "marked as poisoned", 0, 0, 0, 0 },
	[MMSCOPE_MARKER_GUARD] = { "guard", "a guard: all access faults", 0, 0,
				   0, 0 },
	[MMSCOPE_MARKER] = { "marker", "not there, and marked", 0, 0, 0, 0 },
	[MMSCOPE_UNKNOWN] = { "unknown", "of a kind the module does not know",
			      0, 0, 0, 0 },
	[MMSCOPE_UFFD_RWP] = { "uffd-rwp", "in memory, watched by userfaultfd",
			       1, 0, 1, 1 },
};

static const struct entry_kind kind_newer = {
	"?", "of a kind this mmscope does not know", 0, 0, 0, 0,
};

/* The first six have a fixed place, the rest follow where set. */
static const struct {
	unsigned int attr;
	char letter;
	bool placed;
	const char *word;
} attr_names[] = {
	{ MMSCOPE_ATTR_READ, 'r', true, "read" },
	{ MMSCOPE_ATTR_WRITE, 'w', true, "write" },
	{ MMSCOPE_ATTR_EXEC, 'x', true, "exec" },
	{ MMSCOPE_ATTR_USER, 'u', true, "user" },
	{ MMSCOPE_ATTR_ACCESSED, 'a', true, "accessed" },
	{ MMSCOPE_ATTR_DIRTY, 'd', true, "dirty" },
	{ MMSCOPE_ATTR_SOFT_DIRTY, 's', false, "soft-dirty" },
	{ MMSCOPE_ATTR_UFFD_WP, 'p', false, "uffd-wp" },
	{ MMSCOPE_ATTR_GLOBAL, 'G', false, "global" },
	{ MMSCOPE_ATTR_SPECIAL, 'S', false, "special" },
	{ MMSCOPE_ATTR_UNCACHED, 'U', false, "uncached" },
	{ MMSCOPE_ATTR_DEVMAP, 'D', false, "devmap" },
	{ MMSCOPE_ATTR_EXCLUSIVE, 'e', false, "exclusive" },
	{ MMSCOPE_ATTR_CONT, 'c', false, "contiguous" },
	{ MMSCOPE_ATTR_KERNEL_EXEC, 'X', false, "kernel-exec" },
};

/**
 * entry_kind - what a kind of entry means
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
 * entry_index - where the entry for an address stands in its table
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
 * entry_attrs - append attributes as letters: "rw-uad", then those set of
 *	s(oft-dirty) uffd-w(p) G(lobal) S(pecial) U(ncached) D(evmap)
 *	e(xclusive) c(ontiguous)
 * @out: the text
 * @attrs: MMSCOPE_ATTR_*
 */
void entry_attrs(struct text *out, unsigned int attrs)
{
	for (size_t i = 0; i < ARRAY_SIZE(attr_names); i++) {
		if (attrs & attr_names[i].attr)
			text_add(out, &attr_names[i].letter, 1);
		else if (attr_names[i].placed)
			text_puts(out, "-");
	}
}

/**
 * entry_attr_words - append attributes as words with blanks between
 * @out: the text
 * @attrs: MMSCOPE_ATTR_*
 */
void entry_attr_words(struct text *out, unsigned int attrs)
{
	const char *gap = "";

	for (size_t i = 0; i < ARRAY_SIZE(attr_names); i++) {
		if (!(attrs & attr_names[i].attr))
			continue;
		text_printf(out, "%s%s", gap, attr_names[i].word);
		gap = " ";
	}
}
