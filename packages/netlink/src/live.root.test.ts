import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { NetworkNamespace } from './namespace/namespace.ts';
import { Netlink } from './netlink.ts';
import { addressAsIp, routeAsIp, ruleAsIp } from './testing/as-ip.ts';
import { lacksKind, Sandbox } from './testing/sandbox.ts';

/** A pair of namespaces with a cable between them: 10.0.0.1 and fd00::1, 10.0.0.2 and fd00::2. */
function cable(): Disposable & { left: Sandbox; right: Sandbox } {
  const left = new Sandbox();
  const right = new Sandbox();
  left.nl.links.add({ kind: 'veth', ifname: 'eth0', up: true, peer: { ifname: 'eth0', netns: right.ns } });
  right.nl.links.set('eth0', { up: true });
  [left, right].forEach(({ nl }, i) => {
    nl.addresses.add({ dev: 'eth0', local: `10.0.0.${i + 1}/24` });
    nl.addresses.add({ dev: 'eth0', local: `fd00::${i + 1}/64`, nodad: true });
  });
  return {
    left,
    right,
    [Symbol.dispose]() {
      left.close();
      right.close();
    },
  };
}

it('the example of the README pings', () => {
  let output = '';
  const ping = (address: string): void => {
    output = execFileSync('busybox', ['ping', '-c', '1', address], { encoding: 'utf8' });
  };
  // example begins
  using left = NetworkNamespace.create();
  using right = NetworkNamespace.create();
  using a = new Netlink({ netns: left });
  using b = new Netlink({ netns: right });
  a.links.add({ kind: 'veth', ifname: 'eth0', up: true, peer: { ifname: 'eth0', netns: right } });
  b.links.set('eth0', { up: true });
  a.addresses.add({ dev: 'eth0', local: '10.0.0.1/24' });
  b.addresses.add({ dev: 'eth0', local: '10.0.0.2/24' });
  left.run(() => ping('10.0.0.2'));
  // example ends
  expect(output).toContain('1 packets transmitted, 1 packets received');

  const code = readFileSync(new URL(import.meta.url), 'utf8');
  const lines = /\/\/ example begins\n([\s\S]*?) {2}\/\/ example ends/.exec(code)![1]!.replaceAll(/^ {2}/gm, '');
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(lines);
});

describe('counters', () => {
  it('are of 64 bits and those of iproute2, on the right side', async () => {
    using pair = cable();
    const { left, right } = pair;
    for (const address of ['10.0.0.2', 'fd00::2'])
      left.run('busybox', ['ping', '-c', '3', '-i', '0.01', '-s', '1000', address]);
    // IPv6 sends reports of its own now and then: both must have asked before the next one.
    await vi.waitFor(
      () => {
        const ours = left.nl.links.get('eth0').stats64!;
        const [theirs] = left.ip('-s', '-s', 'link', 'show', 'eth0') as [
          { stats64: Record<'rx' | 'tx', Record<string, number>> },
        ];
        for (const side of ['rx', 'tx'] as const) {
          for (const [name, value] of Object.entries(ours[side])) {
            if (theirs.stats64[side][name] !== undefined)
              expect([side, name, Number(value)]).toEqual([side, name, theirs.stats64[side][name]]);
          }
        }
        expect(Object.keys(theirs.stats64.rx).filter((name) => name in ours.rx).length).toBeGreaterThan(8);
        expect(ours.tx.bytes).toBeGreaterThan(6000n);
      },
      { timeout: 10_000, interval: 100 },
    );
    const far = right.nl.links.get('eth0').stats64!;
    expect(far.rx.packets).toBeGreaterThanOrEqual(6n);
    expect(far.rx.bytes).toBeGreaterThan(6000n);
  });
});

