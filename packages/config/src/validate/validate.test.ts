import { describe, expect, it } from 'vitest';
import type { Config } from '../config.ts';
import { ConfigError, problemText } from '../error.ts';
import { RLIM_INFINITY } from '../rlimit.ts';
import { template } from '../template.ts';
import type { Host } from './host.ts';
import { findProblems, validate } from './validate.ts';

const base = template({ rootfs: '/srv/busybox' });
const texts = (changes: Partial<Config>, host?: Host): readonly string[] =>
  findProblems({ ...base, ...changes }, host).map(problemText);

/** A made-up machine on which everything is as it should be, except for what a test changes. */
const machine = (changes: Partial<Host> = {}): Host => ({
  lstat: () => ({ isDirectory: true }),
  realpath: (path) => path.replace(/\/$/, ''),
  exists: () => true,
  ...changes,
});

const missing = (code: string) => (): never => {
  throw Object.assign(new Error(`${code}: something`), { code });
};

const namespaces = base.namespaces!;
const without = (type: string) => namespaces.filter((namespace) => namespace.type !== type);
const withUser = [...namespaces, { type: 'NEWUSER' }] as const;
const maps = [{ containerId: 0, hostId: 1000, size: 10 }];
const mount = { source: 'a', destination: '/a', device: 'tmpfs', flags: 0 } as const;

describe('validate', () => {
  it('accepts the template', () => {
    expect(() => validate(base, machine())).not.toThrow();
  });

  it('reports everything at once', () => {
    const broken = { ...base, rootfs: 'a', umask: -1, hostname: 'x'.repeat(65) };
    expect(() => validate(broken)).toThrow(ConfigError);
    expect(findProblems(broken).map(({ path }) => path)).toEqual(['rootfs', 'hostname', 'umask']);
  });
});

describe('rootfs', () => {
  it.each<readonly [string, Partial<Host>, readonly string[]]>([
    ['srv', {}, ['rootfs: srv is not an absolute path or is a symlink']],
    ['/link', { realpath: () => '/real' }, ['rootfs: /link is not an absolute path or is a symlink']],
    ['/a/../b', { realpath: () => '/b' }, ['rootfs: /a/../b is not an absolute path or is a symlink']],
    ['/gone', { lstat: missing('ENOENT') }, ['rootfs: lstat /gone: no such file or directory']],
    ['/odd', { lstat: missing('EIO') }, ['rootfs: lstat /odd: EIO: something']],
    ['/file', { lstat: () => ({ isDirectory: false }) }, ['rootfs: /file is not a directory']],
    ['/dir/', {}, []],
    ['/', { realpath: () => '/' }, []],
  ])('%s', (rootfs, changes, expected) => {
    expect(texts({ rootfs }, machine(changes))).toEqual(expected);
  });
});

describe('what needs a namespace', () => {
  const network = 'unable to apply network settings without a private NET namespace';
  const sys = 'unable to restrict sys entries without a private MNT namespace';
  it.each<readonly [string, Partial<Config>, readonly string[]]>([
    ['networks', { namespaces: without('NEWNET') }, [`networks: ${network}`]],
    [
      'routes',
      { namespaces: without('NEWNET'), networks: [], routes: [{ gateway: '10.0.0.1' }] },
      [`routes: ${network}`],
    ],
    [
      'names',
      { namespaces: without('NEWUTS'), domainname: 'd' },
      [
        'hostname: unable to set hostname without a private UTS namespace',
        'domainname: unable to set domainname without a private UTS namespace',
      ],
    ],
    ['names that are empty', { namespaces: without('NEWUTS'), hostname: '' }, []],
    ['paths', { namespaces: without('NEWNS') }, [`mask_paths: ${sys}`, `readonly_paths: ${sys}`]],
    [
      'mappings, even without a line',
      { uidMappings: [], gidMappings: maps },
      [
        "uid_mappings: User namespace mappings specified, but USER namespace isn't enabled in the config",
        "gid_mappings: User namespace mappings specified, but USER namespace isn't enabled in the config",
      ],
    ],
  ])('%s', (_, changes, expected) => {
    expect(texts(changes)).toEqual(expected);
  });
});

