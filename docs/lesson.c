// SPDX-License-Identifier: GPL-2.0-only
/*
 * lesson - the process that docs/tour.md looks at.
 *
 * "lesson &" starts it. It waits, and does what "lesson COMMAND" asks for, one step at a
 * time, so that its memory can be looked at between two steps. "lesson child COMMAND" asks
 * the child that "lesson fork" made last. "lesson help" lists the commands.
 *
 *	cc -pthread -o lesson lesson.c
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define KIB 1024UL
#define MIB (1024 * KIB)
#define SOCKET "/tmp/lesson.socket"
#define CHILD_SOCKET "/tmp/lesson.child.socket"

/* One variable of each kind, for "where". */
const char *greeting = "a string literal";
int started_as_42 = 42;
static char starts_as_zero[64 * KIB];

static FILE *answer;
static size_t page_size;
static char *block;
static size_t block_size;

static void where(unsigned long arg)
{
	static void *small;
	int local;

	(void)arg;
	if (!small)
		small = malloc(100);
	fprintf(answer, "function where()    %p\n", (void *)where);
	fprintf(answer, "string literal      %p\n", (void *)greeting);
	fprintf(answer, "variable set to 42  %p\n", (void *)&started_as_42);
	fprintf(answer, "array of zeros      %p\n", (void *)starts_as_zero);
	fprintf(answer, "malloc(100)         %p\n", small);
	fprintf(answer, "local variable      %p\n", (void *)&local);
}

static void map_block(unsigned long mib, int flags, int fd)
{
	void *map = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (map == MAP_FAILED) {
		fprintf(answer, "mmap: %m\n");
		return;
	}
	block = map;
	block_size = mib * MIB;
	/* Pages of 4 KiB are easier to count than huge ones. */
	madvise(block, block_size, MADV_NOHUGEPAGE);
	fprintf(answer, "%p\n", map);
}

static void reserve(unsigned long mib)
{
	map_block(mib, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void reserve_shared(unsigned long mib)
{
	map_block(mib, MAP_SHARED | MAP_ANONYMOUS, -1);
}

/* The file is one of 1 MiB, so that its pages can be touched. */
static void map_file(int flags)
{
	int fd = open("/tmp/lesson.file", O_RDWR | O_CREAT, 0600);

	if (fd < 0 || ftruncate(fd, MIB)) {
		fprintf(answer, "/tmp/lesson.file: %m\n");
		return;
	}
	map_block(1, flags, fd);
	close(fd);
}

static void file_private(unsigned long arg)
{
	(void)arg;
	map_file(MAP_PRIVATE);
}

static void file_shared(unsigned long arg)
{
	(void)arg;
	map_file(MAP_SHARED);
}

/* touchable: at most so many pages of the block as there are. */
static size_t touchable(unsigned long pages)
{
	size_t there = block_size / page_size;

	return pages < there ? pages : there;
}

static void read_pages(unsigned long pages)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < touchable(pages); i++)
		sum += *(volatile char *)(block + i * page_size);
	fprintf(answer, "read a byte of each of %zu pages: their sum is %u\n",
		touchable(pages), sum);
}

static void write_pages(unsigned long pages)
{
	for (size_t i = 0; i < touchable(pages); i++)
		block[i * page_size] = 'w';
	fprintf(answer, "wrote a byte to each of %zu pages\n", touchable(pages));
}

static void allocate(unsigned long bytes)
{
	fprintf(answer, "%p\n", malloc(bytes));
}

static unsigned long recurse(unsigned long kib)
{
	volatile char frame[KIB];

	frame[0] = 1;
	return kib ? recurse(kib - 1) + frame[0] : 0;
}

static void stack(unsigned long kib)
{
	fprintf(answer, "went %lu KiB down and came back\n", recurse(kib));
}

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, path);
	return address;
}

