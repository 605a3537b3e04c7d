// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "array.h"
#include "exit_code.h"
#include "host.h"
#include "load.h"
#include "message.h"
#include "source.h"
#include "text.h"
#include "version.h"

#define DEBUGFS		"/sys/kernel/debug"

#define REINSTALL	"install both from the same sources, then run modprobe -r mmscope"

static bool hides_addresses(void)
{
	return host_sysctl("/proc/sys/kernel/kptr_restrict") > 1;
}

static bool has_debugfs(void)
{
	struct statfs fs;

	return !statfs(DEBUGFS, &fs) && fs.f_type == DEBUGFS_MAGIC;
}

/* Lockdown leaves files in debugfs that can only be read. */
static bool has_folder(int pid)
{
	char path[64];

	snprintf(path, sizeof(path), MMSCOPE_DEBUGFS "/%d/snapshot", pid);
	return !access(path, F_OK);
}

static int explain_locked_down(const struct source *src)
{
	if (src->all_processes)
		return complain(EXIT_FAILED,
				"the kernel is locked down: this command is not available; single processes can be read if they are attached when the module is loaded");
	if (has_folder(src->pid))
		return complain(EXIT_FAILED,
				"the kernel is locked down: process %d is attached, use -i "
				MMSCOPE_DEBUGFS "/%d/snapshot in place of its PID",
				src->pid, src->pid);
	return complain(EXIT_FAILED,
			"the kernel is locked down: %smodprobe mmscope pid=%d\", then use -i "
			MMSCOPE_DEBUGFS "/%d/snapshot in place of the PID",
			load_is_done() ?
			"reload the module with \"modprobe -r mmscope; " :
			"load the module with \"", src->pid, src->pid);
}

static int explain_no_right(const struct source *src)
{
	if (!host_capable(CAP_SYS_ADMIN))
		return complain(EXIT_FAILED,
				"needs CAP_SYS_ADMIN: run it as root");
	if (host_locked_down())
		return explain_locked_down(src);
	return complain(EXIT_FAILED,
			"not permitted: needs CAP_SYS_ADMIN in the initial user namespace");
}

/* The kernel makes the mount point if debugfs can be mounted. */
static bool can_have_debugfs(void)
{
	return !access(DEBUGFS, F_OK) || errno != ENOENT;
}

static int explain_no_debugfs(void)
{
	if (can_have_debugfs())
		return complain(EXIT_FAILED,
				"debugfs is not mounted: run mount -t debugfs none "
				DEBUGFS);
	return complain(EXIT_FAILED,
			"the kernel has no debugfs: boot one that has CONFIG_DEBUG_FS, without debugfs=off");
}

/* In a locked-down kernel the module is of use only with the parameter pid. */
static int load(const struct source *src)
{
	if (!can_have_debugfs())
		return explain_no_debugfs();
	if (host_capable(CAP_SYS_ADMIN) && host_locked_down())
		return explain_locked_down(src);
	return load_module();
}

static int explain_open(int error, const struct source *src)
{
	if (!has_debugfs())
		return explain_no_debugfs();
	if (error == EACCES || error == EPERM)
		return explain_no_right(src);
	return complain(EXIT_FAILED, MMSCOPE_DEBUGFS "/query: %s",
			strerror(error));
}

static int explain_no_task(int pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	if (access(path, F_OK))
		return complain(EXIT_NO_PROCESS, "no such process: %d", pid);
	return complain(EXIT_NO_PROCESS,
			"process %d is exiting and has no address space", pid);
}

/* The parts of the kernel half need more rights than all others. */
static int explain_no_addresses(const struct source *src)
{
	if (host_capable(CAP_SYS_ADMIN) && !host_capable(CAP_SYSLOG))
		return complain(EXIT_FAILED,
				"needs CAP_SYSLOG to see kernel addresses");
	if (host_capable(CAP_SYS_ADMIN) && hides_addresses())
		return complain(EXIT_FAILED,
				"kernel addresses are hidden: kernel.kptr_restrict is 2");
	return explain_no_right(src);
}

static int explain_refusal(void)
{
	char version[32];

	host_line(MMSCOPE_DEBUGFS "/version", "module: ", version,
		  sizeof(version));
	return complain(EXIT_FAILED,
			"the module, version %s, is not of the sources of this mmscope, version %s: "
			REINSTALL, *version ? version : "unknown",
			MMSCOPE_VERSION);
}