describe('namespaces', () => {
  it.each<readonly [string, Partial<Config>, readonly string[]]>([
    ['twice', { namespaces: [...namespaces, { type: 'NEWPID' }] }, ['namespaces[5].type: NEWPID occurs twice']],
    [
      'unknown',
      { namespaces: [...namespaces, { type: 'NEWNETS' as 'NEWNET' }] },
      ['namespaces[5].type: unknown namespace "NEWNETS" (did you mean "NEWNET"?)'],
    ],
    [
      'relative path',
      { namespaces: [...without('NEWNET'), { type: 'NEWNET', path: 'ns/net' }] },
      ['namespaces[4].path: namespace "ns/net" is not an absolute path'],
    ],
    [
      'user without mappings',
      { namespaces: withUser },
      [
        'uid_mappings: User namespaces enabled, but no user mappings found.',
        'gid_mappings: User namespaces enabled, but no gid mappings found.',
      ],
    ],
    [
      'user without root',
      { namespaces: withUser, uidMappings: maps, gidMappings: [{ containerId: 1, hostId: 1, size: 1 }] },
      ['gid_mappings: User namespaces enabled, but no root user mapping found.'],
    ],
    ['user joined', { namespaces: [...namespaces, { type: 'NEWUSER', path: '/proc/1/ns/user' }] }, []],
    ['user', { namespaces: withUser, uidMappings: maps, gidMappings: maps }, []],
  ])('%s', (_, changes, expected) => {
    expect(texts(changes)).toEqual(expected);
  });

  it('must be known to the kernel', () => {
    const host = machine({ exists: (path) => path !== '/proc/self/ns/user' && path !== '/proc/self/ns/time' });
    const list = [...withUser, { type: 'NEWTIME' }] as const;
    expect(texts({ namespaces: list, uidMappings: maps, gidMappings: maps }, host)).toEqual([
      "namespaces[5].type: USER namespaces aren't enabled in the kernel",
      "namespaces[6].type: TIME namespaces aren't enabled in the kernel",
    ]);
  });

  it('must exist to be joined', () => {
    const list = [...without('NEWNET'), { type: 'NEWNET', path: '/run/netns/a' }] as const;
    expect(texts({ namespaces: list }, machine({ exists: (path) => path !== '/run/netns/a' }))).toEqual([
      'namespaces[4].path: the namespace /run/netns/a does not exist',
    ]);
  });
});

describe('id mappings', () => {
  const check = (uidMappings: Config['uidMappings']) => texts({ namespaces: withUser, uidMappings, gidMappings: maps });
  const map = (containerId: number, hostId: number, size: number) => ({ containerId, hostId, size });

  it.each<readonly [string, Config['uidMappings'], readonly string[]]>([
    ['no size', [map(0, 1000, 1), map(5, 5, 0)], ['uid_mappings[1].size: size 0 is less than 1']],
    ['negative', [map(0, 1000, 1), map(2, -1, 1)], ['uid_mappings[1].host_id: -1 is less than 0']],
    [
      'too far',
      [map(0, 0xffff_fffe, 2)],
      ['uid_mappings[0]: host_id 4294967294 and size 2 go beyond 4294967294 (1 id is left from there)'],
    ],
    ['up to the end', [map(0, 0xffff_fffe, 1)], []],
    [
      'overlap inside',
      [map(0, 0, 10), map(9, 100, 1)],
      ['uid_mappings[1].container_id: overlaps uid_mappings[0] (begin at 10, or shorten that one)'],
    ],
    [
      'overlap outside, in any order',
      [map(20, 5, 10), map(0, 0, 6), map(40, 14, 2)],
      [
        'uid_mappings[0].host_id: overlaps uid_mappings[1] (begin at 6, or shorten that one)',
        'uid_mappings[2].host_id: overlaps uid_mappings[0] (begin at 15, or shorten that one)',
      ],
    ],
    ['neighbours', [map(0, 0, 10), map(10, 10, 1)], []],
    [
      'too many',
      Array.from({ length: 341 }, (_, index) => map(index, index, 1)),
      ['uid_mappings: more than 340 mappings, which is the limit of the kernel (join those that follow one another)'],
    ],
  ])('%s', (_, list, expected) => {
    expect(check(list)).toEqual(expected);
  });
});

