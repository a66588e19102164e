import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MountError } from '../error.ts';
import { containerPath, isInside } from './container-path.ts';
import { checkMountDestination, destinationInRoot } from './destination.ts';

describe('containerPath', () => {
  it.each([
    ['/', '/'],
    ['', '/'],
    ['dev//pts/', '/dev/pts'],
    ['/a/./b/../c', '/a/c'],
    ['../../etc', '/etc'],
    ['/..', '/'],
  ])('%s is %s', (path, expected) => expect(containerPath(path)).toBe(expected));

  it('never leaves the root and does not change when it is applied again', () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'b', '...', ' ');
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const path = containerPath(parts.join('/'));
        expect(path.startsWith('/')).toBe(true);
        expect(path.split('/')).not.toContain('..');
        expect(containerPath(path)).toBe(path);
      }),
    );
  });
});

describe('isInside', () => {
  it.each([
    ['/proc', '/proc', true],
    ['/proc/sys', '/proc', true],
    ['/process', '/proc', false],
    ['/anything', '/', true],
  ])('%s in %s: %s', (path, directory, expected) => expect(isInside(path, directory)).toBe(expected));
});

describe('destinationInRoot', () => {
  it.each([
    ['/rootfs', '/rootfs/proc/', '/proc'],
    ['/rootfs', '/proc', '/proc'],
    ['/rootfs', '/rootfs2/x', '/rootfs2/x'],
    ['/rootfs/', '/rootfs', '/'],
    ['/', '/proc', '/proc'],
    ['/rootfs', 'tmp/x', '/tmp/x'],
  ])('%s and %s: %s', (rootfs, destination, expected) => expect(destinationInRoot(rootfs, destination)).toBe(expected));
});

describe('checkMountDestination', () => {
  const refused = (destination: string, device?: string) => () =>
    checkMountDestination('/rootfs', destination, device, 'mounts[2]');

  it('refuses /proc', () => {
    expect(refused('/rootfs/proc/')).toThrow(
      'mounts[2]: "/rootfs/proc/" cannot be mounted because it is located inside "/proc"',
    );
    expect(refused('/proc', 'bind')).toThrow(MountError);
  });

  it('refuses what lies below /proc, also for proc', () => {
    expect(refused('/proc/sys')).toThrow(MountError);
    expect(refused('/proc/self/attr', 'proc')).toThrow(MountError);
    expect(refused('/sys/../proc/x')).toThrow(MountError);
  });

  it('allows proc on /proc', () => expect(refused('/proc', 'proc')).not.toThrow());
  it('allows places in /sys', () => expect(refused('/rootfs//sys/fs/cgroup')).not.toThrow());
  it('allows names that begin like others', () => {
    expect(refused('/rootfs/sysfiles/fs/cgroup')).not.toThrow();
    expect(refused('/rootfs/process')).not.toThrow();
  });

  it('refuses the root', () => {
    expect(refused('/rootfs')).toThrow('mounting into / is prohibited');
    expect(refused('/')).toThrow('mounting into / is prohibited');
    expect(refused('/a/..')).toThrow('mounting into / is prohibited');
  });
});
