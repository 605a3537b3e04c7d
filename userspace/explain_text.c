// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "explain_text.h"

/*
 * To translate, replace the second column. A fact may move within its sentence, or be
 * left out. The identifier is part of the interface, like a column name.
 */
static const struct {
	const char *id;
	const char *text;
} sentences[SENTENCES] = {
	[TEXT_NOTHING] = { "", "" },

	[TEXT_PROCESS] = { "process",
		"This is {name}, process {pid}, on Linux {release}.",
	},
	[TEXT_THREADS] = { "threads",
		"Threads that share this address space: {threads}.",
	},
	[TEXT_TOTAL] = { "total",
		"Its mappings reserve {size} of addresses; {resident} are in RAM, {swapped} are swapped out, and the rest has no page.",
	},
	[TEXT_TOTAL_RESERVED] = { "total-reserved",
		"Its mappings reserve {size} of addresses.",
	},
	[TEXT_LEVELS] = { "levels",
		"Page tables of {levels} levels translate addresses, in pages of {size}.",
	},
	[TEXT_TABLES] = { "tables", "The tables take {size} themselves." },
	[TEXT_ASLR] = { "aslr",
		"Addresses were chosen at random when the program was started (ASLR): they differ from run to run.",
	},
	[TEXT_NO_ASLR] = { "no-aslr",
		"Addresses were not chosen at random: another run gets the same ones.",
	},

	[TEXT_IS_ANON] = { "is-anon",
		"Memory that the program mapped for itself, without a file.",
	},
	[TEXT_IS_TEXT] = { "is-text", "The program's code." },
	[TEXT_IS_RODATA] = { "is-rodata",
		"The program's constants, such as string literals.",
	},
	[TEXT_IS_RELRO] = { "is-relro",
		"Data of the program that the loader relocated, then made read-only.",
	},
	[TEXT_IS_DATA] = { "is-data",
		"Variables of the program with initial values, which are in its file.",
	},
	[TEXT_IS_BSS] = { "is-bss",
		"Variables of the program that start as zero: the file has no bytes for them.",
	},
	[TEXT_IS_HEAP] = { "is-heap",
		"The memory between start_brk and brk: malloc() takes small blocks from it.",
	},
	[TEXT_IS_LIB_TEXT] = { "is-lib-text", "Code of libraries." },
	[TEXT_IS_LIB_RODATA] = { "is-lib-rodata", "Constants of libraries." },
	[TEXT_IS_LIB_RELRO] = { "is-lib-relro",
		"Data of libraries that the loader relocated, then made read-only.",
	},
	[TEXT_IS_LIB_DATA] = { "is-lib-data",
		"Variables of libraries with initial values, which are in their files.",
	},
	[TEXT_IS_LIB_BSS] = { "is-lib-bss",
		"Variables of libraries that start as zero.",
	},
	[TEXT_IS_FILE] = { "is-file", "Mapped files that are not executed." },
	[TEXT_IS_SHARED_ANON] = { "is-shared-anon",
		"Anonymous shared memory: children inherit it by fork(), and all see each other's writes.",
	},
	[TEXT_IS_SYSV] = { "is-sysv-shm",
		"SysV shared memory, attached by shmat().",
	},
	[TEXT_IS_MEMFD] = { "is-memfd",
		"Files of memfd_create(): in memory, without a name in a file system.",
	},
	[TEXT_IS_SHM] = { "is-posix-shm",
		"POSIX shared memory: files in /dev/shm, in memory.",
	},
	[TEXT_IS_HUGETLB] = { "is-hugetlb",
		"Huge pages from the pool of hugetlb.",
	},
	[TEXT_IS_DEVICE] = { "is-device", "Memory of a device." },
	[TEXT_IS_PFNMAP] = { "is-pfnmap",
		"Memory that the kernel mapped by frame number, such as a ring that it shares with the program.",
	},
	[TEXT_IS_STACK] = { "is-stack",
		"The stack of the main thread; arguments and environment lie at its top.",
	},
	[TEXT_IS_THREAD_STACK] = { "is-thread-stack",
		"Stacks of threads other than the main one.",
	},
	[TEXT_IS_GUARD] = { "is-guard",
		"Guards: no access is allowed, so that running over the end of the memory next to them faults.",
	},
	[TEXT_IS_RESERVE] = { "is-reserve",
		"Addresses that are reserved without access, for later use.",
	},
	[TEXT_IS_ARENA] = { "is-arena",
		"Further heaps of malloc(), which threads use so that they do not wait for each other.",
	},
	[TEXT_IS_VDSO] = { "is-vdso",
		"Code of the kernel that programs call without entering the kernel, such as clock_gettime().",
	},
	[TEXT_IS_VVAR] = { "is-vvar",
		"Data of the kernel, such as the time, which the code in [vdso] reads.",
	},
	[TEXT_IS_UPROBES] = { "is-uprobes",
		"Instructions that probes replaced: the process executes them here.",
	},
	[TEXT_IS_SPECIAL] = { "is-special",
		"A mapping that the kernel made for itself.",
	},
	[TEXT_IS_LIBRARIES] = { "is-libraries",
		"The code, constants and variables of {count} shared libraries, the loader among them.",
	},
	[TEXT_IS_OBJECT] = { "is-object",
		"A program or library: its code, constants and variables.",
	},
	[TEXT_GUESS] = { "guess",
		"That {size} of it belong here is a guess, from position or shape.",
	},

	[TEXT_LAZY] = { "lazy",
		"{size} are reserved, {resident} are in RAM: a page gets RAM when it is first touched.",
	},
	[TEXT_ALL_RESIDENT] = { "all-resident", "All {size} are in RAM." },
	[TEXT_NONE_RESIDENT] = { "none-resident",
		"{size} are reserved, none of it is in RAM.",
	},
	[TEXT_LAZY_MAPPED] = { "lazy-mapped",
		"{size} are reserved, {resident} are mapped and in RAM: a page is mapped when it, or one near it, is first touched; others may be in RAM, too.",
	},
	[TEXT_NONE_MAPPED] = { "none-mapped",
		"{size} are reserved, none of it is mapped to a page.",
	},
	[TEXT_LENGTH] = { "length", "It is {size} long." },
	[TEXT_RESERVED] = { "reserved",
		"{size} are reserved; how much is in RAM is not known.",
	},
	[TEXT_SWAPPED] = { "swapped",
		"{size} of it are swapped out: in use, but not in RAM.",
	},
	[TEXT_ZEROES] = { "zeroes",
		"{size} were read but never written: one frame of zeroes serves all of it.",
	},
	[TEXT_HUGE] = { "huge",
		"{size} of it are mapped by huge entries, one for many pages.",
	},
	[TEXT_MAPPED_ONCE] = { "mapped-once",
		"Of what is in RAM, {size} are mapped here only.",
	},
	[TEXT_MAPPED_OFTEN] = { "mapped-often",
		"Of what is in RAM, {size} are mapped more than once, and cost RAM once.",
	},
	[TEXT_LOCKED] = { "locked",
		"{size} of it are locked by mlock(): never swapped out.",
	},

	[TEXT_PRIVATE_ANON] = { "private-anon",
		"Private anonymous mapping ({size}): there is no file, and no other process sees a write.",
	},
	[TEXT_PRIVATE_FILE] = { "private-file",
		"Private mapping of a file ({size}): a page that is written to is copied first, so that the file never changes.",
	},
	[TEXT_SHARED_ANON] = { "shared-anon",
		"Shared anonymous mapping ({size}): there is no file, and all processes that map it see a write.",
	},
	[TEXT_SHARED_FILE] = { "shared-file",
		"Shared mapping of a file ({size}): a write changes the file, and all processes that map or read it see that.",
	},

	[TEXT_HEAP_GROWS] = { "heap-grows",
		"It grows up: brk() and sbrk() move its end, now {brk}.",
	},
	[TEXT_HEAP_ROOM] = { "heap-room",
		"The next mapping begins at {next}, which leaves {room} to grow.",
	},
	[TEXT_HEAP_DATA] = { "heap-data",
		"RLIMIT_DATA, if it is set, limits heap and data together: {size} now.",
	},
	[TEXT_STACK_GROWS] = { "stack-grows",
		"It grows down, by page faults below it, and does not shrink.",
	},
	[TEXT_STACK_FIXED] = { "stack-fixed", "It does not grow." },
	[TEXT_IN_MMAP_AREA] = { "in-mmap-area",
		"It is in the mmap area, not in the heap.",
	},
	[TEXT_STACK_LIMIT] = { "stack-limit",
		"RLIMIT_STACK is {limit}: it can grow by {room}, down to {end}; an access below that ends with SIGSEGV.",
	},
	[TEXT_STACK_UNLIMITED] = { "stack-unlimited",
		"RLIMIT_STACK does not limit it.",
	},
	[TEXT_STACK_BELOW] = { "stack-below",
		"The mapping below ends at {below}: that stops it at {end}, after {room} more.",
	},
	[TEXT_STACK_GAP] = { "stack-gap",
		"As a guard, the kernel keeps a gap of {gap} between it and memory below.",
	},
	[TEXT_STACK_GAP_ASSUMED] = { "stack-gap-assumed",
		"As a guard, the kernel keeps a gap between it and memory below: {gap}, unless the kernel was booted with another.",
	},
	[TEXT_MMAP_DOWN] = { "mmap-down",
		"It grows down: a new mapping goes into the highest gap below {base} (mmap_base) that is large enough.",
	},
	[TEXT_MMAP_UP] = { "mmap-up",
		"It grows up: a new mapping goes into the lowest gap above {base} (mmap_base) that is large enough.",
	},

	[TEXT_THREAD] = { "thread",
		"Thread {tid}, {name}, has its stack at {start}-{end}.",
	},
	[TEXT_THREAD_USED] = { "thread-used",
		"Its stack pointer is {sp}: {used} are in use, {room} are left.",
	},
	[TEXT_THREAD_TLS] = { "thread-tls",
		"Its thread-local storage is at the top of its stack: the base is {tls}.",
	},
	[TEXT_GUARD_MAPPING] = { "guard-mapping",
		"Below it, a mapping of {size} without access is its guard.",
	},
	[TEXT_GUARD_ENTRIES] = { "guard-entries",
		"Below it, guard entries in {size} of the same mapping are its guard.",
	},
	[TEXT_GUARD_NONE] = { "guard-none", "Nothing guards its lower end." },

	[TEXT_KERNEL_HALF] = { "kernel-half",
		"Addresses from {start} up belong to the kernel, and are closed to user mode.",
	},
	[TEXT_KERNEL_AREA] = { "kernel-area",
		"Here, it is the region {area}.",
	},

	[TEXT_IN] = { "in",
		"{addr} is in {segment}: {offset} after the start of the mapping {start}-{end} {perms}.",
	},
	[TEXT_IN_FILE] = { "in-file",
		"The mapping has offset {offset} of {file} there.",
	},
	[TEXT_PARTED] = { "parted",
		"The page was written to: it is a copy, and no longer the page of the file.",
	},
	[TEXT_IN_GAP] = { "in-gap",
		"{addr} is in no mapping: in a gap of {size} from {start} to {end}.",
	},
	[TEXT_NULL] = { "null",
		"Nothing is mapped at the lowest addresses, so that NULL pointers fault.",
	},
	[TEXT_NO_GROWTH] = { "no-growth",
		"The mapping above does not grow down.",
	},
	[TEXT_OVER_LIMIT] = { "over-limit",
		"The stack above grows when it is touched, but not so far: it would be {over} larger than RLIMIT_STACK, which is {limit}.",
	},
	[TEXT_OVER_GAP] = { "over-gap",
		"The stack above grows when it is touched, but not so far: less than {gap} would be left to the mapping below.",
	},
	[TEXT_VSYSCALL] = { "vsyscall",
		"On x86, [vsyscall] has this address; no VMA holds it.",
	},

	[TEXT_SPLIT] = { "split",
		"Its bits are the index in the table of each level, and the offset in a page: {split}.",
	},
	[TEXT_STEP_TABLE] = { "step-table",
		"{level}: the entry {index} of the table at {table} leads to the next table.",
	},
	[TEXT_STEP_PAGE] = { "step-page",
		"{level}: the entry {index} of the table at {table} maps a page of {size}.",
	},
	[TEXT_STEP_EMPTY] = { "step-empty",
		"{level}: the entry {index} of the table at {table} is empty: nothing is mapped in these {size}.",
	},
	[TEXT_STEP_OTHER] = { "step-other",
		"{level}: the entry {index} of the table at {table} has no page to access; its kind is {kind}.",
	},
	[TEXT_STEPS_UNKNOWN] = { "steps-unknown",
		"The tables on the way to it are not recorded.",
	},
	[TEXT_PHYSICAL] = { "physical",
		"The physical address is {phys}, in a page of {size}.",
	},
	[TEXT_PAGE] = { "page", "The page is {mapped}; its flags are {flags}." },
	[TEXT_PAGE_UNKNOWN] = { "page-unknown",
		"Flags and sharing of the page are not known.",
	},

	[TEXT_WORKS] = { "works",
		"{access} {where} works at once: the entry allows it.",
	},
	[TEXT_WRITE_OWN] = { "write-own",
		"{access} {where} works at once, and no other process sees it.",
	},
	[TEXT_WRITE_SHARED] = { "write-shared",
		"{access} {where} works at once, and other processes that map this memory see it.",
	},
	[TEXT_WRITE_FILE] = { "write-file",
		"{access} {where} works at once, and changes the file.",
	},
	[TEXT_ZEROED] = { "zeroed",
		"{access} {where} faults, and gets a new frame of zeroes: there is no page yet.",
	},
	[TEXT_LEAVES_ZERO_PAGE] = { "leaves-zero-page",
		"{access} {where} faults: the shared frame of zeroes is mapped there, and a new frame of zeroes takes its place.",
	},
	[TEXT_MAPS_ZERO_PAGE] = { "maps-zero-page",
		"{access} {where} faults, and reads zeroes: there is no page yet, and reading allocates none.",
	},
	[TEXT_READS_ZERO_PAGE] = { "reads-zero-page",
		"{access} {where} works at once, and reads zeroes from a frame that all processes share.",
	},
	[TEXT_COPY_FILE] = { "copy-file",
		"{access} {where} faults: the frame is a page of the file, the kernel copies it to a new one, and the file does not change.",
	},
	[TEXT_COPY_IN] = { "copy-in",
		"{access} {where} faults: there is no page yet, the kernel copies that of the file to a new frame, and the file does not change.",
	},
	[TEXT_COPY_SHARED] = { "copy-shared",
		"{access} {where} faults: the frame is mapped more than once, and the kernel copies it to a new one (copy-on-write).",
	},
	[TEXT_COPY_KSM] = { "copy-ksm",
		"{access} {where} faults: KSM merged the page with equal ones, and the kernel copies it to a new frame.",
	},
	[TEXT_COPY_UNLESS_ALONE] = { "copy-unless-alone",
		"{access} {where} faults: the entry is read-only, but the frame is mapped only here; the kernel keeps it, or copies it if something else still refers to it.",
	},
	[TEXT_COPY_UNKNOWN] = { "copy-unknown",
		"{access} {where} faults: the entry is read-only, and the kernel copies the frame unless it is used only here; that is not recorded.",
	},
	[TEXT_FILE_IN] = { "file-in",
		"{access} {where} faults: the kernel maps the page of the file, and reads it from storage if it is not cached.",
	},
	[TEXT_FILE_WRITE_IN] = { "file-write-in",
		"{access} {where} faults: the kernel maps the page of the file, and reads it from storage if it is not cached; then the file is changed.",
	},
	[TEXT_SHARED_IN] = { "shared-in",
		"{access} {where} faults: the kernel maps the page of the shared memory, or a new one of zeroes if there is none.",
	},
	[TEXT_SHARED_WRITE_IN] = { "shared-write-in",
		"{access} {where} faults: the kernel maps the page of the shared memory, or a new one of zeroes if there is none; other processes that map it see the write.",
	},
	[TEXT_KERNEL_IN] = { "kernel-in",
		"{access} {where} faults: the kernel maps a page of its own.",
	},
	[TEXT_HUGETLB_IN] = { "hugetlb-in",
		"{access} {where} faults, and gets a huge page that is in the file, or a new one from the pool; if that is empty, SIGBUS.",
	},
	[TEXT_HUGETLB_COPY] = { "hugetlb-copy",
		"{access} {where} faults: the entry is read-only; the kernel keeps the huge page if it is used only here, or copies it to one from the pool; if that is empty, SIGBUS or another process loses its page.",
	},
	[TEXT_NOTIFY_FILE] = { "notify-file",
		"{access} {where} faults: the entry is read-only, so that the kernel learns of the write; then the file is changed.",
	},
	[TEXT_UNPROTECT] = { "unprotect",
		"{access} {where} faults, and the kernel makes the entry writable; other processes that map this memory see the write.",
	},
	[TEXT_SWAP_IN] = { "swap-in",
		"{access} {where} faults: the page comes back from swap.",
	},
	[TEXT_WAIT] = { "wait",
		"{access} {where} waits: the kernel is about to move or split the page.",
	},
	[TEXT_FROM_DEVICE] = { "from-device",
		"{access} {where} faults: the kernel takes the page back from a device first.",
	},
	[TEXT_NUMA] = { "numa",
		"{access} {where} faults for NUMA balancing: the kernel may move the page to the node of the CPU, then it works.",
	},
	[TEXT_UFFD] = { "uffd",
		"{access} {where} may wait for the program that handles userfaultfd here; what that does is not recorded.",
	},
	[TEXT_DENIED] = { "denied",
		"{access} {where} ends with SIGSEGV: the mapping does not allow it.",
	},
	[TEXT_SHADOW_STACK] = { "shadow-stack",
		"{access} {where} ends with SIGSEGV: only calls and returns change a shadow stack.",
	},
	[TEXT_GUARD] = { "guard-entry",
		"{access} {where} ends with SIGSEGV: a guard entry is there (MADV_GUARD_INSTALL).",
	},
	[TEXT_POISON] = { "poison",
		"{access} {where} ends with SIGBUS: the page is lost or marked as poisoned.",
	},
	[TEXT_PKEY] = { "pkey",
		"{access} {where} depends on the rights of the thread for the protection key of the mapping; these are not recorded.",
	},
	[TEXT_DRIVER] = { "driver",
		"{access} {where} is up to a driver: what it does is not known.",
	},
	[TEXT_EXEC_ONLY] = { "exec-only",
		"{access} {where} works if the processor can read all that it may execute, which is not recorded.",
	},
	[TEXT_UNKNOWN] = { "unknown",
		"{access} {where} meets an entry of a kind that this mmscope does not know.",
	},
	[TEXT_GAP] = { "gap",
		"{access} {where} ends with SIGSEGV: nothing is mapped.",
	},
	[TEXT_GROWS] = { "grows",
		"{access} {where} faults, and the stack above grows down to here: {size} are within RLIMIT_STACK.",
	},
	[TEXT_CLOSED] = { "closed",
		"{access} {where} in user mode ends with SIGSEGV: this is an address of the kernel half.",
	},
	[TEXT_NOT_CANONICAL] = { "not-canonical",
		"{access} {where} ends with SIGSEGV: the address is not canonical, because its bits from {bit} up are not all the same.",
	},
	[TEXT_BEYOND] = { "beyond",
		"{access} {where} ends with SIGSEGV: user addresses of this process end at {end}.",
	},
	[TEXT_VSYSCALL_FETCH] = { "vsyscall-fetch",
		"{access} {where} depends on the boot option vsyscall=, which is not recorded.",
	},
	[TEXT_END_OF_FILE] = { "end-of-file",
		"If the file ends before a page, access to it ends with SIGBUS; the size of the file is not recorded.",
	},
	[TEXT_PAGES_UNKNOWN] = { "pages-unknown",
		"What an access does is not known: the page tables are not recorded.",
	},

	[TEXT_A_READ] = { "a-read", "A read" },
	[TEXT_A_WRITE] = { "a-write", "A write" },
	[TEXT_A_READ_OR_WRITE] = { "a-read-or-write", "A read or write" },
	[TEXT_A_FETCH] = { "a-fetch", "An instruction fetch" },
	[TEXT_A_READ_OR_FETCH] = { "a-read-or-fetch",
		"A read or instruction fetch",
	},
	[TEXT_A_WRITE_OR_FETCH] = { "a-write-or-fetch",
		"A write or instruction fetch",
	},
	[TEXT_ANY_ACCESS] = { "any-access", "Any access" },
	[TEXT_HERE] = { "here", "here" },
	[TEXT_IN_PART] = { "in-part", "in {size} of it" },
	[TEXT_IN_ALL] = { "in-all", "anywhere in it" },
	[TEXT_MAPPED_UNKNOWN] = { "mapped-unknown", "in RAM" },
	[TEXT_MAPPED_HERE_ONLY] = { "mapped-here-only", "mapped here only" },
	[TEXT_MAPPED_ELSEWHERE] = { "mapped-elsewhere",
		"mapped more than once",
	},
};

