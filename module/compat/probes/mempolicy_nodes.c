// SPDX-License-Identifier: GPL-2.0-only
/*
 * v5.14, 269fbe72cded ("mm/mempolicy: use unified 'nodes' for bind/interleave/
 * prefer policies"): a union with the preferred node before.
 */
#include <linux/mempolicy.h>

unsigned long probe(const struct mempolicy *policy);
unsigned long probe(const struct mempolicy *policy)
{
	return nodes_addr(policy->nodes)[0];
}