static int listen_at(const char *path)
{
	const struct sockaddr_un address = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	unlink(path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, 8)) {
		fprintf(stderr, "lesson: %s: %m\n", path);
		exit(1);
	}
	return fd;
}

static void serve(int fd);

/* The socket is there before the child runs: the next command can use it. */
static void fork_child(unsigned long arg)
{
	int fd = listen_at(CHILD_SOCKET);
	pid_t pid = fork();

	(void)arg;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fileno(answer));
		serve(fd);
	}
	close(fd);
	fprintf(answer, "%d\n", pid);
}

static void *wait_for_ever(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void threads(unsigned long count)
{
	pthread_t thread;

	while (count--)
		if (pthread_create(&thread, NULL, wait_for_ever, NULL))
			fprintf(answer, "pthread_create failed\n");
}

static void crash(unsigned long address)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
		*(volatile char *)address = 1;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		fprintf(answer, "a child wrote there: %s\n", strsignal(WTERMSIG(status)));
	else
		fprintf(answer, "a child wrote there, and nothing happened\n");
}

static void help(unsigned long arg);

static const struct command {
	const char *name;
	void (*run)(unsigned long arg);
	const char *help;
} commands[] = {
	{ "where", where, "prints the address of a thing of each kind" },
	{ "reserve", reserve, "MIB of memory of its own: the block" },
	{ "reserve-shared", reserve_shared, "MIB that children will share: the block" },
	{ "file-private", file_private, "maps /tmp/lesson.file privately: the block" },
	{ "file-shared", file_shared, "maps /tmp/lesson.file shared: the block" },
	{ "read", read_pages, "the first N pages of the block" },
	{ "write", write_pages, "to the first N pages of the block" },
	{ "malloc", allocate, "BYTES" },
	{ "stack", stack, "calls functions, KIB deep, and returns from them" },
	{ "fork", fork_child, "makes a child that does as asked, and prints its PID" },
	{ "threads", threads, "starts N threads that wait" },
	{ "crash", crash, "a child writes to ADDRESS" },
	{ "help", help, "prints this list" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(unsigned long arg)
{
	(void)arg;
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(answer, "%-15s %s\n", commands[i].name, commands[i].help);
	fprintf(answer, "child COMMAND   asks the last child instead\n");
}

static void obey(char *line)
{
	char *name = strtok(line, " "), *number = strtok(NULL, " ");
	unsigned long arg = number ? strtoul(number, NULL, 0) : 0;

	for (size_t i = 0; name && i < COMMANDS; i++) {
		if (!strcmp(name, commands[i].name)) {
			commands[i].run(arg);
			return;
		}
	}
	fprintf(answer, "unknown command: lesson help lists all\n");
}

static void serve(int fd)
{
	char line[100];
	ssize_t n;

	for (;;) {
		int client = accept(fd, NULL, NULL);

		n = client < 0 ? 0 : read(client, line, sizeof(line) - 1);
		if (n <= 0)
			continue;
		line[n] = '\0';
		answer = fdopen(client, "w");
		obey(line);
		fclose(answer);
	}
}

static int ask(const char *path, int argc, char **argv)
{
	const struct sockaddr_un address = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char line[100];
	ssize_t n;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		fprintf(stderr, "lesson: it does not run; start it with: lesson &, "
			"and a child with: lesson fork\n");
		return 1;
	}
	n = snprintf(line, sizeof(line), "%s %s", argv[0], argc > 1 ? argv[1] : "");
	if (write(fd, line, n) != n)
		return 1;
	while ((n = read(fd, line, sizeof(line))) > 0)
		fwrite(line, 1, n, stdout);
	return 0;
}

int main(int argc, char **argv)
{
	page_size = sysconf(_SC_PAGESIZE);
	if (argc > 2 && !strcmp(argv[1], "child"))
		return ask(CHILD_SOCKET, argc - 2, argv + 2);
	if (argc > 1)
		return ask(SOCKET, argc - 1, argv + 1);
	serve(listen_at(SOCKET));
}