/**
 * sentence_id - look up the identifier of a sentence
 * @which: which one
 *
 * Return: never NULL
 */
const char *sentence_id(enum sentence which)
{
	return sentences[which].id;
}

/**
 * struct put - what the text of a sentence is made from
 * @facts: the facts
 * @nr: number of facts
 * @exact: sizes in bytes
 * @utf8: print characters outside ASCII
 */
struct put {
	const struct fact *facts;
	size_t nr;
	bool exact;
	bool utf8;
};

static void put_text(struct text *out, const struct put *put,
		     enum sentence which);

static void put_fact(struct text *out, const struct put *put,
		     const struct fact *fact)
{
	switch (fact->type) {
	case FACT_BYTES:
		text_size(out, fact->number, put->exact);
		if (put->exact)
			text_puts(out, " bytes");
		break;
	case FACT_ADDRESS:
		text_number(out, fact->number, 16);
		break;
	case FACT_COUNT:
		text_count(out, fact->number);
		break;
	case FACT_NUMBER:
		text_number(out, fact->number, 10);
		break;
	case FACT_WORD:
		text_escape(out, fact->word, put->utf8);
		break;
	case FACT_SENTENCE:
		put_text(out, put, (enum sentence)fact->number);
		break;
	}
}

/* A name without a fact is printed as it is: a test finds it. */
static void put_named(struct text *out, const struct put *put, const char *name,
		      size_t len)
{
	for (size_t i = 0; i < put->nr; i++) {
		const struct fact *fact = &put->facts[i];

		if (strlen(fact->name) == len &&
		    !strncmp(fact->name, name, len)) {
			put_fact(out, put, fact);
			return;
		}
	}
	text_printf(out, "{%.*s}", (int)len, name);
}

static void put_text(struct text *out, const struct put *put,
		     enum sentence which)
{
	const char *s = sentences[which].text;

	while (*s) {
		size_t plain = strcspn(s, "{"), name;

		text_add(out, s, plain);
		s += plain;
		if (!*s)
			break;
		name = strcspn(++s, "}");
		put_named(out, put, s, name);
		s += name + 1;
	}
}

/**
 * sentence_put - append the text of a sentence
 * @out: the text
 * @which: which one
 * @facts: what the names in its text stand for
 * @nr: number of facts
 * @exact: sizes in bytes
 * @utf8: print characters outside ASCII
 */
void sentence_put(struct text *out, enum sentence which,
		  const struct fact *facts, size_t nr, bool exact, bool utf8)
{
	const struct put put = { facts, nr, exact, utf8 };

	put_text(out, &put, which);
}