static int explain_write(int error, const struct source *src, uint32_t parts)
{
	switch (error) {
	case ESRCH:
		return src->all_processes ? EXIT_PARTIAL :
					explain_no_task(src->pid);
	case EPERM:
	case EACCES:
		return parts & (MMSCOPE_PART_KERNEL_LAYOUT |
				MMSCOPE_PART_KERNEL_PAGETABLE) ?
			       explain_no_addresses(src) : explain_no_right(src);
	case EINVAL:
	case E2BIG:
		return explain_refusal();
	default:
		return complain(EXIT_FAILED, MMSCOPE_DEBUGFS "/query: %s",
				strerror(error));
	}
}

static void put_filter(struct mmscope_query *query, const struct filter *f)
{
	query->kinds = f->kinds;
	query->levels = f->levels;
	query->attrs_set = f->attrs_set;
	query->attrs_clear = f->attrs_clear;
	query->page_set = f->page_set;
	query->page_clear = f->page_clear;
	query->frame_start = f->frame_start;
	query->frame_end = f->frame_end;
}

static int open_query(struct source *src)
{
	int code;

	src->fd = open(MMSCOPE_DEBUGFS "/query", O_RDWR | O_CLOEXEC);
	if (src->fd < 0 && !load_is_done()) {
		code = load(src);
		if (code)
			return code;
		src->fd = open(MMSCOPE_DEBUGFS "/query", O_RDWR | O_CLOEXEC);
	}
	return src->fd < 0 ? explain_open(errno, src) : EXIT_FINE;
}

static int open_live(struct source *src, const struct asked *asked)
{
	struct mmscope_query query = {
		.size = sizeof(query),
		.abi = MMSCOPE_ABI,
		.parts = asked->parts,
		.flags = asked->flags,
		.pid = src->pid,
		.start = asked->start,
		.end = asked->end,
	};
	int code;

	if (asked->filter)
		put_filter(&query, asked->filter);

	src->fd = src->query ? *src->query : -1;
	code = src->fd < 0 ? open_query(src) : EXIT_FINE;
	if (code)
		return code;
	if (src->query)
		*src->query = src->fd;
	if (write(src->fd, &query, sizeof(query)) < 0)
		return explain_write(errno, src, asked->parts);
	return EXIT_FINE;
}

static int open_file(struct source *src)
{
	struct stat st;

	if (!strcmp(src->file, "-")) {
		src->file = "standard input";
		src->fd = dup(STDIN_FILENO);
	} else {
		src->fd = open(src->file, O_RDONLY | O_CLOEXEC);
	}
	if (src->fd < 0)
		return complain(errno == ESRCH ? EXIT_NO_PROCESS : EXIT_FAILED,
				"%s: %s", src->file,
				errno == ESRCH ? "the process has exited" :
						 strerror(errno));
	if (!fstat(src->fd, &st) && S_ISDIR(st.st_mode))
		return complain(EXIT_FAILED, "%s is a directory", src->file);
	return EXIT_FINE;
}

static int explain_read(const struct source *src)
{
	int error = src->stream.sys_errno;

	if (error == ESRCH && src->all_processes)
		return EXIT_PARTIAL;
	if (error == ESRCH && src->pid)
		return complain(EXIT_NO_PROCESS,
				"process %d exited during the read", src->pid);
	if (error == ESRCH)
		return complain(EXIT_NO_PROCESS,
				"%s: the process has exited", src->file);
	if (src->pid)
		return complain(EXIT_FAILED, "reading process %d: %s", src->pid,
				strerror(error));
	return complain(EXIT_FAILED, "%s: %s", src->file, strerror(error));
}

static const char *stream_name(const struct source *src)
{
	return src->file ? src->file : "the module's stream";
}

static int explain_abi(const struct source *src)
{
	uint32_t abi = src->stream.header.abi;
	const char *advice = "use the mmscope that it was written with";

	if (!src->file)
		advice = REINSTALL;
	else if (abi > MMSCOPE_ABI)
		advice = "update mmscope";
	return complain(EXIT_FAILED,
			"%s has ABI version %" PRIu32 ", this mmscope reads %d: %s",
			stream_name(src), abi, MMSCOPE_ABI, advice);
}

