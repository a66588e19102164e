import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, findProblems, MOUNT_FLAGS, SECURITY_PROFILES, template } from '@nsinit/config';
import { describe, expect, it } from 'vitest';
import { containerFlags } from '../cli/container-flags.ts';
import { applyFlags } from './apply-flags.ts';
import { FileError } from './file-error.ts';
import { type ContainerValues, rules } from './rules.ts';

class TemporaryDirectory implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'nsinit-flags-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

const base = template({ rootfs: '/srv/box' });
const apply = (values: ContainerValues, from: Config = base): Config => applyFlags(from, values, '/srv/own').config;
const types = (config: Config) => config.namespaces?.map(({ type }) => type);
const { MS_BIND, MS_REC, MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC } = MOUNT_FLAGS;

describe('applyFlags', () => {
  it('changes nothing without flags, whatever their defaults', () => {
    expect(apply({})).toEqual(base);
    const own: Config = { ...base, hostname: 'koye', parentDeathSignal: 9, cgroups: { memorySwappiness: 60 } };
    expect(apply({}, own)).toEqual(own);
  });

  it('has a rule for every flag', () => {
    expect(Object.keys(rules).sort()).toEqual(Object.keys(containerFlags).sort());
  });

  it('agrees with the template about the default host name', () => {
    expect(base.hostname).toBe(containerFlags.hostname.default);
  });

  it.each<[ContainerValues, Partial<Config>]>([
    [{ hostname: 'koye' }, { hostname: 'koye' }],
    [{ 'read-only': true }, { readonlyFs: true }],
    [{ 'read-only': false }, { readonlyFs: false }],
    [{ rootfs: 'sub' }, { rootfs: '/srv/own/sub' }],
    [{ rootfs: '/abs/' }, { rootfs: '/abs' }],
    [{ groups: ['audio', '44'] }, { additionalGroups: ['audio', '44'] }],
    [{ sysctl: ['net.x=1', 'kernel.y=a=b'] }, { systemProperties: { 'net.x': '1', 'kernel.y': 'a=b' } }],
    [{ 'parent-death-signal': 15 }, { parentDeathSignal: 15 }],
    [{ 'apparmor-profile': 'docker-default' }, { apparmorProfile: 'docker-default' }],
    [{ 'process-label': 'a:b' }, { processLabel: 'a:b' }],
    [{ 'mount-label': 'a:b' }, { mountLabel: 'a:b' }],
    [{ cpushares: 512 }, { cgroups: { ...base.cgroups, cpuShares: 512 } }],
    [{ 'cpuset-cpus': '0-1' }, { cgroups: { ...base.cgroups, cpusetCpus: '0-1' } }],
    [{ 'cpuset-mems': '0' }, { cgroups: { ...base.cgroups, cpusetMems: '0' } }],
    [{ 'memory-limit': 5248000 }, { cgroups: { ...base.cgroups, memory: 5248000 } }],
    [{ 'memory-swap': -1 }, { cgroups: { ...base.cgroups, memorySwap: -1 } }],
    [{ 'memory-swappiness': 0 }, { cgroups: { ...base.cgroups, memorySwappiness: 0 } }],
    [{ security: 'high' }, SECURITY_PROFILES.high],
    [{ security: 'medium' }, SECURITY_PROFILES.medium],
    [{ security: 'low' }, SECURITY_PROFILES.low],
    [
      { security: 'low', seccomp: 'default' },
      { ...SECURITY_PROFILES.low, seccomp: 'default' },
    ],
    [{ 'no-new-privileges': true }, { noNewPrivileges: true }],
  ])('applies %j', (values, changed) => {
    expect(apply(values)).toEqual({ ...base, ...changed });
  });

  it('reads a profile from a file, and takes it away', () => {
    using dir = new TemporaryDirectory();
    writeFileSync(join(dir.path, 'p.json'), '{"defaultAction":"SCMP_ACT_ALLOW"}');
    writeFileSync(join(dir.path, 'bad.json'), '{"defaultAction":"SCMP_ACT_ALLOW","syscals":[]}');
    const from = (seccomp: string) => applyFlags(base, { seccomp }, dir.path).config;
    expect(from('p.json')).toEqual({ ...base, seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } });
    expect(() => from('bad.json')).toThrow(FileError);
    expect(() => from('bad.json')).toThrow(/bad\.json: .*syscals: unknown key/);
    expect(() => from('none.json')).toThrow(/none\.json: ENOENT/);
    expect(apply({ seccomp: 'unconfined' }, { ...base, seccomp: 'high' })).toEqual(base);
  });

  it('takes a limit away with 0, a text with an empty one, and a swappiness with -1', () => {
    const cgroups = { memory: 1, cpuShares: 2, cpusetCpus: '0', memorySwappiness: 3 };
    const own: Config = { rootfs: '/r', apparmorProfile: 'x', parentDeathSignal: 9, cgroups };
    const values: ContainerValues = {
      'memory-limit': 0,
      cpushares: 0,
      'cpuset-cpus': '',
      'memory-swappiness': -1,
      'apparmor-profile': '',
      'parent-death-signal': 0,
    };
    expect(apply(values, own)).toEqual({ rootfs: '/r', cgroups: {} });
  });

  it('leaves labels as they are with a security profile', () => {
    const own = { ...base, apparmorProfile: 'mine', processLabel: 'l', mountLabel: 'm' };
    expect(apply({ security: 'low' }, own)).toEqual({ ...own, ...SECURITY_PROFILES.low });
  });

  it('overrides a file rather than being ignored beside it', () => {
    expect(
      apply({ hostname: 'flag', groups: ['b'] }, { rootfs: '/r', hostname: 'file', additionalGroups: ['a'] }),
    ).toEqual({
      rootfs: '/r',
      hostname: 'flag',
      additionalGroups: ['a', 'b'],
    });
  });
});

