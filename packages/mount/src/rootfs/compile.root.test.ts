import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AT_FDCWD, type Cell, type ProgramBuilder } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { ordinaryDevices, ordinaryMounts, runContainer, sandbox } from './fixtures/container.ts';

const ordinary = (rootfs: string) => ({ rootfs, mounts: ordinaryMounts, devices: ordinaryDevices });

describe('an ordinary container', () => {
  it('has the mounts of its configuration and nothing else', async () => {
    using box = sandbox();
    const { output } = await runContainer({
      config: {
        ...ordinary(box.rootfs),
        readonlyPaths: ['/proc/sys', '/proc/absent', '/proc/irq'],
        maskPaths: ['/proc/interrupts', '/proc/absent', '/proc/version/absent'],
      },
      script: `while read -r _ _ _ _ place flags rest; do echo "$place $flags $\{rest#*- }"; done < /proc/self/mountinfo`,
    });
    const lines = output.trim().split('\n');
    expect(lines[0]).toMatch(/^\/ rw/);
    expect(lines.slice(1).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      '/proc rw,nosuid,nodev,noexec,relatime proc',
      '/dev rw,nosuid tmpfs',
      '/dev/pts rw,nosuid,noexec,relatime devpts',
      '/dev/shm rw,nosuid,nodev,noexec,relatime tmpfs',
      '/dev/mqueue rw,nosuid,nodev,noexec,relatime mqueue',
      '/sys ro,nosuid,nodev,noexec,relatime sysfs',
      '/proc/sys ro,nosuid,nodev,noexec,relatime proc',
      '/proc/irq ro,nosuid,nodev,noexec,relatime proc',
      expect.stringMatching(/^\/proc\/interrupts rw,.* devtmpfs$/),
    ]);
  });

  it('has exactly the devices and links of /dev', async () => {
    using box = sandbox();
    const { output } = await runContainer({
      config: {
        ...ordinary(box.rootfs),
        devices: [
          ...ordinaryDevices,
          { type: 'b', path: '/dev/disk/loop', major: 7, minor: 300, fileMode: 0o100640, uid: 7, gid: 8 },
          { type: 'p', path: '/dev/fifo', major: -1, minor: -1, fileMode: 0o622 },
        ],
      },
      options: { kcore: true },
      script: `cd /dev; stat -c '%n %F %a %t:%T %u:%g' null disk/loop fifo; ls; for l in core fd stdin stdout stderr ptmx; do readlink $l; done`,
    });
    expect(output.trim().split('\n')).toEqual([
      'null character special file 666 1:3 0:0',
      'disk/loop block special file 640 7:12c 7:8',
      'fifo fifo 622 0:0 0:0',
      ...['core', 'disk', 'fd', 'fifo', 'full', 'mqueue', 'null', 'ptmx', 'pts', 'random', 'shm', 'stderr', 'stdin'],
      ...['stdout', 'tty', 'urandom', 'zero'],
      ...['/proc/kcore', '/proc/self/fd', '/proc/self/fd/0', '/proc/self/fd/1', '/proc/self/fd/2', 'pts/ptmx'],
    ]);
  });

  it('has the umask, the root directory and the null device of its own', async () => {
    using box = sandbox();
    const { output } = await runContainer({
      config: ordinary(box.rootfs),
      options: { nullStdio: [0] },
      script:
        'umask; pwd; stat -Lc %d /dev/null /proc/self/fd/0 | sort -u | { read a; read b && echo differ || echo same; }',
    });
    expect(output.trim().split('\n')).toEqual(['0022', '/', 'same']);
  });

  it('leaves directories and files with mode 0755 behind, and nothing mounted', async () => {
    using box = sandbox();
    await runContainer({ config: { ...ordinary(box.rootfs), umask: 0o027 }, script: 'touch /made' });
    expect(statSync(join(box.rootfs, 'proc')).mode & 0o7777).toBe(0o755);
    expect(statSync(join(box.rootfs, 'made')).mode & 0o7777).toBe(0o640);
    expect(statSync(join(box.rootfs, 'dev')).dev).toBe(statSync(box.rootfs).dev);
  });

  it('needs nothing but the root file system: no mount, no device', async () => {
    using box = sandbox();
    const { output } = await runContainer({ config: { rootfs: box.rootfs }, script: 'ls /' });
    expect(output).toBe('bin\ndev\n');
  });

  it('refuses a root file system behind a symbolic link, and one that is missing', async () => {
    using box = sandbox();
    mkdirSync(join(box.dir, 'real'));
    await expect(runContainer({ config: { rootfs: join(box.dir, 'absent') }, script: '' })).rejects.toMatchObject({
      code: 'ENOENT',
      step: { field: 'rootfs' },
    });
    await expect(runContainer({ config: { rootfs: '/proc/self/root' }, script: '' })).rejects.toMatchObject({
      code: 'ELOOP',
    });
  });
});

