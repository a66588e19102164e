import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, Mount } from '@nsinit/config';
import { SyscallError } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import type { ContainerError } from '../errors.ts';
import { Process } from '../process/process.ts';
import { failure, inUserNamespace, type TestStartOptions, useSandbox } from '../testing/sandbox.ts';
import { explainNamespacePath } from './namespace-join.ts';

const box = useSandbox();
const MS_BIND = 4096;

const at = (path: string) => join(box().rootfs, path);

/** Makes a file of the container for one test. */
function put(path: string, content = ''): void {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), content);
}

/** How a start fails. */
function failing(
  args: readonly string[],
  config: Partial<Config> = {},
  options: TestStartOptions['process'] = {},
): Promise<ContainerError> {
  return failure(box().runContainer(box().config(config), args, { process: options }));
}

const bind = (source: string, destination: string): Mount => ({ device: 'bind', source, destination, flags: MS_BIND });

function makeOther(rootfs: string): string {
  mkdirSync(rootfs);
  return rootfs;
}

describe('each cause that keeps the file system from being made has a message of its own', () => {
  const mounted = (...mounts: Mount[]): Partial<Config> => ({ mounts: [...box().config().mounts!, ...mounts] });
  const n = () => box().config().mounts!.length;

  it('a root file system that disappears or becomes a link after the configuration was checked', async () => {
    const rootfs = `${box().dir}/other`;
    const container = await box().create(box().config({ rootfs: makeOther(rootfs) }));
    const start = () => failure(container.start(new Process({ args: ['/bin/true'] })));
    try {
      rmSync(rootfs, { recursive: true });
      const missing = await start();
      expect(missing).toMatchObject({ errno: 'ENOENT', path: rootfs, field: 'rootfs' });
      const step = inUserNamespace
        ? `cannot make an id-mapped mount of ${rootfs}`
        : 'make the root file system a mount of its own';
      expect(missing.message).toBe(`rootfs: ${step}: ${rootfs} does not exist`);
      symlinkSync('rootfs', rootfs);
      const link = await start();
      expect(link).toMatchObject({ errno: 'ELOOP', path: rootfs });
      expect(link.message).toMatch(/: \S+\/other is a symbolic link to rootfs$/);
      rmSync(rootfs);
      writeFileSync(rootfs, '');
      const file = await start();
      expect(file).toMatchObject({ errno: 'ENOTDIR', path: rootfs });
      expect(file.message).toMatch(/\/other is not a directory$/);
    } finally {
      rmSync(rootfs, { recursive: true, force: true });
      await container.destroy();
    }
  });

  it('a bind source that is missing', async () => {
    const source = `${box().dir}/none/data`;
    expect(await failing(['true'], mounted(bind(source, '/data')))).toMatchObject({
      message: `mounts[${n()}]: mount ${source} on /data: bind source ${source}: ${box().dir}/none does not exist`,
      errno: 'ENOENT',
      path: source,
      field: `mounts[${n()}]`,
      exitCode: undefined,
    });
  });

  it('a file onto a directory, and a directory onto a file', async () => {
    expect(await failing(['true'], mounted(bind('/etc/passwd', '/etc')))).toMatchObject({
      message: `mounts[${n()}]: /etc/passwd is a file, but /etc is a directory`,
      errno: 'EISDIR',
      path: '/etc',
    });
    expect(await failing(['true'], mounted(bind('/etc', '/etc/passwd')))).toMatchObject({
      message: `mounts[${n()}]: /etc is a directory, but /etc/passwd or a part of it is not`,
      errno: 'ENOTDIR',
    });
  });

  it('an option that the kernel refuses, in its own words', async () => {
    const tmpfs: Mount = { device: 'tmpfs', source: 'tmpfs', destination: '/t/tmp', flags: 0, data: 'size=many' };
    expect(await failing(['true'], mounted(tmpfs))).toMatchObject({
      message: `mounts[${n()}]: mount tmpfs on /t/tmp: option size=many is refused: tmpfs: Bad value for 'size'`,
      errno: 'EINVAL',
    });
    const unknown = { ...tmpfs, data: 'colour=red' };
    expect((await failing(['true'], mounted(unknown))).message).toMatch(
      /option colour=red is refused: tmpfs: Unknown parameter 'colour'$/,
    );
  });

  it('a command before a mount that fails', async () => {
    const premount = (path: string, args: readonly string[]): Partial<Config> => {
      const entry = { ...bind('/etc', '/t/etc'), premountCmds: [{ path, args: [...args] }] };
      return mounted(entry);
    };
    expect(await failing(['true'], premount('/bin/sh', ['-c', 'echo first; echo no room >&2; exit 3']))).toMatchObject({
      message: `mounts[${n()}].premountCmds[0]: /bin/sh ended with exit status 3: no room`,
      hint: 'it printed: first | no room',
      errno: 'ECANCELED',
      exitCode: undefined,
    });
    expect(await failing(['true'], premount('/bin/sh', ['-c', 'kill -KILL $$']))).toMatchObject({
      message: `mounts[${n()}].premountCmds[0]: /bin/sh was ended by SIGKILL and printed nothing`,
    });
    expect(await failing(['true'], premount('/none/prepare', []))).toMatchObject({
      message: `mounts[${n()}].premountCmds[0]: run /none/prepare: no such file or directory: /none does not exist`,
      errno: 'ENOENT',
      exitCode: undefined,
    });
  });

  it('a link in place of /proc', async () => {
    rmSync(at('proc'), { recursive: true });
    symlinkSync('/tmp', at('proc'));
    try {
      const error = await failing(['true']);
      expect(error).toMatchObject({ errno: 'ELOOP', path: '/proc', field: 'mounts[0]' });
      expect(error.message).toMatch(/: \/proc is a symbolic link to \/tmp, where no link is allowed$/);
    } finally {
      rmSync(at('proc'));
      mkdirSync(at('proc'));
    }
  });

  it('a file in place of a device', async ({ skip }) => {
    skip(inUserNamespace, 'in a user namespace: devices are bound, onto a file as well');
    put('srv/null');
    try {
      const error = await failing(['true'], {
        devices: [{ type: 'c', path: '/srv/null', major: 1, minor: 3, permissions: 'rwm' }],
      });
      expect(error).toMatchObject({ errno: 'EEXIST', path: '/srv/null', hint: expect.stringContaining('/srv/null') });
      expect(error.message).toBe('devices[0]: /srv/null exists and is another file');
    } finally {
      rmSync(at('srv'), { recursive: true });
    }
  });
});