describe('flags of namespaces', () => {
  it('share with the host, and take out what would be set there', () => {
    expect(types(apply({ pid: 'host', ipc: 'host' }))).toEqual(['NEWNS', 'NEWUTS', 'NEWNET']);
    expect(apply({ net: 'host' })).not.toHaveProperty('networks');
    expect(apply({ uts: 'host' })).not.toHaveProperty('hostname');
    expect(findProblems(apply({ net: 'host', uts: 'host', ipc: 'host', pid: 'host' }))).toEqual([]);
  });

  it('make new ones', () => {
    const bare: Config = { rootfs: '/r' };
    expect(apply({ ipc: 'private', uts: '' }, bare).namespaces).toEqual([{ type: 'NEWIPC' }, { type: 'NEWUTS' }]);
    expect(apply({ net: 'private' }, bare)).toMatchObject({
      namespaces: [{ type: 'NEWNET' }],
      networks: [{ type: 'loopback', address: '127.0.0.1/0', gateway: 'localhost' }],
    });
    expect(
      apply({ pid: 'private' }, { rootfs: '/r', namespaces: [{ type: 'NEWPID', path: '/p' }] }).namespaces,
    ).toEqual([{ type: 'NEWPID' }]);
  });

  it('join by path', () => {
    const config = apply({ net: '/proc/1/ns/net' });
    expect(config.namespaces).toContainEqual({ type: 'NEWNET', path: '/proc/1/ns/net' });
    expect(config).not.toHaveProperty('networks');
  });

  it('go before a host name that is asked for', () => {
    const config = apply({ uts: 'private', hostname: 'mine' });
    expect(config.hostname).toBe('mine');
    expect(apply({ uts: 'host', hostname: 'mine' }).hostname).toBe('mine');
  });

  it('of the mounts keep the defaults from being added', () => {
    expect(applyFlags({ rootfs: '/r' }, { mnt: 'private' }, '/').added).toHaveLength(3);
    expect(applyFlags({ rootfs: '/r' }, { mnt: 'host' }, '/').added).toEqual([]);
  });
});

describe('flags of mounts', () => {
  it('come behind the configuration', () => {
    const { mounts = [] } = apply({ tmpfs: ['/tmp'], cgroup: true, bind: ['/a:/b', 'c:/d:ro', '/e:/f:rw'] });
    expect(mounts.slice(0, base.mounts!.length)).toEqual(base.mounts);
    expect(mounts.slice(base.mounts!.length)).toEqual([
      { source: 'cgroup', destination: '/sys/fs/cgroup', device: 'cgroup', flags: 0 },
      { source: 'tmpfs', destination: '/tmp', device: 'tmpfs', flags: MS_NOEXEC | MS_NOSUID | MS_NODEV },
      { source: '/a', destination: '/b', device: 'bind', flags: MS_BIND | MS_REC },
      { source: '/srv/own/c', destination: '/d', device: 'bind', flags: MS_BIND | MS_REC | MS_RDONLY },
      { source: '/e', destination: '/f', device: 'bind', flags: MS_BIND | MS_REC },
    ]);
    expect(apply({ cgroup: false })).toEqual({ ...base, mounts: base.mounts });
  });

  it('show the owners that files have on disk, when asked', () => {
    const { mounts = [] } = apply({ bind: ['/a:/b:idmap', '/c:/d:ro,ridmap', '/e:/f'] });
    const [first, second, third] = mounts.slice(base.mounts!.length);
    expect([first?.idmap, second?.idmap, third?.idmap]).toEqual(['idmap', 'ridmap', undefined]);
    expect(second?.flags).toBe(MS_BIND | MS_REC | MS_RDONLY);
  });

  it('are found again by the flag when defaults move them', () => {
    const { config, origins, added } = applyFlags(
      { rootfs: '/r', namespaces: [{ type: 'NEWNS' }] },
      { tmpfs: ['/tmp'], bind: ['/a:/b'] },
      '/',
    );
    expect(added).toHaveLength(3);
    expect(config.mounts?.map(({ destination }) => destination)).toEqual(['/proc', '/dev', '/dev/pts', '/tmp', '/b']);
    expect(origins).toEqual([
      { field: 'mounts[3]', flag: '--tmpfs' },
      { field: 'mounts[4]', flag: '--bind' },
    ]);
  });

  it.each([
    ['/a', 'invalid bind mount /a'],
    ['/a:', 'invalid bind mount /a:'],
    [':/b', 'invalid bind mount :/b'],
    ['/a:/b:ro:x', 'invalid bind mount /a:/b:ro:x'],
    ['/a:/b:rx', 'invalid bind mount mode rx'],
    ['/a:/b:ro,rw', 'invalid bind mount mode ro,rw'],
    ['/a:/b:idmap,ridmap', 'invalid bind mount mode idmap,ridmap'],
  ])('refuse --bind %s', (text, message) => {
    expect(() => apply({ bind: [text] })).toThrow(message);
  });

  it.each(['x', '=1'])('refuse --sysctl %s', (text) => {
    expect(() => apply({ sysctl: [text] })).toThrow(`invalid system property ${text}`);
  });
});

