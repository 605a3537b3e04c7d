// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program without a libc, for 64 and 32 bits: nothing is in its address space
 * but what it maps itself. The test programs execute it as a target:
 *
 *   bare exit      ends with status 0: the kernel can execute it
 *   bare heap      grows its heap with brk()
 *   bare cover     never moves brk, and maps executable memory over where the
 *                  heap would be, as JIT compilers do
 *   bare reserve   reserves 16 TiB and uses little of it, as sanitizers do
 *   bare tls       sets the base of its thread-local storage, and stores TLS_WORD
 *                  there by the register of that base
 *
 * All but the first then sleep until they are killed.
 */

/* Headers of the kernel are not installed for 32 bits: these values are fixed. */
#define PROT_NONE	0
#define PROT_READ	1
#define PROT_WRITE	2
#define PROT_EXEC	4
#define MAP_PRIVATE	0x02
#define MAP_FIXED	0x10
#define MAP_ANONYMOUS	0x20
#define MAP_NORESERVE	0x4000
#define MAP_FIXED_NOREPLACE	0x100000

/* The largest page of the architecture. */
#ifdef __aarch64__
#define PAGE		65536UL
#else
#define PAGE		4096UL
#endif
#define MIB		(1UL << 20)
#define NR_PAGES	40
#define TLS_WORD	0x736c7421

#if defined(__x86_64__)
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call start\n");

static long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile ("syscall" : "=a" (ret)
			  : "a" (nr), "D" (a), "S" (b), "d" (c), "r" (r10),
			    "r" (r8), "r" (r9)
			  : "rcx", "r11", "memory");
	return ret;
}

enum {
	NR_MMAP = 9,
	NR_BRK = 12,
	NR_NANOSLEEP = 35,
	NR_ARCH_PRCTL = 158,
	NR_EXIT_GROUP = 231,
};

#define ARCH_SET_FS	0x1002

static int set_tls(unsigned long base)
{
	if (call6(NR_ARCH_PRCTL, ARCH_SET_FS, base, 0, 0, 0, 0))
		return 0;
	__asm__ volatile ("movl %0, %%fs:0" : : "r" (TLS_WORD) : "memory");
	return 1;
}
#elif defined(__i386__)
__asm__(".globl _start\n_start: mov %esp, %eax\n and $-16, %esp\n sub $12, %esp\n push %eax\n call start\n");

/* The sixth argument goes into ebp, which may be the frame pointer. */
static long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	const long args[] = { nr, f };
	long ret;

	__asm__ volatile ("push %%ebp\n mov 4(%%eax), %%ebp\n mov (%%eax), %%eax\n"
			  "int $0x80\n pop %%ebp"
			  : "=a" (ret)
			  : "a" (args), "b" (a), "c" (b), "d" (c), "S" (d), "D" (e)
			  : "memory");
	return ret;
}

/* mmap2() */
enum {
	NR_MMAP = 192,
	NR_BRK = 45,
	NR_NANOSLEEP = 162,
	NR_SET_THREAD_AREA = 243,
	NR_EXIT_GROUP = 252,
};

/* struct user_desc: a usable segment of 32 bits, whose limit is in pages. */
static int set_tls(unsigned long base)
{
	unsigned int desc[] = { -1, base, 0xfffff, 0x51 };

	if (call6(NR_SET_THREAD_AREA, (long)desc, 0, 0, 0, 0, 0))
		return 0;
	__asm__ volatile ("movw %w0, %%gs\n movl %1, %%gs:0"
			  : : "r" (desc[0] * 8 + 3), "r" (TLS_WORD) : "memory");
	return 1;
}
#elif defined(__aarch64__)
__asm__(".globl _start\n_start: mov x0, sp\n bl start\n");

static long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile ("svc #0" : "+r" (x0)
			  : "r" (x8), "r" (x1), "r" (x2), "r" (x3), "r" (x4),
			    "r" (x5)
			  : "memory");
	return x0;
}

