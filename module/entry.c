// SPDX-License-Identifier: GPL-2.0-only
/*
 * The meaning of a page-table entry, as far as its value alone defines it. Only
 * a copy of the entry is read, never the table.
 */
#include <linux/bits.h>
#include <linux/mm.h>

#include "compat/pgtable.h"
#include "compat/vma.h"
#include "entry.h"

/* Kinds */

/* Swap entries whose type is above those of swap areas. */
static const struct {
	u8 type;
	u8 kind;
} swap_types[] = {
	{ SWP_PTE_MARKER,		MMSCOPE_MARKER },
	{ SWP_SWAPIN_ERROR,		MMSCOPE_MARKER_POISON },
	{ SWP_MIGRATION_READ,		MMSCOPE_MIGRATION },
	{ SWP_MIGRATION_READ_EXCLUSIVE,	MMSCOPE_MIGRATION },
	{ SWP_MIGRATION_WRITE,		MMSCOPE_MIGRATION },
	{ SWP_DEVICE_READ,		MMSCOPE_DEVICE_PRIVATE },
	{ SWP_DEVICE_WRITE,		MMSCOPE_DEVICE_PRIVATE },
	{ SWP_DEVICE_EXCLUSIVE,		MMSCOPE_DEVICE_EXCLUSIVE },
	{ SWP_DEVICE_EXCLUSIVE_READ,	MMSCOPE_DEVICE_EXCLUSIVE },
	{ SWP_DEVICE_EXCLUSIVE_WRITE,	MMSCOPE_DEVICE_EXCLUSIVE },
	{ SWP_HWPOISON,			MMSCOPE_HWPOISON },
};

static u8 swap_kind(unsigned int type)
{
	unsigned int i;

	if (type < MAX_SWAPFILES)
		return MMSCOPE_SWAP;
	for (i = 0; i < ARRAY_SIZE(swap_types); i++)
		if (type == swap_types[i].type)
			return swap_types[i].kind;
	return MMSCOPE_UNKNOWN;
}

static const struct {
	u64 bit;
	u8 kind;
} markers[] = {
	{ PTE_MARKER_POISONED,	MMSCOPE_MARKER_POISON },
	{ PTE_MARKER_GUARD,	MMSCOPE_MARKER_GUARD },
	{ PTE_MARKER_UFFD_WP,	MMSCOPE_MARKER_UFFD_WP },
};

static u8 marker_kind(u64 bits)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(markers); i++)
		if (bits & markers[i].bit)
			return markers[i].kind;
	return MMSCOPE_MARKER;
}

/**
 * mmscope_attrs() - look up the attributes of a raw entry
 * @raw: the entry
 * @bits: one of mmscope_table_bits, mmscope_leaf_bits, mmscope_swap_bits
 *
 * Return: MMSCOPE_ATTR_*.
 */
u32 mmscope_attrs(u64 raw, const struct mmscope_bits *bits)
{
	u32 attrs = 0;

	for (; bits->attr; bits++)
		if (bits->mask && (raw & bits->mask) == bits->value)
			attrs |= bits->attr;
	return attrs;
}

/**
 * mmscope_kind_has_frame() - do entries of a kind map a frame?
 * @kind: enum mmscope_kind
 *
 * Return: true if an address that such an entry maps has a physical address.
 */
bool mmscope_kind_has_frame(u8 kind)
{
	return kind == MMSCOPE_PRESENT || kind == MMSCOPE_ZERO ||
	       kind == MMSCOPE_PROTNONE || kind == MMSCOPE_NUMA_HINT ||
	       kind == MMSCOPE_UFFD_RWP;
}

/**
 * mmscope_kind_names_frame() - do entries of a kind contain a frame number?
 * @kind: enum mmscope_kind
 *
 * Return: true if they do, though they need not map the frame.
 */
bool mmscope_kind_names_frame(u8 kind)
{
	return mmscope_kind_has_frame(kind) || kind == MMSCOPE_MIGRATION ||
	       kind == MMSCOPE_DEVICE_PRIVATE ||
	       kind == MMSCOPE_DEVICE_EXCLUSIVE || kind == MMSCOPE_HWPOISON;
}

/* Difference of the raw values of two swap entries with adjacent offsets. */
static u64 swap_step(enum mmscope_level level)
{
	u64 one = pte_val(__swp_entry_to_pte(__swp_entry(0, 1))) -
		  pte_val(__swp_entry_to_pte(__swp_entry(0, 0)));

	return one << (mmscope_entry_shift(level) - PAGE_SHIFT);
}

static void decode_swap(struct mmscope_entry *entry, u64 raw,
			enum mmscope_level level)
{
	swp_entry_t swp = __pte_to_swp_entry(__pte(raw));
	u64 type = __swp_type(swp), offset = __swp_offset(swp);

	entry->attrs = mmscope_attrs(raw, mmscope_swap_bits);
	entry->kind = swap_kind(type);
	entry->step = swap_step(level);

	switch (entry->kind) {
	case MMSCOPE_SWAP:
		entry->frame = type << MMSCOPE_SWAP_SHIFT | offset;
		break;
	case MMSCOPE_MARKER:
		entry->kind = marker_kind(offset);
		fallthrough;
	case MMSCOPE_MARKER_POISON:
		entry->frame = offset;
		entry->step = 0;
		break;
	case MMSCOPE_UNKNOWN:
		entry->frame = 0;
		entry->step = 0;
		break;
	default:
		entry->frame = offset & SWP_PFN_MASK & MMSCOPE_RUN_FRAME_MASK;
		break;
	}
}

/* Why a present entry allows no access. */
static u8 protnone_kind(u64 vm_flags, u32 attrs)
{
	if (!(vm_flags & VM_ACCESS_FLAGS))
		return MMSCOPE_PROTNONE;
	if (vm_flags & VM_UFFD_RWP && attrs & MMSCOPE_ATTR_UFFD_WP)
		return MMSCOPE_UFFD_RWP;
	return MMSCOPE_NUMA_HINT;
}

static void decode_present(struct mmscope_entry *entry, u64 raw,
			   enum mmscope_level level,
			   const struct vm_area_struct *vma)
{
	entry->attrs = mmscope_attrs(raw, mmscope_leaf_bits);
	entry->frame = mmscope_arch_frame(raw, level);
	entry->step = mmscope_arch_step(raw, level);
	entry->kind = MMSCOPE_PRESENT;

	/* A page of zeroes is MMSCOPE_ZERO whatever access it allows. */
	if (level == MMSCOPE_PTE && is_zero_pfn(entry->frame)) {
		entry->kind = MMSCOPE_ZERO;
		entry->step = 0;
	} else if (mmscope_arch_protnone(raw)) {
		entry->kind = protnone_kind(READ_ONCE(vma->vm_flags),
					    entry->attrs);
	}
}

/**
 * mmscope_entry_decode() - decode a leaf entry by its value
 * @entry: filled in
 * @raw: the entry's value, read once; not none
 * @level: at which it was tested: PTE, PMD or PUD
 * @vma: the VMA it maps
 *
 * Context: mmap_lock held.
 */
void mmscope_entry_decode(struct mmscope_entry *entry, u64 raw,
			  enum mmscope_level level,
			  const struct vm_area_struct *vma)
{
	if (mmscope_arch_present(raw, level))
		decode_present(entry, raw, level, vma);
	else
		decode_swap(entry, raw, level);
}
