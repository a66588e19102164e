import { describe, expect, it } from 'vitest';
import { deviceRuleText } from './device.ts';
import { DEFAULT_ALLOWED_DEVICES, DEFAULT_AUTO_CREATED_DEVICES, DEFAULT_SIMPLE_DEVICES } from './device-defaults.ts';
import { withDefaultMounts } from './mount-defaults.ts';
import { MOUNT_FLAGS, mountFlagNames } from './mount-flags.ts';
import { SECURITY_PROFILES, withSecurityProfile } from './security-profile.ts';
import { template } from './template.ts';
import { findProblems } from './validate/validate.ts';

describe('devices', () => {
  it('have the rules of the devices cgroup', () => {
    expect(DEFAULT_ALLOWED_DEVICES.map(deviceRuleText)).toEqual([
      'c *:* m',
      'b *:* m',
      'c 5:1 rwm',
      'c 4:0 rwm',
      'c 4:1 rwm',
      'c 136:* rwm',
      'c 5:2 rwm',
      'c 10:200 rwm',
      'c 1:3 rwm',
      'c 1:5 rwm',
      'c 1:7 rwm',
      'c 5:0 rwm',
      'c 1:9 rwm',
      'c 1:8 rwm',
    ]);
  });

  it('can be read and written by everybody, fuse too', () => {
    expect(DEFAULT_AUTO_CREATED_DEVICES.map(({ path, fileMode }) => [path, fileMode])).toEqual([
      ['/dev/fuse', 0o666],
      ...DEFAULT_SIMPLE_DEVICES.map(({ path }) => [path, 0o666]),
    ]);
  });
});

describe('mountFlagNames', () => {
  it('names the bits and shows the rest', () => {
    expect(mountFlagNames(0)).toEqual([]);
    expect(mountFlagNames(15)).toEqual(['MS_RDONLY', 'MS_NOSUID', 'MS_NODEV', 'MS_NOEXEC']);
    expect(mountFlagNames(MOUNT_FLAGS.MS_BIND | 0x8000_0000)).toEqual(['MS_BIND', '0x80000000']);
  });
});

describe('template', () => {
  const config = template({ rootfs: '/srv/busybox' });

  it('is valid and depends on nothing that its caller did not say', () => {
    expect(findProblems(config)).toEqual([]);
    expect(config.parentDeathSignal).toBeUndefined();
    expect(config.cgroups?.memorySwappiness).toBeUndefined();
    expect(config.cgroups).toMatchObject({ parent: 'nsinit' });
    expect(config.cgroups).not.toHaveProperty('name');
    expect(config.mounts?.map(({ destination, flags }) => [destination, flags])).toEqual([
      ['/proc', 14],
      ['/dev', 0x100_0002],
      ['/dev/pts', 10],
      ['/dev/shm', 14],
      ['/dev/mqueue', 14],
      ['/sys', 15],
    ]);
  });

  it('takes the options', () => {
    const own = template({ rootfs: '/', cgroupName: 'a', hostname: 'h', parentDeathSignal: 9 });
    expect(own).toMatchObject({ hostname: 'h', parentDeathSignal: 9, cgroups: { name: 'a' } });
  });

  it('needs no further mount', () => {
    expect(withDefaultMounts(config)).toEqual({ config, added: [] });
  });
});

describe('withDefaultMounts', () => {
  const namespaces = [{ type: 'NEWNS' }] as const;
  const tmpfs = (destination: string, device = 'tmpfs') => ({ source: 'x', destination, device, flags: 0 });
  const destinations = (mounts: readonly { readonly destination: string }[]): readonly string[] =>
    withDefaultMounts({
      rootfs: '/r',
      namespaces,
      mounts: mounts.map((mount) => ({ ...tmpfs('/x'), ...mount })),
    }).config.mounts!.map(({ destination }) => destination);

  it('adds what is lacking before the others, with reasons', () => {
    const { config, added } = withDefaultMounts({ rootfs: '/r', namespaces, mounts: [tmpfs('/dev/shm')] });
    expect(config.mounts?.map(({ destination }) => destination)).toEqual(['/proc', '/dev', '/dev/pts', '/dev/shm']);
    expect(added.map(({ mount }) => mount.destination)).toEqual(['/proc', '/dev', '/dev/pts']);
    for (const { reason } of added) expect(reason).toMatch(/the configuration mounts nothing on \/(proc|dev|dev\/pts)/);
  });

  it('leaves own mounts alone, however they are written', () => {
    expect(destinations([tmpfs('//proc/'), tmpfs('/dev/'), tmpfs('/dev/pts')])).toEqual([
      '//proc/',
      '/dev/',
      '/dev/pts',
    ]);
  });

  it('puts an added /dev/pts behind an own /dev', () => {
    expect(destinations([tmpfs('/a'), tmpfs('/dev'), tmpfs('/b')])).toEqual(['/proc', '/a', '/dev', '/dev/pts', '/b']);
  });

  it('trusts a bind mount on /dev to bring its own /dev/pts', () => {
    expect(destinations([tmpfs('/dev', 'bind')])).toEqual(['/proc', '/dev']);
  });

  it.each([[[]], [[{ type: 'NEWNS', path: '/proc/1/ns/mnt' }] as const]])('adds nothing with namespaces %j', (list) => {
    expect(withDefaultMounts({ rootfs: '/r', namespaces: list }).added).toEqual([]);
  });
});

describe('security profiles', () => {
  const config = { ...template({ rootfs: '/r' }), apparmorProfile: 'a', mountLabel: 'm', processLabel: 'p' };

  it.each(['high', 'medium', 'low'] as const)('%s is valid and keeps the labels', (name) => {
    const result = withSecurityProfile(config, name);
    expect(findProblems(result)).toEqual([]);
    expect(result).toMatchObject({ apparmorProfile: 'a', mountLabel: 'm', processLabel: 'p' });
    expect(result.rlimits).toEqual([{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 1024 }]);
    expect(result.seccomp).toBe(name);
  });

  it('are ordered from strict to loose', () => {
    expect(Object.values(SECURITY_PROFILES).map(({ capabilities }) => capabilities.length)).toEqual([3, 11, 12]);
  });
});
