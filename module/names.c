// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of flags and numbers, as tables.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "compat/mm.h"
#include "compat/vma.h"
#include "names.h"
#include "part.h"
#include "record.h"

/* The letters of VmFlags in /proc/PID/smaps, for flags that it names. */
const struct mmscope_flag mmscope_vma_flags[] = {
	{ VM_READ,		"rd" },
	{ VM_WRITE,		"wr" },
	{ VM_EXEC,		"ex" },
	{ VM_SHARED,		"sh" },
	{ VM_MAYREAD,		"mr" },
	{ VM_MAYWRITE,		"mw" },
	{ VM_MAYEXEC,		"me" },
	{ VM_MAYSHARE,		"ms" },
	{ VM_GROWSDOWN,		"gd" },
	{ VM_PFNMAP,		"pf" },
	{ VM_MAYBE_GUARD,	"gu" },
	{ VM_DENYWRITE,		"dw" },
	{ VM_LOCKED,		"lo" },
	{ VM_IO,		"io" },
	{ VM_SEQ_READ,		"sr" },
	{ VM_RAND_READ,		"rr" },
	{ VM_DONTCOPY,		"dc" },
	{ VM_DONTEXPAND,	"de" },
	{ VM_LOCKONFAULT,	"lf" },
	{ VM_ACCOUNT,		"ac" },
	{ VM_NORESERVE,		"nr" },
	{ VM_HUGETLB,		"ht" },
	{ VM_SYNC,		"sf" },
	/* In smaps, the name depends on the architecture. */
	{ VM_ARCH_1,		IS_ENABLED(CONFIG_ARM64_BTI) ? "bt" : "ar" },
	{ VM_WIPEONFORK,	"wf" },
	{ VM_DONTDUMP,		"dd" },
	{ VM_SOFTDIRTY,		"sd" },
	{ VM_MIXEDMAP,		"mm" },
	{ VM_HUGEPAGE,		"hg" },
	{ VM_NOHUGEPAGE,	"nh" },
	{ VM_MERGEABLE,		"mg" },
	{ VM_UFFD_MISSING,	"um" },
	{ VM_UFFD_WP,		"uw" },
	{ VM_UFFD_MINOR,	"ui" },
	{ VM_UFFD_RWP,		"ur" },
	{ VM_SHADOW_STACK,	"ss" },
	{ VM_MTE,		"mt" },
	{ VM_MTE_ALLOWED,	"mte-allowed" },
	{ VM_DROPPABLE,		"dp" },
	{ VM_SEALED,		"sl" },
	{ VM_PKEY_BIT0,		"pkey0" },
	{ VM_PKEY_BIT1,		"pkey1" },
	{ VM_PKEY_BIT2,		"pkey2" },
	{ VM_PKEY_BIT3,		"pkey3" },
	{ }
};

const struct mmscope_flag mmscope_mm_flags[] = {
	{ MMF_DUMPABLE_MASK & BIT_ULL(0),	"dumpable" },
	{ MMF_DUMPABLE_MASK & BIT_ULL(1),	"dumpable-by-root" },
	{ MMF_BIT(MMF_DUMP_ANON_PRIVATE),	"dump-anon-private" },
	{ MMF_BIT(MMF_DUMP_ANON_SHARED),	"dump-anon-shared" },
	{ MMF_BIT(MMF_DUMP_MAPPED_PRIVATE),	"dump-mapped-private" },
	{ MMF_BIT(MMF_DUMP_MAPPED_SHARED),	"dump-mapped-shared" },
	{ MMF_BIT(MMF_DUMP_ELF_HEADERS),	"dump-elf-headers" },
	{ MMF_BIT(MMF_DUMP_HUGETLB_PRIVATE),	"dump-hugetlb-private" },
	{ MMF_BIT(MMF_DUMP_HUGETLB_SHARED),	"dump-hugetlb-shared" },
	{ MMF_BIT(MMF_DUMP_DAX_PRIVATE),	"dump-dax-private" },
	{ MMF_BIT(MMF_DUMP_DAX_SHARED),		"dump-dax-shared" },
	{ MMF_BIT(MMF_VM_MERGEABLE),		"ksm" },
	{ MMF_BIT(MMF_VM_HUGEPAGE),		"khugepaged" },
	{ MMF_BIT(MMF_HUGE_ZERO_FOLIO),		"huge-zero" },
	{ MMF_BIT(MMF_HAS_UPROBES),		"uprobes" },
	{ MMF_BIT(MMF_RECALC_UPROBES),		"recalc-uprobes" },
	{ MMF_BIT(MMF_OOM_SKIP),		"oom-skip" },
	{ MMF_BIT(MMF_UNSTABLE),		"unstable" },
	{ MMF_BIT(MMF_DISABLE_THP_COMPLETELY),	"no-thp" },
	{ MMF_BIT(MMF_DISABLE_THP_EXCEPT_ADVISED), "no-thp-unless-advised" },
	{ MMF_BIT(MMF_OOM_REAP_QUEUED),		"oom-reap-queued" },
	{ MMF_BIT(MMF_MULTIPROCESS),		"multiprocess" },
	{ MMF_BIT(MMF_HAS_PINNED),		"has-pinned" },
	{ MMF_BIT(MMF_HAS_MDWE),		"mdwe" },
	{ MMF_BIT(MMF_HAS_MDWE_NO_INHERIT),	"mdwe-no-inherit" },
	{ MMF_BIT(MMF_VM_MERGE_ANY),		"ksm-any" },
	{ MMF_BIT(MMF_TOPDOWN),			"topdown" },
	{ }
};

