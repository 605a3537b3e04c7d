/* SPDX-License-Identifier: GPL-2.0-only */
/* VMAs: their flags, iterators, names and NUMA policies. */
#ifndef _MMSCOPE_COMPAT_VMA_H
#define _MMSCOPE_COMPAT_VMA_H

#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/rbtree.h>
#include <linux/shmem_fs.h>
#include <linux/spinlock.h>
#include <linux/stddef.h>

#include "have.h"

/* Flags are masks; one that the kernel lacks is 0. */
#ifndef VM_DENYWRITE		/* until 5.14 */
#define VM_DENYWRITE		0
#endif
#ifndef VM_UFFD_MINOR		/* since 5.13 */
#define VM_UFFD_MINOR		0
#endif
#ifndef VM_PKEY_BIT0		/* with CONFIG_ARCH_HAS_PKEYS */
#define VM_PKEY_BIT0		0
#define VM_PKEY_BIT1		0
#define VM_PKEY_BIT2		0
#define VM_PKEY_BIT3		0
#endif
#ifndef VM_SHADOW_STACK		/* since 6.6 */
#define VM_SHADOW_STACK		0
#endif
#ifndef VM_SEALED		/* since 6.10 */
#define VM_SEALED		0
#endif
#ifndef VM_DROPPABLE		/* since 6.11 */
#define VM_DROPPABLE		0
#endif
#ifndef VM_MAYBE_GUARD		/* since 6.19 */
#define VM_MAYBE_GUARD		0
#endif
#ifndef VM_UFFD_RWP		/* since 7.3 */
#define VM_UFFD_RWP		0
#endif

/* Before 6.1, VMAs were in a list and a tree. */
#ifndef VMA_ITERATOR
struct vma_iterator {
	struct mm_struct *mm;
	unsigned long addr;
	struct vm_area_struct *vma;
};

#define VMA_ITERATOR(name, __mm, __addr) \
	struct vma_iterator name = { .mm = __mm, .addr = __addr }

static inline struct vm_area_struct *vma_next(struct vma_iterator *vmi)
{
	vmi->vma = vmi->vma ? vmi->vma->vm_next : find_vma(vmi->mm, vmi->addr);
	return vmi->vma;
}

/* To be called first, with an address in a hole. */
static inline struct vm_area_struct *vma_prev(struct vma_iterator *vmi)
{
	struct vm_area_struct *vma = find_vma(vmi->mm, vmi->addr);

	return vma ? vma->vm_prev :
		     find_vma(vmi->mm, vmi->mm->highest_vm_end - 1);
}
#endif

#ifndef HAVE_VMA_IS_INITIAL_HEAP
static inline bool vma_is_initial_heap(const struct vm_area_struct *vma)
{
	return vma->vm_start <= vma->vm_mm->brk &&
	       vma->vm_end >= vma->vm_mm->start_brk;
}
#endif

/*
 * anon_vma_name() is not exported. The field came with 5.17; until 6.2 it was
 * part of a union that file mappings used otherwise.
 */
static inline const char *mmscope_anon_name(const struct vm_area_struct *vma)
{
#ifdef CONFIG_ANON_VMA_NAME
	if (offsetof(struct vm_area_struct, anon_name) ==
	    offsetof(struct vm_area_struct, shared) && vma->vm_file)
		return NULL;
	return vma->anon_name ? vma->anon_name->name : NULL;
#else
	return NULL;
#endif
}

#ifdef CONFIG_NUMA
static inline u8 mmscope_policy_mode(const struct mempolicy *policy)
{
#ifndef HAVE_MEMPOLICY_NODES
	/* User space's mode "local" was a flag, not a mode. */
	if (policy->flags & MPOL_F_LOCAL)
		return MPOL_LOCAL;
#endif
	return policy->mode;
}

/* Return: nodes 0 to 63 of a policy; @cut is set if it has others, too. */
static inline u64 mmscope_policy_nodes(const struct mempolicy *policy, bool *cut)
{
#ifdef HAVE_MEMPOLICY_NODES
	const unsigned long *nodes = nodes_addr(policy->nodes);
#else
	const unsigned long *nodes = nodes_addr(policy->v.nodes);

	if (policy->mode == MPOL_PREFERRED) {
		*cut = policy->v.preferred_node >= 64;
		return *cut ? 0 : BIT_ULL(policy->v.preferred_node);
	}
#endif
	*cut = find_next_bit(nodes, MAX_NUMNODES, 64) < MAX_NUMNODES;
	return nodes[0];
}

/*
 * Call @fn for the policy of the page at @index of a tmpfs file, if it has one.
 * mpol_shared_policy_lookup() would be the way, but neither it nor __mpol_put(),
 * which drops its reference, is exported to all modules. The policy lives as
 * long as the lock is held.
 */
static inline void
mmscope_shared_policy(struct inode *inode, pgoff_t index, void *arg,
		      void (*fn)(void *arg, const struct mempolicy *policy))
{
	struct shared_policy *shared = &SHMEM_I(inode)->policy;
	struct rb_node *next;
	struct sp_node *node;

	read_lock(&shared->lock);
	for (next = shared->root.rb_node; next;) {
		node = rb_entry(next, struct sp_node, nd);
		if (index < node->start) {
			next = next->rb_left;
		} else if (index >= node->end) {
			next = next->rb_right;
		} else {
			fn(arg, node->policy);
			break;
		}
	}
	read_unlock(&shared->lock);
}

/* Does the kernel ask the file for the policy, not the VMA? */
static inline bool mmscope_vma_shares_policy(const struct vm_area_struct *vma)
{
	return vma->vm_ops && vma->vm_ops->get_policy;
}
#else
static inline u8 mmscope_policy_mode(const struct mempolicy *policy)
{
	return MPOL_DEFAULT;
}

static inline u64 mmscope_policy_nodes(const struct mempolicy *policy, bool *cut)
{
	return 0;
}

static inline void
mmscope_shared_policy(struct inode *inode, pgoff_t index, void *arg,
		      void (*fn)(void *arg, const struct mempolicy *policy))
{
}

static inline bool mmscope_vma_shares_policy(const struct vm_area_struct *vma)
{
	return false;
}
#endif

#endif