static int explain_stream(const struct source *src)
{
	const struct stream *s = &src->stream;
	const char *name = stream_name(src);

	switch (s->error) {
	case STREAM_READ:
		return explain_read(src);
	case STREAM_CUT:
		return complain(EXIT_FAILED,
				"%s is cut off: it has no END record", name);
	case STREAM_EMPTY:
		return complain(EXIT_FAILED, "%s is empty", name);
	case STREAM_FOREIGN:
		return complain(EXIT_FAILED, "%s is not an mmscope file", name);
	case STREAM_BYTE_ORDER:
		return complain(EXIT_FAILED,
				"%s is of the other byte order: read it on a machine of the same kind",
				name);
	case STREAM_ABI:
		return explain_abi(src);
	case STREAM_CORRUPT:
		return complain(EXIT_FAILED, "%s is corrupt at byte %" PRIu64 ": %s",
				name, s->bad_at, s->why);
	default:
		return complain(EXIT_FAILED, "out of memory");
	}
}

static const char *const part_names[] = {
	"mm_struct fields", "mappings", "page tables", "translation",
	"the page-table pages", "threads", "entries that lead to tables",
	"the kernel half",
	"the page tables of the kernel half", "sums of residency",
};

static const char *const flag_names[] = {
	"residency", "page facts: use snapshot --facts",
	"all mappings under one lock hold",
};

static int check_recorded(const struct source *src, uint32_t missing,
			  const char *const *names, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (missing >> i & 1)
			return complain(EXIT_FAILED,
					"%s was recorded without %s",
					stream_name(src), names[i]);
	return EXIT_FINE;
}

static int check_asked(const struct source *src, const struct asked *asked)
{
	const struct mmscope_header *h = &src->stream.header;
	int code = check_recorded(src, asked->parts & ~h->parts, part_names,
				  ARRAY_SIZE(part_names));

	return code ? code : check_recorded(src, asked->flags & ~h->flags,
					    flag_names, ARRAY_SIZE(flag_names));
}

/* Errors are found by ferror() when the copy is complete. */
static void add_to_spool(void *arg, const void *bytes, size_t len)
{
	fwrite(bytes, 1, len, arg);
}