static const char * const segments[] = {
	[MMSCOPE_SEG_MMAP] = "mmap",
	[MMSCOPE_SEG_CODE] = "code",
	[MMSCOPE_SEG_DATA] = "data",
	[MMSCOPE_SEG_HEAP] = "heap",
	[MMSCOPE_SEG_STACK] = "stack",
	[MMSCOPE_SEG_VDSO] = "vdso",
	[MMSCOPE_SEG_VVAR] = "vvar",
	[MMSCOPE_SEG_SPECIAL] = "special",
};

static const char * const vma_kinds[] = {
	[MMSCOPE_PRIVATE_ANON] = "private-anon",
	[MMSCOPE_PRIVATE_FILE] = "private-file",
	[MMSCOPE_SHARED_ANON] = "shared-anon",
	[MMSCOPE_SHARED_FILE] = "shared-file",
};

static const char * const levels[] = {
	[MMSCOPE_PTE] = "PTE",
	[MMSCOPE_PMD] = "PMD",
	[MMSCOPE_PUD] = "PUD",
	[MMSCOPE_P4D] = "P4D",
	[MMSCOPE_PGD] = "PGD",
};

static const char * const kinds[] = {
	[MMSCOPE_NONE] = "none",
	[MMSCOPE_TABLE] = "table",
	[MMSCOPE_PRESENT] = "present",
	[MMSCOPE_ZERO] = "zero",
	[MMSCOPE_PROTNONE] = "protnone",
	[MMSCOPE_NUMA_HINT] = "numa-hint",
	[MMSCOPE_SWAP] = "swap",
	[MMSCOPE_MIGRATION] = "migration",
	[MMSCOPE_DEVICE_PRIVATE] = "dev-private",
	[MMSCOPE_DEVICE_EXCLUSIVE] = "dev-exclusive",
	[MMSCOPE_HWPOISON] = "hwpoison",
	[MMSCOPE_MARKER_UFFD_WP] = "marker-uffd-wp",
	[MMSCOPE_MARKER_POISON] = "poison",
	[MMSCOPE_MARKER_GUARD] = "guard",
	[MMSCOPE_MARKER] = "marker",
	[MMSCOPE_UNKNOWN] = "unknown",
	[MMSCOPE_UFFD_RWP] = "uffd-rwp",
};

static const char * const areas[] = {
	[MMSCOPE_AREA_GUARD_HOLE] = "guard-hole",
	[MMSCOPE_AREA_LDT] = "ldt",
	[MMSCOPE_AREA_DIRECT_MAP] = "direct-map",
	[MMSCOPE_AREA_KASAN_SHADOW] = "kasan-shadow",
	[MMSCOPE_AREA_VMALLOC] = "vmalloc",
	[MMSCOPE_AREA_VMEMMAP] = "vmemmap",
	[MMSCOPE_AREA_CPU_ENTRY] = "cpu-entry",
	[MMSCOPE_AREA_ESPFIX] = "espfix",
	[MMSCOPE_AREA_EFI] = "efi",
	[MMSCOPE_AREA_IMAGE_WINDOW] = "image-window",
	[MMSCOPE_AREA_IMAGE] = "image",
	[MMSCOPE_AREA_MODULES] = "modules",
	[MMSCOPE_AREA_FIXMAP] = "fixmap",
	[MMSCOPE_AREA_VSYSCALL] = "vsyscall",
	[MMSCOPE_AREA_PCI_IO] = "pci-io",
};

/* By the numbers of set_mempolicy(2); older kernels lack the last ones. */
static const char * const policies[] = {
	"default", "preferred", "bind", "interleave", "local",
	"preferred-many", "weighted-interleave",
};

static const char *name_in(const char * const *table, size_t size, u8 nr)
{
	return nr < size && table[nr] ? table[nr] : "?";
}

/**
 * mmscope_segment_name() - name a part of the address space
 * @segment: enum mmscope_segment
 *
 * Return: a word; "?" for an unknown number.
 */