enum { NR_MMAP = 222, NR_BRK = 214, NR_NANOSLEEP = 101, NR_EXIT_GROUP = 94 };

static int set_tls(unsigned long base)
{
	__asm__ volatile ("msr tpidr_el0, %0\n str %w1, [%0]"
			  : : "r" (base), "r" (TLS_WORD) : "memory");
	return 1;
}
#else
#error "system calls of this architecture are unknown"
#endif

/* Not constant, so that the program has a data and a bss segment. */
static volatile unsigned long data = 1;
static volatile unsigned long bss[NR_PAGES * PAGE / sizeof(long)];

static void leave(int status)
{
	call6(NR_EXIT_GROUP, status, 0, 0, 0, 0, 0);
}

/* Return: the address, or 0. */
static unsigned long try_map(unsigned long addr, unsigned long size, int prot,
			     int flags)
{
	unsigned long p = call6(NR_MMAP, addr, size, prot,
				MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	return p > -PAGE ? 0 : p;
}

static unsigned long map(unsigned long addr, unsigned long size, int prot,
			 int flags)
{
	unsigned long p = try_map(addr, size, prot, flags);

	if (!p)
		leave(3);
	return p;
}

static void touch(unsigned long start, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		*(volatile unsigned long *)(start + i * PAGE) = i + 1;
}

static void grow_heap(void)
{
	unsigned long brk = call6(NR_BRK, 0, 0, 0, 0, 0, 0);

	if (call6(NR_BRK, brk + NR_PAGES * PAGE, 0, 0, 0, 0, 0) <= 0)
		leave(4);
	touch((brk + PAGE - 1) & -PAGE, NR_PAGES - 1);
}

static void cover_heap(void)
{
	unsigned long brk = call6(NR_BRK, 0, 0, 0, 0, 0, 0);
	const int prot = PROT_READ | PROT_WRITE | PROT_EXEC;
	unsigned long p;

	/* From the page before it on, unless bss is there. */
	brk = (brk + PAGE - 1) & -PAGE;
	p = try_map(brk - PAGE, 64 * MIB, prot, MAP_FIXED_NOREPLACE);
	if (!p)
		p = map(brk, 64 * MIB, prot, MAP_FIXED);
	touch(p, NR_PAGES);
}

/* Three pages, each in a mapping of its own, inside of reserved memory. */
static void reserve(void)
{
	/* Less where the address space is smaller. */
	unsigned long long size = 16ULL << 40;
	unsigned long start = 0, i;

	for (; !start; size /= 2)
		if ((unsigned long)size == size)
			start = try_map(0, size, PROT_NONE, MAP_NORESERVE);
	size *= 2;
	for (i = 1; i <= 3; i++)
		touch(map(start + size / 4 * i, PAGE, PROT_READ | PROT_WRITE,
			  MAP_FIXED), 1);
}

static void use_tls(void)
{
	if (!set_tls(map(0, PAGE, PROT_READ | PROT_WRITE, 0)))
		leave(5);
}

static const struct {
	const char *name;
	void (*fn)(void);
} modes[] = {
	{ "heap", grow_heap },
	{ "cover", cover_heap },
	{ "reserve", reserve },
	{ "tls", use_tls },
};

static int same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* @sp: the stack as execve() left it: argc, then argv */
__attribute__((used))
void start(unsigned long *sp)
{
	const char *mode = sp[0] > 1 ? (const char *)sp[2] : "exit";
	struct {
		long s, ns;
	} forever = { 1 << 30, 0 };
	unsigned int i;

	if (same(mode, "exit"))
		leave(0);
	touch((unsigned long)bss + PAGE, NR_PAGES / 2);
	data++;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (same(mode, modes[i].name))
			modes[i].fn();
	for (;;)
		call6(NR_NANOSLEEP, (long)&forever, 0, 0, 0, 0, 0);
}
