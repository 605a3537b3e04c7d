// SPDX-License-Identifier: GPL-2.0-only
/*
 * What mmscope explain says an access would do, compared with what happens when the
 * target makes the access: signals, frames by pagemap, the file, and another process.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "oracle/kpage.h"
#include "oracle/proc.h"
#include "target/spots.h"
#include "target/target.h"

/* The page that an address has after the access. */
enum frame {
	ANY,
	SAME,			/* the one that it had */
	OTHER,			/* a frame of its own, not one that it had */
	ZEROES,			/* the shared page of zeroes; it had none */
	MAPPED,			/* one of these two; it had none */
};

/* The byte after the one that was written. */
enum content {
	UNKNOWN,
	KEPT,			/* that of SPOT_BEFORE */
	CLEARED,
};

/**
 * struct promise - what a sentence means
 * @id: its identifier
 * @signal: that the access ends with, or 0
 * @frame: enum frame
 * @content: enum content
 * @reaches: a write changes the file, and another process sees it
 */
struct promise {
	const char *id;
	int signal;
	enum frame frame;
	enum content content;
	bool reaches;
};

static const struct promise promises[] = {
	{ "works", 0, SAME, UNKNOWN, false },
	{ "write-own", 0, SAME, UNKNOWN, false },
	{ "write-shared", 0, SAME, UNKNOWN, true },
	{ "write-file", 0, SAME, UNKNOWN, true },
	{ "zeroed", 0, OTHER, CLEARED, false },
	{ "leaves-zero-page", 0, OTHER, CLEARED, false },
	{ "maps-zero-page", 0, ZEROES, CLEARED, false },
	{ "reads-zero-page", 0, SAME, CLEARED, false },
	{ "copy-file", 0, OTHER, UNKNOWN, false },
	{ "copy-in", 0, OTHER, UNKNOWN, false },
	{ "copy-shared", 0, OTHER, KEPT, false },
	{ "copy-ksm", 0, OTHER, KEPT, false },
	{ "copy-unless-alone", 0, ANY, KEPT, false },
	{ "file-in", 0, OTHER, UNKNOWN, false },
	{ "file-write-in", 0, OTHER, KEPT, true },
	{ "shared-in", 0, OTHER, UNKNOWN, false },
	{ "shared-write-in", 0, OTHER, UNKNOWN, true },
	{ "hugetlb-in", 0, OTHER, CLEARED, false },
	{ "notify-file", 0, SAME, UNKNOWN, true },
	{ "unprotect", 0, SAME, UNKNOWN, true },
	{ "swap-in", 0, ANY, KEPT, false },
	{ "grows", 0, MAPPED, CLEARED, false },
	{ "denied", SIGSEGV, ANY, UNKNOWN, false },
	{ "poison", SIGBUS, ANY, UNKNOWN, false },
	{ "guard-entry", SIGSEGV, ANY, UNKNOWN, false },
	{ "gap", SIGSEGV, ANY, UNKNOWN, false },
	{ "closed", SIGSEGV, ANY, UNKNOWN, false },
	{ "not-canonical", SIGSEGV, ANY, UNKNOWN, false },
	{ "beyond", SIGSEGV, ANY, UNKNOWN, false },
};

/**
 * struct prophecy - what the reader says of a spot
 * @promise: about the access, or NULL
 * @id: the identifier of the sentence
 * @end_of_file: the file may end before the page
 */
struct prophecy {
	const struct promise *promise;
	char id[32];
	bool end_of_file;
};

/**
 * struct trial - a target, the spots that it has, and what was said of them
 * @spots: the spots
 * @target: the target
 * @pid: its PID
 * @prophecy: by number of the spot
 */
struct trial {
	struct spots *spots;
	struct target target;
	pid_t pid;
	struct prophecy prophecy[MAX_SPOTS];
};

static bool is_missing(const struct spot *spot)
{
	return *spot->missing;
}

/* The value of a string member in a line of JSON. */
static bool get_member(const char *line, const char *name, char *value,
		       size_t size)
{
	const char *at = strstr(line, name);
	size_t len;

	if (!at || strncmp(at + strlen(name), ": \"", 3))
		return false;
	at += strlen(name) + 3;
	len = strcspn(at, "\"");
	snprintf(value, size, "%.*s", (int)len, at);
	return true;
}

static const struct promise *find_promise(const char *id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(promises); i++)
		if (!strcmp(promises[i].id, id))
			return &promises[i];
	return NULL;
}

static void take_sentence(struct prophecy *prophecy, const char *line,
			  char access)
{
	char id[32], accesses[8];

	if (!get_member(line, "\"id\"", id, sizeof(id)))
		return;
	prophecy->end_of_file |= !strcmp(id, "end-of-file");
	if (!get_member(line, "\"access\"", accesses, sizeof(accesses)) ||
	    !strchr(accesses, access))
		return;
	strcpy(prophecy->id, id);
	prophecy->promise = find_promise(id);
}

