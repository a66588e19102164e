import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Netlink } from '@nsinit/netlink';
import { invoke } from '@nsinit/syscall';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { Box, until } from '../testing/box.ts';
import { Cli, finished } from '../testing/cli.ts';

// The host of these tests has Docker's bridge: it is the thread's own network namespace, and what is started is in there.
// The file has a process to itself.
invoke('unshare', { flags: ['CLONE_NEWNET'] });
const host = new Netlink();

let cli: Cli;
let boxes: readonly [Box, Box];

beforeAll(() => {
  cli = new Cli();
  host.links.set('lo', { up: true });
  host.links.add({ kind: 'bridge', ifname: 'docker0', up: true });
  host.addresses.add({ dev: 'docker0', local: '172.17.42.1/16' });
  host.addresses.add({ dev: 'docker0', local: 'fd17::1/64', nodad: true });
});
afterAll(() => {
  host.close();
  cli[Symbol.dispose]();
});
beforeEach(() => {
  boxes = [new Box(), new Box()];
});
afterEach(async () => {
  expect(boxes.flatMap((box) => box.left())).toEqual([]);
  for (const box of boxes) box[Symbol.dispose]();
  const names = () => host.links.list().map(({ ifname }) => ifname);
  await vi.waitFor(() => expect(names()).toEqual(['lo', 'docker0']), { timeout: 5000, interval: 5 });
});

/** The sample of the README of February 2014, but for its terminal, which tests have none for. */
const february26 = {
  hostname: 'koye',
  environment: ['HOME=/', 'PATH=PATH=$PATH:/bin:/usr/bin:/sbin:/usr/sbin', 'container=docker', 'TERM=xterm-256color'],
  namespaces: ['NEWIPC', 'NEWNS', 'NEWPID', 'NEWUTS', 'NEWNET'],
  capabilities: [
    'SETPCAP',
    'SYS_MODULE',
    'SYS_RAWIO',
    'SYS_PACCT',
    'SYS_ADMIN',
    'SYS_NICE',
    'SYS_RESOURCE',
    'SYS_TIME',
    'SYS_TTY_CONFIG',
    'MKNOD',
    'AUDIT_WRITE',
    'AUDIT_CONTROL',
    'MAC_OVERRIDE',
    'MAC_ADMIN',
    'NET_ADMIN',
  ],
  networks: [
    {
      type: 'veth',
      context: { bridge: 'docker0', prefix: 'dock' },
      address: '172.17.0.100/16',
      gateway: '172.17.42.1',
      mtu: 1500,
    },
  ],
  cgroups: { name: 'docker-koye', parent: 'docker', memory: 5_248_000 },
};

const SENT = 200_000;

/** Tries until it succeeds: the other side may not be there yet. */
const eventually = (command: string) => `until ${command}; do sleep 0.05; done`;

/** Reads from a port to the end. A reader that says that it will write nothing would be taken for one that is gone. */
const read = (address: string) => eventually(`nc ${address} 7000 <>/tmp/silence`);

/** A pipe that nobody writes to. */
function silence(box: Box): void {
  invoke('mknodat', { dirfd: { fd: -100 }, pathname: join(box.rootfs, 'tmp/silence'), mode: 0o010666, dev: 0 });
  box.give('tmp/silence');
}

const reach = (address: string) => `${eventually(`ping -c 1 -W 1 ${address} >/dev/null`)}; echo reached ${address}`;

