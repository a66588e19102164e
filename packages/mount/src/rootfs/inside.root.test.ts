import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ordinaryDevices, ordinaryMounts, put, runContainer, sandbox } from './fixtures/container.ts';
import type { DeviceEntry, MountEntry } from './types.ts';

const proc = ordinaryMounts[0]!;

describe('masked paths', () => {
  it('hide directories with what is mounted below them, all under one file system', async () => {
    using box = sandbox();
    put(join(box.rootfs, 'a/sub/file'), 'secret');
    put(join(box.rootfs, 'b/file'), 'secret');
    put(join(box.rootfs, 'c/file'), 'secret');
    const { output } = await runContainer({
      config: { rootfs: box.rootfs, mounts: [tmpfs('/a/sub')], maskPaths: ['/a', '/b/', '/c/file', '/c/absent'] },
      script: 'stat -c %d /a /b | sort -u | { read x; read y || echo one; }; echo /a/* /b/*; touch /a/x; cat /c/file',
    });
    expect(output.trim().split('\n')).toEqual(['one', '/a/* /b/*', 'touch: /a/x: Read-only file system']);
  });
});

describe('read-only paths', () => {
  it('hold for what is mounted below them', async () => {
    using box = sandbox();
    mkdirSync(join(box.rootfs, 'a/sub'), { recursive: true });
    put(join(box.rootfs, 'file'), 'x');
    const { output } = await runContainer({
      config: {
        rootfs: box.rootfs,
        mounts: [tmpfs('/a/sub'), tmpfs('/a/sub/sub')],
        readonlyPaths: ['/a', '/file', '/absent', '/file/absent'],
      },
      script: 'for f in /a/x /a/sub/x /a/sub/sub/x /file; do touch $f; done; touch /b && echo written',
    });
    expect(output.trim().split('\n')).toEqual([
      'touch: /a/x: Read-only file system',
      'touch: /a/sub/x: Read-only file system',
      'touch: /a/sub/sub/x: Read-only file system',
      'touch: /file: Read-only file system',
      'written',
    ]);
  });
});

