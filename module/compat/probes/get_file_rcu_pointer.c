// SPDX-License-Identifier: GPL-2.0-only
/*
 * v6.7, 0ede61d8589c ("file: convert to SLAB_TYPESAFE_BY_RCU"): get_file_rcu()
 * takes the address of the pointer; before, it was a macro over the file.
 */
#include <linux/fs.h>
#include <linux/mm_types.h>

struct file *probe(struct mm_struct *mm);
struct file *probe(struct mm_struct *mm)
{
	return get_file_rcu(&mm->exe_file);
}