describe('what was listed', () => {
  it('can be given back', () => {
    using pair = cable();
    const { nl } = pair.left;
    nl.routes.add({ dst: 'default', gateway: '10.0.0.2', metric: 5 });
    nl.routes.add({
      dst: '10.2.0.0/16',
      nexthops: [
        { gateway: '10.0.0.2', weight: 2 },
        { gateway: 'fd00::2', dev: 'eth0' },
      ],
    });
    nl.routes.add({ dst: '10.3.0.0/16', type: 'prohibit', table: 1000, metrics: { mtu: 1300 } });
    nl.routes.add({ dst: 'fd02::/48', gateway: 'fd00::2', pref: 'low' });
    nl.rules.add({ src: '10.0.0.0/8', fwmark: 1, table: 1000, priority: 9 });
    const addresses = nl.addresses.list().filter(({ scope }) => scope === 'global');
    const routes = nl.routes.list({ table: 'all' }).filter(({ protocol }) => protocol === 'boot');
    const rules = nl.rules.list().filter(({ priority }) => priority === 9);
    expect([addresses.length, routes.length, rules.length]).toEqual([2, 4, 1]);

    const before = [addresses.map(addressAsIp), routes.map(routeAsIp), rules.map(ruleAsIp)];
    const removed = nl.batch((batch) => {
      for (const rule of rules) batch.rules.delete(rule);
      for (const route of routes) batch.routes.delete(route);
      for (const address of addresses) batch.addresses.delete(address);
    });
    expect(removed.every(({ ok }) => ok)).toBe(true);
    expect(nl.routes.list({ table: 'all' }).filter(({ protocol }) => protocol === 'boot')).toEqual([]);
    const added = nl.batch((batch) => {
      for (const address of addresses) batch.addresses.add({ ...address, nodad: address.family === 'inet6' });
      for (const route of routes) batch.routes.add(route);
      for (const rule of rules) batch.rules.add(rule);
    });
    expect(added.every(({ ok }) => ok)).toBe(true);
    const after = [
      nl.addresses
        .list()
        .filter(({ scope }) => scope === 'global')
        .map(addressAsIp),
      nl.routes
        .list({ table: 'all' })
        .filter(({ protocol }) => protocol === 'boot')
        .map(routeAsIp),
      nl.rules
        .list()
        .filter(({ priority }) => priority === 9)
        .map(ruleAsIp),
    ];
    expect(after).toEqual(before);
  });

  it('can be filtered by the kernel', () => {
    using pair = cable();
    const { nl } = pair.left;
    nl.links.add({ kind: 'bridge', ifname: 'br0', up: true });
    nl.links.add({ kind: 'ifb', ifname: 'i0', master: 'br0' });
    nl.routes.add({ dst: '10.3.0.0/16', dev: 'br0' });
    nl.routes.add({ dst: '10.4.0.0/16', gateway: '10.0.0.2', protocol: 'static', table: 7 });
    expect(nl.links.list({ kind: 'bridge' }).map(({ ifname }) => ifname)).toEqual(['br0']);
    expect(nl.links.list({ master: 'br0' }).map(({ ifname, master }) => [ifname, master])).toEqual([['i0', 'br0']]);
    expect(nl.routes.list({ dev: 'br0', family: 'inet' }).map(({ dst }) => dst)).toEqual(['10.3.0.0/16']);
    expect(nl.routes.list({ table: 7 }).map(({ dst }) => dst)).toEqual(['10.4.0.0/16']);
    expect(nl.routes.list({ table: 99 })).toEqual([]);
    expect(nl.routes.list({ table: 99, family: 'inet' })).toEqual([]);
    expect(nl.routes.list({ table: 'all', protocol: 'static' }).map(({ dst }) => dst)).toEqual(['10.4.0.0/16']);
    expect(nl.addresses.list({ family: 'inet' }).map(({ local }) => local)).toEqual(['10.0.0.1']);
    expect(nl.addresses.list({ dev: 'br0', family: 'inet' })).toEqual([]);
  });

  it('of 1,500 links is complete', () => {
    using sandbox = new Sandbox();
    const { nl } = sandbox;
    const results = nl.batch((b) => {
      for (let i = 0; i < 1500; i++) b.links.add({ kind: 'ifb', ifname: `i${i}`, group: 7 });
    });
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(new Set(nl.links.list().map(({ ifname }) => ifname)).size).toBe(1501);
    nl.links.deleteGroup(7);
    expect(nl.links.list().map(({ ifname }) => ifname)).toEqual(['lo']);
    expect(() => nl.links.deleteGroup(0)).toThrow(/group: 0 is not the number of a group/);
  });
});

it('the way of a packet is looked up', () => {
  using pair = cable();
  const { nl } = pair.left;
  nl.routes.add({ dst: 'default', gateway: '10.0.0.2' });
  expect(nl.routes.lookup('192.0.2.1')).toMatchObject({
    dst: '192.0.2.1',
    gateway: '10.0.0.2',
    dev: 'eth0',
    prefsrc: '10.0.0.1',
  });
  expect(nl.routes.lookup('10.0.0.1')).toMatchObject({ type: 'local', dev: 'lo' });
  expect(() => nl.routes.lookup('2001:db8::1')).toThrow(/ENETUNREACH/);
});