describe('commands of mounts', () => {
  const start = (rootfs: string, entry: Partial<MountEntry>) =>
    runContainer({
      config: { rootfs, mounts: [proc, { ...tmpfs('/tmp'), ...entry }] },
      script: 'cd /tmp; ls; stat -c %a hello',
    });

  it('run before and after the mount, on the host side', async () => {
    using box = sandbox();
    const source = join(box.dir, 'src');
    mkdirSync(source);
    const target = join(box.rootfs, 'tmp');
    const { output } = await start(box.rootfs, {
      source,
      device: 'bind',
      premountCmds: [
        { path: 'touch', args: [join(source, 'hello')] },
        { path: 'touch', args: [join(source, 'world')] },
      ],
      postmountCmds: [
        { path: 'cp', args: [join(target, 'hello'), join(target, 'hello-backup')] },
        { path: '/bin/cp', args: ['world', 'world-backup'], dir: target, env: [] },
      ],
    });
    expect(output.trim().split('\n')).toEqual(['hello', 'hello-backup', 'world', 'world-backup', '644']);
  });

  it('have only standard descriptors, their environment and directory', async () => {
    using box = sandbox();
    const script = 'echo $A; pwd; readlink /proc/self/fd/0; ls /proc/self/fd | wc -l; umask';
    const { commandOutput } = await start(box.rootfs, {
      premountCmds: [{ path: '/bin/sh', args: ['-c', script], env: ['A=b', 'PATH=/bin'], dir: '/usr' }],
    });
    // The fourth descriptor is the directory that ls reads.
    expect(commandOutput.trim().split('\n')).toEqual(['b', '/usr', '/dev/null', '4', '0022']);
  });

  it('end the start when they fail, and say how', async () => {
    using box = sandbox();
    const failing = (command: { path: string; args?: string[] }) => start(box.rootfs, { postmountCmds: [command] });
    await expect(failing({ path: '/bin/sh', args: ['-c', 'exit 3'] })).rejects.toMatchObject({
      code: 'ECANCELED',
      value: 3n,
      message: expect.stringContaining(
        'mounts[1].postmountCmds[0]: /bin/sh ended with an exit status other than 0: ECANCELED',
      ),
    });
    await expect(failing({ path: '/bin/sh', args: ['-c', 'kill -9 $$'] })).rejects.toMatchObject({
      value: 9n,
      message: expect.stringContaining('/bin/sh was ended by a signal'),
    });
    await expect(failing({ path: '/bin/absent' })).rejects.toMatchObject({
      code: 'ENOENT',
      message: expect.stringContaining('mounts[1].postmountCmds[0]: run /bin/absent: execve("/bin/absent"'),
    });
    await expect(failing({ path: 'absent-from-path' })).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('sysctls', () => {
  it('are those of the container', async () => {
    using box = sandbox();
    const before = readFileSync('/proc/sys/kernel/shmmni', 'utf8');
    const { output } = await runContainer({
      config: { rootfs: box.rootfs, mounts: [proc], systemProperties: { 'kernel.shmmni': '8192' } },
      script: 'cat /proc/sys/kernel/shmmni',
    });
    expect(output).toBe('8192\n');
    expect(readFileSync('/proc/sys/kernel/shmmni', 'utf8')).toBe(before);
  });

  it('are written without a procfs in the container, or with one that is read-only or has no sysctls', async () => {
    using box = sandbox();
    const systemProperties = { 'kernel.hostname': 'by-sysctl', 'kernel/domainname': 'example' };
    for (const mounts of [[], [{ ...proc, data: 'subset=pid' }], [{ ...proc, flags: proc.flags | 1 }]]) {
      const { output } = await runContainer({
        config: { rootfs: box.rootfs, mounts, systemProperties },
        script: 'busybox hostname',
      });
      expect(output).toBe('by-sysctl\n');
    }
  });

  it('reach procfs or nothing when something is mounted over their path', async () => {
    using box = sandbox();
    mkdirSync(join(box.dir, 'fake'));
    put(join(box.dir, 'fake/shmmni'), 'untouched');
    const run = runContainer({
      config: {
        rootfs: box.rootfs,
        mounts: [
          {
            ...proc,
            // What a container sharing the mount namespace could do between the mount and the write.
            postmountCmds: [
              { path: 'mount', args: ['--bind', join(box.dir, 'fake'), join(box.rootfs, 'proc/sys/kernel')] },
            ],
          },
        ],
        systemProperties: { 'kernel.shmmni': '8192' },
      },
      script: 'true',
    });
    await expect(run).rejects.toMatchObject({ code: 'EXDEV', step: { field: 'systemProperties["kernel.shmmni"]' } });
    expect(readFileSync(join(box.dir, 'fake/shmmni'), 'utf8')).toBe('untouched');
  });

  it('name the one that does not exist or takes no such value', async () => {
    using box = sandbox();
    const start = (systemProperties: Record<string, string>) =>
      runContainer({ config: { rootfs: box.rootfs, mounts: [proc], systemProperties }, script: 'true' });
    await expect(start({ 'kernel.absent': '1' })).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(start({ 'kernel.shmmni': 'many' })).rejects.toMatchObject({
      code: 'EINVAL',
      message: expect.stringContaining('systemProperties["kernel.shmmni"]: set kernel.shmmni to "many": write'),
    });
  });
});

describe('the terminal', () => {
  it('is the standard streams, the controlling terminal and /dev/console, of the own devpts', async () => {
    using box = sandbox();
    const { output } = await runContainer({
      config: { rootfs: box.rootfs, mounts: ordinaryMounts, devices: ordinaryDevices },
      tty: true,
      script: 'tty; echo to-console > /dev/console; echo to-tty > /dev/tty; ls /dev/pts; stat -c "%F %u:%g" /dev/pts/0',
    });
    expect(output.trim().split(/\r?\n/)).toEqual([
      '/dev/pts/0',
      'to-console',
      'to-tty',
      expect.stringMatching(/^0 +ptmx$/),
      'character special file 0:5',
    ]);
  });

  it('belongs to the user', async () => {
    using box = sandbox();
    const { output } = await runContainer({
      config: { rootfs: box.rootfs, mounts: ordinaryMounts, devices: ordinaryDevices },
      tty: true,
      uid: 1000,
      script: 'stat -c "%u:%g" /dev/pts/0',
    });
    expect(output.trim()).toBe('1000:5');
  });

  it('needs a devpts', async () => {
    using box = sandbox();
    mkdirSync(join(box.rootfs, 'dev/pts'), { recursive: true });
    await expect(runContainer({ config: { rootfs: box.rootfs }, tty: true, script: 'true' })).rejects.toMatchObject({
      code: 'ENODEV',
      message: expect.stringContaining('/dev/pts is not a devpts'),
    });
  });
});

describe('a user namespace', () => {
  it('gets the nodes of the host, verified', async () => {
    using box = sandbox();
    const namespaces = ['NEWUSER', 'NEWNS', 'NEWPID', 'NEWIPC', 'NEWUTS', 'NEWNET'] as const;
    const start = (devices: readonly DeviceEntry[]) =>
      runContainer({
        config: {
          rootfs: box.rootfs,
          mounts: ordinaryMounts,
          devices,
          readonlyPaths: ['/proc/sys'],
          maskPaths: ['/proc/interrupts', '/proc/irq'],
        },
        namespaces,
        script: 'stat -c "%F %t:%T" /dev/null /dev/zero; echo x > /dev/null && echo written; ls /proc/irq',
      });
    const { output } = await start(ordinaryDevices);
    expect(output.trim().split('\n')).toEqual(['character special file 1:3', 'character special file 1:5', 'written']);
    const wrong = ordinaryDevices.map((device) => ({ ...device, minor: device.minor + 1 }));
    await expect(start(wrong)).rejects.toMatchObject({
      code: 'ENODEV',
      message: expect.stringContaining('devices[0]: /dev/null of the host is another device'),
    });
  });
});

describe('a /dev of the host', () => {
  it('is left alone', async () => {
    using box = sandbox();
    mkdirSync(join(box.dir, 'hostdev'));
    put(join(box.dir, 'hostdev/ptmx'), 'mine');
    const bind = { source: join(box.dir, 'hostdev'), destination: '/dev/', device: 'bind', flags: 0 };
    const { output } = await runContainer({
      config: { rootfs: box.rootfs, mounts: [bind], devices: ordinaryDevices },
      script: 'ls /dev; cat /dev/ptmx',
    });
    expect(output).toBe('ptmx\nmine');
  });
});

function tmpfs(destination: string): MountEntry {
  return { source: 'tmpfs', destination, device: 'tmpfs', flags: 0 };
}
