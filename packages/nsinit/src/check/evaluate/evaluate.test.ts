import { parseMountinfo } from '@nsinit/mount';
import type { NamespaceKind } from '@nsinit/namespaces';
import { describe, expect, it } from 'vitest';
import type { Facts, NamespaceFact } from '../facts.ts';
import { findingsText } from '../text.ts';
import { evaluate } from './index.ts';

const fine: NamespaceFact = { present: true, limit: 10_000, attempt: 'ok' };
const kinds: readonly NamespaceKind[] = [
  'NEWNS',
  'NEWPID',
  'NEWNET',
  'NEWIPC',
  'NEWUTS',
  'NEWUSER',
  'NEWCGROUP',
  'NEWTIME',
];
const UNIFIED = '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw';
const LEGACY = [
  '31 23 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
  '32 23 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
];
const PTS = '24 23 0:20 / /dev/pts rw - devpts devpts rw';

/** A host on which everything is as it should be. */
const host: Facts = {
  kernelRelease: '6.1.0-18-amd64',
  architecture: 'x64',
  uid: 0,
  userName: 'root',
  noNewPrivileges: false,
  ownCgroup: { path: '/sys/fs/cgroup', writable: true, controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'] },
  systemd: { version: 252, bus: 'ok', userControllers: undefined },
  stateRoot: '/var/run/nsinit',
  capabilities: 0x1ff_ffff_ffffn,
  namespaces: Object.fromEntries(kinds.map((kind) => [kind, fine])) as Facts['namespaces'],
  mounts: parseMountinfo(`${PTS}\n${UNIFIED}\n`),
  unifiedControllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'],
  seccompActions: ['kill_process', 'errno', 'user_notif', 'allow'],
  securityModules: ['capability', 'apparmor', 'selinux'],
  appArmor: { enabled: true },
  seLinux: { enabled: true },
  landlock: { abi: 7 },
  filesystems: new Set(['proc', 'sysfs', 'tmpfs', 'devpts', 'mqueue', 'overlay']),
  criu: { path: '/usr/sbin/criu', setuid: false, fileCapabilities: false, version: '4.0' },
  checkpoint: { memoryTracking: true, lazyPages: true },
  pasta: { path: '/usr/bin/pasta', setuid: false, fileCapabilities: false },
  slirp4netns: undefined,
  tunDevice: true,
  newuidmap: { path: '/usr/bin/newuidmap', setuid: true, fileCapabilities: false },
  newgidmap: { path: '/usr/bin/newgidmap', setuid: false, fileCapabilities: true },
  subuids: [{ first: 100_000, count: 65_536 }],
  subgids: [{ first: 100_000, count: 65_536 }],
  sysctls: {
    'kernel.unprivileged_userns_clone': '1',
    'kernel.apparmor_restrict_unprivileged_userns': undefined,
    'user.max_user_namespaces': '10000',
    'vm.memfd_noexec': '0',
    'kernel.pid_max': '4194304',
    'fs.nr_open': '1048576',
    'kernel.pty.max': '4096',
  },
  openFiles: { soft: 1024, hard: undefined },
  executor: { path: '/x/nsexec', run: 'ok' },
  start: 'ok',
};

const find = (changes: Partial<Facts>, group: string, name: string) => {
  const found = evaluate({ ...host, ...changes }).filter((one) => one.group === group && one.name === name);
  expect(found).toHaveLength(1);
  return found[0]!;
};
const namespace = (kind: NamespaceKind, fact: NamespaceFact, more: Partial<Facts> = {}): Partial<Facts> => ({
  ...more,
  namespaces: { ...host.namespaces, [kind]: fact },
});
const sysctl = (changes: Partial<Facts['sysctls']>): Partial<Facts> => ({ sysctls: { ...host.sysctls, ...changes } });

const systemd = (changes: Partial<Facts['systemd'] & object>): Partial<Facts> => ({
  systemd: { ...host.systemd!, ...changes },
});

it('finds nothing wrong with a good host, and has no remedy for it', () => {
  for (const finding of evaluate(host)) {
    expect(finding).toMatchObject({ status: 'ok' });
    expect(finding.remedy).toBeUndefined();
  }
});

it.each<[Partial<Facts>, string, string, 'limited' | 'missing', RegExp, RegExp | undefined]>([
  [{ kernelRelease: '5.13.19' }, 'kernel', 'version', 'missing', /older than 5\.14/, /5\.14 or newer/],
  [{ kernelRelease: '4.19.0' }, 'kernel', 'version', 'missing', /older/, /newer/],
  [{ kernelRelease: 'odd' }, 'kernel', 'version', 'limited', /no version/, undefined],
  [{ architecture: 's390x' }, 'kernel', 'architecture', 'missing', /s390x/, /x86-64 or arm64/],
  [sysctl({ 'vm.memfd_noexec': '2' }), 'kernel', 'memfd', 'missing', /memfd_noexec is 2/, /memfd_noexec=1/],
  [
    { executor: { path: '/n', run: { errno: 'EACCES', message: 'denied' } } },
    'kernel',
    'nsexec',
    'missing',
    /\/n cannot be executed: denied/,
    /install/,
  ],
  [
    namespace('NEWTIME', { present: false, limit: undefined, attempt: { errno: undefined, message: '' } }),
    'namespaces',
    'time',
    'missing',
    /no time namespaces/,
    /CONFIG_TIME_NS/,
  ],
  [
    namespace('NEWNET', { present: true, limit: 0, attempt: { errno: 'ENOSPC', message: 'x' } }),
    'namespaces',
    'network',
    'missing',
    /max_net_namespaces allows 0/,
    /sysctl -w user\.max_net_namespaces/,
  ],
  [
    namespace('NEWNS', { present: true, limit: 3, attempt: 'ok' }),
    'namespaces',
    'mount',
    'limited',
    /allows 3/,
    /sysctl/,
  ],
  [
    namespace(
      'NEWPID',
      { present: true, limit: 9, attempt: { errno: 'EPERM', message: 'x' } },
      { uid: 1000, capabilities: 0n },
    ),
    'namespaces',
    'pid',
    'missing',
    /CAP_SYS_ADMIN, which user 1000 lacks/,
    /as root/,
  ],
  [
    namespace('NEWUSER', { present: true, limit: 9, attempt: { errno: 'EPERM', message: 'refused' } }),
    'namespaces',
    'user',
    'missing',
    /refused/,
    /unprivileged users/,
  ],
  [{ mounts: parseMountinfo(PTS) }, 'cgroups', 'layout', 'missing', /no control groups/, /mount -t cgroup2/],
  [{ unifiedControllers: ['cpu'] }, 'cgroups', 'memory', 'limited', /no hierarchy/, /cgroup_disable=memory/],
  [{ seccompActions: undefined }, 'security', 'seccomp', 'missing', /no system call filters/, /CONFIG_SECCOMP_FILTER/],
  [{ seccompActions: ['allow'] }, 'security', 'seccomp', 'limited', /cannot ask/, undefined],
  [{ securityModules: undefined }, 'security', 'modules', 'limited', /cannot be read/, /securityfs/],
  [{ appArmor: { enabled: false, reason: 'it is off' } }, 'security', 'apparmor', 'limited', /it is off/, /apparmor=1/],
  [{ seLinux: { enabled: false, reason: 'it is off' } }, 'security', 'selinux', 'limited', /it is off/, /selinux=1/],
  [{ landlock: { abi: 4 } }, 'security', 'landlock', 'limited', /version 4/, /Linux 6\.15/],
  [{ landlock: { abi: 0, reason: 'it is off' } }, 'security', 'landlock', 'limited', /it is off/, /best_effort/],
  [
    { filesystems: new Set(['proc', 'sysfs', 'tmpfs', 'devpts']) },
    'file systems',
    'mounts',
    'missing',
    /mqueue/,
    /kernel/,
  ],
  [{ filesystems: new Set() }, 'file systems', 'overlay', 'limited', /no module/, /modprobe overlay/],
  [{ mounts: parseMountinfo(UNIFIED) }, 'file systems', 'devpts', 'limited', /not mounted/, /mount -t devpts/],
  [sysctl({ 'user.max_user_namespaces': '0' }), 'unprivileged users', 'user namespaces', 'missing', /is 0/, /sysctl/],
  [
    sysctl({ 'kernel.unprivileged_userns_clone': '0' }),
    'unprivileged users',
    'user namespaces',
    'limited',
    /for root alone/,
    /clone=1/,
  ],
  [
    sysctl({ 'kernel.apparmor_restrict_unprivileged_userns': '1' }),
    'unprivileged users',
    'user namespaces',
    'limited',
    /no capabilities/,
    /=0/,
  ],
  [{ newuidmap: undefined }, 'unprivileged users', 'newuidmap', 'limited', /not found/, /uidmap/],
  [
    { newgidmap: { path: '/b/newgidmap', setuid: false, fileCapabilities: false } },
    'unprivileged users',
    'newgidmap',
    'limited',
    /neither/,
    /chmod u\+s \/b\/newgidmap/,
  ],
  [{ uid: 7, subuids: [] }, 'unprivileged users', 'subuid', 'limited', /user 7 has no range/, /--add-subuids/],
  [
    { uid: 7, subgids: [{ first: 5, count: 10 }] },
    'unprivileged users',
    'subgid',
    'limited',
    /5 to 14/,
    /--add-subgids/,
  ],
  [{ pasta: undefined }, 'unprivileged users', 'user networks', 'limited', /neither/, /passt or slirp4netns/],
  [{ tunDevice: undefined }, 'unprivileged users', 'user networks', 'limited', /no \/dev\/net\/tun/, /modprobe tun/],
  [{ tunDevice: false }, 'unprivileged users', 'user networks', 'limited', /may not open/, /chmod 0666/],
  [{ criu: undefined }, 'programs', 'criu', 'limited', /not found/, /--criu/],
  [
    { checkpoint: { memoryTracking: false, lazyPages: true } },
    'checkpoint',
    'pre-dump',
    'limited',
    /CONFIG_MEM_SOFT_DIRTY/,
    /--pre-dump/,
  ],
  [
    { checkpoint: { memoryTracking: true, lazyPages: false } },
    'checkpoint',
    'lazy pages',
    'limited',
    /userfaultfd/,
    /CONFIG_USERFAULTFD/,
  ],
  [
    { checkpoint: { message: 'criu is too old', remedy: 'install criu 3.17' } },
    'checkpoint',
    'criu and kernel',
    'limited',
    /cannot be saved: criu is too old$/,
    /^install criu 3.17$/,
  ],
  [{ openFiles: { soft: 64, hard: 64 } }, 'limits', 'open files', 'limited', /64/, /ulimit/],
  [sysctl({ 'kernel.pid_max': '301' }), 'limits', 'process ids', 'limited', /301/, /pid_max/],
  [{ start: { errno: 'EPERM', message: 'no', hint: 'do so' } }, 'start', 'template', 'missing', /: no$/, /^do so$/],
  [{ start: { errno: 'EPERM', message: 'no' } }, 'start', 'template', 'missing', /no/, /above/],
  [
    { start: { errno: 'EPERM', message: 'no', hint: 'do so' }, capabilities: 0n, uid: 8 },
    'start',
    'template',
    'missing',
    /no/,
    /^do so$/,
  ],
  [
    { start: { errno: 'EPERM', message: 'no' }, capabilities: 0n, uid: 8 },
    'start',
    'template',
    'missing',
    /no/,
    /unprivileged users/,
  ],
  [
    namespace('NEWPID', { present: true, limit: 9, attempt: { errno: 'EPERM', message: 'x' } }),
    'namespaces',
    'pid',
    'missing',
    /security module/,
    /allow it/,
  ],
  [
    { uid: 7, ownCgroup: { path: '/sys/fs/cgroup/a', writable: false, controllers: [] } },
    'cgroups',
    'delegation',
    'limited',
    /user 7 may make no groups in \/sys\/fs\/cgroup\/a/,
    /Delegate=yes/,
  ],
  [
    { ownCgroup: { path: '/sys/fs/cgroup', writable: false, controllers: [] } },
    'cgroups',
    'delegation',
    'limited',
    /root may make no groups/,
    /can be written/,
  ],
  [
    { uid: 7, ownCgroup: { path: '/sys/fs/cgroup/a', writable: true, controllers: ['memory', 'pids'] } },
    'cgroups',
    'delegation',
    'limited',
    /user 7 may make groups .* but not with cpu, cpuset$/,
    /Delegate=cpu cpuset/,
  ],
  [{ systemd: undefined }, 'systemd', 'manager', 'limited', /not the first process/, undefined],
  [systemd({ version: undefined }), 'systemd', 'manager', 'limited', /does not say which version/, undefined],
  [systemd({ version: 241 }), 'systemd', 'manager', 'limited', /241 knows no AllowedCPUs/, /244/],
  [
    systemd({ bus: { errno: undefined, message: 'no bus at /run/x' } }),
    'systemd',
    'bus',
    'missing',
    /--systemd cannot be used: no bus at \/run\/x/,
    /dbus\.socket/,
  ],
  [
    { uid: 7, ...systemd({ bus: { errno: undefined, message: 'none' } }) },
    'systemd',
    'bus',
    'missing',
    /none/,
    /enable-linger 7.*XDG_RUNTIME_DIR=\/run\/user\/7/,
  ],
  [{ uid: 7 }, 'systemd', 'delegation', 'limited', /user 7 has no manager/, /enable-linger 7/],
  [
    { uid: 7, ...systemd({ userControllers: ['memory', 'pids'] }) },
    'systemd',
    'delegation',
    'limited',
    /user@7\.service has memory, pids, but not cpu, cpuset/,
    /systemctl edit user@\.service/,
  ],
  [{ uid: 7, noNewPrivileges: true }, 'unprivileged users', 'newuidmap', 'limited', /no_new_privs/, /NoNewPrivileges=/],
  [{ uid: 7, userName: undefined }, 'unprivileged users', 'newgidmap', 'limited', /no entry/, /useradd --uid 7/],
  [
    { stateRoot: { errno: undefined, message: '/tmp/nsinit-7 belongs to somebody else' } },
    'unprivileged users',
    'state',
    'missing',
    /somebody else/,
    /XDG_RUNTIME_DIR/,
  ],
])('%#: tells what is wrong and what to do: %s %s', (changes, group, name, status, detail, remedy) => {
  const finding = find(changes, group, name);
  expect(finding.status).toBe(status);
  expect(finding.detail).toMatch(detail);
  if (remedy) expect(finding.remedy).toMatch(remedy);
  else expect(finding.remedy).toBeUndefined();
});

describe('control groups', () => {
  it('tells the layouts apart', () => {
    const layout = (...lines: readonly string[]) =>
      find({ mounts: parseMountinfo(lines.join('\n')) }, 'cgroups', 'layout').detail;
    expect(layout(UNIFIED)).toBe('v2, /sys/fs/cgroup');
    expect(layout(...LEGACY)).toBe('v1, /sys/fs/cgroup/cpu,cpuacct');
    expect(layout(UNIFIED, ...LEGACY)).toBe('hybrid (v1 and v2), /sys/fs/cgroup and /sys/fs/cgroup/cpu,cpuacct');
  });

  it('tells what controllers a group below may have', () => {
    expect(find({}, 'cgroups', 'delegation').detail).toBe(
      'root may make groups in /sys/fs/cgroup, with cpuset, cpu, io, memory, pids',
    );
    const hybrid = parseMountinfo([UNIFIED, ...LEGACY].join('\n'));
    const ownCgroup = { path: '/sys/fs/cgroup', writable: true, controllers: [] };
    expect(find({ mounts: hybrid, ownCgroup }, 'cgroups', 'delegation').status).toBe('ok');
    expect(evaluate({ ...host, ownCgroup: undefined }).filter(({ name }) => name === 'delegation')).toEqual([]);
  });

  it('finds controllers where they are', () => {
    const facts: Partial<Facts> = {
      mounts: parseMountinfo([UNIFIED, ...LEGACY].join('\n')),
      unifiedControllers: ['pids'],
    };
    expect(find(facts, 'cgroups', 'memory').detail).toBe('v1 at /sys/fs/cgroup/memory');
    expect(find(facts, 'cgroups', 'pids').detail).toBe('v2 at /sys/fs/cgroup');
    expect(find(facts, 'cgroups', 'freezer').detail).toBe('v2 at /sys/fs/cgroup, without a controller');
    expect(find(facts, 'cgroups', 'cpuset').status).toBe('limited');
    expect(find({ ...facts, mounts: parseMountinfo(LEGACY.join('\n')) }, 'cgroups', 'devices').status).toBe('limited');
  });
});

it('finds nothing wrong for a user to whom everything was given', () => {
  const given: Facts = {
    ...host,
    uid: 7,
    userName: 'seven',
    capabilities: 0n,
    ...systemd({ userControllers: ['cpuset', 'cpu', 'memory', 'pids'] }),
  };
  expect(evaluate(given).filter(({ status }) => status !== 'ok')).toEqual([]);
});

it('needs no ranges for root', () => {
  expect(find({ subuids: [] }, 'unprivileged users', 'subuid')).not.toHaveProperty('remedy');
});

it('is printed by groups, with remedies below', () => {
  expect(
    findingsText([
      { group: 'a', name: 'one', status: 'ok', detail: 'fine' },
      { group: 'b', name: 'three', status: 'missing', detail: 'gone', remedy: 'get it' },
    ]),
  ).toBe('a\n  one    ok       fine\n\nb\n  three  missing  gone\n                  -> get it\n');
});
