import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { invoke } from '@nsinit/syscall';
import { beforeAll, describe, expect, it } from 'vitest';
import { Netlink } from '../netlink.ts';
import { Sandbox } from '../testing/sandbox.ts';
import { inNamespace, NamespaceReturnError } from './enter.ts';
import { createNamespace, deleteNamespace, listNamespaces } from './named.ts';
import { NetworkNamespace } from './namespace.ts';

const own = (): string => readlinkSync('/proc/thread-self/ns/net');

function ip(...args: readonly string[]): string {
  const result = spawnSync('ip', args, { encoding: 'utf8' });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`ip ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

describe('a handle', () => {
  it('is another namespace, in which there is nothing but loopback', () => {
    const before = own();
    using ns = NetworkNamespace.create();
    expect(own()).toBe(before);
    expect(`net:[${ns.inode}]`).not.toBe(before);
    using nl = new Netlink({ netns: ns });
    expect(nl.links.list().map(({ ifname, flags }) => [ifname, flags])).toEqual([['lo', ['LOOPBACK']]]);
  });

  it('opens the namespace of a process, a path and a descriptor', () => {
    using ns = NetworkNamespace.create();
    const child = spawn('nsenter', [`--net=/proc/${process.pid}/fd/${ns.fd}`, 'sleep', '1000'], { stdio: 'ignore' });
    try {
      const pid = child.pid!;
      while (readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'sleep\n');
      for (const ref of [{ pid }, { path: `/proc/${pid}/ns/net` }, { fd: ns.fd }]) {
        using opened = NetworkNamespace.open(ref);
        expect(opened.inode).toBe(ns.inode);
      }
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('runs a function there and comes back, also when it throws', () => {
    using ns = NetworkNamespace.create();
    const before = own();
    expect(ns.run(own)).toBe(`net:[${ns.inode}]`);
    expect(() =>
      ns.run(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(own()).toBe(before);
    expect(() => ns.run(() => Promise.resolve())).toThrow(/promise/);
    expect(own()).toBe(before);
  });

  it('keeps the namespace as long as it is open, and a conversation does too', () => {
    const ns = NetworkNamespace.create();
    using nl = new Netlink({ netns: ns });
    ns.close();
    nl.links.add({ kind: 'bridge', ifname: 'br0' });
    expect(nl.links.get('br0').ifname).toBe('br0');
    expect(() => ns.fd).toThrow(/closed/);
  });

  it('throws what cannot be hidden when the thread does not come back', () => {
    using ns = NetworkNamespace.create();
    using home = NetworkNamespace.current();
    const uid = process.geteuid!();
    try {
      expect(() => inNamespace(ns, () => process.seteuid!(65_534))).toThrow(NamespaceReturnError);
    } finally {
      process.seteuid!(uid);
      invoke('setns', { fd: home, nstype: ['CLONE_NEWNET'] });
    }
  });

  it('works from a worker, whose own namespace does not change', async () => {
    using ns = NetworkNamespace.create();
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { readlinkSync } = require('node:fs');
      import(workerData.module).then(({ Netlink }) => {
        const before = readlinkSync('/proc/thread-self/ns/net');
        const nl = new Netlink({ netns: { fd: workerData.fd } });
        nl.links.add({ kind: 'bridge', ifname: 'fromWorker' });
        nl.close();
        parentPort.postMessage(before === readlinkSync('/proc/thread-self/ns/net'));
      });`;
    // A worker runs what is built.
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
    execFileSync(process.execPath, [tsc, '-b'], { cwd: new URL('../..', import.meta.url) });
    const module = new URL('../../dist/index.js', import.meta.url).href;
    const worker = new Worker(code, { eval: true, execArgv: [], workerData: { fd: ns.fd, module } });
    const unmoved = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    await worker.terminate();
    expect(unmoved).toBe(true);
    using nl = new Netlink({ netns: ns });
    expect(nl.links.get('fromWorker').ifname).toBe('fromWorker');
  });
});