describe('mounts', () => {
  const located = (path: string) => `${JSON.stringify(path)} cannot be mounted because it is located inside "/proc"`;
  it.each<readonly [object, readonly string[]]>([
    [{}, []],
    [{ destination: '/' }, ['mounts[0].destination: mounting into / is prohibited']],
    [{ destination: '/a/..//' }, ['mounts[0].destination: mounting into / is prohibited']],
    [{ destination: 'a' }, ['mounts[0].destination: destination "a" is not an absolute path']],
    [{ destination: '/proc', device: 'proc' }, []],
    [{ destination: '/proc/' }, [`mounts[0].destination: ${located('/proc/')}`]],
    [{ destination: '/proc/sys', device: 'proc' }, [`mounts[0].destination: ${located('/proc/sys')}`]],
    [{ destination: '/a/../proc/x' }, [`mounts[0].destination: ${located('/a/../proc/x')}`]],
    [{ destination: '/procfs/x' }, []],
    [{ destination: '/sys/fs/cgroup', device: 'cgroup' }, []],
    [{ device: 'cgroup', data: 'rw' }, []],
    [
      { device: 'cgroup', data: 'rw,size=1' },
      ['mounts[0].data: the data of a cgroup mount is ro or rw, not rw,size=1'],
    ],
    [{ device: 'cgroup', data: 'rw', flags: 1 }, ['mounts[0].flags: a cgroup mount cannot be read-only and rw']],
    [{ device: 'tmpf' }, ['mounts[0].device: unknown mount device "tmpf" to "/a" (did you mean "tmpfs"?)']],
    [{ device: 'bind' }, ['mounts[0].source: the source of a bind mount "a" is not an absolute path']],
    [{ device: 'bind', source: '/a', relabel: 'z' }, []],
    [{ relabel: 'y' }, ['mounts[0].relabel: unknown relabel "y" (did you mean "z"?)']],
    [{ flags: -1 }, ['mounts[0].flags: flags -1 is out of range, expected 0 to 4294967295']],
    [
      { premountCmds: [{ path: '' }], postmountCmds: [{ path: 'true', env: ['A'] }] },
      [
        'mounts[0].premount_cmds[0].path: the path of the command is empty',
        'mounts[0].postmount_cmds[0].env[0]: environment entry "A" is not NAME=value',
      ],
    ],
    [{ uidMappings: maps }, ['mounts[0]: uid_mappings and gid_mappings of a mount are given both or not at all']],
    [
      { uidMappings: maps, gidMappings: [{ containerId: 0, hostId: 0, size: 0 }] },
      ['mounts[0].gid_mappings[0].size: size 0 is less than 1'],
    ],
  ])('%j', (changes, expected) => {
    expect(texts({ mounts: [{ ...mount, ...changes }] })).toEqual(expected);
  });

  it('of control groups need some', () => {
    expect(texts({ cgroups: undefined, mounts: [{ ...mount, device: 'cgroup' }] })).toEqual([
      'mounts[0]: a cgroup mount needs control groups, and the container has none: give it a cgroups section',
    ]);
  });

  it('paths are absolute', () => {
    expect(texts({ maskPaths: ['proc/kcore'], readonlyPaths: ['/a', ''] })).toEqual([
      'mask_paths[0]: the path "proc/kcore" is not an absolute path',
      'readonly_paths[1]: the path "" is not an absolute path',
    ]);
  });
});

