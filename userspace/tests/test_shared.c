// SPDX-License-Identifier: GPL-2.0-only
/* The command shared, on snapshots of a process, its child and a stranger. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "build.h"
#include "page.h"
#include "tap.h"

#define RO	(MMSCOPE_ATTR_READ | MMSCOPE_ATTR_USER)
#define RO_DIRTY (RO | MMSCOPE_ATTR_DIRTY)
#define RW	(RO_DIRTY | MMSCOPE_ATTR_WRITE)

#define RUN_OF(start, frame, nr, attrs)					\
	{ start, frame, 0, 0, nr, attrs, MMSCOPE_PTE, MMSCOPE_PRESENT, 12, true }

#define SERVER	"/usr/bin/server"
#define SHARED	"/dev/zero (deleted)"

static const struct vma vmas[] = {
	{ 0x400000, 0x404000, "r-xp", SERVER, 5, MMSCOPE_SEG_CODE, 0, 0, 0 },
	{ 0x404000, 0x408000, "rw-p", SERVER, 5, MMSCOPE_SEG_DATA, 0, 0, 4 },
	{ 0x10000000, 0x10010000, "rw-p", "[heap]", 0, MMSCOPE_SEG_HEAP, 0, 0,
	  0 },
	{ 0x7f0000000000, 0x7f0000010000, "rw-s", SHARED, 8, 0, 0, 0, 0 },
	{ 0x7f0001000000, 0x7f0001010000, "rw-s", SHARED, 8, 0, 0, 0, 0 },
	{ 0x7f0010000000, 0x7f0010400000, "rw-p", NULL, 0, 0, 0, 0, 0 },
	{ 0x7f0020000000, 0x7f0020001000, "rw-s", "/dev/dri/card0", 9, 0, 0, 0,
	  0 },
};

#define DEVICE								\
	RUN_OF(0x7f0020000000, 0xfee00ULL, 1, RW | MMSCOPE_ATTR_SPECIAL)

/* It wrote the last page of its data after the fork, and has a huge page. */
static const struct run parent[] = {
	RUN_OF(0x400000, 0x1000ULL, 4, RO),
	RUN_OF(0x404000, 0x2000ULL, 2, RO),
	RUN_OF(0x406000, 0x2100ULL, 1, RO_DIRTY),
	RUN_OF(0x407000, 0x2201ULL, 1, RW),
	RUN_OF(0x10000000, 0x3000ULL, 8, RO_DIRTY),
	{ 0x10008000, 0x42, 0x42025, 0, 2, RO, MMSCOPE_PTE, MMSCOPE_ZERO, 0,
	  true },
	RUN_OF(0x7f0000000000, 0x5000ULL, 6, RO),
	{ 0x7f0010000000, 0x40000, 0x400000a5, 0, 1, RO_DIRTY, MMSCOPE_PMD,
	  MMSCOPE_PRESENT, 12, true },
	DEVICE,
};

/*
 * It wrote a page of the heap and one of the huge page, which was split, and maps a
 * page of the shared memory twice.
 */
static const struct run child[] = {
	RUN_OF(0x400000, 0x1000ULL, 3, RO),
	RUN_OF(0x404000, 0x2000ULL, 2, RO),
	RUN_OF(0x406000, 0x2100ULL, 1, RO_DIRTY),
	RUN_OF(0x407000, 0x2200ULL, 1, RO_DIRTY),
	RUN_OF(0x10000000, 0x3000ULL, 4, RO_DIRTY),
	RUN_OF(0x10004000, 0x3104ULL, 1, RW),
	RUN_OF(0x10005000, 0x3005ULL, 3, RO_DIRTY),
	RUN_OF(0x7f0000002000, 0x5002ULL, 4, RO),
	RUN_OF(0x7f0001002000, 0x5002ULL, 1, RO),
	RUN_OF(0x7f0010000000, 0x40000ULL, 511, RO_DIRTY),
	RUN_OF(0x7f00101ff000, 0x9000ULL, 1, RW),
	DEVICE,
};

