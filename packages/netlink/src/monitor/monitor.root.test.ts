import { describe, expect, it } from 'vitest';
import { Sandbox } from '../testing/sandbox.ts';
import type { NetlinkEvent } from './event.ts';
import type { Monitor } from './monitor.ts';

async function take(monitor: Monitor, wanted: (event: NetlinkEvent) => boolean): Promise<NetlinkEvent> {
  for (;;) {
    const { done, value } = await monitor.next();
    if (done) throw new Error('the monitor ended');
    if (wanted(value)) return value;
  }
}

describe('a monitor', () => {
  it('tells of links, addresses, routes, rules, neighbours and forwarding entries, with names', async () => {
    using sandbox = new Sandbox();
    const { nl } = sandbox;
    using monitor = nl.monitor();
    nl.links.add({ kind: 'veth', ifname: 'v0', up: true, peer: { ifname: 'v1' } });
    nl.links.set('v1', { up: true });
    nl.addresses.add({ dev: 'v0', local: '10.0.0.1/24' });
    nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2' });
    nl.rules.add({ src: '10.0.0.0/8', table: 100, priority: 1000 });
    nl.neighbours.add({ dev: 'v0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:09' });
    nl.links.add({ kind: 'bridge', ifname: 'br0' });
    nl.links.set('v1', { master: 'br0' });
    nl.fdb.add({ dev: 'v1', mac: '02:00:00:00:00:0a', of: 'master' });
    nl.routes.delete({ dst: '10.2.0.0/16' });
    nl.links.delete('v0');

    const wanted: readonly [string, (event: NetlinkEvent) => boolean][] = [
      ['link', (e) => e.event === 'link' && e.action === 'new' && e.link.ifname === 'v0'],
      ['address', (e) => e.event === 'address' && e.address.local === '10.0.0.1' && e.address.dev === 'v0'],
      ['route', (e) => e.event === 'route' && e.route.dst === '10.2.0.0/16' && e.route.dev === 'v0'],
      ['rule', (e) => e.event === 'rule' && e.rule.priority === 1000 && e.rule.table === 100],
      ['neighbour', (e) => e.event === 'neighbour' && e.neighbour.dst === '10.0.0.9' && e.neighbour.dev === 'v0'],
      ['fdb', (e) => e.event === 'fdb' && e.entry.mac === '02:00:00:00:00:0a' && e.entry.master === 'br0'],
      ['deleted route', (e) => e.event === 'route' && e.action === 'delete' && e.route.dst === '10.2.0.0/16'],
      ['deleted link', (e) => e.event === 'link' && e.action === 'delete' && e.link.ifname === 'v0'],
    ];
    for (const [name, match] of wanted) expect([name, await take(monitor, match)]).toEqual([name, expect.anything()]);
  });

  it('tells only of what it was asked for', async () => {
    using sandbox = new Sandbox();
    using monitor = sandbox.nl.monitor({ events: ['address'] });
    sandbox.nl.links.add({ kind: 'bridge', ifname: 'br0' });
    sandbox.nl.addresses.add({ dev: 'lo', local: '127.0.1.1/32' });
    expect((await monitor.next()).value).toMatchObject({ event: 'address', address: { dev: 'lo' } });
  });

  it('ends when its loop is left, is closed, or the signal says so', async () => {
    using sandbox = new Sandbox();
    const { nl } = sandbox;
    const monitor = nl.monitor({ events: ['link'] });
    nl.links.add({ kind: 'bridge', ifname: 'br0' });
    for await (const event of monitor) {
      expect(event.event).toBe('link');
      break;
    }
    expect(await monitor.next()).toEqual({ done: true, value: undefined });

    const closed = nl.monitor({ events: ['rule'] });
    const waiting = closed.next();
    closed.close();
    expect(await waiting).toEqual({ done: true, value: undefined });

    const controller = new AbortController();
    const aborted = nl.monitor({ events: ['rule'], signal: controller.signal });
    const pending = aborted.next();
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect(() => nl.monitor({ signal: controller.signal })).toThrow('enough');
  });

  it('says that events were lost, and goes on', async () => {
    using sandbox = new Sandbox();
    const { nl } = sandbox;
    using monitor = nl.monitor({ events: ['route'], receiveBufferBytes: 4096 });
    nl.links.set('lo', { up: true });
    const routes = Array.from({ length: 2000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
    const results = nl.batch((b) => {
      for (const dst of routes) b.routes.add({ dst, dev: 'lo' });
    });
    expect(results.every(({ ok }) => ok)).toBe(true);
    await take(monitor, ({ event }) => event === 'overrun');
    // What was lost is found by listing, and later events come.
    expect(nl.routes.list({ family: 'inet' }).length).toBe(2000);
    nl.routes.delete({ dst: routes[0]! });
    await take(monitor, (e) => e.event === 'route' && e.action === 'delete' && e.route.dst === routes[0]);
  });

  it('keeps events that nobody takes within bounds', async () => {
    using sandbox = new Sandbox();
    const { nl } = sandbox;
    using monitor = nl.monitor({ events: ['route'], receiveBufferBytes: 1 << 24 });
    nl.links.set('lo', { up: true });
    const add = (from: number): void => {
      nl.batch((b) => {
        for (let i = from; i < from + 3000; i++) b.routes.add({ dst: `10.${i >> 8}.${i & 255}.0/24`, dev: 'lo' });
      });
    };
    add(0);
    // The loop turns, so that the events are read as far as they may be.
    await new Promise((resolve) => setImmediate(resolve));
    add(3000);
    let seen = 0;
    await take(monitor, (e) => {
      if (e.event === 'overrun') throw new Error('the buffer was large enough');
      if (e.event === 'route' && e.route.dst.endsWith('.0/24')) seen++;
      return e.event === 'route' && e.route.dst === '10.23.111.0/24';
    });
    expect(seen).toBe(6000);
  });
});
