// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "broken.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static unsigned long page_of(unsigned long addr)
{
	return addr & -(unsigned long)getpagesize();
}

/* At the start */

static void allow_writes(struct example *io)
{
	mprotect((void *)page_of(io->function), getpagesize(),
		 PROT_READ | PROT_WRITE | PROT_EXEC);
}

static void write_to_text(struct example *io)
{
	volatile char *code = (void *)io->function;

	allow_writes(io);
	*code = *code;
	mprotect((void *)page_of(io->function), getpagesize(),
		 PROT_READ | PROT_EXEC);
}

static void map_over(unsigned long addr, int flags, int fd)
{
	if (mmap((void *)addr, getpagesize(), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_FIXED | flags, fd, 0) == MAP_FAILED)
		_exit(3);
}

static void map_memory_over_data(struct example *io)
{
	map_over(io->data, MAP_ANONYMOUS, -1);
}

static void map_file_over_bss(struct example *io)
{
	map_over(io->bss, 0, open("/proc/self/exe", O_RDONLY));
}

static void fill_bss(struct example *io)
{
	*(char *)io->bss = 'b';
}

static void put_literal_into_data(struct example *io)
{
	static char literal[16] = "an array";

	io->literal = (unsigned long)literal;
}

static void put_pointer_into_rodata(struct example *io)
{
	static const char *const pointer = "never changed";

	io->pointer = (unsigned long)&pointer;
}

static void set_field(int field, unsigned long value)
{
	if (prctl(PR_SET_MM, field, value, 0, 0))
		_exit(4);
}

static void move_end_code(struct example *io)
{
	set_field(PR_SET_MM_END_CODE, io->text_end - 1);
}

static void move_end_data(struct example *io)
{
	set_field(PR_SET_MM_END_DATA, io->edata - 1);
}

static void move_start_stack(struct example *io)
{
	set_field(PR_SET_MM_START_STACK, io->argc + sizeof(long));
}

static void move_env_start(struct example *io)
{
	set_field(PR_SET_MM_ENV_START, io->env_start + 1);
}

static void map_everything(struct example *io)
{
	(void)io;
	mallopt(M_MMAP_THRESHOLD, 1);
}

static void map_nothing(struct example *io)
{
	(void)io;
	mallopt(M_MMAP_MAX, 0);
}

static void fill_malloc(struct example *io)
{
	(void)io;
	mallopt(M_PERTURB, 1);
}

/* @percent: of the limit that it has */
static void change_limit(unsigned int percent)
{
	struct rlimit limit;

	getrlimit(RLIMIT_STACK, &limit);
	limit.rlim_max = limit.rlim_max / 100 * percent;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_STACK, &limit))
		_exit(5);
}

static void raise_limit(struct example *io)
{
	(void)io;
	change_limit(200);
}

static void lower_limit(struct example *io)
{
	(void)io;
	change_limit(5);
}

/* In a step */

static void do_nothing(struct example *io)
{
	(void)io;
}

static void read_instead(struct example *io)
{
	io->result = *(volatile char *)io->addr;
}

static void write_instead(struct example *io)
{
	*(volatile char *)io->addr = 1;
}

static void map_instead(struct example *io)
{
	map_over(page_of(io->addr), MAP_ANONYMOUS, -1);
}

static void map_after_brk(struct example *io)
{
	mmap((void *)io->brk, io->size, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void shrink_stack(struct example *io)
{
	unsigned long bottom = page_of(io->local - io->size);

	*(volatile char *)bottom = 1;
	munmap((void *)bottom, io->size / 2);
}

static const char *claim;

static const struct {
	const char *claim;
	void (*fn)(struct example *io);
} at_start[] = {
	{ "text_is_read_only", allow_writes },
	{ "text_is_shared_by_two_runs", write_to_text },
	{ "data_is_a_private_file_mapping", map_memory_over_data },
	{ "bss_is_anonymous", map_file_over_bss },
	{ "bss_is_zero", fill_bss },
	{ "string_literals_lie_in_rodata", put_literal_into_data },
	{ "pointers_to_literals_lie_in_data", put_pointer_into_rodata },
	{ "start_code_and_end_code_bound_the_text", move_end_code },
	{ "start_data_and_end_data_bound_the_data", move_end_data },
	{ "start_stack_is_the_address_of_argc", move_start_stack },
	{ "bounds_of_arguments_and_environment", move_env_start },
	{ "small_malloc_grows_the_heap", map_everything },
	{ "malloc_of_128_KiB_maps", map_nothing },
	{ "malloc_reserves_and_touching_makes_resident", fill_malloc },
	{ "stack_grows_by_faults", lower_limit },
	{ "stack_ends_at_RLIMIT_STACK", raise_limit },
};

static const struct {
	const char *claim;
	enum example_step step;
	void (*fn)(struct example *io);
} in_step[] = {
	{ "written_data_parts_from_the_file", EXAMPLE_WRITE, do_nothing },
	{ "heap_grows_by_brk", EXAMPLE_BRK, map_after_brk },
	{ "free_unmaps", EXAMPLE_FREE, do_nothing },
	{ "M_MMAP_THRESHOLD_moves_the_limit", EXAMPLE_THRESHOLD, do_nothing },
	{ "first_read_maps_the_zero_page", EXAMPLE_READ, write_instead },
	{ "first_write_gets_a_frame_of_its_own", EXAMPLE_WRITE, read_instead },
	{ "null_pointer_faults", EXAMPLE_READ, map_instead },
	{ "unmapped_address_faults", EXAMPLE_READ, map_instead },
	{ "stack_does_not_shrink", EXAMPLE_CALL, shrink_stack },
};

/* Claims of layouts are broken by executing the program again with another one. */
static const struct {
	const char *claim;
	unsigned long personality;
} reversed[] = {
	{ "moves_between_runs", ADDR_NO_RANDOMIZE },
	{ "stays_without_randomization", ADDR_NO_RANDOMIZE },
	{ "flexible_layout_grows_down", ADDR_COMPAT_LAYOUT },
	{ "classic_layout_grows_up", ADDR_COMPAT_LAYOUT },
	{ "unlimited_stack_keeps_the_layout_flexible", ADDR_COMPAT_LAYOUT },
	{ "unlimited_stack_makes_the_layout_classic", 0 },
};

static void reverse(unsigned long flag, char **argv)
{
	const struct rlimit usual = { 8 << 20, 8 << 20 };
	unsigned long now = personality(0xffffffff);

	setenv("BROKEN", "", 1);
	setrlimit(RLIMIT_STACK, &usual);
	personality(now ^ flag);
	execv("/proc/self/exe", argv);
	_exit(6);
}

void break_claim(struct example *io, char **argv)
{
	size_t i;

	claim = getenv("BROKEN");
	for (i = 0; claim && i < ARRAY_SIZE(reversed); i++)
		if (!strcmp(claim, reversed[i].claim))
			reverse(reversed[i].personality, argv);
	for (i = 0; claim && i < ARRAY_SIZE(at_start); i++)
		if (!strcmp(claim, at_start[i].claim))
			at_start[i].fn(io);
}

bool break_step(enum example_step step, struct example *io)
{
	size_t i;

	for (i = 0; claim && i < ARRAY_SIZE(in_step); i++) {
		if (in_step[i].step != step || strcmp(claim, in_step[i].claim))
			continue;
		in_step[i].fn(io);
		return true;
	}
	return false;
}