describe('devices', () => {
  const device = { type: 'c', path: '/dev/a', major: 1, minor: 3, permissions: 'rwm' } as const;
  it.each<readonly [object, readonly string[]]>([
    [{}, []],
    [{ type: 'a' }, ['devices[0].type: a is not a valid device type for device /dev/a']],
    [{ path: 'dev/a' }, ['devices[0].path: device "dev/a" is not an absolute path']],
    [{ major: -1 }, ['devices[0].major: major number -1 is out of range, expected 0 to 4095']],
    [{ minor: 1 << 20 }, ['devices[0].minor: minor number 1048576 is out of range, expected 0 to 1048575']],
    [{ permissions: 'rx' }, ['devices[0].permissions: "rx" is not made of r, w and m']],
    [{ permissions: 'rr' }, ['devices[0].permissions: "rr" is not made of r, w and m']],
    [{ fileMode: 0o200000 }, ['devices[0].file_mode: file mode 65536 is out of range, expected 0 to 65535']],
  ])('%j', (changes, expected) => {
    expect(texts({ devices: [{ ...device, ...changes }] })).toEqual(expected);
  });

  it('rules may have wildcards and every kind, but need permissions', () => {
    const rule = { type: 'a', major: -1, minor: -1, permissions: 'rwm' } as const;
    expect(texts({ cgroups: { allowedDevices: [rule], deniedDevices: [{ ...rule, permissions: '' }] } })).toEqual([
      'cgroups.denied_devices[0].permissions: no permission is given',
    ]);
    expect(texts({ cgroups: { allowedDevices: [{ ...rule, type: 'x' as 'c' }] } })).toEqual([
      'cgroups.allowed_devices[0].type: x is not a valid device type',
    ]);
  });
});

describe('processes', () => {
  it.each<readonly [Partial<Config>, readonly string[]]>([
    [
      { capabilities: ['CAP_KILL', 'sys_admn'] },
      ['capabilities[1]: unknown capability "sys_admn" (did you mean "CAP_SYS_ADMIN"?)'],
    ],
    [
      { capabilities: { bounding: ['NOPE'], effective: ['KILL'], ambient: ['CHOWN'], permitted: ['CHOWN'] } },
      [
        'capabilities.bounding[0]: unknown capability "NOPE"',
        'capabilities.effective: not in the permitted set: CAP_KILL',
        'capabilities.ambient: not in the inheritable set: CAP_CHOWN',
      ],
    ],
    [{ capabilities: undefined }, []],
    [{ parentDeathSignal: 65 }, ['parent_death_signal: signal 65 is out of range, expected 0 to 64']],
    [{ oomScoreAdj: -1001 }, ['oom_score_adj: adjustment -1001 is out of range, expected -1000 to 1000']],
    [{ umask: 0o1000 }, ['umask: umask 512 is out of range, expected 0 to 511 (0o777)']],
    [{ additionalGroups: ['audio', ''] }, ['additional_groups[1]: the name of the group is empty']],
    [
      { process: { env: ['A=', 'PATH=PATH=$PATH:/bin', 'B', '=c'], cwd: 'tmp' } },
      [
        'process.env[2]: environment entry "B" is not NAME=value',
        'process.env[3]: environment entry "=c" is not NAME=value',
        'process.cwd: the working directory "tmp" is not an absolute path',
      ],
    ],
  ])('%j', (changes, expected) => {
    expect(texts(changes)).toEqual(expected);
  });

  it('resource limits', () => {
    const rlimits = [
      { type: 7, soft: 2, hard: 1 },
      { type: 'RLIMIT_NOFILE', soft: 0, hard: RLIM_INFINITY },
      { type: 16, soft: 0, hard: 0 },
      { type: 'RLIMIT_NOFILES' as 'RLIMIT_NOFILE', soft: 0, hard: 0 },
      { type: 0, soft: -1, hard: RLIM_INFINITY + 1n },
    ] as const;
    expect(texts({ rlimits })).toEqual([
      'rlimits[0].soft: the soft limit 2 is above the hard limit 1',
      'rlimits[1].type: RLIMIT_NOFILE occurs twice',
      'rlimits[2].type: unknown resource limit 16',
      'rlimits[3].type: unknown resource limit "RLIMIT_NOFILES" (did you mean "RLIMIT_NOFILE"?)',
      'rlimits[4].soft: -1 is no unsigned 64-bit integer',
      'rlimits[4].hard: 18446744073709551616 is no unsigned 64-bit integer',
    ]);
  });
});

