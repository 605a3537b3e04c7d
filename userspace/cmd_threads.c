// SPDX-License-Identifier: GPL-2.0-only
#include "array.h"
#include "cell.h"
#include "commands.h"
#include "exit_code.h"
#include "options.h"
#include "source.h"
#include "table.h"
#include "text.h"
#include "thread_load.h"

struct row {
	const struct space *sp;
	const struct thread *thread;
};

static const struct thread *thread_of(const void *row)
{
	return ((const struct row *)row)->thread;
}

static const struct mmscope_thread *rec_of(const void *row)
{
	return thread_of(row)->rec;
}

/* The thread */

static void cell_tid(struct text *out, const void *row,
		     const struct options *opt)
{
	(void)opt;
	text_number(out, (uint64_t)rec_of(row)->tid, 10);
}

/* A process that the reader's pid namespace does not show has no id there. */
static void cell_tgid(struct text *out, const void *row,
		      const struct options *opt)
{
	(void)opt;
	if (rec_of(row)->tgid > 0)
		text_number(out, (uint64_t)rec_of(row)->tgid, 10);
}

static void cell_name(struct text *out, const void *row,
		      const struct options *opt)
{
	cell_string(out, rec_of(row)->comm, opt);
}

static void cell_state(struct text *out, const void *row,
		       const struct options *opt)
{
	const char state[] = { (char)rec_of(row)->state, '\0' };

	cell_string(out, state, opt);
}

static bool runs_user_code(const struct mmscope_thread *rec)
{
	return !(rec->flags & MMSCOPE_THREAD_WORKER);
}

static void cell_regs(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct mmscope_thread *rec = rec_of(row);

	(void)opt;
	if (runs_user_code(rec))
		text_puts(out, rec->flags & MMSCOPE_THREAD_CURRENT ? "now" :
								     "entry");
}

static void cell_bits(struct text *out, const void *row,
		      const struct options *opt)
{
	(void)opt;
	text_puts(out, rec_of(row)->flags & MMSCOPE_THREAD_32BIT ? "32" : "64");
}

static void cell_sp(struct text *out, const void *row,
		    const struct options *opt)
{
	if (runs_user_code(rec_of(row)))
		cell_address(out, rec_of(row)->sp, opt);
}

static void cell_ip(struct text *out, const void *row,
		    const struct options *opt)
{
	if (runs_user_code(rec_of(row)))
		cell_address(out, rec_of(row)->ip, opt);
}

/* The stack */

static void cell_mapping(struct text *out, const void *row,
			 const struct options *opt)
{
	const struct mapping *map = thread_of(row)->map;

	if (map)
		cell_range(out, map->start, map->vma.end - 1, opt);
}

static void cell_stack(struct text *out, const void *row,
		       const struct options *opt)
{
	const struct thread *t = thread_of(row);

	if (t->end)
		cell_range(out, t->start, t->end - 1, opt);
}

static void cell_start(struct text *out, const void *row,
		       const struct options *opt)
{
	if (thread_of(row)->end)
		cell_address(out, thread_of(row)->start, opt);
}

static void cell_stack_end(struct text *out, const void *row,
			   const struct options *opt)
{
	if (thread_of(row)->end)
		cell_end(out, thread_of(row)->end - 1, opt);
}

static void cell_size(struct text *out, const void *row,
		      const struct options *opt)
{
	if (thread_of(row)->end)
		cell_bytes(out, thread_of(row)->end - thread_of(row)->start,
			   opt);
}

static void cell_used(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct thread *t = thread_of(row);

	if (thread_has_depth(t))
		cell_bytes(out, t->end - t->rec->sp, opt);
}

static void cell_room(struct text *out, const void *row,
		      const struct options *opt)
{
	const struct thread *t = thread_of(row);

	if (thread_has_depth(t))
		cell_bytes(out, t->rec->sp > t->limit ? t->rec->sp - t->limit : 0,
			   opt);
}

static void cell_rss(struct text *out, const void *row,
		     const struct options *opt)
{
	if (thread_of(row)->end)
		cell_bytes(out, thread_of(row)->resident, opt);
}

static void cell_limit(struct text *out, const void *row,
		       const struct options *opt)
{
	if (thread_of(row)->end)
		cell_address(out, thread_of(row)->limit, opt);
}