describe('links that move', () => {
  it('by descriptor and back', () => {
    using host = new Sandbox();
    using inside = new Sandbox();
    host.nl.links.add({ kind: 'veth', ifname: 'v0', peer: { ifname: 'v1' } });
    host.nl.links.set('v0', { netns: inside.ns, ifname: 'eth0' });
    expect(host.nl.links.find('v0')).toBeUndefined();
    const moved = inside.nl.links.get('eth0');
    expect(moved.link_netnsid).toBeTypeOf('number');
    inside.nl.links.set('eth0', { netns: host.ns, ifname: 'v0' });
    expect(host.nl.links.get('v0').link).toBe('v1');
  });

  it('by process', () => {
    using host = new Sandbox();
    using inside = new Sandbox();
    host.nl.links.add({ kind: 'bridge', ifname: 'b0' });
    host.nl.links.add({ kind: 'veth', ifname: 'v0', peer: { ifname: 'v1' } });
    const child = spawn('nsenter', [`--net=/proc/${process.pid}/fd/${inside.ns.fd}`, 'sleep', '1000'], {
      stdio: 'ignore',
    });
    try {
      while (readFileSync(`/proc/${child.pid}/comm`, 'utf8') !== 'sleep\n');
      host.nl.links.set('v0', { netns: { pid: child.pid! } });
      expect(inside.nl.links.get('v0').ifname).toBe('v0');
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('a new one is born in another namespace', () => {
    using host = new Sandbox();
    using inside = new Sandbox();
    host.nl.links.add({ kind: 'bridge', ifname: 'b0' });
    host.nl.links.add({ kind: 'macvlan', ifname: 'm0', link: 'b0', netns: inside.ns, data: { mode: 'bridge' } });
    expect(host.nl.links.find('m0')).toBeUndefined();
    expect(inside.nl.links.get('m0').link_netnsid).toBeTypeOf('number');
  });
});

describe('names', () => {
  // /run/netns becomes a mount point: in a mount namespace of this process's own, with nothing of the host in it.
  beforeAll(() => {
    invoke('unshare', { flags: ['CLONE_NEWNS'] });
    const mount = (target: string, mountflags: readonly ('MS_REC' | 'MS_PRIVATE')[], type: string | null): void => {
      invoke('mount', { source: type, target, filesystemtype: type, mountflags, data: null });
    };
    mount('/', ['MS_REC', 'MS_PRIVATE'], null);
    mkdirSync('/run/netns', { recursive: true });
    mount('/run/netns', [], 'tmpfs');
  });

  it('are those of ip netns, both ways', () => {
    createNamespace('ours');
    ip('netns', 'add', 'theirs');
    expect(listNamespaces()).toEqual(['ours', 'theirs']);
    expect(
      ip('netns', 'list')
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ')[0]!)
        .toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['ours', 'theirs']);
    using nl = new Netlink({ netns: { name: 'theirs' } });
    nl.links.add({ kind: 'bridge', ifname: 'br0' });
    expect(ip('-n', 'theirs', '-br', 'link')).toContain('br0');
    ip('-n', 'ours', 'link', 'add', 'br1', 'type', 'bridge');
    using other = new Netlink({ netns: { name: 'ours' } });
    expect(other.links.get('br1').ifname).toBe('br1');
    deleteNamespace('theirs');
    ip('netns', 'del', 'ours');
    expect(listNamespaces()).toEqual([]);
  });

  it('are made in a directory that is a shared mount, as ip netns makes it', () => {
    createNamespace('a');
    const line = readFileSync('/proc/thread-self/mountinfo', 'utf8')
      .split('\n')
      .findLast((text) => text.split(' ')[4] === '/run/netns');
    expect(line).toContain(' shared:');
    deleteNamespace('a');
  });

  it('are unique, must be names, and must be there', () => {
    createNamespace('twice');
    expect(() => createNamespace('twice')).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    deleteNamespace('twice');
    for (const name of ['', '.', '..', 'a/b', 'x'.repeat(256)])
      expect(() => createNamespace(name)).toThrow(/cannot name/);
    expect(() => deleteNamespace('twice')).toThrow(/ENOENT/);
    expect(() => new Netlink({ netns: { name: 'twice' } })).toThrow(/ENOENT/);
    expect(existsSync('/run/netns/twice')).toBe(false);
  });
});