it('addresses that this host answers for', () => {
  using pair = cable();
  const { nl } = pair.left;
  nl.neighbours.add({ dev: 'eth0', dst: '10.0.0.77', proxy: true });
  expect(nl.neighbours.list({ proxy: true })).toMatchObject([{ dst: '10.0.0.77', proxy: true, dev: 'eth0' }]);
  expect(nl.neighbours.list({ dev: 'eth0' }).map(({ dst }) => dst)).not.toContain('10.0.0.77');
  nl.neighbours.delete({ dev: 'eth0', dst: '10.0.0.77', proxy: true });
  expect(nl.neighbours.list({ proxy: true })).toEqual([]);
});

it('tun and tap links are made, and stay', () => {
  using sandbox = new Sandbox();
  sandbox.nl.addTunTap({ ifname: 'tap0', mode: 'tap', user: 12_345, multi_queue: true });
  sandbox.nl.addTunTap({ ifname: 'tun0', mode: 'tun' });
  expect(sandbox.nl.links.get('tap0').linkinfo).toMatchObject({
    info_kind: 'tun',
    info_data: { type: 'tap', pi: false, persist: true, multi_queue: true, user: 12_345 },
  });
  const [tun] = sandbox.ip('link', 'show', 'tun0') as [{ linkinfo: object }];
  expect(sandbox.nl.links.get('tun0').linkinfo).toEqual(tun.linkinfo);
  sandbox.nl.links.delete('tun0');
  expect(sandbox.nl.links.find('tun0')).toBeUndefined();
  expect(() => sandbox.nl.addTunTap({ ifname: 'lo', mode: 'tap' })).toThrow(/TUNSETIFF lo: E/);
});

