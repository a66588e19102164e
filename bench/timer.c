/*
 * timer: times whole processes from just before posix_spawn to the return of waitid, from a small process, so that
 * what is measured is not the size of a measuring Node.
 *
 *   timer            then on standard input a line for each measurement, its fields separated by tabs:
 *     N PROGRAM ARGUMENT…
 *   starts N of them at once and prints the nanoseconds from the first start to the last exit, and how many of them
 *   did not end with 0. A % in an argument is replaced by a number that no other process gets.
 *
 * Standard input and output of the processes are an empty file in memory, and not /dev/null: crun gives its streams to root
 * of a user namespace, which the host's device must not become. Their standard error is ours.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ARGUMENTS = 64, MAX_TOGETHER = 1000 };

extern char **environ;

static unsigned sequence;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* The argument with its % replaced, in memory to free. */
static char *numbered(const char *argument)
{
	const char *mark = strchr(argument, '%');
	char *result;

	if (!mark)
		return strdup(argument);
	if (asprintf(&result, "%.*s%u%s", (int)(mark - argument), argument, sequence, mark + 1) < 0)
		exit(1);
	return result;
}

static void measure(int count, int fields, char **template, const posix_spawn_file_actions_t *actions)
{
	static char *argv[MAX_TOGETHER][MAX_ARGUMENTS + 1];
	static pid_t pids[MAX_TOGETHER];
	int failures = 0;

	for (int i = 0; i < count; i++) {
		sequence++;
		for (int j = 0; j < fields; j++)
			argv[i][j] = numbered(template[j]);
		argv[i][fields] = NULL;
	}
	uint64_t begin = now();
	for (int i = 0; i < count; i++) {
		int error = posix_spawnp(&pids[i], argv[i][0], actions, NULL, argv[i], environ);
		if (error) {
			fprintf(stderr, "timer: %s: %s\n", argv[i][0], strerror(error));
			exit(1);
		}
	}
	for (int i = 0; i < count; i++) {
		int status;
		if (waitpid(pids[i], &status, 0) < 0 || status != 0)
			failures++;
	}
	printf("%llu %d\n", (unsigned long long)(now() - begin), failures);
	fflush(stdout);
	for (int i = 0; i < count; i++)
		for (int j = 0; j < fields; j++)
			free(argv[i][j]);
}

int main(void)
{
	static char line[65536];
	posix_spawn_file_actions_t actions;

	int nothing = memfd_create("nothing", MFD_CLOEXEC);
	if (nothing < 0) {
		fprintf(stderr, "timer: memfd_create: %s\n", strerror(errno));
		return 1;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, nothing, 0);
	posix_spawn_file_actions_adddup2(&actions, nothing, 1);
	sequence = (unsigned)getpid() * 1000u;
	while (fgets(line, sizeof line, stdin)) {
		char *fields[MAX_ARGUMENTS + 1];
		int count = 0;

		line[strcspn(line, "\n")] = '\0';
		for (char *field = strtok(line, "\t"); field && count <= MAX_ARGUMENTS; field = strtok(NULL, "\t"))
			fields[count++] = field;
		int together = count > 1 ? atoi(fields[0]) : 0;
		if (together < 1 || together > MAX_TOGETHER) {
			fprintf(stderr, "timer: a line is N PROGRAM ARGUMENT…, with N from 1 to %d\n", MAX_TOGETHER);
			return 2;
		}
		measure(together, count - 1, fields + 1, &actions);
	}
	return 0;
}
