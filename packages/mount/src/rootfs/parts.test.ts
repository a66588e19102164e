import { fdAt, ProgramBuilder } from '@nsinit/syscall';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MountError } from '../error.ts';
import type { MountinfoEntry } from '../mountinfo/index.ts';
import { compileRootfs, type RootfsOptions } from './compile.ts';
import { compileConsole } from './console.ts';
import { compileDevices, ownsDev } from './devices.ts';
import { compileMaskPaths } from './mask.ts';
import { revealingMounts } from './pivot.ts';
import { compilePrepareRoot } from './prepare.ts';
import { compileReadonlyPaths } from './readonly.ts';
import { compileSysctls, sysctlPath } from './sysctl.ts';

const root = fdAt(3, 'root');

function print(body: (b: ProgramBuilder) => void) {
  const b = new ProgramBuilder('x64');
  body(b);
  return b.build().print();
}

const texts = (body: (b: ProgramBuilder) => void) => print(body).map(({ text }) => text);

describe('compileRootfs', () => {
  const order = (config: Partial<RootfsOptions['config']>, options: Partial<RootfsOptions> = {}) =>
    print((b) => compileRootfs(b, { config: { rootfs: '/r', ...config }, userNamespace: false, ...options }));

  it('goes from mounts over devices and masks to the new root', () => {
    const printed = order(
      {
        mounts: [{ source: 'proc', destination: '/proc', device: 'proc', flags: 0 }],
        devices: [{ type: 'c', path: '/dev/null', major: 1, minor: 3 }],
        systemProperties: { 'kernel.shmmni': '1' },
        readonlyPaths: ['/proc/sys'],
        maskPaths: ['/proc/keys'],
        readonlyFs: true,
      },
      { nullStdio: [0, 1], console: { socket: fdAt(4) }, cwd: '/work' },
    );
    const reasons = [...new Set(printed.map(({ what }) => what))];
    expect(reasons.filter((what) => !/is another|is not a devpts/.test(what!))).toEqual([
      'give files exactly the modes that they are made with',
      'keep mounts of the container from the host',
      'make the root file system a mount of its own',
      'mount proc on /proc',
      'make device /dev/null',
      'devices are made',
      'make the symbolic links of /dev',
      'make directory /work',
      'make the terminal',
      'unlock the terminal',
      'make the terminal /dev/console',
      'send the terminal to the caller',
      'make it the controlling terminal',
      'set kernel.shmmni to "1"',
      'make /proc/sys read-only',
      'find /dev/null of the host',
      'hide /proc/keys',
      'all is hidden',
      'make the root file system the root',
      'take /dev/null of the container',
      'make the root file system read-only',
      'set the file mode creation mask',
    ]);
  });

  it('gives every step a reason', () => {
    for (const { what } of order({ maskPaths: ['/a'], devices: [{ type: 'b', path: '/x/y', major: 7, minor: 0 }] }))
      expect(what).toMatch(/\w/);
  });

  it('chooses slave or private', () => {
    const propagation = (privateFs: boolean) =>
      texts((b) => compilePrepareRoot(b, { rootfs: '/r', privateFs })).find((text) => text.startsWith('mount('));
    expect(propagation(false)).toBe('mount(NULL, "/", NULL, MS_REC|MS_SLAVE, NULL)');
    expect(propagation(true)).toBe('mount(NULL, "/", NULL, MS_REC|MS_PRIVATE, NULL)');
  });

  it('refuses a relative root file system', () => {
    expect(() => order({ rootfs: 'r' })).toThrow('rootfs: "r" is not an absolute path');
  });

  it('sets the umask that is asked for', () => {
    expect(order({ umask: 0o77 }).at(-1)?.text).toBe('umask(077)');
    expect(order({}).at(-1)?.text).toBe('umask(022)');
  });

  it('leaves a /dev alone that is bound', () => {
    const bind = { source: '/dev', destination: '/dev/', device: 'bind', flags: 0 };
    expect(ownsDev([bind])).toBe(false);
    expect(ownsDev([{ ...bind, destination: '/dev/x' }])).toBe(true);
    const devices = [{ type: 'c', path: '/dev/null', major: 1, minor: 3 }];
    const what = order({ mounts: [bind], devices }).map((step) => step.what);
    expect(what).not.toContain('make device /dev/null');
    expect(what).not.toContain('make the symbolic links of /dev');
  });
});