/* Each sentence is a line of the output. */
static void take_line(struct trial *trial, const char *line, char access)
{
	char operand[32];
	unsigned int i;

	if (!get_member(line, "\"operand\"", operand, sizeof(operand)))
		return;
	for (i = 0; i < trial->spots->nr; i++)
		if (!is_missing(&trial->spots->spot[i]) &&
		    strtoul(operand, NULL, 16) ==
			    (unsigned long)trial->spots->spot[i].addr)
			take_sentence(&trial->prophecy[i], line, access);
}

#define READER	"exec mmscope explain --json %d"

/* Ask for all spots at once. */
static void ask(struct trial *trial, char access)
{
	char command[MAX_SPOTS * 24], *line = NULL;
	size_t room = 0, len;
	unsigned int i;
	FILE *f;

	memset(trial->prophecy, 0, sizeof(trial->prophecy));
	len = sprintf(command, READER, trial->pid);
	for (i = 0; i < trial->spots->nr; i++)
		if (!is_missing(&trial->spots->spot[i]))
			len += sprintf(command + len, " 0x%lx",
				       (unsigned long)trial->spots->spot[i].addr);
	f = popen(command, "r");
	if (!f)
		die("cannot run a shell");
	while (getline(&line, &room, f) > 0)
		take_line(trial, line, access);
	free(line);
	if (pclose(f))
		die("\"%s\" failed", command);
}

/* The fact "room" of the sentence on the heap, -1 if there is none. */
static long ask_room(pid_t pid)
{
	char command[64], *line = NULL;
	size_t room = 0;
	long found = -1;
	FILE *f;

	snprintf(command, sizeof(command), READER " heap", pid);
	f = popen(command, "r");
	if (!f)
		die("cannot run a shell");
	while (getline(&line, &room, f) > 0)
		if (strstr(line, "\"heap-room\""))
			sscanf(strstr(line, "\"room\": "), "\"room\": %ld", &found);
	free(line);
	if (pclose(f))
		die("\"%s\" failed", command);
	return found;
}

/* What is seen elsewhere */

static int file_byte(pid_t pid, const struct spot *spot)
{
	unsigned char byte = 0;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, spot->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("cannot open %s", path);
	if (pread(fd, &byte, 1, spot->offset) < 0)
		die("cannot read %s", path);
	close(fd);
	return byte;
}

static int witness_byte(pid_t pid, const struct spot *spot)
{
	int fd = proc_open(pid, "mem", O_RDONLY);
	unsigned char byte = 0;
	ssize_t len = pread(fd, &byte, 1, (off_t)spot->addr);

	close(fd);
	return len == 1 ? byte : -1;
}

static bool has_page(pid_t pid, const char *addr)
{
	/* pagemap ends with the user half. */
	return addr && !((unsigned long)addr >> kernel_user_bits());
}

static __u64 page_at(pid_t pid, const char *addr)
{
	return has_page(pid, addr) ? proc_page(pid, (unsigned long)addr) : 0;
}

/* Comparing */

static bool is_zero_page(__u64 entry)
{
	return entry & PM_PRESENT && kpage_flags(PM_FRAME(entry)) & KPF_ZERO_PAGE;
}

static bool is_frame(enum frame wanted, __u64 before, __u64 after)
{
	const bool had = before & PM_PRESENT;

	switch (wanted) {
	case SAME:
		return had && PM_FRAME(before) == PM_FRAME(after);
	case OTHER:
		return after & PM_PRESENT && !is_zero_page(after) &&
		       (!had || PM_FRAME(before) != PM_FRAME(after));
	case ZEROES:
		return !had && is_zero_page(after);
	case MAPPED:
		return !had && after & PM_PRESENT;
	default:
		return true;
	}
}

static bool is_content(enum content wanted, const struct spots *spots)
{
	return wanted == UNKNOWN ||
	       spots->second == (wanted == KEPT ? SPOT_BEFORE : 0);
}

/* Does another one see the byte that was written? */
static bool reaches(const struct spots *spots, const struct spot *spot,
		    pid_t pid, bool wanted)
{
	if (spot->fd && (file_byte(pid, spot) == SPOT_WRITTEN) != wanted)
		return false;
	return !spot->witnessed ||
	       (witness_byte(spots->witness, spot) == SPOT_WRITTEN) == wanted;
}

FIXTURE(explain)
{
	struct trial trial;
};

#define NO_READER	"mmscope is not installed"

static bool has_reader(void)
{
	return !system("command -v mmscope >/dev/null");
}

FIXTURE_SETUP(explain)
{
	struct trial *trial = &self->trial;

	module_need();
	kernel_stand_still();
	trial->spots = target_share(sizeof(*trial->spots));
	target_start(&trial->target, live_spots, trial->spots);
	trial->pid = trial->target.pid;
}

FIXTURE_TEARDOWN(explain)
{
	target_stop(&self->trial.target);
}

/* What a write does is also compared with what others see. */
static const char *check_write(const struct trial *trial,
			       const struct spot *spot,
			       const struct promise *promise)
{
	if (trial->spots->first != SPOT_WRITTEN)
		return "the byte was not written";
	if (!is_content(promise->content, trial->spots))
		return "content";
	return reaches(trial->spots, spot, trial->pid, promise->reaches) ?
		       NULL : "who sees the write";
}

