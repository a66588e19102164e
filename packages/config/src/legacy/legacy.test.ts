import { describe, expect, it } from 'vitest';
import { CAPABILITIES } from '../capability.ts';
import { DEFAULT_ALLOWED_DEVICES, DEFAULT_SIMPLE_DEVICES } from '../device-defaults.ts';
import { encodeConfig } from '../encode.ts';
import { ConfigError } from '../error.ts';
import { fixture } from '../fixture.test.helper.ts';
import { withDefaultMounts } from '../mount-defaults.ts';
import { MOUNT_FLAGS } from '../mount-flags.ts';
import { parseConfig } from '../parse.ts';
import { findProblems } from '../validate/validate.ts';

const { MS_BIND, MS_REC, MS_RDONLY, MS_PRIVATE, MS_SLAVE } = MOUNT_FLAGS;
const read = (name: string) => parseConfig(fixture(name), { rootfs: '/given' });
const allBut = (...dropped: readonly string[]) => CAPABILITIES.filter((name) => !dropped.includes(name.slice(4)));
const EARLY_MOUNTS = ['/proc', '/dev', '/dev/pts', '/dev/shm', '/sys', '/run'];
const destinations = (name: string) => read(name).config.mounts?.map(({ destination }) => destination);

describe('the sample of the first README', () => {
  const { config, notes } = read('2014-02-20-readme');

  it('is read', () => {
    expect(config).toMatchObject({
      rootfs: '/given',
      hostname: 'koye',
      namespaces: [{ type: 'NEWIPC' }, { type: 'NEWNS' }, { type: 'NEWPID' }, { type: 'NEWUTS' }, { type: 'NEWNET' }],
      networks: [
        { type: 'loopback' },
        {
          type: 'veth',
          name: 'eth0',
          bridge: 'docker0',
          address: '172.17.0.100/16',
          gateway: '172.17.42.1',
          mtu: 1500,
        },
      ],
      cgroups: { name: 'docker-koye', parent: 'docker', memory: 524800, allowAllDevices: false },
      devices: DEFAULT_SIMPLE_DEVICES,
    });
    expect(config.cgroups?.allowedDevices).toEqual(DEFAULT_ALLOWED_DEVICES);
    expect(config.process).toEqual({
      env: ['HOME=/', 'PATH=PATH=$PATH:/bin:/usr/bin:/sbin:/usr/sbin', 'container=docker', 'TERM=xterm-256color'],
    });
  });

  it('drops the listed capabilities and says so', () => {
    const listed =
      'SETPCAP SYS_MODULE SYS_RAWIO SYS_PACCT SYS_ADMIN SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD ' +
      'AUDIT_WRITE AUDIT_CONTROL MAC_OVERRIDE MAC_ADMIN';
    expect(config.capabilities).toEqual(allBut(...listed.split(' ')));
    expect(notes).toContainEqual({ path: 'capabilities', message: expect.stringContaining('to drop') as string });
  });

  it('is valid, complete and comes back equal', () => {
    expect(findProblems(config)).toEqual([]);
    expect(withDefaultMounts(config).added).toEqual([]);
    expect(config.mounts?.map(({ destination }) => destination)).toEqual(EARLY_MOUNTS);
    expect(parseConfig(encodeConfig(config)).config).toEqual(config);
  });
});

describe('the sample of the second README', () => {
  const { config, notes } = read('2014-02-26-readme');

  it('is read', () => {
    expect(config.process).toMatchObject({ tty: true });
    expect(config.capabilities).not.toContain('CAP_NET_ADMIN');
    expect(config.capabilities).toHaveLength(CAPABILITIES.length - 15);
    expect(config.networks).toEqual([
      { type: 'loopback' },
      {
        type: 'veth',
        name: 'eth0',
        bridge: 'docker0',
        address: '172.17.0.100/16',
        gateway: '172.17.42.1',
        mtu: 1500,
      },
    ]);
    expect(config.cgroups).toMatchObject({ name: 'docker-koye', parent: 'docker', memory: 5248000 });
    expect(notes).toContainEqual({ path: 'networks[0]', message: expect.stringContaining('"dock"') as string });
  });

  it('is valid and comes back equal', () => {
    expect(findProblems(config)).toEqual([]);
    expect(parseConfig(encodeConfig(config)).config).toEqual(config);
  });
});

