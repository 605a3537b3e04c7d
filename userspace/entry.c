// SPDX-License-Identifier: GPL-2.0-only
#include "array.h"
#include "entry.h"

static const struct entry_kind kinds[] = {
	[MMSCOPE_NONE] = { "none", "was never touched, or given back", 0, 0, 0,
			   FRAME_FIXED },
	[MMSCOPE_TABLE] = { "table", "led to a further table", 0, 0, 0,
			    FRAME_FIXED },
	[MMSCOPE_PRESENT] = { "present", "present", 1, 0, 1, FRAME_PAGES },
	[MMSCOPE_ZERO] = { "zero", "the shared page of zeroes", 0, 0, 1,
			   FRAME_FIXED },
	[MMSCOPE_PROTNONE] = { "protnone", "in memory, but all access faults",
			       1, 0, 1, FRAME_PAGES },
	[MMSCOPE_NUMA_HINT] = { "numa-hint",
				"in memory, watched for NUMA balancing", 1, 0,
				1, FRAME_PAGES },
	[MMSCOPE_SWAP] = { "swap", "swapped out", 0, 1, 0, FRAME_ONE },
	[MMSCOPE_MIGRATION] = { "migration", "on its way to another frame", 1,
				0, 0, FRAME_ONE },
	[MMSCOPE_DEVICE_PRIVATE] = { "dev-private",
				     "held in a device's own memory", 1, 0, 0,
				     FRAME_ONE },
	[MMSCOPE_DEVICE_EXCLUSIVE] = { "dev-exclusive", "lent to a device", 1,
				       0, 0, FRAME_ONE },
	[MMSCOPE_HWPOISON] = { "hwpoison", "lost: its frame is broken", 0, 0, 0,
			       FRAME_ONE },
	[MMSCOPE_MARKER_UFFD_WP] = { "uffd-wp",
				     "not there, and marked write-protected for userfaultfd",
				     0, 0, 0, FRAME_FIXED },
	[MMSCOPE_MARKER_POISON] = { "poison", "marked as poisoned", 0, 0, 0,
				    FRAME_FIXED },
	[MMSCOPE_MARKER_GUARD] = { "guard", "a guard: all access faults", 0, 0,
				   0, FRAME_FIXED },
	[MMSCOPE_MARKER] = { "marker", "not there, and marked", 0, 0, 0,
			     FRAME_FIXED },
	[MMSCOPE_UNKNOWN] = { "unknown", "of a kind the module does not know",
			      0, 0, 0, FRAME_FIXED },
};

static const struct entry_kind kind_newer = {
	"?", "of a kind this mmscope does not know", 0, 0, 0, FRAME_FIXED,
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
 * entry_size - bytes that one entry of a level maps
 * @h: the stream's header
 * @level: a level the stream uses
 *
 * Return: bytes
 */
uint64_t entry_size(const struct mmscope_header *h, unsigned int level)
{
	return 1ULL << h->level_shift[level];
}

/**
 * run_last - last address a run maps
 * @h: the stream's header
 * @run: a run from stream_next()
 *
 * Return: the address; inclusive, as a run may end with the address space
 */
uint64_t run_last(const struct mmscope_header *h, const struct mmscope_run *run)
{
	return run->start + run->nr * entry_size(h, run->level) - 1;
}

/**
 * entry_frame - frame of one entry of a run
 * @h: the stream's header
 * @run: a run from stream_next()
 * @index: which entry
 *
 * Return: in the unit of struct mmscope_run @frame
 */
uint64_t entry_frame(const struct mmscope_header *h,
		     const struct mmscope_run *run, uint64_t index)
{
	switch (entry_kind(run->kind)->step) {
	case FRAME_ONE:
		return run->frame + index;
	case FRAME_PAGES:
		return run->frame +
		       index * (entry_size(h, run->level) >> h->page_shift);
	default:
		return run->frame;
	}
}

/**
 * entry_raw - raw value of one entry of a run, as far as the run tells it
 * @h: the stream's header
 * @run: a run from stream_next()
 * @index: which entry
 * @raw: the value
 *
 * Frames of other kinds than present stand in an entry in ways that differ
 * between kernels (inverted, shifted), so only the first is known. With a
 * contiguous hint, the processor sets bits in any one entry.
 *
 * Return: false if it is not known
 */
bool entry_raw(const struct mmscope_header *h, const struct mmscope_run *run,
	       uint64_t index, uint64_t *raw)
{
	*raw = run->raw;
	if (index && run->attrs & MMSCOPE_ATTR_CONT)
		return false;
	if (index && run->kind == MMSCOPE_PRESENT)
		*raw += index * entry_size(h, run->level);
	return !index || run->kind == MMSCOPE_PRESENT ||
	       run->kind == MMSCOPE_ZERO;
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