/* Let the target make an access. Return: what is wrong with the prophecy, or NULL. */
static const char *try(struct trial *trial, unsigned int at, int step)
{
	const struct prophecy *prophecy = &trial->prophecy[at];
	const struct promise *promise = prophecy->promise;
	const struct spot *spot = &trial->spots->spot[at];
	__u64 before = page_at(trial->pid, spot->addr), after;

	if (!promise)
		return "the sentence is missing or unknown";
	trial->spots->at = at;
	target_step(&trial->target, step);
	if (prophecy->end_of_file && spot->past_end)
		return trial->spots->signal == SIGBUS ? NULL : "no SIGBUS";
	if (trial->spots->signal != promise->signal)
		return "signal";
	if (promise->signal)
		return NULL;
	after = page_at(trial->pid, spot->addr);
	if (!is_frame(promise->frame, before, after))
		return "frame";
	if (step == SPOT_WRITE)
		return check_write(trial, spot, promise);
	return step == SPOT_FETCH || is_content(promise->content, trial->spots) ?
		       NULL : "content";
}

/* Return: 1 if the prophecy was wrong. */
static unsigned int try_spot(struct trial *trial, unsigned int at, int step)
{
	const struct spot *spot = &trial->spots->spot[at];
	const char *fault = try(trial, at, step);

	if (fault)
		note("%s, %lx: \"%s\" is wrong: %s", spot->name,
		     (unsigned long)spot->addr, trial->prophecy[at].id, fault);
	return !!fault;
}

/* Return: the number of spots of which the prophecy was wrong. */
static unsigned int try_all(struct trial *trial, int step)
{
	unsigned int i, wrong = 0;

	ask(trial, step == SPOT_READ ? 'r' : 'w');
	for (i = 0; i < trial->spots->nr; i++)
		if (!is_missing(&trial->spots->spot[i]))
			wrong += try_spot(trial, i, step);
	return wrong;
}

/* Read each spot, then again: the first read may have mapped a page. */
TEST_F(explain, foretells_reads)
{
	if (!has_reader())
		SKIP(return, NO_READER);
	EXPECT_EQ(0, try_all(&self->trial, SPOT_READ));
	EXPECT_EQ(0, try_all(&self->trial, SPOT_READ));
}

/* Write to each spot, then again: the second write finds a page of its own. */
TEST_F(explain, foretells_writes)
{
	struct trial *trial = &self->trial;
	unsigned int i;

	if (!has_reader())
		SKIP(return, NO_READER);
	EXPECT_EQ(0, try_all(trial, SPOT_WRITE));
	EXPECT_EQ(0, try_all(trial, SPOT_WRITE));
	for (i = 0; i < trial->spots->nr; i++) {
		const struct prophecy *again = &trial->prophecy[i];

		if (is_missing(&trial->spots->spot[i]) || again->end_of_file)
			continue;
		EXPECT_TRUE(again->promise &&
			    (again->promise->signal ||
			     again->promise->frame == SAME)) {
			TH_LOG("%s: %s", trial->spots->spot[i].name, again->id);
		}
	}
}

/*
 * Clear the soft-dirty bits, for which x86 makes all entries read-only, and write to
 * each spot.
 */
TEST_F(explain, foretells_writes_to_clean_pages)
{
	if (!has_reader())
		SKIP(return, NO_READER);
	proc_clear_refs(self->trial.pid, 4);
	EXPECT_EQ(0, try_all(&self->trial, SPOT_WRITE));
}

/* Move brk by a page more than there is room for, then by that. */
TEST_F(explain, foretells_room_of_the_heap)
{
	struct trial *trial = &self->trial;
	long room;

	if (!has_reader())
		SKIP(return, NO_READER);
	room = ask_room(trial->pid);
	ASSERT_LT(0, room);
	trial->spots->grow = room + PAGE;
	target_step(&trial->target, SPOT_GROW);
	EXPECT_TRUE(trial->spots->signal);
	trial->spots->grow = room;
	target_step(&trial->target, SPOT_GROW);
	EXPECT_FALSE(trial->spots->signal);
	EXPECT_EQ(0, ask_room(trial->pid));
}

/* Execute some: there has to be an instruction where it is allowed. */
TEST_F(explain, foretells_instruction_fetches)
{
	static const char *const names[] = {
		"text", "executable", "untouched", "written", "read-only",
		"no access", "shared anonymous", "heap", "unmapped", "NULL",
		"kernel half", "above the user half", "at RLIMIT_STACK",
		"over RLIMIT_STACK",
	};
	unsigned int i, n, tried = 0;

	if (!has_reader())
		SKIP(return, NO_READER);
	ask(&self->trial, 'x');
	for (i = 0; i < self->trial.spots->nr; i++) {
		const char *name = self->trial.spots->spot[i].name;

		for (n = 0; n < ARRAY_SIZE(names); n++) {
			if (strcmp(name, names[n]))
				continue;
			EXPECT_EQ(0, try_spot(&self->trial, i, SPOT_FETCH));
			tried++;
		}
	}
	EXPECT_EQ(ARRAY_SIZE(names), tried);
}

TEST_HARNESS_MAIN