/* Another program that has the same file as text. */
static const struct run stranger[] = {
	RUN_OF(0x400000, 0x1000ULL, 2, RO),
	RUN_OF(0x406000, 0x6100ULL, 1, RW),
	RUN_OF(0x10000000, 0x7000ULL, 1, RW),
};

static void build(struct build *b, int pid, const char *comm,
		  const struct run *runs, size_t nr)
{
	build_header(b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
			   MMSCOPE_PART_PAGETABLE, 0);
	build_task(b, pid, comm, 0);
	for (size_t i = 0; i < ARRAY_SIZE(vmas); i++)
		build_vma(b, &vmas[i]);
	build_runs(b, runs, (uint32_t)nr);
	build_end(b, 0, 0);
}

#define FILES	3

/* The snapshots of these three, which stay open until the program ends. */
static void build_files(char names[FILES][64])
{
	struct build b[FILES] = { 0 };

	build(&b[0], 10, "server", parent, ARRAY_SIZE(parent));
	build(&b[1], 11, "saver", child, ARRAY_SIZE(child));
	build(&b[2], 12, "other", stranger, ARRAY_SIZE(stranger));
	for (size_t i = 0; i < FILES; i++) {
		snprintf(names[i], sizeof(names[i]), "/proc/%d/fd/%d",
			 (int)getpid(), build_fd(&b[i]));
		build_free(&b[i]);
	}
}

/* Replace runs of blanks by one blank. */
static void squeeze(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (*s != ' ' || s[1] != ' ')
			*to++ = *s;
	*to = '\0';
}

static void expect(const char *name, struct output o, int code,
		   const char *out, const char *err)
{
	bool ok;

	squeeze(o.out);
	ok = o.code == code && strstr(o.out, out) && strstr(o.err, err) &&
	     (*err || !*o.err);
	tap_ok(ok, "%s: %d %s", name, o.code, ok ? "" : o.err);
	if (!ok && *out)
		fputs(o.out, stderr);
	output_free(&o);
}

static void test_fork(char names[FILES][64])
{
	expect("matrix",
	       RUN("shared", "-i", names[0], names[1]),
	       0,
	       "PID EXCLUSIVE 10 11 COMMAND\n"
	       " 10 24K 2.1M 2.1M server\n"
	       " 11 12K 2.1M 2.1M saver\n", "");
	expect("rows",
	       RUN("shared", "-nb", "-i", names[0], "-i", names[1], "-o",
		   "SEGMENT,PROCS,FRAMES,EXCLUSIVE,READONLY,COW,WRITABLE,PARTED"),
	       0,
	       "anon 2 2101248 8192 2093056 2093056 0 4096\n"
	       "text 2 16384 4096 12288 0 0 0\n"
	       "data 2 20480 8192 12288 4096 0 4096\n"
	       "heap 2 36864 8192 28672 28672 0 4096\n"
	       "file 0 0 0 0 0 0 0\n"
	       "shared-anon 2 24576 8192 0 0 16384 0\n", "");
	expect("pages apart",
	       RUN("shared", "-nb", "-i", names[0], names[1], "-o",
		   "SEGMENT,MAPPED,REPEATED,SPREAD,ZERO,SPECIAL"),
	       0,
	       "heap 65536 0 1:8192,2:28672 8192 0\n"
	       "file 0 0 - 0 8192\n"
	       "shared-anon 40960 4096 1:8192,2:16384 0 0\n", "");
}

/* Only processes that share their address space both have write access. */
static void test_vfork(char names[FILES][64])
{
	expect("one address space",
	       RUN("shared", "-nb", "-i", names[0], names[0], "-o",
		   "SEGMENT,READONLY,WRITABLE,PARTED"),
	       0, "data 12288 4096 0\nheap 32768 0 0\n", "");
}

