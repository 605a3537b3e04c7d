// SPDX-License-Identifier: GPL-2.0-only
/* NUMA policies of VMAs, against /proc/PID/numa_maps and what was asked for. */
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "test.h"
#include "oracle/proc.h"
#include "stream/read.h"
#include "stream/text.h"
#include "target/target.h"

#define WEIGHTED_INTERLEAVE	6

#define PAGE	4096UL
#define RW	(PROT_READ | PROT_WRITE)

FIXTURE(policy)
{
	void **start;
	struct target target;
	bool impossible;
};

FIXTURE_VARIANT(policy)
{
	int mode;
	unsigned long nodes;
	bool may_lack;		/* older kernels do not have it */
};

FIXTURE_VARIANT_ADD(policy, bind) {
	.mode = MPOL_BIND,
	.nodes = 1,
};

FIXTURE_VARIANT_ADD(policy, preferred) {
	.mode = MPOL_PREFERRED,
	.nodes = 1,
};

FIXTURE_VARIANT_ADD(policy, interleave) {
	.mode = MPOL_INTERLEAVE,
	.nodes = 1,
};

FIXTURE_VARIANT_ADD(policy, local) {
	.mode = MPOL_LOCAL,
};

FIXTURE_VARIANT_ADD(policy, preferred_many) {
	.mode = 5,
	.nodes = 1,
	.may_lack = true,
};

FIXTURE_VARIANT_ADD(policy, weighted_interleave) {
	.mode = WEIGHTED_INTERLEAVE,
	.nodes = 1,
	.may_lack = true,
};

FIXTURE_VARIANT_ADD(policy, none) {
	.mode = MPOL_DEFAULT,
};

struct binding {
	void **start;
	int mode;
	unsigned long nodes;
};

/* Without libnuma: it is one system call. */
static void bind_memory(void *arg, int step)
{
	struct binding *binding = arg;
	void *p = target_map_alone(4, RW, MAP_PRIVATE, -1);

	if (syscall(SYS_mbind, p, 4 * PAGE, binding->mode,
		    binding->nodes ? &binding->nodes : NULL,
		    binding->nodes ? 65 : 0, 0))
		p = NULL;
	*binding->start = p;
}

FIXTURE_SETUP(policy)
{
	struct binding binding = {
		.mode = variant->mode,
		.nodes = variant->nodes,
	};

	module_need();
	self->start = target_share(sizeof(*self->start));
	binding.start = self->start;
	target_start(&self->target, bind_memory, &binding);
	self->impossible = !*self->start && variant->may_lack;
}

FIXTURE_TEARDOWN(policy)
{
	target_stop(&self->target);
}

/* The policy in the line of numa_maps that begins with the address. */
static void numa_policy(pid_t pid, void *start, char *policy)
{
	char *text = proc_read(pid, "numa_maps", NULL);
	char *line, *next = text;
	char want[32];

	*policy = '\0';
	snprintf(want, sizeof(want), "%lx ", (unsigned long)start);
	while ((line = strsep(&next, "\n"))) {
		size_t len = strlen(want);

		if (strncmp(line, want, len))
			continue;
		/* "prefer (many):0" has a blank in its name. */
		snprintf(policy, 64, "%.*s",
			 (int)(strcspn(line + len, ":") == strlen(line + len) ?
			       strcspn(line + len, " ") :
			       strcspn(line + len, ":") + 2), line + len);
		if (!strncmp(policy, "default", 7) || !strncmp(policy, "local", 5))
			policy[strcspn(policy, " ")] = '\0';
	}
	free(text);
	if (!*policy)
		die("no %sin numa_maps", want);
}

/* Does every word of the kernel's name stand in ours? */
static bool same_words(const char *ours, const char *kernels)
{
	char words[64], *word, *next = words;

	strcpy(words, kernels);
	words[strcspn(words, ":=")] = '\0';
	while ((word = strsep(&next, " ()-")))
		if (*word && !strstr(ours, word))
			return false;
	return true;
}

TEST_F(policy, is_as_it_was_bound)
{
	const struct mmscope_vma *vma;
	char policy[80];
	struct stream *s;
	const char *name;

	if (self->impossible)
		SKIP(return, "this kernel does not have that policy");
	ASSERT_NE(NULL, *self->start);
	s = stream_get(self->target.pid, MMSCOPE_PART_VMAS, 0, 0);
	vma = vma_at(s, (unsigned long)*self->start);
	ASSERT_NE(NULL, vma);
	EXPECT_EQ(variant->mode, vma->policy);
	EXPECT_EQ(variant->nodes, vma->policy_nodes);

	numa_policy(self->target.pid, *self->start, policy);
	name = name_of(s, MMSCOPE_NAMES_POLICIES, vma->policy);
	ASSERT_NE(NULL, name);
	EXPECT_TRUE(same_words(name, policy)) {
		note("numa_maps: %s; stream: %s", policy, name);
	}
	EXPECT_EQ(0, text_compare(self->target.pid, "vmas"));
	stream_free(s);
}

TEST_F(policy, is_nobody_elses)
{
	struct stream *s;
	size_t i;

	if (self->impossible)
		SKIP(return, "this kernel does not have that policy");
	s = stream_get(self->target.pid, MMSCOPE_PART_VMAS, 0, 0);
	for (i = 0; i < s->nr_vmas; i++) {
		char policy[80];
		void *start = (void *)(unsigned long)s->vma[i]->start;

		if (start == *self->start)
			continue;
		EXPECT_EQ(0, s->vma[i]->policy);
		EXPECT_EQ(0, s->vma[i]->policy_nodes);
		numa_policy(self->target.pid, start, policy);
		EXPECT_STREQ("default", policy);
	}
	stream_free(s);
}

TEST_HARNESS_MAIN