static void cell_guard(struct text *out, const void *row,
		       const struct options *opt)
{
	const struct thread *t = thread_of(row);

	if (t->guard != GUARD_UNKNOWN)
		cell_bytes(out, t->guard_end - t->guard_start, opt);
}

static void cell_guard_range(struct text *out, const void *row,
			     const struct options *opt)
{
	const struct thread *t = thread_of(row);

	if (t->guard_end)
		cell_range(out, t->guard_start, t->guard_end - 1, opt);
}

static void cell_guard_kind(struct text *out, const void *row,
			    const struct options *opt)
{
	static const char *const names[] = {
		[GUARD_UNKNOWN] = "",
		[GUARD_NONE] = "none",
		[GUARD_MAPPING] = "mapping",
		[GUARD_ENTRIES] = "entries",
		[GUARD_GAP] = "gap",
	};

	(void)opt;
	text_puts(out, names[thread_of(row)->guard]);
}

static void cell_origin(struct text *out, const void *row,
			const struct options *opt)
{
	static const char *const names[] = {
		[ORIGIN_UNKNOWN] = "",
		[ORIGIN_KERNEL] = "kernel",
		[ORIGIN_LIBRARY] = "library",
		[ORIGIN_PROGRAM] = "program",
	};

	(void)opt;
	text_puts(out, names[thread_of(row)->origin]);
}