/* On a terminal, a matrix that is too wide is broken into blocks. */
static void test_blocks(char names[FILES][64])
{
	const char *args[20] = { "shared", "-i" };
	struct output o;
	char *at, *line;
	size_t widest = 0, blocks = 0;

	for (size_t i = 2; i < ARRAY_SIZE(args) - 1; i++)
		args[i] = names[i % FILES];
	o = run_on_terminal(80, args);
	for (at = o.out; (line = strsep(&at, "\n"));) {
		blocks += !strncmp(line, "PID EXCLUSIVE", 13);
		if (strcspn(line, "\r") > widest)
			widest = strcspn(line, "\r");
	}
	tap_ok(o.code == 0 && blocks == 2 && widest <= 80,
	       "a matrix of 17: %zu blocks, %zu columns", blocks, widest);
	output_free(&o);
}

/* Pages at the same address have parted only if there was a fork. */
static void test_strangers(char names[FILES][64])
{
	expect("strangers",
	       RUN("shared", "-i", names[0], names[2], "-o", "SEGMENT,PARTED"),
	       0, "heap 0\n", "");
	expect("pairs",
	       RUN("shared", "--json", "-i", names[2], names[0], names[1]),
	       0,
	       "\"pairs\": [\n"
	       " {\"pids\": [12, 10], \"common\": 8192, \"parted\": 0},\n"
	       " {\"pids\": [12, 11], \"common\": 8192, \"parted\": 0},\n"
	       " {\"pids\": [10, 11], \"common\": 2162688, \"parted\": 12288}\n",
	       "");
}

/* The mapping of another part of the file, made after the fork. */
static void test_other_part(char names[FILES][64])
{
	struct mmscope_vma vma = { 0 };
	struct build b = { 0 };

	build(&b, 11, "saver", child, ARRAY_SIZE(child));
	for (size_t at = sizeof(struct mmscope_header);
	     vma.start != 0x404000; at += vma.head.size) {
		memcpy(&vma, b.bytes + at, sizeof(vma));
		if (vma.start == 0x404000)
			((struct mmscope_vma *)(b.bytes + at))->pgoff++;
	}
	expect("another part of a file",
	       RUN("shared", "-n", "-i", names[0], build_file(&b), "-o",
		   "SEGMENT,PARTED"),
	       0, "data 0\nheap 4K\n", "");
	build_free(&b);
}

static void test_json(char names[FILES][64])
{
	struct output o = RUN("shared", "--json", "-i", names[0], names[1],
			      names[2]);

	tap_ok(json_valid(o.out), "JSON");
	expect("JSON", o, 0,
	       " {\"pid\": 11, \"tgid\": 11, \"comm\": \"saver\", \"time_ns\": \"1700000000000000000\", \"frames\": 2174976, \"exclusive\": 12288, \"repeated\": 4096}",
	       "");
	expect("JSON of three",
	       RUN("shared", "--json", "-i", names[0], names[1], names[2]), 0,
	       "\"spread\": [{\"processes\": 1, \"frames\": 4096}, {\"processes\": 2, \"frames\": 4096}, {\"processes\": 3, \"frames\": 8192}]",
	       "");
}

