// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel half of x86_64: its regions, and what its page-table entries mean.
 * The top table of each process has a copy of the entries that lead there.
 */
#include <linux/mm_types.h>
#include <linux/pgtable.h>

#include "compat/kernel.h"
#include "compat/pgtable.h"
#include "kernel.h"

/* Effective rights are those that all levels grant. */
const struct mmscope_bits mmscope_kernel_table_bits[] = {
	{ _PAGE_PRESENT,	_PAGE_PRESENT,	MMSCOPE_ATTR_READ },
	{ _PAGE_RW,		_PAGE_RW,	MMSCOPE_ATTR_WRITE },
	{ _PAGE_NX,		0,		MMSCOPE_ATTR_EXEC },
	{ _PAGE_USER,		_PAGE_USER,	MMSCOPE_ATTR_USER },
	/* SMEP: not for what user mode may access, see struct mmscope_kleaf. */
	{ _PAGE_NX,		0,		MMSCOPE_ATTR_KERNEL_EXEC },
	{ }
};

const struct mmscope_bits mmscope_kernel_leaf_bits[] = {
	{ _PAGE_PRESENT,	_PAGE_PRESENT,	MMSCOPE_ATTR_READ },
	{ _PAGE_RW,		_PAGE_RW,	MMSCOPE_ATTR_WRITE },
	{ _PAGE_NX,		0,		MMSCOPE_ATTR_EXEC },
	{ _PAGE_USER,		_PAGE_USER,	MMSCOPE_ATTR_USER },
	{ _PAGE_NX,		0,		MMSCOPE_ATTR_KERNEL_EXEC },
	{ _PAGE_GLOBAL,		_PAGE_GLOBAL,	MMSCOPE_ATTR_GLOBAL },
	{ _PAGE_PCD,		_PAGE_PCD,	MMSCOPE_ATTR_UNCACHED },
	{ _PAGE_PWT,		_PAGE_PWT,	MMSCOPE_ATTR_UNCACHED },
	{ }
};

/**
 * mmscope_kernel_prot() - the bits of an entry that a run has in common
 * @raw: a leaf
 * @level: of it
 *
 * Return: permissions, size and memory type, without accessed, dirty and those
 * bits that only software uses.
 */
u64 mmscope_kernel_prot(u64 raw, enum mmscope_level level)
{
	const u64 pat = level == MMSCOPE_PTE ? _PAGE_PAT :
			_PAGE_PSE | _PAGE_PAT_LARGE;

	return raw & (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_PWT |
		      _PAGE_PCD | _PAGE_GLOBAL | _PAGE_NX | pat);
}

/**
 * mmscope_kernel_valid() - does the processor use an entry?
 * @raw: of any level
 *
 * Return: true if it does.
 */
bool mmscope_kernel_valid(u64 raw)
{
	return raw & _PAGE_PRESENT;
}

/**
 * mmscope_kernel_is_table() - does an entry lead to a table?
 * @raw: valid, and above the level of PTEs
 *
 * Return: true if it does, false if it maps memory.
 */
bool mmscope_kernel_is_table(u64 raw)
{
	return !(raw & _PAGE_PSE);
}

/**
 * mmscope_kernel_start() - where the kernel half begins
 *
 * Return: its first address.
 */
u64 mmscope_kernel_start(void)
{
	return GUARD_HOLE_BASE_ADDR;
}

/**
 * mmscope_kernel_root() - find the top table of the kernel half
 * @mm: pinned by mm_count; its top table exists as long
 * @root: filled in
 */
void mmscope_kernel_root(const struct mm_struct *mm,
			 struct mmscope_kernel_root *root)
{
	*root = (struct mmscope_kernel_root){
		.table = (u64 *)mm->pgd,
		.nr = PTRS_PER_PGD,
		.first = PTRS_PER_PGD / 2,
		.shift = PGDIR_SHIFT,
	};
}

/**
 * mmscope_kernel_user_table() - find the top table in use in user mode
 * @mm: pinned by mm_count
 *
 * Return: the table, or NULL if it is the same one.
 */
u64 *mmscope_kernel_user_table(const struct mm_struct *mm)
{
	return (u64 *)mmscope_user_pgd(mm->pgd);
}