const char *mmscope_segment_name(u8 segment)
{
	return name_in(segments, ARRAY_SIZE(segments), segment);
}

/**
 * mmscope_vma_kind_name() - name a kind of VMA
 * @kind: enum mmscope_vma_kind
 *
 * Return: a word; "?" for an unknown number.
 */
const char *mmscope_vma_kind_name(u8 kind)
{
	return name_in(vma_kinds, ARRAY_SIZE(vma_kinds), kind);
}

/**
 * mmscope_level_name() - name a level of page tables
 * @level: enum mmscope_level
 *
 * Return: a word; "?" for an unknown number.
 */
const char *mmscope_level_name(u8 level)
{
	return name_in(levels, ARRAY_SIZE(levels), level);
}

/**
 * mmscope_kind_name() - name a kind of page-table entry
 * @kind: enum mmscope_kind
 *
 * Return: a word; "?" for an unknown number.
 */
const char *mmscope_kind_name(u8 kind)
{
	return name_in(kinds, ARRAY_SIZE(kinds), kind);
}

/**
 * mmscope_area_name() - name a region of the kernel half
 * @area: enum mmscope_kernel_area
 *
 * Return: a word; "?" for an unknown number.
 */
const char *mmscope_area_name(u32 area)
{
	return name_in(areas, ARRAY_SIZE(areas), min_t(u32, area, U8_MAX));
}

/**
 * mmscope_policy_name() - name a NUMA policy
 * @policy: MPOL_*, by the numbers of set_mempolicy(2)
 *
 * Return: a word; "?" for an unknown number.
 */
const char *mmscope_policy_name(u8 policy)
{
	return name_in(policies, ARRAY_SIZE(policies), policy);
}

/* Return: a record with room for @room names, of which there are none yet. */
static struct mmscope_names *begin_names(struct mmscope_buf *buf,
					 enum mmscope_names_of of, size_t room)
{
	struct mmscope_names *rec;

	rec = mmscope_record(buf, MMSCOPE_REC_NAMES, sizeof(*rec),
			     room * sizeof(struct mmscope_name));
	if (!rec)
		return NULL;
	rec->of = of;
	rec->fixed = sizeof(*rec);
	rec->name_size = sizeof(struct mmscope_name);
	return rec;
}

static void add_name(struct mmscope_names *rec, u32 value, const char *text)
{
	struct mmscope_name *name = mmscope_record_tail(rec);

	name += rec->nr++;
	memset(name, 0, sizeof(*name));
	name->value = value;
	strscpy(name->name, text, sizeof(name->name));
}

static void end_names(struct mmscope_buf *buf, struct mmscope_names *rec)
{
	mmscope_record_trim(buf, rec, sizeof(*rec) +
				      rec->nr * sizeof(struct mmscope_name));
}

static bool record_flags(struct mmscope_buf *buf, enum mmscope_names_of of,
			 const struct mmscope_flag *flag, size_t room)
{
	struct mmscope_names *rec = begin_names(buf, of, room);

	if (!rec)
		return false;
	for (; flag->name; flag++)
		if (flag->mask)
			add_name(rec, ilog2(flag->mask), flag->name);
	end_names(buf, rec);
	return true;
}

static bool record_policies(struct mmscope_buf *buf)
{
	struct mmscope_names *rec;
	unsigned int i;

	rec = begin_names(buf, MMSCOPE_NAMES_POLICIES, ARRAY_SIZE(policies));
	if (!rec)
		return false;
	for (i = 0; i < ARRAY_SIZE(policies); i++)
		add_name(rec, i, mmscope_policy_name(i));
	end_names(buf, rec);
	return true;
}

#define NAMES_ROOM							\
	(3 * sizeof(struct mmscope_names) +				\
	 (ARRAY_SIZE(mmscope_vma_flags) + ARRAY_SIZE(mmscope_mm_flags) +	\
	  ARRAY_SIZE(policies)) * sizeof(struct mmscope_name))

static int names_slice(struct mmscope_job *job)
{
	struct mmscope_buf *buf = &job->buf;

	if (!mmscope_record_room(buf, NAMES_ROOM))
		return MMSCOPE_MORE;
	return record_flags(buf, MMSCOPE_NAMES_VMA_FLAGS, mmscope_vma_flags,
			    ARRAY_SIZE(mmscope_vma_flags)) &&
	       record_flags(buf, MMSCOPE_NAMES_MM_FLAGS, mmscope_mm_flags,
			    ARRAY_SIZE(mmscope_mm_flags)) &&
	       record_policies(buf) ? MMSCOPE_DONE : MMSCOPE_MORE;
}

const struct mmscope_part mmscope_part_names = {
	.parts = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS | MMSCOPE_PART_WALK,
	.slice = names_slice,
};