static bool is_pipe(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

/* From now on, all that is read of a pipe goes to a temporary file, too. */
static int start_spool(struct source *src)
{
	if (!src->twice || !src->file || !is_pipe(src->fd))
		return EXIT_FINE;
	src->spool = tmpfile();
	if (!src->spool)
		return complain(EXIT_FAILED, "temporary file: %s",
				strerror(errno));
	src->stream.tap = add_to_spool;
	src->stream.tap_arg = src->spool;
	return EXIT_FINE;
}

/* Read the temporary file in place of the pipe. */
static int switch_to_spool(struct source *src)
{
	if (fflush(src->spool) || ferror(src->spool) ||
	    dup2(fileno(src->spool), src->fd) < 0)
		return complain(EXIT_FAILED, "temporary file: %s",
				strerror(errno));
	src->stream.tap = NULL;
	src->start = 0;
	return EXIT_FINE;
}

/**
 * source_threads - ask for threads, to name mappings after them
 * @opt: PID or file
 *
 * Return: MMSCOPE_PART_THREADS; 0 for a file, which may lack them
 */
uint32_t source_threads(const struct options *opt)
{
	return opt->input ? 0 : MMSCOPE_PART_THREADS;
}

/**
 * source_kernel_layout - ask for the kernel half, if the reader may see addresses
 * @opt: PID or file
 *
 * Return: MMSCOPE_PART_KERNEL_LAYOUT; 0 for a file, or if the module would refuse it
 */
uint32_t source_kernel_layout(const struct options *opt)
{
	return opt->input || !host_capable(CAP_SYSLOG) || hides_addresses() ?
		       0 : MMSCOPE_PART_KERNEL_LAYOUT;
}

/*
 * The reader of one of many processes shows their number; and rows that are printed
 * while they are read show themselves.
 */
static bool shows_progress(const struct source *src, const struct options *opt)
{
	return !src->all_processes &&
	       !(src->twice && !opt->sort && isatty(STDOUT_FILENO));
}

/**
 * source_open - start to read from the module or the file of -i
 * @src: the source; call source_close() in any case
 * @opt: PID or file
 * @asked: what the stream has to contain
 *
 * Return: EXIT_FINE, or another exit code after a message
 */
int source_open(struct source *src, const struct options *opt,
		const struct asked *asked)
{
	int code;

	src->fd = -1;
	src->pid = opt->pid;
	src->file = opt->input;
	src->all_processes |= opt->cmd->all_processes;
	code = src->file ? open_file(src) : open_live(src, asked);
	if (!code)
		code = start_spool(src);
	if (code)
		return code;
	if (shows_progress(src, opt)) {
		progress_begin(&src->progress);
		src->stream.progress = &src->progress;
	}
	src->start = src->file ? lseek(src->fd, 0, SEEK_CUR) : -1;
	if (!stream_open(&src->stream, src->fd))
		return explain_stream(src);
	return check_asked(src, asked);
}

/**
 * source_is_readable - whether what was read can be shown
 * @src: the source, after stream_next() returned false
 *
 * Return: true if there was no error, or the stream was only cut off
 */
bool source_is_readable(const struct source *src)
{
	return !src->stream.error || stream_is_cut(&src->stream);
}

/* Files of the module have no size, and are another stream at each read. */
static bool is_stored(const struct source *src)
{
	struct stat st;

	return src->file && !fstat(src->fd, &st) && S_ISREG(st.st_mode) &&
	       st.st_size && src->start >= 0;
}

/**
 * source_check_file - read a file to its end before anything is printed
 * @src: a source that was just opened
 *
 * For commands that print while they read. The module and its files cannot be
 * read twice: there, damage is found only when it is reached.
 *
 * Return: EXIT_FINE, or another exit code after a message
 */
int source_check_file(struct source *src)
{
	struct record rec;

	if (!src->spool && !is_stored(src))
		return EXIT_FINE;
	while (stream_next(&src->stream, &rec))
		;
	if (!source_is_readable(src))
		return explain_stream(src);
	if (src->spool && switch_to_spool(src))
		return EXIT_FAILED;
	if (lseek(src->fd, src->start, SEEK_SET) < 0)
		return complain(EXIT_FAILED, "%s: %s", src->file,
				strerror(errno));
	stream_close(&src->stream);
	if (!stream_open(&src->stream, src->fd))
		return explain_stream(src);
	return EXIT_FINE;
}

/**
 * source_task - refuse tasks without a user address space
 * @task: the TASK record
 *
 * Return: EXIT_FINE, or EXIT_FAILED after a message
 */
int source_task(const struct mmscope_task *task)
{
	struct text comm = { 0 };
	int code = EXIT_FINE;

	text_escape(&comm, task->comm, false);
	if (task->flags & MMSCOPE_TASK_KTHREAD)
		code = complain(EXIT_FAILED,
				"PID %d (%s) is a kernel thread: it has no user address space",
				task->pid, comm.s ? comm.s : "");
	text_free(&comm);
	return code;
}

/*
 * Mappings of one moment did not change, even if others did before or after, and
 * threads only give names to them.
 */
static bool has_changed(const struct stream *s)
{
	const uint32_t one_moment = MMSCOPE_PART_MM | MMSCOPE_PART_VMAS |
				    MMSCOPE_PART_THREADS;

	if (s->end.flags & MMSCOPE_END_CONSISTENT &&
	    !(s->header.parts & ~one_moment))
		return false;
	return stream_changed(s);
}

/**
 * source_verdict - the result of reading a stream
 * @src: the source, after stream_next() returned false
 *
 * Return: EXIT_FINE, or after a message EXIT_PARTIAL or EXIT_FAILED
 */
int source_verdict(struct source *src)
{
	const struct stream *s = &src->stream;

	if (stream_is_cut(s)) {
		note("%s is cut off: it has no END record, output is incomplete",
		     stream_name(src));
		return EXIT_PARTIAL;
	}
	if (s->error)
		return explain_stream(src);
	if (s->end.status == ESRCH && src->all_processes)
		return EXIT_PARTIAL;
	if (s->end.status == ESRCH) {
		note("the process exited during the read; output is incomplete");
		return EXIT_PARTIAL;
	}
	if (s->end.status) {
		note("read failed (%s); output is incomplete",
		     strerror((int)s->end.status));
		return EXIT_PARTIAL;
	}
	if (s->header.flags & MMSCOPE_QUERY_CONSISTENT &&
	    !(s->end.flags & MMSCOPE_END_CONSISTENT)) {
		note("the mappings are not from one moment");
		return EXIT_PARTIAL;
	}
	if (has_changed(s)) {
		note("the address space changed during the read");
		return src->pid ? EXIT_PARTIAL : EXIT_FINE;
	}
	return EXIT_FINE;
}

/**
 * source_close - close what source_open() opened
 * @src: the source
 */
void source_close(struct source *src)
{
	progress_end(&src->progress);
	stream_close(&src->stream);
	if (src->spool)
		fclose(src->spool);
	if (src->fd >= 0 && !src->query)
		close(src->fd);
}