describe('--userns-root-uid', () => {
  it('maps root to the id, and all others to themselves', () => {
    const config = apply({ 'userns-root-uid': 1000 });
    expect(types(config)).toContain('NEWUSER');
    expect(config.uidMappings).toEqual([
      { containerId: 0, hostId: 1000, size: 1 },
      { containerId: 1, hostId: 1, size: 999 },
      { containerId: 1001, hostId: 1001, size: 2147482647 },
    ]);
    expect(config.gidMappings).toEqual(config.uidMappings);
    expect(findProblems(config)).toEqual([]);
  });

  it('makes no empty map at the ends', () => {
    expect(apply({ 'userns-root-uid': 1 }).uidMappings).toHaveLength(2);
    expect(apply({ 'userns-root-uid': 0x7fff_ffff }).uidMappings).toHaveLength(2);
  });

  it('gives none for 0, and refuses what is no id', () => {
    expect(apply({ 'userns-root-uid': 0 }, apply({ 'userns-root-uid': 5 }))).toEqual(base);
    expect(() => apply({ 'userns-root-uid': -1 })).toThrow('invalid user id -1');
  });
});

describe('flags of user networks', () => {
  it('add a network, and change the one of a file', () => {
    const values: ContainerValues = {
      'user-net': 'pasta',
      'user-net-dns': '10.9.8.7',
      'user-net-host': true,
      'user-net-mtu': 1400,
      publish: ['8080:80', '127.0.0.1:53:5353/udp'],
    };
    const network = {
      type: 'user',
      program: 'pasta',
      dns: '10.9.8.7',
      hostLoopback: true,
      mtu: 1400,
      ports: [
        { hostPort: 8080, containerPort: 80 },
        { protocol: 'udp', hostAddress: '127.0.0.1', hostPort: 53, containerPort: 5353 },
      ],
    };
    expect(apply(values).networks).toEqual([...base.networks!, network]);
    expect(findProblems(apply(values))).toEqual([]);
    expect(apply({ 'user-net': 'any' }).networks?.at(-1)).toEqual({ type: 'user' });
    const own: Config = { rootfs: '/r', networks: [{ type: 'user', ports: [{ hostPort: 1, containerPort: 2 }] }] };
    expect(apply({ publish: ['3:4'] }, own).networks?.[0]?.ports).toHaveLength(2);
  });

  it('need one', () => {
    expect(() => apply({ publish: ['1:2'] })).toThrow('--publish needs --user-net');
  });

  it.each(['80', '0:80', '80:65536', '1:2/sctp', 'a:b'])('refuse --publish %s', (text) => {
    expect(() => apply({ 'user-net': 'any', publish: [text] })).toThrow(`invalid port ${text}`);
  });
});

describe('flags of veth', () => {
  it('add eth0 on a bridge', () => {
    const values: ContainerValues = {
      'veth-bridge': 'docker0',
      'veth-address': '172.17.0.101/16',
      'veth-gateway': '172.17.42.1',
      'veth-mtu': 1500,
    };
    expect(apply(values).networks).toEqual([
      ...base.networks!,
      {
        type: 'veth',
        name: 'eth0',
        bridge: 'docker0',
        address: '172.17.0.101/16',
        gateway: '172.17.42.1',
        mtu: 1500,
        hostInterfaceName: expect.stringMatching(/^veth[0-9a-f]{7}$/),
      },
    ]);
    expect(findProblems(apply(values))).toEqual([]);
  });

  it('change the interface of a file', () => {
    const own: Config = { rootfs: '/r', networks: [{ type: 'veth', name: 'eth0', bridge: 'b', mtu: 9000 }] };
    expect(apply({ 'veth-mtu': 1400 }, own).networks).toEqual([{ type: 'veth', name: 'eth0', bridge: 'b', mtu: 1400 }]);
  });

  it('need a bridge', () => {
    expect(() => apply({ 'veth-address': '1.2.3.4/8' })).toThrow('--veth-address needs --veth-bridge');
  });
});
