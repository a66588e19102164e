import { describe, expect, it } from 'vitest';
import type { Config } from './config.ts';
import { DEFAULT_ALLOWED_DEVICES, DEFAULT_AUTO_CREATED_DEVICES, DEFAULT_SIMPLE_DEVICES } from './device-defaults.ts';
import { encodeConfig } from './encode.ts';
import { fixture, SAMPLES } from './fixture.test.helper.ts';
import { hostUid } from './host-ids.ts';
import { withDefaultMounts } from './mount-defaults.ts';
import { containsNamespace } from './namespaces.ts';
import { parseConfig } from './parse.ts';
import { template } from './template.ts';
import { findProblems } from './validate/validate.ts';

describe.each(SAMPLES)('sample %s', (name) => {
  const { config, dialect, notes } = parseConfig(fixture(name));

  it('is read without loss, is valid and comes back equal', () => {
    expect({ dialect, notes }).toEqual({ dialect: '2015', notes: [] });
    expect(findProblems(config)).toEqual([]);
    expect(parseConfig(encodeConfig(config)).config).toEqual(config);
  });

  it('has the common parts', () => {
    expect(config.capabilities).toEqual(template({ rootfs: '/' }).capabilities);
    expect(config.cgroups?.allowedDevices).toHaveLength(14);
    expect(config.devices).toHaveLength(DEFAULT_AUTO_CREATED_DEVICES.length);
    expect(config.devices).toEqual(
      expect.arrayContaining(DEFAULT_SIMPLE_DEVICES.map((device) => ({ ...device, uid: 0, gid: 0 }))),
    );
    expect(config.rlimits).toEqual([{ type: 7, soft: 1024, hard: 1024 }]);
    expect(config.cgroups?.memorySwappiness).toBeUndefined();
    expect(config.parentDeathSignal).toBeUndefined();
  });

  it('gets the mounts that it lacks', () => {
    const { config: repaired, added } = withDefaultMounts(config);
    expect(added.map(({ mount }) => mount.destination)).toEqual(['/proc', '/dev', '/dev/pts']);
    expect(repaired.mounts?.map(({ destination }) => destination)).toEqual([
      '/proc',
      '/dev',
      '/dev/pts',
      '/dev/shm',
      '/dev/mqueue',
      '/sys',
    ]);
    expect(findProblems(repaired)).toEqual([]);
  });
});

describe('samples', () => {
  const config = (name: string) => parseConfig(fixture(name)).config;

  it('attach_to_bridge has a veth interface', () => {
    const { hostname, namespaces, capabilities, networks } = config('attach_to_bridge');
    expect(hostname).toBe('koye');
    expect(containsNamespace(namespaces, 'NEWNET')).toBe(true);
    expect(containsNamespace(namespaces, 'NEWUSER')).toBe(false);
    expect(capabilities).not.toContain('CAP_SYS_ADMIN');
    expect(capabilities).toEqual(expect.arrayContaining(['CAP_MKNOD', 'CAP_SYS_CHROOT']));
    expect(networks?.[1]).toEqual({
      type: 'veth',
      name: 'eth0',
      bridge: 'docker0',
      address: '172.17.0.101/16',
      gateway: '172.17.42.1',
      mtu: 1500,
      hostInterfaceName: 'vethnsinit',
    });
  });

  it('apparmor names its profile', () => {
    expect(config('apparmor').apparmorProfile).toBe('docker-default');
  });

  it('selinux has both labels', () => {
    const label = 'system_u:system_r:svirt_lxc_net_t:s0:c164,c475';
    expect(config('selinux')).toMatchObject({ mountLabel: label, processLabel: label });
  });

  it('host-pid shares the process ids', () => {
    expect(containsNamespace(config('host-pid').namespaces, 'NEWPID')).toBe(false);
  });

  it('userns maps root', () => {
    expect(hostUid(config('userns'))).toBe(1000);
  });
});

describe('the example program of the original', () => {
  it('has a valid configuration when it is written in TypeScript', () => {
    const names =
      'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL ' +
      'AUDIT_WRITE';
    const config: Config = {
      rootfs: '/srv/busybox',
      capabilities: names.split(' '),
      namespaces: [{ type: 'NEWNS' }, { type: 'NEWUTS' }, { type: 'NEWIPC' }, { type: 'NEWPID' }, { type: 'NEWNET' }],
      cgroups: {
        name: 'test-container',
        parent: 'system',
        allowAllDevices: false,
        allowedDevices: DEFAULT_ALLOWED_DEVICES,
      },
      devices: DEFAULT_AUTO_CREATED_DEVICES,
      hostname: 'testing',
      networks: [{ type: 'loopback', address: '127.0.0.1/0', gateway: 'localhost' }],
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024n, soft: 1024 }],
    };
    expect(findProblems(config)).toEqual([]);
    expect(withDefaultMounts(config).config.mounts?.map(({ destination }) => destination)).toEqual([
      '/proc',
      '/dev',
      '/dev/pts',
    ]);
    const read = parseConfig(encodeConfig(config)).config;
    expect(read.capabilities).toEqual(template({ rootfs: '/' }).capabilities);
    expect(read.rlimits).toEqual([{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }]);
  });
});