describe('a root file system that cannot be written', () => {
  it('is made so by readonlyFs, and mounts below it are not', async () => {
    using box = sandbox();
    const { output } = await runContainer({
      config: { ...ordinary(box.rootfs), readonlyFs: true },
      options: { cwd: '/made/for/me' },
      script: 'touch /x; touch /dev/shm/x && echo written; ls -d /made/for/me',
    });
    expect(output.trim().split('\n')).toEqual(['touch: /x: Read-only file system', 'written', '/made/for/me']);
  });

  it('works when it is read-only from the beginning: nothing is written in it', async () => {
    using box = sandbox();
    for (const name of ['proc', 'sys', 'dev', 'secret']) mkdirSync(join(box.rootfs, name));
    const { output } = await runContainer({
      config: {
        ...ordinary(box.rootfs),
        readonlyPaths: ['/proc/sys'],
        maskPaths: ['/proc/interrupts', '/secret', '/proc/irq'],
      },
      first: (b) => readonlyBind(b, box.rootfs),
      script: 'exec 2>&1; echo /*; touch /x; touch /dev/shm/x && echo written',
    });
    expect(output.trim().split('\n')).toEqual([
      '/bin /dev /proc /secret /sys',
      'touch: /x: Read-only file system',
      'written',
    ]);
  });
});

function readonlyBind(b: ProgramBuilder, path: string): void {
  const base = { source: path, target: path, filesystemtype: null, data: null } as const;
  b.call('mount', { ...base, source: null, target: '/', mountflags: ['MS_REC', 'MS_PRIVATE'] });
  b.call('mount', { ...base, mountflags: ['MS_BIND'] });
  b.call('mount', { ...base, mountflags: ['MS_BIND', 'MS_REMOUNT', 'MS_RDONLY'] });
}

describe('noPivotRoot', () => {
  // In a user namespace the mounts of the host are locked: they are covered rather than unmounted.
  for (const user of [false, true])
    it(`moves the root, and lets go of the procfs and sysfs of the host, user namespace ${user}`, async () => {
      using box = sandbox();
      let old: Cell<'fd'>;
      const { output } = await runContainer({
        config: { ...ordinary(box.rootfs), noPivotRoot: true },
        ...(user ? { namespaces: ['NEWUSER', 'NEWNS', 'NEWPID', 'NEWIPC', 'NEWUTS', 'NEWNET'] } : {}),
        first: (b) => {
          old = b.call('openat', { dirfd: AT_FDCWD, pathname: '/', flags: ['O_PATH', 'O_CLOEXEC'] });
        },
        last: (b) => {
          for (const pathname of ['proc/version', 'sys/kernel']) {
            const gone = b.label();
            const args = { dirfd: old, pathname, flags: ['O_PATH', 'O_CLOEXEC'] } as const;
            b.call('openat', args, { on: { ENOENT: gone } });
            b.fail({ what: `${pathname} of the host can be reached`, errno: 1 });
            b.place(gone);
          }
        },
        script: 'echo /*; cat /proc/1/comm; ls -d /../bin; cat /proc/1/mountinfo | busybox grep -c " / / "',
      });
      expect(output.trim().split('\n')).toEqual(['/bin /dev /proc /sys', 'sh', '/../bin', '0']);
    });
});