/**
 * mmscope_kernel_one_root() - do all processes have one top table of the kernel
 *	half?
 *
 * Return: false: each has a copy.
 */
bool mmscope_kernel_one_root(void)
{
	return false;
}

/**
 * mmscope_kernel_own() - does an entry differ between processes on purpose?
 * @root: the top table
 * @index: of an entry in it
 *
 * Return: true for the LDT, which only processes with PTI map there.
 */
bool mmscope_kernel_own(const struct mmscope_kernel_root *root,
			unsigned int index)
{
	return index == ((LDT_BASE_ADDR >> root->shift) & (root->nr - 1)) &&
	       boot_cpu_has(X86_FEATURE_PTI);
}

/**
 * mmscope_kernel_regions() - the regions whose bounds are known
 * @region: filled in, in ascending order
 *
 * Return: how many there are; empty ones do not exist in this kernel.
 */
unsigned int
mmscope_kernel_regions(struct mmscope_kernel_bounds region[MMSCOPE_REGIONS_MAX])
{
	const u64 ram = __pa(high_memory) >> PAGE_SHIFT;
	const bool pti = boot_cpu_has(X86_FEATURE_PTI);
	const bool espfix = IS_ENABLED(CONFIG_X86_ESPFIX64);
	const bool vsyscall = IS_ENABLED(CONFIG_X86_VSYSCALL_EMULATION);
	const struct mmscope_kernel_bounds all[] = {
		{ GUARD_HOLE_BASE_ADDR, GUARD_HOLE_END_ADDR,
		  MMSCOPE_AREA_GUARD_HOLE },
		{ LDT_BASE_ADDR, LDT_BASE_ADDR + pti * PGDIR_SIZE,
		  MMSCOPE_AREA_LDT },
		{ PAGE_OFFSET, (unsigned long)high_memory,
		  MMSCOPE_AREA_DIRECT_MAP },
		{ VMALLOC_START, VMALLOC_END + 1, MMSCOPE_AREA_VMALLOC },
		{ VMEMMAP_START, ALIGN(VMEMMAP_START + ram * sizeof(struct page),
				       PMD_SIZE), MMSCOPE_AREA_VMEMMAP },
		{ MMSCOPE_SHADOW_START, MMSCOPE_SHADOW_END,
		  MMSCOPE_AREA_KASAN_SHADOW },
		{ CPU_ENTRY_AREA_BASE, CPU_ENTRY_AREA_BASE + P4D_SIZE,
		  MMSCOPE_AREA_CPU_ENTRY },
		{ ESPFIX_BASE_ADDR, ESPFIX_BASE_ADDR + espfix * P4D_SIZE,
		  MMSCOPE_AREA_ESPFIX },
		/* Named for a firmware that fills it from the top down. */
		{ EFI_VA_END, IS_ENABLED(CONFIG_EFI) ? EFI_VA_START : EFI_VA_END,
		  MMSCOPE_AREA_EFI },
		{ __START_KERNEL_map, __START_KERNEL_map + KERNEL_IMAGE_SIZE,
		  MMSCOPE_AREA_IMAGE_WINDOW },
		{ MODULES_VADDR, MODULES_END, MMSCOPE_AREA_MODULES },
		/* Page 0 of the fixmap is the one at its top. */
		{ FIXADDR_START, FIXADDR_TOP + PAGE_SIZE, MMSCOPE_AREA_FIXMAP },
		{ VSYSCALL_ADDR, VSYSCALL_ADDR + vsyscall * PAGE_SIZE,
		  MMSCOPE_AREA_VSYSCALL },
	};

	BUILD_BUG_ON(ARRAY_SIZE(all) > MMSCOPE_REGIONS_MAX);
	memcpy(region, all, sizeof(all));
	return ARRAY_SIZE(all);
}

/**
 * mmscope_kernel_image() - where to look for the kernel image
 * @image: filled in: a window that has nothing else in it
 */
void mmscope_kernel_image(struct mmscope_kernel_image *image)
{
	*image = (struct mmscope_kernel_image){
		.start = __START_KERNEL_map,
		.end = __START_KERNEL_map + KERNEL_IMAGE_SIZE,
	};
}