describe('each cause that keeps the process from being set up has a message of its own', () => {
  it('a working directory that is a file', async () => {
    const error = await failing(['true'], {}, { cwd: '/etc/passwd' });
    expect(error).toMatchObject({ errno: 'ENOTDIR' });
    expect(error.message).toMatch(/\/etc\/passwd/);
  });

  it('a sysctl that does not exist, and a value that is none', async () => {
    expect((await failing(['true'], { systemProperties: { 'net.core.nope': '1' } })).message).toMatch(
      /: there is no sysctl net\.core\.nope in this kernel/,
    );
    const error = await failing(['true'], { systemProperties: { 'kernel.shmmni': 'many' } });
    expect(error).toMatchObject({ errno: 'EINVAL', path: '/proc/sys/kernel/shmmni' });
    expect(error.message).toMatch(/the kernel does not take this value for kernel\.shmmni$/);
  });

  it('a resource limit above what the kernel has', async () => {
    const error = await failing(['true'], { rlimits: [{ type: 'RLIMIT_NOFILE', soft: 5, hard: 2 ** 40 }] });
    expect(error).toMatchObject({ errno: 'EPERM', field: 'rlimits[0]' });
    expect(error.message).toMatch(/: RLIMIT_NOFILE: the hard limit 1099511627776 is above fs\.nr_open, which is \d+$/);
  });

  it('a user that the user namespace does not map', async () => {
    const maps = [{ containerId: 0, hostId: 0, size: 1000 }];
    const config = { ...box().mapped(maps), additionalGroups: [] };
    const error = await failure(box().runContainer(config, ['true'], { process: { user: '7:4000' } }));
    expect(error).toMatchObject({ errno: 'EINVAL', field: 'user' });
    expect(error.message).toMatch(/: group 4000 is not mapped in the user namespace, which has 0-999$/);
  });

  it('a namespace of another kind, and one that does not exist', async () => {
    const withIpc = (path: string): Partial<Config> => ({
      namespaces: box()
        .config()
        .namespaces!.map((entry) => (entry.type === 'NEWIPC' ? { ...entry, path } : entry)),
    });
    expect((await failing(['true'], withIpc('/proc/self/ns/uts'))).message).toMatch(
      /: \/proc\/self\/ns\/uts is a namespace of kind uts, not ipc$/,
    );
    const error = new SyscallError('openat', 2, ['AT_FDCWD', '"/proc/999999999/ns/ipc"', 'O_RDONLY', '0']);
    const joins = [{ kind: 'NEWIPC', path: '/proc/999999999/ns/ipc', field: 'namespaces[3]' }] as const;
    expect(explainNamespacePath(joins, error)).toMatchObject({
      message: 'namespaces[3]: open the ipc namespace /proc/999999999/ns/ipc: there is no process 999999999',
      errno: 'ENOENT',
      field: 'namespaces[3]',
    });
    expect(explainNamespacePath([], error)).toBeUndefined();
  });
});
