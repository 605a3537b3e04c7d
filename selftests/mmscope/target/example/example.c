// SPDX-License-Identifier: GPL-2.0-only
/*
 * example FD: the program of target/example.h. FD is the file that it shares with the
 * test, the environment has the descriptor at which it waits for steps, and maybe a
 * claim to break: see broken.c.
 */
#include <elf.h>
#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "broken.h"

extern char etext[], edata[], end[];

/* Not static: the compiler must read the pointer, and place each where it belongs. */
const char *pointer = "a string literal";
unsigned char data[EXAMPLE_SIZE] = { [0 ... EXAMPLE_SIZE - 1] = EXAMPLE_DATA };
unsigned char bss[EXAMPLE_SIZE];

static struct example io;
static sigjmp_buf escape;

__attribute__((noinline))
static int function(int x)
{
	return x + 1;
}

static unsigned long first_page(const void *p)
{
	unsigned long page = getpagesize();

	return ((unsigned long)p + page - 1) & -page;
}

/* What readelf -l prints, at the addresses of this run. */
static void describe_headers(void)
{
	const Elf64_Phdr *header = (void *)getauxval(AT_PHDR);
	unsigned long base = 0, nr = getauxval(AT_PHNUM), i;

	io.text_start = -1UL;
	for (i = 0; i < nr; i++, header++) {
		unsigned long start = base + header->p_vaddr;

		if (header->p_type == PT_PHDR)
			base = getauxval(AT_PHDR) - header->p_vaddr;
		if (header->p_type != PT_LOAD)
			continue;
		io.data_start = start;
		if (!(header->p_flags & PF_X))
			continue;
		if (start < io.text_start)
			io.text_start = start;
		io.text_end = start + header->p_filesz;
	}
}

static unsigned long end_of(const char *string)
{
	return (unsigned long)string + strlen(string) + 1;
}

static void describe(int argc, char **argv)
{
	char **env = environ;

	io.function = (unsigned long)function;
	io.literal = (unsigned long)pointer;
	io.pointer = (unsigned long)&pointer;
	io.data = first_page(data);
	io.bss = first_page(bss);
	io.local = (unsigned long)&env;
	io.loader = getauxval(AT_BASE);
	io.vdso = getauxval(AT_SYSINFO_EHDR);
	io.etext = (unsigned long)etext;
	io.edata = (unsigned long)edata;
	io.end = (unsigned long)end;
	io.argc = (unsigned long)(argv - 1);
	io.arg_start = (unsigned long)argv[0];
	io.arg_end = end_of(argv[argc - 1]);
	io.env_start = (unsigned long)*env;
	while (env[1])
		env++;
	io.env_end = end_of(*env);
	describe_headers();
}

/* Steps */

static void do_read(void)
{
	const volatile unsigned char *p = (void *)io.addr;
	unsigned long i;

	for (i = 0; i < io.size; i++)
		io.result |= p[i];
}

static void do_write(void)
{
	volatile unsigned char *p = (void *)io.addr;
	unsigned long i;

	for (i = 0; i < io.size; i++)
		p[i] = EXAMPLE_WRITTEN;
}

static void do_brk(void)
{
	sbrk(io.size);
}

static void do_map(void)
{
	io.result = (unsigned long)mmap(NULL, io.size, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void do_unmap(void)
{
	munmap((void *)io.addr, io.size);
}

static void do_malloc(void)
{
	io.result = (unsigned long)malloc(io.size);
}

static void do_free(void)
{
	free((void *)io.addr);
}

static void do_threshold(void)
{
	mallopt(M_MMAP_THRESHOLD, io.size);
}

/* Deeper and deeper, until a frame lies below @bottom. */
__attribute__((noinline))
static int descend(unsigned long bottom)
{
	volatile char frame[256];

	frame[0] = (unsigned long)frame > bottom ? descend(bottom) : 1;
	return frame[0];
}

static void do_call(void)
{
	descend(io.local - io.size);
}

static void (*const steps[])(void) = {
	[EXAMPLE_READ] = do_read,
	[EXAMPLE_WRITE] = do_write,
	[EXAMPLE_BRK] = do_brk,
	[EXAMPLE_MAP] = do_map,
	[EXAMPLE_UNMAP] = do_unmap,
	[EXAMPLE_MALLOC] = do_malloc,
	[EXAMPLE_FREE] = do_free,
	[EXAMPLE_THRESHOLD] = do_threshold,
	[EXAMPLE_CALL] = do_call,
};

static void on_fault(int signal, siginfo_t *info, void *context)
{
	(void)context;
	io.signal = signal;
	io.code = info->si_code;
	io.fault = (unsigned long)info->si_addr;
	siglongjmp(escape, 1);
}

static void catch_faults(void)
{
	static char room[65536];
	const stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) };
	const struct sigaction action = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};

	if (sigaltstack(&stack, NULL) || sigaction(SIGSEGV, &action, NULL))
		_exit(2);
}

static unsigned long count_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

static void take_step(enum example_step step)
{
	unsigned long before;

	io.result = 0;
	io.signal = 0;
	io.code = 0;
	io.fault = 0;
	before = count_faults();
	if (!sigsetjmp(escape, 1) && !break_step(step, &io))
		steps[step]();
	io.faults = count_faults() - before;
	io.brk = (unsigned long)sbrk(0);
}

int main(int argc, char **argv)
{
	const char *wait = getenv("MMSCOPE_WAIT_FD");
	int share, fd, step;

	if (argc < 2 || !wait)
		return 2;
	share = atoi(argv[1]);
	fd = atoi(wait);
	/* Pages are counted one by one. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	catch_faults();
	describe(argc, argv);
	break_claim(&io, argv);
	io.brk = (unsigned long)sbrk(0);
	do {
		if (pwrite(share, &io, sizeof(io), 0) != sizeof(io) ||
		    write(fd, "r", 1) != 1 ||
		    read(fd, &step, sizeof(step)) != sizeof(step) ||
		    pread(share, &io, sizeof(io), 0) != sizeof(io))
			return 0;
		take_step(step);
	} while (true);
}