static void cell_guesses(struct text *out, const void *row,
			 const struct options *opt)
{
	static const char *const names[] = { "start", "end", "origin" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (thread_of(row)->guess >> i & 1)
			cell_list(out, names[i], opt);
	cell_list_end(out, opt);
}

static void cell_tls(struct text *out, const void *row,
		     const struct options *opt)
{
	if (runs_user_code(rec_of(row)) && rec_of(row)->tls)
		cell_address(out, rec_of(row)->tls, opt);
}

static void cell_tls_top(struct text *out, const void *row,
			 const struct options *opt)
{
	const struct thread *t = thread_of(row);

	if (t->rec->tls >= t->start && t->rec->tls < t->end)
		cell_bytes(out, t->end - t->rec->tls, opt);
}

/* Other stacks */

static void put_stack(struct text *out, uint64_t start, uint64_t size,
		      const struct options *opt)
{
	if (size)
		cell_range(out, start, start + size - 1, opt);
}

static void cell_altstack(struct text *out, const void *row,
			  const struct options *opt)
{
	put_stack(out, rec_of(row)->altstack_start, rec_of(row)->altstack_size,
		  opt);
}

static void cell_on_altstack(struct text *out, const void *row,
			     const struct options *opt)
{
	bool on = thread_of(row)->on_altstack;

	if (opt->json)
		text_puts(out, on ? "true" : "false");
	else if (on)
		text_puts(out, "yes");
}

static void cell_shadow(struct text *out, const void *row,
			const struct options *opt)
{
	put_stack(out, rec_of(row)->shadow_start, rec_of(row)->shadow_size,
		  opt);
}

static void cell_kernel_stack(struct text *out, const void *row,
			      const struct options *opt)
{
	if (rec_of(row)->kernel_stack)
		cell_address(out, rec_of(row)->kernel_stack, opt);
}

static void cell_kernel_size(struct text *out, const void *row,
			     const struct options *opt)
{
	cell_bytes(out, rec_of(row)->kernel_size, opt);
}

static void cell_kernel_used(struct text *out, const void *row,
			     const struct options *opt)
{
	if (rec_of(row)->kernel_used)
		cell_bytes(out, rec_of(row)->kernel_used, opt);
}

#define COL_OF_STACK	(COL_NUMBER | COL_STACK | COL_PLAIN)

static const struct column columns[] = {
	{ "TID", COL_DEFAULT | COL_NUMBER | COL_PLAIN, cell_tid, "thread id" },
	{ "TGID", COL_NUMBER, cell_tgid, "id of its process" },
	{ "NAME", COL_DEFAULT, cell_name, "name of the thread" },
	{ "STATE", COL_DEFAULT, cell_state, "as in /proc/PID/stat" },
	{ "REGS", COL_DEFAULT | COL_PLAIN, cell_regs,
	  "now: SP, IP and TLS are current; entry: the thread was\n"
	  "               running, they are of its last entry into the kernel" },
	{ "BITS", COL_NUMBER, cell_bits, "of the code it runs: 32 or 64" },
	{ "SP", COL_ADDRESS, cell_sp, "stack pointer" },
	{ "IP", COL_ADDRESS, cell_ip, "instruction pointer" },
	{ "MAPPING", COL_RANGE | COL_STACK, cell_mapping,
	  "mapping that holds the stack pointer" },
	{ "STACK", COL_DEFAULT | COL_RANGE | COL_STACK, cell_stack,
	  "start and exclusive end of the stack" },
	{ "START", COL_ADDRESS | COL_STACK, cell_start, "start of the stack" },
	{ "END", COL_ADDRESS | COL_STACK, cell_stack_end,
	  "exclusive end of the stack" },
	{ "SIZE", COL_DEFAULT | COL_OF_STACK, cell_size,
	  "of the stack, without its guard" },
	{ "USED", COL_DEFAULT | COL_OF_STACK, cell_used,
	  "from the stack pointer to the end" },
	{ "RSS", COL_DEFAULT | COL_OF_STACK, cell_rss,
	  "resident bytes of the stack" },
	{ "ROOM", COL_DEFAULT | COL_OF_STACK, cell_room,
	  "from LIMIT to the stack pointer" },
	{ "LIMIT", COL_ADDRESS | COL_STACK, cell_limit,
	  "lowest address that the stack may use" },
	{ "GUARD", COL_DEFAULT | COL_OF_STACK, cell_guard,
	  "size of the guard below the stack" },
	{ "GUARD_RANGE", COL_RANGE | COL_STACK, cell_guard_range,
	  "start and exclusive end of the guard" },
	{ "GUARD_KIND", COL_STACK, cell_guard_kind,
	  "mapping, entries, gap or none" },
	{ "ORIGIN", COL_STACK, cell_origin,
	  "of the stack: kernel, library or program" },
	{ "TLS", COL_DEFAULT | COL_ADDRESS, cell_tls,
	  "base of the thread-local storage" },
	{ "TLS_TOP", COL_OF_STACK, cell_tls_top,
	  "from TLS to the end of the stack, if TLS is in it" },
	{ "GUESSES", COL_DEFAULT | COL_STACK | COL_JSON | COL_LIST, cell_guesses,
	  "what is a guess: start, end, origin" },
	{ "ALTSTACK", COL_RANGE, cell_altstack, "alternate signal stack" },
	{ "ON_ALTSTACK", COL_STACK | COL_JSON | COL_BOOLEAN, cell_on_altstack,
	  "whether the stack pointer is in it" },
	{ "SHADOW", COL_RANGE, cell_shadow, "shadow stack (x86)" },
	{ "KERNEL_STACK", COL_RIGHT | COL_HEX, cell_kernel_stack,
	  "address of the kernel stack; needs CAP_SYSLOG" },
	{ "KERNEL_SIZE", COL_NUMBER, cell_kernel_size, "of the kernel stack" },
	{ "KERNEL_USED", COL_NUMBER, cell_kernel_used,
	  "of the kernel stack, unless the thread was running" },
};

static void print(const struct options *opt, const struct source *src,
		  const struct threads *all)
{
	struct table *t = table_open(opt, &src->stream);

	for (size_t i = 0; i < all->nr; i++)
		table_row(t, &(struct row){ all->sp, &all->thread[i] });
	table_close(t, &src->stream);
}

static int run_threads(const struct options *opt)
{
	bool stacks = options_want(opt, COL_STACK);
	struct asked asked = { .parts = threads_parts(opt, stacks) };
	struct threads all = { 0 };
	struct space sp = { 0 };
	struct source src = { 0 };
	int code = source_open(&src, opt, &asked);

	if (!code)
		code = threads_load(&all, &sp, &src, opt, stacks);
	if (all.sp && !exit_is_failure(code))
		print(opt, &src, &all);
	threads_free(&all);
	space_free(&sp);
	source_close(&src);
	return code;
}

const struct command cmd_threads = {
	.name = "threads",
	.operands = "",
	.summary = "list the threads and their stacks",
	.example = "Which threads have used most of their stacks:\n"
		   "  mmscope threads 4711 -o TID,NAME,SIZE,USED,ROOM --sort -USED\n",
	.options = OPT_INPUT | OPT_TABLE | OPT_BYTES | OPT_CGROUP,
	.repeats = true,
	.columns = columns,
	.nr_columns = ARRAY_SIZE(columns),
	.run = run_threads,
};