describe('the other files of 2014', () => {
  it('2014-02-18: command, ip and its own rootfs', () => {
    const { config, notes } = read('2014-02-18');
    expect(config).toMatchObject({
      rootfs: '/srv/web',
      readonlyFs: true,
      capabilities: allBut('SETPCAP', 'SYS_ADMIN', 'NET_ADMIN'),
      networks: [{ type: 'loopback' }, { type: 'veth', address: '10.0.0.2/24', bridge: 'br0', mtu: 1400 }],
      process: {
        args: ['/bin/sh'],
        env: ['HOME=/', 'PATH=PATH=$PATH:/bin', 'TERM=xterm'],
        user: 'nobody',
        cwd: '/tmp',
      },
    });
    expect(notes.map(({ path }) => path)).toEqual(expect.arrayContaining(['id', 'namespace_pid', 'network.temp_veth']));
    expect(findProblems(config)).toEqual([]);
  });

  it('2014-02-20: flat cgroup keys', () => {
    expect(read('2014-02-20-flat').config.cgroups).toEqual({
      name: 'web',
      parent: 'docker',
      memory: 524800,
      memorySwap: -1,
      cpuShares: 512,
      allowAllDevices: false,
      allowedDevices: DEFAULT_ALLOWED_DEVICES,
    });
  });

  it('2014-02-21: one network with a context, and device_access', () => {
    const { config } = read('2014-02-21');
    expect(config.networks?.[1]).toMatchObject({ type: 'veth', bridge: 'br0' });
    expect(config.cgroups).toEqual({ name: 'web', parent: 'docker', allowAllDevices: true });
  });

  it('2014-03: context, switches and bind mounts', () => {
    const { config } = read('2014-03');
    expect(config).toMatchObject({
      noPivotRoot: true,
      apparmorProfile: 'docker-default',
      mountLabel: 'm:l:s0',
      processLabel: 'p:l:s0',
      maskPaths: ['/proc/kcore'],
      readonlyPaths: ['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus'],
      namespaces: [{ type: 'NEWNS' }],
      capabilities: allBut('SYS_ADMIN'),
    });
    expect(config.mounts?.slice(-2)).toEqual([
      {
        source: '/etc/hosts',
        destination: '/etc/hosts',
        device: 'bind',
        flags: MS_BIND | MS_REC | MS_RDONLY | MS_PRIVATE,
      },
      { source: '/data', destination: '/data', device: 'bind', flags: MS_BIND | MS_REC },
    ]);
    expect(config.mounts?.find(({ destination }) => destination === '/sys')?.flags).toBe(15);
  });

  it('2014-05-05: maps, and a network namespace to join', () => {
    const { config } = read('2014-05-05');
    expect(config.namespaces).toEqual([
      { type: 'NEWNS' },
      { type: 'NEWPID' },
      { type: 'NEWNET', path: '/proc/42/ns/net' },
    ]);
    expect(config.capabilities).toEqual(allBut('SYSLOG', 'NET_ADMIN'));
    expect(config.networks).toEqual([{ type: 'loopback', address: '127.0.0.1/0', gateway: 'localhost', mtu: 1500 }]);
    expect(destinations('2014-05-05')).toEqual(['/proc', '/dev', '/dev/pts', '/dev/shm', '/sys']);
    expect(config.mounts?.find(({ destination }) => destination === '/sys')?.flags).toBe(14);
  });

  it('2014-02-21: a network namespace to join is named by the network', () => {
    const text = (network: string) =>
      `{ "hostname": "h", "namespaces": ["NEWNS"], "capabilities": ["MKNOD"], "network": ${network} }`;
    const { config } = parseConfig(text('{ "type": "netns", "context": { "nspath": "/run/netns/blue" } }'), {
      rootfs: '/given',
    });
    expect(config.namespaces).toEqual([{ type: 'NEWNS' }, { type: 'NEWNET', path: '/run/netns/blue' }]);
    expect(config.networks).toEqual([]);
    expect(() => parseConfig(text('{ "type": "netns" }'), { rootfs: '/given' })).toThrow(
      'network: a network of the type netns needs ns_path',
    );
  });

  it('2014-05-17: capabilities to keep, routes, named device nodes', () => {
    const { config, notes } = read('2014-05-17');
    expect(config.capabilities).toEqual(['CAP_MKNOD']);
    expect(config.routes).toEqual([
      { gateway: '172.17.42.1', interfaceName: 'eth0' },
      { destination: '192.168.0.0/24', interfaceName: 'eth0' },
    ]);
    expect(config.devices?.map(({ path }) => path)).toEqual(['/dev/null', '/dev/zero', '/dev/fuse']);
    expect(notes.map(({ path }) => path)).toContain('optional_device_nodes[1]');
  });

  it('2014-07: mount_config and everything of its time', () => {
    const { config } = read('2014-07');
    expect(config).toMatchObject({
      rootfs: '/srv/web',
      noPivotRoot: false,
      pivotDir: '/var',
      readonlyFs: true,
      mountLabel: 'm:l:s0',
      capabilities: ['CAP_CHOWN', 'CAP_KILL'],
      namespaces: [{ type: 'NEWNS' }, { type: 'NEWNET', path: '/run/netns/x' }, { type: 'NEWUSER' }],
      additionalGroups: ['10', '20'],
      uidMappings: [{ containerId: 0, hostId: 1000, size: 1 }],
      rlimits: [{ type: 7, hard: 1024, soft: 512 }],
      cgroups: { allowAllDevices: true, memory: 1048576, cpuQuota: 50000, cpuPeriod: 100000 },
      process: { user: 'daemon', cwd: '/', tty: true },
      networks: [{ type: 'veth', macAddress: '02:42:ac:11:00:02', ipv6Gateway: 'fd00::1', txQueueLen: 100 }],
    });
    expect(config.devices).toEqual([
      { type: 'c', path: '/dev/null', major: 1, minor: 3, permissions: 'rwm', fileMode: 0o666 },
      { type: 'c', path: '/dev/tty', major: 5, minor: 0, permissions: 'rwm', fileMode: 0o666 },
    ]);
    expect(config.mounts?.slice(-2)).toEqual([
      { source: '/data', destination: '/data', device: 'bind', flags: MS_BIND | MS_REC | MS_SLAVE, relabel: 'Z' },
      { source: 'tmpfs', destination: '/scratch', device: 'tmpfs', flags: 14 },
    ]);
    expect(destinations('2014-07')?.slice(0, 6)).toEqual([
      '/proc',
      '/dev',
      '/dev/pts',
      '/dev/shm',
      '/dev/mqueue',
      '/sys',
    ]);
  });
});