it('runs the sample of February 2014, beside another container on the same bridge', async () => {
  const [first, second] = boxes;
  first.config(february26);
  const serve = `/bin/touch /tmp/up; /bin/ip addr show eth0; /bin/ip route; ${reach('172.17.42.1').replaceAll(/ping|sleep/g, '/bin/$&')}
    /bin/dd if=/dev/zero bs=1000 count=${SENT / 1000} 2>/dev/null | /bin/nc -l -p 7000; until [ -e /tmp/go ]; do /bin/sleep 0.05; done`;
  const server = cli.start(first.exec('/bin/sh', '-c', serve), {
    cwd: first.rootfs,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const served = finished(server);
  await until(() => server.exitCode !== null || existsSync(join(first.rootfs, 'tmp/up')));

  const script = `ip addr show eth0; ${reach('172.17.0.100')}; ${read('172.17.0.100')} | wc -c`;
  const flags = ['--veth-bridge', 'docker0', '--veth-address', '172.17.0.101/16', '--veth-gateway', '172.17.42.1'];
  silence(second);
  const client = await cli.run(second.exec(...flags, '--veth-mtu', '1400', '/bin/sh', '-c', script), {
    cwd: second.rootfs,
  });
  expect(client).toMatchObject({ status: 0, stderr: '' });
  expect(client.stdout).toMatch(/mtu 1400/);
  expect(client.stdout).toMatch(/reached 172\.17\.0\.100/);
  expect(client.stdout).toMatch(new RegExp(`^${SENT}$`, 'm'));

  const { stdout } = await cli.run(['--root', first.state, 'stats'], { cwd: first.rootfs });
  const [counted] = (JSON.parse(stdout) as { Interfaces: readonly Record<string, number>[] }).Interfaces;
  // It has sent a lot, and received what acknowledges that.
  expect(counted!['TxBytes']).toBeGreaterThan(SENT);
  expect(counted!['RxBytes']).toBeGreaterThan(0);
  expect(counted!['RxBytes']).toBeLessThan(SENT / 2);

  writeFileSync(join(first.rootfs, 'tmp/go'), '');
  const { status, stdout: said, stderr } = await served;
  expect([status, stderr.replaceAll(/^nsinit: warning.*\n/gm, '')]).toEqual([0, '']);
  expect(said).toMatch(/mtu 1500/);
  expect(said).toMatch(/inet 172\.17\.0\.100\/16/);
  expect(said).toMatch(/default via 172\.17\.42\.1 dev eth0/);
  expect(said).toMatch(/reached 172\.17\.42\.1/);
});

it('does so over IPv6 as well, with a bridge of its own', async () => {
  const [first, second] = boxes;
  const networks = (last: number) => [
    { type: 'loopback' },
    {
      type: 'veth',
      bridge: 'nsbr0',
      create_bridge: true,
      ipv6_address: `fd18::${last}/64`,
      ipv6_gateway: 'fd18::1',
    },
  ];
  for (const [index, box] of boxes.entries()) {
    const { stdout } = await cli.run(['config'], { cwd: box.rootfs });
    box.config({ ...(JSON.parse(stdout) as object), networks: networks(index + 2) });
  }
  const serve = 'touch /tmp/up; echo hello | nc -l -p 7000';
  const server = cli.start(first.exec('/bin/sh', '-c', serve), {
    cwd: first.rootfs,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const served = finished(server);
  await until(() => server.exitCode !== null || existsSync(join(first.rootfs, 'tmp/up')));
  const script = `${reach('fd18::1')}; ${reach('fd18::2')}; ${read('fd18::2')}; ip -6 route`;
  silence(second);
  const client = await cli.run(second.exec('/bin/sh', '-c', script), { cwd: second.rootfs });
  expect(client).toMatchObject({ status: 0, stderr: '' });
  expect(client.stdout).toMatch(/reached fd18::1\nreached fd18::2\nhello\n/);
  expect(client.stdout).toMatch(/default via fd18::1 dev eth0/);
  expect(await served).toMatchObject({ status: 0, stderr: '' });
});

it('joins a namespace by its path, and shares that of the host', async () => {
  const [box] = boxes;
  const run = (net: string) =>
    cli.run(box.exec('--net', net, '/bin/sh', '-c', 'ip -o addr'), { cwd: box.rootfs }).then(({ stdout }) => stdout);
  expect(await run('host')).toMatch(/docker0 +inet 172\.17\.42\.1/);
  expect(await run('private')).toMatch(/^1: lo +inet 127\.0\.0\.1/);
  expect(await run('private')).not.toMatch(/docker0/);
  expect(await run(`/proc/${process.pid}/task/${process.pid}/ns/net`)).not.toBe('');
});

it('shows in a plan what it would do about the network', async () => {
  const [box] = boxes;
  const flags = ['--veth-bridge', 'docker0', '--veth-address', '172.17.0.101/16', '--veth-gateway', '172.17.42.1'];
  const { stdout } = await cli.run(['plan', ...flags, '/bin/true'], { cwd: box.rootfs });
  expect(stdout).toMatch(
    /^ {3}ip link add veth\w+ master docker0 up type veth peer name eth0 netns PID {2}# networks\[1\]/m,
  );
  expect(stdout).toMatch(/nsenter -n -t PID ip route add default via 172\.17\.42\.1 dev eth0/);
});

it.each([
  [['--veth-bridge', 'absent0'], /networks\[1\].*there is no bridge absent0 on this host \(asked for by --veth-bridge/],
  [['--veth-bridge', 'a-name-that-is-too-long'], /"a-name-that-is-too-long" is longer than 15 bytes/],
  [
    ['--veth-bridge', 'docker0', '--veth-address', '10.0.0.1/99'],
    /"10\.0\.0\.1\/99" is not an IPv4 address with prefix length/,
  ],
])('%j is refused in one line', async (flags, text) => {
  const [box] = boxes;
  const { status, stderr } = await cli.run(box.exec(...flags, '/bin/true'), { cwd: box.rootfs });
  expect(status).toBe(1);
  expect(stderr).toMatch(text);
});