describe('compileDevices', () => {
  const compile = (device: object, userNamespace = false) =>
    texts((b) =>
      compileDevices(b, [{ type: 'c', path: '/dev/x', major: 1, minor: 3, ...device }], { root, userNamespace }),
    );

  it('gives a node its type, mode and number', () => {
    const node = (device: object) => compile(device).find((text) => text.startsWith('mknodat'));
    expect(node({})).toBe('mknodat(/dev, "x", 020666, 259)');
    expect(node({ type: 'u', fileMode: 0o20600 })).toBe('mknodat(/dev, "x", 020600, 259)');
    expect(node({ type: 'b', major: 259, minor: 0x12345 })).toBe(`mknodat(/dev, "x", 060666, ${0x12310345})`);
    expect(node({ type: 'p', major: -1, minor: -1 })).toBe('mknodat(/dev, "x", 010666, 0)');
  });

  it('changes the owner by descriptor and only when it is another', () => {
    const owner = (device: object) => compile(device).filter((text) => text.startsWith('fchownat'));
    expect(owner({})).toEqual([]);
    expect(owner({ uid: 0, gid: 5 })).toEqual(['fchownat(x, "", 0, 5, AT_EMPTY_PATH)']);
  });

  it('binds instead of making in a user namespace', () => {
    const calls = compile({}, true).map((text) => text.split('(')[0]);
    expect(calls).not.toContain('mknodat');
    expect(calls).toContain('move_mount');
  });

  it('refuses other types and a path that can be no node', () => {
    expect(() => compile({ type: 'x' })).toThrow('devices[0]: x is not a valid device type for device /dev/x');
    expect(() => compile({ type: 'toString' })).toThrow(MountError);
    expect(() => compile({ path: '/' })).toThrow('devices[0]: "/" cannot be a device');
  });

  it('works for a node in the root itself', () => {
    expect(compile({ path: '/null' })[0]).toMatch(/^openat2\(3<root>, "\/"/);
  });
});

describe('sysctlPath', () => {
  it.each([
    ['kernel.shmmni', 'kernel/shmmni'],
    ['kernel/shmmni', 'kernel/shmmni'],
    ['net.ipv4.conf.eth0/100.forwarding', 'net/ipv4/conf/eth0.100/forwarding'],
    ['net/ipv4/conf/eth0.100/forwarding', 'net/ipv4/conf/eth0.100/forwarding'],
  ])('%s is %s', (name, path) => expect(sysctlPath(name)).toBe(path));

  it.each(['', '.', '..', '/', 'a..b', '.a', 'a.', '/etc/passwd', '../../etc', 'kernel/../../x', 'a\0b', 'a.//.b'])(
    'refuses %j',
    (name) => expect(() => sysctlPath(name, 'f')).toThrow(MountError),
  );

  it('never gives a path that leaves /proc/sys', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('.', '/', 'a', 'b')), (chars) => {
        let path: string;
        try {
          path = sysctlPath(chars.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(MountError);
          return;
        }
        for (const part of path.split('/')) expect(['', '.', '..']).not.toContain(part);
      }),
    );
  });

  it('is named when it is refused', () => {
    expect(() => texts((b) => compileSysctls(b, { '../x': '1' }))).toThrow(
      'systemProperties["../x"]: "../x" is not the name of a sysctl',
    );
  });
});

describe('the other parts', () => {
  it('write nothing for nothing', () => {
    expect(texts((b) => compileSysctls(b, {}))).toEqual([]);
    expect(texts((b) => compileMaskPaths(b, [], { root }))).toEqual([]);
    expect(texts((b) => compileReadonlyPaths(b, undefined, { root }))).toEqual([]);
  });

  it('write the value of a sysctl, and a line for an empty one', () => {
    const writes = texts((b) => compileSysctls(b, { 'kernel.a': '1', 'kernel.b': '' })).filter((t) =>
      t.startsWith('wr'),
    );
    expect(writes).toEqual(['write(sys/kernel/a, "1", 1)', 'write(sys/kernel/b, "\\n", 1)']);
  });

  it('refuse the root', () => {
    expect(() => texts((b) => compileMaskPaths(b, ['/a/..'], { root }))).toThrow('maskPaths[0]: / cannot be hidden');
    expect(() => texts((b) => compileReadonlyPaths(b, ['/'], { root }))).toThrow('readonlyPaths[0]: the whole root');
  });

  it('open the slave by its master, and bind it only for init', () => {
    const all = texts((b) => compileConsole(b, { root, socket: fdAt(4) }));
    expect(all).toContain(`ioctl(master, TIOCGPTPEER, ${0o2000402}) = slave`);
    expect(all.filter((text) => text.startsWith('dup3')).map((text) => text.split(', ')[1])).toEqual(['0', '1', '2']);
    const entered = texts((b) => compileConsole(b, { root, socket: fdAt(4), bindConsole: false }));
    expect(entered.some((text) => text.startsWith('move_mount'))).toBe(false);
  });

  it('find what chroot would leave of procfs and sysfs, innermost first', () => {
    const mount = (fsType: string, mountPoint: string) => ({ fsType, mountPoint }) as MountinfoEntry;
    const mounts = [
      mount('proc', '/proc'),
      mount('ext4', '/'),
      mount('proc', '/srv/root/proc'),
      mount('sysfs', '/srv/rootfs/sys'),
    ];
    expect(revealingMounts(mounts, '/srv/root')).toEqual(['/srv/rootfs/sys', '/proc']);
  });
});
