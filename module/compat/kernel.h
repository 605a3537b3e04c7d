/* SPDX-License-Identifier: GPL-2.0-only */
/* Bounds of the kernel half that depend on the architecture or configuration. */
#ifndef _MMSCOPE_COMPAT_KERNEL_H
#define _MMSCOPE_COMPAT_KERNEL_H

#include <linux/io.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <asm/fixmap.h>
#include <asm/page.h>

/* Without a shadow, the region is empty. */
#ifndef CONFIG_KASAN
#define MMSCOPE_SHADOW_START	0UL
#define MMSCOPE_SHADOW_END	0UL
#elif !defined(KASAN_SHADOW_START)	/* hardware tags need no shadow */
#define MMSCOPE_SHADOW_START	0UL
#define MMSCOPE_SHADOW_END	0UL
#else
#define MMSCOPE_SHADOW_START	KASAN_SHADOW_START
#define MMSCOPE_SHADOW_END	KASAN_SHADOW_END
#endif

#ifdef CONFIG_X86_64
#include <asm/vsyscall.h>

/* The top table of user mode, if that is another one. */
static inline pgd_t *mmscope_user_pgd(pgd_t *pgd)
{
#if defined(CONFIG_MITIGATION_PAGE_TABLE_ISOLATION) || \
	defined(CONFIG_PAGE_TABLE_ISOLATION)	/* renamed in 6.9 */
	if (boot_cpu_has(X86_FEATURE_PTI))
		return kernel_to_user_pgdp(pgd);
#endif
	return NULL;
}
#endif

#endif