describe('forms that lived for days', () => {
  it.each([
    ['{"tty":true,"required_device_nodes":["/dev/null"],"optional_device_nodes":["tty"]}'],
    ['{"tty":true,"device_nodes":{"required":["null"],"optional":["tty","none"]}}'],
  ])('device nodes by name: %s', (text) => {
    const { config } = parseConfig(text, { rootfs: '/r' });
    expect(config.devices?.map(({ path }) => path)).toEqual(['/dev/null', '/dev/tty']);
  });

  it('namespaces by name and path', () => {
    const text = '{"mount_config":{},"namespaces":[{"name":"NEWNS"},{"name":"NEWNET","path":"/run/netns/a"}]}';
    expect(parseConfig(text, { rootfs: '/r' }).config.namespaces).toEqual([
      { type: 'NEWNS' },
      { type: 'NEWNET', path: '/run/netns/a' },
    ]);
  });

  it.each([
    ['["NEWNS"]', '["SYS_ADMIN"]'],
    ['{"NEWNS":true}', '{"SYS_ADMIN":false,"MKNOD":true}'],
    [
      '[{"key":"NEWNS","enabled":true}]',
      '[{"key":"SYS_ADMIN","enabled":false,"value":21},{"key":"MKNOD","enabled":true}]',
    ],
  ])('namespaces %s and capabilities_mask %s', (namespaces, mask) => {
    const text = `{"namespaces":${namespaces},"capabilities_mask":${mask}}`;
    const { config } = parseConfig(text, { rootfs: '/r' });
    expect(config.namespaces).toEqual([{ type: 'NEWNS' }]);
    expect(config.capabilities).toEqual(allBut('SYS_ADMIN'));
  });
});

describe('wrong files of 2014', () => {
  it('report what is wrong with the form and with the content together', () => {
    const text = '{"mount_config":{},"namespaces":[{"nam":"NEWNS"},{"type":"NEWNX"}],"capabilities":["X"]}';
    expect(() => parseConfig(text, { rootfs: '/r' })).toThrow(
      'line 1, column 35: namespaces[0].nam: unknown key\n' +
        'line 1, column 34: namespaces[0].key: a value is required\n' +
        'line 1, column 84: capabilities[0]: unknown capability "X"',
    );
  });

  it.each([
    ['{"namespaces":["NEWNT"],"tty":true}', 'namespaces[0]: unknown namespace "NEWNT" (did you mean "NEWNET"?)'],
    ['{"namespaces":{"NEWPIDS":true}}', 'namespaces.NEWPIDS: unknown namespace "NEWPIDS" (did you mean "NEWPID"?)'],
    ['{"namespaces":{"NEWPID":1}}', 'namespaces.NEWPID: expected true or false, found 1'],
    [
      '{"namespaces":["NEWNS"],"capabilities":["MKNOD","SYS_ADMN"]}',
      'line 1, column 49: capabilities[1]: unknown capability "SYS_ADMN" (did you mean "SYS_ADMIN"?)',
    ],
    ['{"mount_config":{"mounts":[{"type":"nfs"}]}}', 'mount_config.mounts[0].type: unknown mount type "nfs"'],
    ['{"mount_config":{"mounts":[{"type":"bind"}]}}', 'mount_config.mounts[0]: a destination is required'],
    ['{"mount_config":{"device_nodes":[{"type":99}]}}', 'mount_config.device_nodes[0]: a device node needs a path'],
    [
      '{"tty":true,"required_device_nodes":["nul"]}',
      'required_device_nodes[0]: unknown device node "nul" (did you mean "null"?)',
    ],
    ['{"tty":true,"enviroment":[]}', 'enviroment: unknown key (did you mean "environment"?)'],
    ['{"namespaces":["NEWNS"],"hostname":3}', 'hostname: expected a string, found 3'],
  ])('%s is refused', (text, message) => {
    expect(() => parseConfig(text, { rootfs: '/r' })).toThrow(ConfigError);
    expect(() => parseConfig(text, { rootfs: '/r' })).toThrow(message);
  });
});
