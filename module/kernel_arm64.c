// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel half of arm64; for kernel-doc see kernel_x86.c. A register of its own,
 * TTBR1, leads to its tables, so all processes have the same ones.
 */
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <asm/sysreg.h>

#include "compat/kernel.h"
#include "compat/pgtable.h"
#include "kernel.h"

#define VALID(bits)	(PTE_VALID | (bits))

/* What an entry that leads to a table forbids, all entries below it forbid. */
#define TABLE_NO_USER	BIT_ULL(61)
#define TABLE_NO_WRITE	BIT_ULL(62)

/* How far from its own text and data the image may begin and end. */
#define IMAGE_REACH	SZ_64M

const struct mmscope_bits mmscope_kernel_table_bits[] = {
	{ PTE_VALID,		PTE_VALID,	MMSCOPE_ATTR_READ },
	{ VALID(TABLE_NO_WRITE), VALID(0),	MMSCOPE_ATTR_WRITE },
	{ VALID(PMD_TABLE_UXN),	VALID(0),	MMSCOPE_ATTR_EXEC },
	{ VALID(TABLE_NO_USER),	VALID(0),	MMSCOPE_ATTR_USER },
	{ VALID(PMD_TABLE_PXN),	VALID(0),	MMSCOPE_ATTR_KERNEL_EXEC },
	{ }
};

/* Unlike in the user half, only RDONLY forbids writing. */
const struct mmscope_bits mmscope_kernel_leaf_bits[] = {
	{ PTE_VALID,		PTE_VALID,	MMSCOPE_ATTR_READ },
	{ VALID(PTE_RDONLY),	VALID(0),	MMSCOPE_ATTR_WRITE },
	{ VALID(PTE_UXN),	VALID(0),	MMSCOPE_ATTR_EXEC },
	{ VALID(PTE_USER),	VALID(PTE_USER), MMSCOPE_ATTR_USER },
	{ VALID(PTE_PXN),	VALID(0),	MMSCOPE_ATTR_KERNEL_EXEC },
	{ VALID(PTE_NG),	VALID(0),	MMSCOPE_ATTR_GLOBAL },
	{ VALID(PTE_CONT),	VALID(PTE_CONT), MMSCOPE_ATTR_CONT },
	{ PTE_ATTRINDX_MASK,	PTE_ATTRINDX(MT_NORMAL_NC),
						MMSCOPE_ATTR_UNCACHED },
	{ PTE_ATTRINDX_MASK,	PTE_ATTRINDX(MT_DEVICE_nGnRnE),
						MMSCOPE_ATTR_UNCACHED },
	{ PTE_ATTRINDX_MASK,	PTE_ATTRINDX(MT_DEVICE_nGnRE),
						MMSCOPE_ATTR_UNCACHED },
	{ }
};

u64 mmscope_kernel_prot(u64 raw, enum mmscope_level level)
{
	return raw & (PTE_TYPE_MASK | PTE_USER | PTE_RDONLY | PTE_NG |
		      PTE_CONT | PTE_PXN | PTE_UXN | PTE_GP |
		      PTE_ATTRINDX_MASK);
}

bool mmscope_kernel_valid(u64 raw)
{
	return raw & PTE_VALID;
}

bool mmscope_kernel_is_table(u64 raw)
{
	return (raw & PTE_TYPE_MASK) == PTE_TYPE_PAGE;
}

/* Bits of a kernel address, as the processor is set up. */
static unsigned int kernel_bits(void)
{
	return 64 - ((read_sysreg(tcr_el1) >> 16) & 0x3f);
}

u64 mmscope_kernel_start(void)
{
	return -BIT_ULL(kernel_bits());
}

/* Bit 0 is CnP, and an ASID may be above. 52-bit addresses wrap into bits 5 to 2. */
static u64 root_phys(void)
{
	const u64 ttbr = read_sysreg(ttbr1_el1);
	u64 phys = ttbr & GENMASK_ULL(47, 6);

	if (IS_ENABLED(CONFIG_ARM64_PA_BITS_52))
		phys |= (ttbr & GENMASK_ULL(5, 2)) << 46;
	return phys;
}

void mmscope_kernel_root(const struct mm_struct *mm,
			 struct mmscope_kernel_root *root)
{
	const unsigned int shift = mmscope_level_shift(MMSCOPE_PGD);

	*root = (struct mmscope_kernel_root){
		.table = phys_to_virt(root_phys()),
		.nr = 1u << (kernel_bits() - shift),
		.shift = shift,
	};
}

u64 *mmscope_kernel_user_table(const struct mm_struct *mm)
{
	return NULL;
}

bool mmscope_kernel_one_root(void)
{
	return true;
}

bool mmscope_kernel_own(const struct mmscope_kernel_root *root,
			unsigned int index)
{
	return false;
}

unsigned int
mmscope_kernel_regions(struct mmscope_kernel_bounds region[MMSCOPE_REGIONS_MAX])
{
	const struct mmscope_kernel_bounds all[] = {
		{ mmscope_kernel_start(), PAGE_END, MMSCOPE_AREA_DIRECT_MAP },
		{ MMSCOPE_SHADOW_START, MMSCOPE_SHADOW_END,
		  MMSCOPE_AREA_KASAN_SHADOW },
		{ MODULES_VADDR, MODULES_END, MMSCOPE_AREA_MODULES },
		{ VMALLOC_START, VMALLOC_END, MMSCOPE_AREA_VMALLOC },
		/* The start has no use if addresses have fewer bits than built for. */
		{ max_t(u64, VMEMMAP_START, VMALLOC_END + SZ_8M),
		  VMEMMAP_START + VMEMMAP_SIZE, MMSCOPE_AREA_VMEMMAP },
		{ PCI_IO_START, PCI_IO_START + PCI_IO_SIZE,
		  MMSCOPE_AREA_PCI_IO },
		{ FIXADDR_TOT_START, FIXADDR_TOP, MMSCOPE_AREA_FIXMAP },
	};

	BUILD_BUG_ON(ARRAY_SIZE(all) > MMSCOPE_REGIONS_MAX);
	memcpy(region, all, sizeof(all));
	return ARRAY_SIZE(all);
}

/* A hole where the code of boot was parts text from data. */
void mmscope_kernel_image(struct mmscope_kernel_image *image)
{
	const u64 text = (unsigned long)copy_from_kernel_nofault;
	const u64 data = (unsigned long)&init_task;

	*image = (struct mmscope_kernel_image){
		.start = max(text - IMAGE_REACH, (u64)MODULES_END),
		.end = data + IMAGE_REACH,
		.text = text,
		.data = data,
	};
}
