// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static int number, failed;

/**
 * tap_ok - report one test
 * @passed: whether it did
 * @fmt: its name, as in printf(3)
 *
 * Return: @passed
 */
bool tap_ok(bool passed, const char *fmt, ...)
{
	va_list ap;

	printf("%s %d - ", passed ? "ok" : "not ok", ++number);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	failed += !passed;
	return passed;
}

/**
 * tap_skip - report a test that cannot run here
 * @fmt: its name, as in printf(3)
 */
void tap_skip(const char *fmt, ...)
{
	va_list ap;

	printf("ok %d - ", ++number);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf(" # SKIP\n");
}

/**
 * tap_done - end the report
 *
 * Return: exit code of the test program
 */
int tap_done(void)
{
	printf("1..%d\n", number);
	return failed != 0;
}

static char *read_back(int fd, size_t *len)
{
	struct stat st;
	char *s;

	if (fstat(fd, &st))
		err(99, "fstat");
	s = malloc((size_t)st.st_size + 1);
	if (!s || pread(fd, s, (size_t)st.st_size, 0) != st.st_size)
		err(99, "reading output");
	s[st.st_size] = '\0';
	if (len)
		*len = (size_t)st.st_size;
	close(fd);
	return s;
}

/**
 * reader_path - where the program under test is
 *
 * Return: its path
 */
const char *reader_path(void)
{
	const char *path = getenv("MMSCOPE");

	return path ? path : "./mmscope";
}

/**
 * keep - keep something for test_output, which runs after all others
 * @name: file in the folder for that, if there is one
 * @bytes: its content
 * @len: number of bytes
 */
void keep(const char *name, const void *bytes, size_t len)
{
	const char *folder = getenv("MMSCOPE_KEPT");
	char path[256];
	FILE *f;

	if (!folder)
		return;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	if (!f || fwrite(bytes, 1, len, f) != len || fclose(f))
		err(99, "%s", path);
}

static void become_reader(const char *input, int out, int errors,
			  const char *const *args)
{
	const char *argv[32] = { "mmscope" };
	int in = open(input ? input : "/dev/null", O_RDONLY);

	/* nohup(1), and a shell in the background, leave some of them ignored. */
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	for (int i = 0; i < 30 && args[i]; i++)
		argv[i + 1] = args[i];
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(errors, STDERR_FILENO);
	execv(reader_path(), (char **)argv);
	_exit(127);
}

static pid_t fork_reader(const char *input, int out, int errors,
			 const char *const *args)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0 || out < 0 || errors < 0)
		err(99, "fork");
	if (!pid)
		become_reader(input, out, errors, args);
	return pid;
}

/**
 * start_reader - start the reader in the background, without output
 * @args: arguments, NULL-terminated
 *
 * Return: its PID; the caller waits for it
 */
pid_t start_reader(const char *const *args)
{
	int null = open("/dev/null", O_WRONLY);
	pid_t pid = fork_reader(NULL, null, null, args);

	close(null);
	return pid;
}

/**
 * run_reader - run the reader
 * @input: file for its standard input, or NULL
 * @args: arguments, NULL-terminated
 *
 * Return: the result; the caller frees it with output_free()
 */
struct output run_reader(const char *input, const char *const *args)
{
	int out = memfd_create("out", 0), errors = memfd_create("err", 0);
	struct output o = { 0 };
	struct rusage usage;
	int status;

	if (wait4(fork_reader(input, out, errors, args), &status, 0, &usage) < 0)
		err(99, "wait4");
	o.max_kib = usage.ru_maxrss;
	o.code = WIFEXITED(status) ? WEXITSTATUS(status) :
				     128 + WTERMSIG(status);
	o.out = read_back(out, &o.out_len);
	o.err = read_back(errors, NULL);
	return o;
}

