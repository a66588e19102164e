/*
 * floor: the system calls of a container start, written down in C for this one configuration: what a start costs when
 * nothing is decided, checked or reported. The configuration is nsinit's template without control groups.
 *
 *   floor ROOTFS     then on standard input a line for each measurement:
 *     N              starts N containers one after the other and prints the nanoseconds of each, a line for each
 *     @N             starts N containers at once and prints the nanoseconds from the first call to the last exit
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* sys/mount.h and linux/mount.h exclude one another in this C library. */
#define MNT_DETACH 2

static void fail(const char *step)
{
	fprintf(stderr, "floor: %s: %s\n", step, strerror(errno));
	_exit(1);
}

static long ok(long result, const char *step)
{
	if (result < 0)
		fail(step);
	return result;
}

static int in_root(int root, const char *path, uint64_t flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

static void attach(int mount, int target, const char *step)
{
	ok(syscall(SYS_move_mount, mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH), step);
	close(mount);
	close(target);
}

static void mount_new(int root, const char *type, const char *path, unsigned attributes, const char *const *options)
{
	int target = in_root(root, path, O_PATH | O_DIRECTORY);

	if (target < 0 && errno == ENOENT) {
		ok(mkdirat(root, path, 0755), path);
		target = in_root(root, path, O_PATH | O_DIRECTORY);
	}
	ok(target, path);
	int fs = (int)ok(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC), type);

	ok(syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "source", type, 0), type);
	for (; *options; options += 2) {
		unsigned command = options[1] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;
		ok(syscall(SYS_fsconfig, fs, command, options[0], options[1], 0), options[0]);
	}
	ok(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), type);
	int mount = (int)ok(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes), type);
	close(fs);
	attach(mount, target, path);
}

static void make_nodes(int root)
{
	static const struct { const char *name; unsigned major, minor; } nodes[] = {
		{ "fuse", 10, 229 }, { "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 },
		{ "tty", 5, 0 }, { "urandom", 1, 9 }, { "random", 1, 8 },
	};
	static const char *const links[][2] = {
		{ "pts/ptmx", "ptmx" }, { "/proc/self/fd", "fd" }, { "/proc/self/fd/0", "stdin" },
		{ "/proc/self/fd/1", "stdout" }, { "/proc/self/fd/2", "stderr" },
	};
	int dev = (int)ok(in_root(root, "dev", O_PATH | O_DIRECTORY), "dev");

	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
		ok(mknodat(dev, nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)), nodes[i].name);
		ok(fchownat(dev, nodes[i].name, 0, 0, AT_SYMLINK_NOFOLLOW), nodes[i].name);
	}
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		ok(symlinkat(links[i][0], dev, links[i][1]), links[i][1]);
	close(dev);
}

static void make_readonly(const char *path)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	int mount = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (mount < 0 && errno == ENOENT)
		return;
	ok(mount, path);
	ok(syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr), path);
	attach(mount, (int)ok(open(path, O_PATH | O_CLOEXEC), path), path);
}

static void mask(const char *path)
{
	int target = open(path, O_PATH | O_CLOEXEC);

	if (target < 0 && errno == ENOENT)
		return;
	ok(target, path);
	int null = (int)ok(syscall(SYS_open_tree, AT_FDCWD, "/dev/null", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), "/dev/null");
	attach(null, target, path);
}

static void raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = (int)ok(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");

	ok(ioctl(fd, SIOCSIFFLAGS, &request), "raise lo");
	close(fd);
}

static void drop_capabilities(void)
{
	static const int kept[] = {
		CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FSETID, CAP_FOWNER, CAP_MKNOD, CAP_NET_RAW, CAP_SETGID, CAP_SETUID,
		CAP_SETFCAP, CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_KILL, CAP_AUDIT_WRITE,
	};
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	uint64_t set = 0;

	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		set |= 1ull << kept[i];
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (!(set >> cap & 1))
			ok(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0), "drop from the bounding set");
	struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)set, .permitted = (uint32_t)set },
		{ .effective = (uint32_t)(set >> 32), .permitted = (uint32_t)(set >> 32) },
	};
	ok(syscall(SYS_capset, &header, data), "capset");
}

static void become_container(const char *rootfs)
{
	static const char *const none[] = { NULL };
	static const char *const dev[] = { "mode", "755", NULL };
	static const char *const pts[] = { "newinstance", NULL, "ptmxmode", "0666", "mode", "0620", "gid", "5", NULL };
	static const char *const shm[] = { "mode", "1777", "size", "65536k", NULL };
	const unsigned restricted = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	struct mount_attr slave = { .propagation = 1 << 19 };

	raise_loopback();
	ok(sethostname("nsinit", 6), "sethostname");
	ok(syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &slave, sizeof slave), "make / a slave");
	int tree = (int)ok(syscall(SYS_open_tree, AT_FDCWD, rootfs, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE), rootfs);
	attach(tree, (int)ok(open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC), rootfs), rootfs);
	int root = (int)ok(open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC), rootfs);

	umask(0);
	mount_new(root, "proc", "proc", restricted, none);
	mount_new(root, "tmpfs", "dev", MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME, dev);
	mount_new(root, "devpts", "dev/pts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, pts);
	mount_new(root, "tmpfs", "dev/shm", restricted, shm);
	mount_new(root, "mqueue", "dev/mqueue", restricted, none);
	mount_new(root, "sysfs", "sys", restricted | MOUNT_ATTR_RDONLY, none);
	make_nodes(root);

	ok(fchdir(root), "fchdir");
	ok(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	ok(syscall(SYS_umount2, ".", MNT_DETACH), "umount2");
	ok(chdir("/"), "chdir");
	umask(022);
	make_readonly("/proc/sys");
	make_readonly("/proc/sysrq-trigger");
	make_readonly("/proc/irq");
	make_readonly("/proc/bus");
	mask("/proc/kcore");

	ok(setgroups(0, NULL), "setgroups");
	ok(setresgid(0, 0, 0), "setresgid");
	ok(setresuid(0, 0, 0), "setresuid");
	drop_capabilities();
	ok(setsid(), "setsid");
	ok(syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC), "close_range");
}

static int start(const char *rootfs)
{
	static char *const argv[] = { "/bin/true", NULL };
	static char *const envp[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", NULL };
	int pidfd = -1;
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
	};
	long pid = ok(syscall(SYS_clone3, &args, sizeof args), "clone3");

	if (pid == 0) {
		become_container(rootfs);
		execve(argv[0], argv, envp);
		fail("execve");
	}
	return pidfd;
}

static void finish(int pidfd)
{
	siginfo_t info;

	ok(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED), "waitid");
	close(pidfd);
	if (info.si_code != CLD_EXITED || info.si_status != 0)
		exit(1);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

int main(int argc, char **argv)
{
	char line[64];

	if (argc != 2) {
		fprintf(stderr, "usage: floor ROOTFS\n");
		return 2;
	}
	while (fgets(line, sizeof line, stdin)) {
		int together = line[0] == '@';
		int count = atoi(line + together);

		if (together) {
			int *pidfds = calloc((size_t)count, sizeof *pidfds);
			uint64_t begin = now();
			for (int i = 0; i < count; i++)
				pidfds[i] = start(argv[1]);
			for (int i = 0; i < count; i++)
				finish(pidfds[i]);
			printf("%llu\n", (unsigned long long)(now() - begin));
			free(pidfds);
		} else {
			for (int i = 0; i < count; i++) {
				uint64_t begin = now();
				finish(start(argv[1]));
				printf("%llu\n", (unsigned long long)(now() - begin));
			}
		}
		fflush(stdout);
	}
	return 0;
}
