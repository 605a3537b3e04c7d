// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>

#include "array.h"
#include "kernel_area.h"
#include "stream.h"

static const struct {
	const char *name;
	const char *holds;
} areas[] = {
	[MMSCOPE_AREA_GUARD_HOLE] = { "guard-hole", "for a hypervisor" },
	[MMSCOPE_AREA_LDT] = { "ldt", "the LDT of each process" },
	[MMSCOPE_AREA_DIRECT_MAP] = { "direct-map", "all RAM" },
	[MMSCOPE_AREA_KASAN_SHADOW] = { "kasan-shadow", NULL },
	[MMSCOPE_AREA_VMALLOC] = { "vmalloc", "vmalloc(), ioremap()" },
	[MMSCOPE_AREA_VMEMMAP] = { "vmemmap", "struct page" },
	[MMSCOPE_AREA_CPU_ENTRY] = { "cpu-entry", "entry stacks" },
	[MMSCOPE_AREA_ESPFIX] = { "espfix", NULL },
	[MMSCOPE_AREA_EFI] = { "efi", "firmware" },
	[MMSCOPE_AREA_IMAGE_WINDOW] = { "image-window", NULL },
	[MMSCOPE_AREA_IMAGE] = { "image", "code and data" },
	[MMSCOPE_AREA_MODULES] = { "modules", NULL },
	[MMSCOPE_AREA_FIXMAP] = { "fixmap", NULL },
	[MMSCOPE_AREA_VSYSCALL] = { "vsyscall", "user mode may run it" },
	[MMSCOPE_AREA_PCI_IO] = { "pci-io", NULL },
};

/**
 * kernel_area_name - look up the name of a region
 * @area: enum mmscope_kernel_area, or a newer one
 *
 * Return: the name, or NULL
 */
const char *kernel_area_name(uint32_t area)
{
	return area < ARRAY_SIZE(areas) ? areas[area].name : NULL;
}

/**
 * kernel_area_holds - look up what is in a region
 * @area: enum mmscope_kernel_area, or a newer one
 *
 * Return: a few words, or NULL if the name says all
 */
const char *kernel_area_holds(uint32_t area)
{
	return area < ARRAY_SIZE(areas) ? areas[area].holds : NULL;
}