/* All that is written to a terminal until it is closed. */
static char *read_terminal(int fd)
{
	size_t len = 0, room = 1 << 20;
	char *s = malloc(room);
	ssize_t n;

	if (!s)
		err(99, "malloc");
	while (len + 1 < room && (n = read(fd, s + len, room - len - 1)) > 0)
		len += (size_t)n;
	s[len] = '\0';
	return s;
}

/**
 * run_on_terminal - run the reader with a terminal as standard output
 * @columns: width of the terminal
 * @args: arguments, NULL-terminated
 *
 * Return: the result, with lines that end in CR LF; the caller frees it with
 * output_free()
 */
struct output run_on_terminal(unsigned int columns, const char *const *args)
{
	struct winsize size = { .ws_row = 25,
				.ws_col = (unsigned short)columns };
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	int errors = memfd_create("err", 0), terminal, status;
	struct output o = { 0 };
	pid_t pid;

	if (master < 0 || grantpt(master) || unlockpt(master))
		err(99, "posix_openpt");
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (terminal < 0 || ioctl(terminal, TIOCSWINSZ, &size))
		err(99, "terminal");
	pid = fork_reader(NULL, terminal, errors, args);
	close(terminal);
	o.out = read_terminal(master);
	o.out_len = strlen(o.out);
	if (waitpid(pid, &status, 0) < 0)
		err(99, "waitpid");
	close(master);
	o.code = WIFEXITED(status) ? WEXITSTATUS(status) :
				     128 + WTERMSIG(status);
	o.err = read_back(errors, NULL);
	return o;
}

/**
 * output_free - free the result of a run
 * @o: what run_reader() returned
 */
void output_free(struct output *o)
{
	free(o->out);
	free(o->err);
}

static const char *json_value(const char *s);

static const char *blanks(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

static const char *json_string(const char *s)
{
	if (*s++ != '"')
		return NULL;
	for (; *s != '"'; s++) {
		if ((unsigned char)*s < 0x20)
			return NULL;
		if (*s == '\\' && !strchr("\"\\/bfnrtu", *++s))
			return NULL;
		if (*s == 'u' && s[-1] == '\\' &&
		    strspn(s + 1, "0123456789abcdefABCDEF") < 4)
			return NULL;
	}
	return s + 1;
}

static const char *json_list(const char *s, char end)
{
	s = blanks(s + 1);
	if (*s == end)
		return s + 1;
	for (;;) {
		if (end == '}') {
			s = json_string(blanks(s));
			if (!s || *blanks(s) != ':')
				return NULL;
			s = blanks(s) + 1;
		}
		s = json_value(s);
		if (!s)
			return NULL;
		s = blanks(s);
		if (*s == end)
			return s + 1;
		if (*s++ != ',')
			return NULL;
	}
}

static const char *json_value(const char *s)
{
	static const char *const words[] = { "null", "true", "false" };
	size_t len;

	s = blanks(s);
	if (*s == '"')
		return json_string(s);
	if (*s == '{')
		return json_list(s, '}');
	if (*s == '[')
		return json_list(s, ']');
	for (size_t i = 0; i < 3; i++)
		if (!strncmp(s, words[i], strlen(words[i])))
			return s + strlen(words[i]);
	len = strspn(s, "-+.eE0123456789");
	return len ? s + len : NULL;
}

static bool utf8_valid(const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		int more = c < 0x80 ? 0 : c < 0xc2 ? -1 : c < 0xe0 ? 1 :
			   c < 0xf0 ? 2 : c < 0xf5 ? 3 : -1;

		if (more < 0)
			return false;
		for (; more; more--)
			if (((unsigned char)*++s & 0xc0) != 0x80)
				return false;
	}
	return true;
}

/**
 * json_valid - whether a text is one JSON value
 * @s: the text
 *
 * Return: true if it is
 */
bool json_valid(const char *s)
{
	const char *end = json_value(s);

	return end && !*blanks(end) && utf8_valid(s);
}