describe('cgroups', () => {
  it.each<readonly [NonNullable<Config['cgroups']>, readonly string[]]>([
    [{ memorySwappiness: -1 }, []],
    [{ memorySwappiness: 101 }, ['cgroups.memory_swappiness: swappiness 101 is out of range, expected -1 to 100']],
    [{ blkioWeight: 9 }, ['cgroups.blkio_weight: weight 9 is out of range, expected 10 to 1000']],
    [{ freezer: 'COLD' as 'FROZEN' }, ["cgroups.freezer: Invalid argument 'COLD' to freezer.state"]],
    [{ parent: '/a/../b', name: 'a..b' }, ['cgroups.parent: "/a/../b" must not contain ".."']],
    [
      { memory: -2n, cpuShares: -1, cpuPeriod: 1 },
      ['cgroups.memory: -2 is less than -1 (no limit)', 'cgroups.cpu_shares: -1 is less than 0'],
    ],
    [{ hugetlbLimit: [{ pageSize: '2M', limit: 1 }] }, ['cgroups.hugetlb_limit[0].page_size: "2M" is not like 2MB']],
  ])('%o', (cgroups, expected) => {
    expect(texts({ cgroups })).toEqual(expected);
  });
});

describe('system properties', () => {
  it.each<readonly [string, readonly string[]]>([
    ['net.ipv4.ip_forward', []],
    ['net/ipv4/conf/eth0.1/forwarding', []],
    ['kernel.shmmni', []],
    ['kernel.hostname', []],
    ['kernel.panic', ['belongs to no namespace: setting it would change the host']],
    ['user.max_user_namespaces', ['would change the host: it needs a namespace of type NEWUSER']],
    ['../../etc/passwd', ['leads out of /proc/sys']],
    ['net/../kernel/panic', ['leads out of /proc/sys']],
    ['/net/ipv4/ip_forward', ['leads out of /proc/sys']],
    ['net..ipv4', ['leads out of /proc/sys']],
    ['net.//.x', ['leads out of /proc/sys']],
    ['', ['leads out of /proc/sys']],
    ['net.', ['leads out of /proc/sys']],
  ])('%s', (key, expected) => {
    const found = texts({ systemProperties: { [key]: '1' } });
    expect(found).toHaveLength(expected.length);
    expected.forEach((text, index) => {
      expect(found[index]).toContain(text);
      expect(found[index]).toContain(`system_properties[${JSON.stringify(key)}]: `);
    });
  });

  it('of a shared namespace are those of the host', () => {
    const config = { networks: [], systemProperties: { 'net.core.somaxconn': '1' } };
    expect(texts({ ...config, namespaces: without('NEWNET') })).toEqual([
      'system_properties["net.core.somaxconn"]: net.core.somaxconn would change the host: it needs a namespace of type NEWNET',
    ]);
  });
});

describe('values', () => {
  it('have no NUL, and numbers are exact', () => {
    expect(
      texts({
        hostname: 'a\0b',
        process: { env: ['A=\0'], args: ['ok', '\0'] },
        systemProperties: { 'net.a': '\0', 'net.b\0': '1' },
        cgroups: { memory: 2 ** 60, cpuShares: 1.5 },
      }),
    ).toEqual([
      'hostname: the text contains a NUL byte',
      'cgroups.memory: 1152921504606847000 is not an exact integer: use a bigint beyond 2^53',
      'cgroups.cpu_shares: 1.5 is not an exact integer: use a bigint beyond 2^53',
      'system_properties["net.a"]: the text contains a NUL byte',
      'system_properties["net.b\\u0000"]: the key contains a NUL byte',
      'process.args[1]: the text contains a NUL byte',
      'process.env[0]: the text contains a NUL byte',
    ]);
  });
});