describe('queueing disciplines', () => {
  const withQdisc = (make: (nl: Netlink) => void): Sandbox => {
    const sandbox = new Sandbox();
    // Without it the kernel sends from the link by itself, at moments of its own, and counters differ.
    sandbox.run('sh', ['-c', 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6']);
    sandbox.nl.links.add({ kind: 'ifb', ifname: 'i0', up: true });
    make(sandbox.nl);
    return sandbox;
  };

  it('tbf is what tc says, and what tc makes is read', () => {
    using ours = withQdisc((nl) =>
      nl.qdiscs.add({ dev: 'i0', handle: '1:', kind: 'tbf', options: { rate: 125_000, burst: 32_768, lat: 50_000 } }),
    );
    using theirs = withQdisc(() => {});
    theirs.run('tc', [
      'qdisc',
      'add',
      'dev',
      'i0',
      'root',
      'handle',
      '1:',
      'tbf',
      'rate',
      '1mbit',
      'burst',
      '32k',
      'latency',
      '50ms',
    ]);
    expect(ours.tc('qdisc', 'show', 'dev', 'i0')).toEqual(theirs.tc('qdisc', 'show', 'dev', 'i0'));
    expect(ours.nl.qdiscs.list({ dev: 'i0' })).toEqual(theirs.nl.qdiscs.list({ dev: 'i0' }));
    expect(ours.nl.qdiscs.list({ dev: 'i0' })).toMatchObject([
      { kind: 'tbf', handle: '1:', root: true, options: { rate: 125_000, burst: 32_768, lat: 50_000 } },
    ]);
    ours.nl.qdiscs.change({
      dev: 'i0',
      handle: '1:',
      kind: 'tbf',
      options: { rate: 250_000, burst: 32_768, lat: 50_000 },
    });
    expect(ours.nl.qdiscs.list({ dev: 'i0' })).toMatchObject([{ options: { rate: 250_000 } }]);
    ours.nl.qdiscs.delete({ dev: 'i0' });
    expect(ours.nl.qdiscs.list({ dev: 'i0' })[0]?.kind).not.toBe('tbf');
  });

  it('htb is what tc says', () => {
    using ours = withQdisc((nl) => nl.qdiscs.add({ dev: 'i0', handle: '1:', kind: 'htb', options: { default: 0x20 } }));
    using theirs = withQdisc(() => {});
    theirs.run('tc', ['qdisc', 'add', 'dev', 'i0', 'root', 'handle', '1:', 'htb', 'default', '20']);
    expect(ours.tc('qdisc', 'show', 'dev', 'i0')).toEqual(theirs.tc('qdisc', 'show', 'dev', 'i0'));
  });

  const lacksQdisc = (kind: 'fq_codel' | 'netem'): string | undefined => {
    using sandbox = new Sandbox();
    sandbox.nl.links.add({ kind: 'ifb', ifname: 'i0' });
    try {
      sandbox.nl.qdiscs.add({ dev: 'i0', kind });
      return undefined;
    } catch (error) {
      if (!/qdisc kind is unknown/.test(String(error))) throw error;
      return `host: this kernel has no ${kind}`;
    }
  };

  it('fq_codel is what tc says', (ctx) => {
    const lacking = lacksQdisc('fq_codel');
    if (lacking) ctx.skip(lacking);
    const options = {
      limit: 1000,
      flows: 512,
      quantum: 1000,
      target: 6000,
      interval: 90_000,
      ecn: false,
      memory_limit: 1 << 20,
    };
    using ours = withQdisc((nl) => nl.qdiscs.add({ dev: 'i0', handle: '1:', kind: 'fq_codel', options }));
    using theirs = withQdisc(() => {});
    const words = 'limit 1000 flows 512 quantum 1000 target 6ms interval 90ms noecn memory_limit 1048576';
    theirs.run('tc', `qdisc add dev i0 root handle 1: fq_codel ${words}`.split(' '));
    expect(ours.tc('qdisc', 'show', 'dev', 'i0')).toEqual(theirs.tc('qdisc', 'show', 'dev', 'i0'));
    expect(ours.nl.qdiscs.list({ dev: 'i0' })).toEqual(theirs.nl.qdiscs.list({ dev: 'i0' }));
  });

  it('netem is what tc says', (ctx) => {
    const lacking = lacksQdisc('netem');
    if (lacking) ctx.skip(lacking);
    const options = {
      limit: 500,
      delay: { delay: 0.1, jitter: 0.02, correlation: 0.25 },
      'loss-random': { loss: 0.01 },
      duplicate: { duplicate: 0.02 },
      corrupt: { corrupt: 0.03 },
      reorder: { reorder: 0.25, correlation: 0.5 },
      rate: { rate: 125_000 },
    };
    using ours = withQdisc((nl) => nl.qdiscs.add({ dev: 'i0', handle: '1:', kind: 'netem', options }));
    using theirs = withQdisc(() => {});
    const words = 'limit 500 delay 100ms 20ms 25% loss 1% duplicate 2% corrupt 3% reorder 25% 50% rate 1mbit';
    theirs.run('tc', `qdisc add dev i0 root handle 1: netem ${words}`.split(' '));
    expect(ours.tc('qdisc', 'show', 'dev', 'i0')).toEqual(theirs.tc('qdisc', 'show', 'dev', 'i0'));
  });

  it('one that this kernel lacks is refused in words', () => {
    using sandbox = withQdisc(() => {});
    expect(() => sandbox.nl.qdiscs.add({ dev: 'i0', kind: 'no-such-kind' })).toThrow(/Specified qdisc kind is unknown/);
  });
});

it('a link can have another name', () => {
  using sandbox = new Sandbox();
  sandbox.nl.links.add({ kind: 'bridge', ifname: 'br0' });
  sandbox.run('ip', ['link', 'property', 'add', 'dev', 'br0', 'altname', 'a-name-of-over-fifteen-bytes']);
  const { ifname, altnames } = sandbox.nl.links.get('a-name-of-over-fifteen-bytes');
  expect([ifname, altnames]).toEqual(['br0', ['a-name-of-over-fifteen-bytes']]);
  sandbox.nl.links.set('a-name-of-over-fifteen-bytes', { mtu: 1400 });
  expect(sandbox.nl.links.get('br0').mtu).toBe(1400);
});

it('a VRF has ports', (ctx) => {
  const lacking = lacksKind((nl) => nl.links.add({ kind: 'vrf', ifname: 'r0', data: { table: 10 } }));
  if (lacking) ctx.skip(lacking);
  using sandbox = new Sandbox();
  sandbox.nl.links.add({ kind: 'vrf', ifname: 'r0', data: { table: 10 }, up: true });
  sandbox.nl.links.add({ kind: 'ifb', ifname: 'i0', master: 'r0' });
  expect(sandbox.nl.links.get('i0').linkinfo).toMatchObject({ info_slave_kind: 'vrf', info_slave_data: { table: 10 } });
});
