/*
 * filter: times the loading of a system call filter, and calls under it.
 *
 *   filter COUNT NUMBER:ARG0:ARG1 …      COUNT calls of each, arguments in hexadecimal; on standard input the filter as
 *                                        the kernel takes it (struct sock_filter), or nothing for none
 *
 * Prints nanoseconds: of the loading, then of one call of each kind.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct sock_filter code[BPF_MAXINSNS];

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
	size_t length = fread(code, sizeof(*code), BPF_MAXINSNS, stdin);
	struct sock_fprog program = { (unsigned short)length, code };
	long count = argc > 1 ? atol(argv[1]) : 0;
	double begin, loading = 0;
	double spent[64];
	int i;

	if (length > 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
			perror("prctl");
			return 1;
		}
		begin = now();
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) {
			perror("seccomp");
			return 1;
		}
		loading = now() - begin;
	}
	for (i = 2; i < argc && i < 64; i++) {
		char *end = argv[i];
		unsigned long words[3] = { 0 };
		int word;
		long n;

		for (word = 0; word < 3; word++) {
			words[word] = strtoul(end, &end, word == 0 ? 10 : 16);
			if (*end == ':')
				end++;
		}
		for (n = 0; n < count / 10; n++)
			syscall((long)words[0], words[1], words[2], 0, 0, 0, 0);
		begin = now();
		for (n = 0; n < count; n++)
			syscall((long)words[0], words[1], words[2], 0, 0, 0, 0);
		spent[i] = (now() - begin) / (double)count;
	}
	printf("%.0f", loading);
	for (i = 2; i < argc && i < 64; i++)
		printf(" %.1f", spent[i]);
	printf("\n");
	return 0;
}
