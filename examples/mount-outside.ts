/**
 * A container that mounts without the right to: its mount(2) asks, and this process mounts for it what it finds harmless,
 * an empty tmpfs. Programs in the container do not notice.
 *
 *   node examples/dist/mount-outside.js ROOTFS [COMMAND ARGUMENT…]
 *
 * Needs root. `node scripts/rootfs.mjs busybox ROOTFS` makes a root file system. The command is one that mounts, unless it
 * is given.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createFactory,
  type Listener,
  type NotifyRequest,
  Process,
  shellExitCode,
  template,
} from '@nsinit/libcontainer';
import { launch, planLaunch } from '@nsinit/namespaces';
import { AT_FDCWD, Fd, type FdNumber, invoke, SyscallError } from '@nsinit/syscall';

const EPERM = 1;

/** Answers the calls of one process and its children, until they have ended. */
async function serve(listener: Listener): Promise<void> {
  using own = listener;
  for await (const request of own.requests()) await answerMount(request);
}

/** Answers one mount(2). */
async function answerMount(request: NotifyRequest): Promise<void> {
  const [, target = 0n, type = 0n] = request.args;
  // Read once: what lies in the caller's memory can be another text the next time.
  const [path, fstype] = [request.readText(target), type === 0n ? '' : request.readText(type)];
  // The caller was killed meanwhile.
  if (path === undefined || fstype === undefined) return;
  if (fstype !== 'tmpfs' || !path.startsWith('/')) {
    request.fail(EPERM);
    return;
  }
  try {
    using namespace = open(`/proc/${request.pid}/ns/mnt`, ['O_RDONLY', 'O_CLOEXEC']);
    using root = open(`/proc/${request.pid}/root`, ['O_PATH', 'O_CLOEXEC']);
    // What it names inside, whatever links are on the way.
    const how = { flags: ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], resolve: ['RESOLVE_IN_ROOT'] } as const;
    using place = new Fd(invoke('openat2', { dirfd: root, pathname: path, how }));
    // Only now is it known that all this belongs to who asks, and not to a later process of the same number.
    if (!request.isValid()) return;
    await mountTmpfs(namespace, place);
    request.succeed();
  } catch (error) {
    request.fail(error instanceof SyscallError ? error.errno : EPERM);
  }
}

/** Mounts an empty tmpfs in another mount namespace: a program of five system calls does it there. */
async function mountTmpfs(namespace: FdNumber, place: FdNumber): Promise<void> {
  const joins = [{ kind: 'NEWNS', path: `/proc/self/fd/${namespace.fd}` }] as const;
  const plan = planLaunch({ joins, supervisor: false }, (b, { descriptor }) => {
    const target = descriptor({
      name: 'place',
      open: () => new Fd(invoke('fcntl', { fd: place, op: 'F_DUPFD_CLOEXEC', arg: 0 })),
    });
    const context = b.call('fsopen', { fsname: 'tmpfs', flags: ['FSOPEN_CLOEXEC'] });
    b.call('fsconfig', { fd: context, cmd: 'FSCONFIG_SET_STRING', key: 'size', value: '1m' });
    b.call('fsconfig', { fd: context, cmd: 'FSCONFIG_CMD_CREATE', key: null, value: null });
    const attributes = ['MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NODEV'] as const;
    const mount = b.call('fsmount', { fsfd: context, flags: ['FSMOUNT_CLOEXEC'], attr_flags: attributes });
    const flags = ['MOVE_MOUNT_F_EMPTY_PATH', 'MOVE_MOUNT_T_EMPTY_PATH'] as const;
    b.call('move_mount', { from_dirfd: mount, from_path: '', to_dirfd: target, to_path: '', flags });
    b.call('exit_group', { status: 0 });
  });
  using nothing = open('/dev/null', ['O_RDWR', 'O_CLOEXEC']);
  const helper = await launch(plan, { stdio: [nothing, nothing, nothing] });
  await helper.exited;
  helper.close();
}

function open(pathname: string, flags: readonly ('O_RDONLY' | 'O_RDWR' | 'O_PATH' | 'O_CLOEXEC')[]): Fd {
  return new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname, flags }));
}

/**
 * Runs a command in a new container without CAP_SYS_ADMIN in which mount(2) is answered from outside, with our standard
 * streams, and gives its exit code as a shell would.
 *
 * @param stateDir where the containers' states are kept.
 */
export async function runWithMounts(stateDir: string, rootfs: string, args: readonly string[]): Promise<number> {
  const factory = await createFactory(stateDir);
  const container = await factory.create(`mounts_${process.pid}`, {
    ...template({ rootfs, cgroupName: `mounts_${process.pid}` }),
    capabilities: ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_SETUID', 'CAP_SETGID'],
    seccomp: {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mount'], action: 'SCMP_ACT_NOTIFY' }],
    },
  });
  let served: Promise<void> | undefined;
  try {
    const own = new Process({
      args,
      env: ['PATH=/bin:/usr/bin'],
      stdin: 'inherit',
      stdout: 'inherit',
      stderr: 'inherit',
    });
    await container.start(own, {
      onListener: (listener) => {
        served = serve(listener);
      },
    });
    const status = await own.wait();
    return shellExitCode(status);
  } finally {
    await container.destroy({ force: true });
    await served;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [rootfs, ...args] = process.argv.slice(2);
  if (rootfs === undefined) {
    console.error('usage: mount-outside ROOTFS [COMMAND ARGUMENT…]');
    process.exitCode = 2;
  } else {
    const mounting = ['/bin/sh', '-c', 'mount -t tmpfs none /tmp && grep " /tmp " /proc/mounts'];
    process.exitCode = await runWithMounts(
      '/run/libcontainer-example',
      resolve(rootfs),
      args.length > 0 ? args : mounting,
    );
  }
}