/* With page facts, a copy is known even if its entry is clean. */
static void test_facts(void)
{
	static const struct run clean[] = {
		{ 0x404000, 0x2000, 0x2000025, MMSCOPE_PAGE_KNOWN, 1, RO,
		  MMSCOPE_PTE, MMSCOPE_PRESENT, 12, true },
		{ 0x405000, 0x2001, 0x2001025,
		  MMSCOPE_PAGE_KNOWN | PAGE_BIT(ANON), 1, RO, MMSCOPE_PTE,
		  MMSCOPE_PRESENT, 12, true },
		/* no struct page */
		{ 0x10000000, 0x9000, 0x9000025, 0, 1, RO, MMSCOPE_PTE,
		  MMSCOPE_PRESENT, 12, true },
	};
	struct run plain[ARRAY_SIZE(clean)];
	struct build b = { 0 };
	const char *name;

	for (size_t i = 0; i < ARRAY_SIZE(clean); i++) {
		plain[i] = clean[i];
		plain[i].page = 0;
	}
	build(&b, 7, "x", plain, ARRAY_SIZE(plain));
	name = build_file(&b);
	expect("without facts",
	       RUN("shared", "-nb", "-i", name, name, "-o",
		   "SEGMENT,READONLY,COW,SPECIAL"),
	       0,
	       "data 8192 0 0\nheap 4096 4096 0\n", "");
	expect("facts that are missing",
	       RUN("shared", "--facts", "-i", name, name),
	       2, "",
	       "was recorded without page facts");
	build_free(&b);
	build(&b, 7, "x", clean, ARRAY_SIZE(clean));
	((struct mmscope_header *)b.bytes)->flags = MMSCOPE_QUERY_FACTS;
	name = build_file(&b);
	expect("facts",
	       RUN("shared", "-nb", "-i", name, name, "-o",
		   "SEGMENT,READONLY,COW,SPECIAL"),
	       0,
	       "data 8192 4096 0\nheap 0 0 8192\n", "");
	build_free(&b);
}

static void test_usage(void)
{
	static const struct {
		const char *args[6];
		const char *err;
	} cases[] = {
		{ { NULL },
		  "missing PID: two processes, --family PID, --cgroup PATH or -i FILE are needed" },
		{ { "1" }, "missing PID: two processes" },
		{ { "1", "0" }, "invalid PID: \"0\"" },
		{ { "--family", "0" }, "invalid PID: \"0\"" },
		{ { "--family", "1", "2" }, "--family cannot be combined" },
		{ { "--family", "1", "-i", "/" }, "--family cannot be combined" },
		{ { "-i", "/" },
		  "missing FILE: snapshots of two processes are needed" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *args[8] = { "shared" };

		memcpy(args + 1, cases[i].args, sizeof(cases[i].args));
		expect("usage", run_reader(NULL, args), 1, "", cases[i].err);
	}
	expect("help", RUN("shared", "--help"), 0,
	       "[options] -i FILE FILE...\n", "");
}

/* The first snapshot, with one that does not fit. */
static void expect_second(const char *name, const char *first, struct build *b,
			  int code, const char *out, const char *err)
{
	expect(name, RUN("shared", "-i", first, build_file(b)), code, out, err);
	build_free(b);
}

static void test_files(char names[FILES][64])
{
	struct build b = { 0 };
	struct mmscope_header *h;

	expect("a file that is missing",
	       RUN("shared", "-i", names[0], "/nonexistent"), 2, "",
	       "/nonexistent: No such file");
	build(&b, 7, "x", parent, ARRAY_SIZE(parent));
	h = (struct mmscope_header *)b.bytes;
	h->release[0] = '7';
	expect_second("another machine", names[0], &b, 2, "",
		      "is from another machine or kernel than the first file");
	build_header(&b, 4, MMSCOPE_PART_MM | MMSCOPE_PART_VMAS, 0);
	build_task(&b, 7, "x", 0);
	build_end(&b, 0, 0);
	expect_second("no page tables", names[0], &b, 2, "",
		      "was recorded without page tables");
	build(&b, 7, "x", parent, ARRAY_SIZE(parent));
	b.len -= sizeof(struct mmscope_end);
	expect_second("a cut file", names[0], &b, 3, "total ",
		      "is cut off: it has no END record, output is incomplete");
}

int main(void)
{
	static char names[FILES][64];

	build_files(names);
	test_fork(names);
	test_vfork(names);
	test_blocks(names);
	test_strangers(names);
	test_other_part(names);
	test_json(names);
	test_facts();
	test_usage();
	test_files(names);
	return tap_done();
}
