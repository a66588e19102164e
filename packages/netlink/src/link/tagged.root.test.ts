import { expect, it } from 'vitest';
import { Sandbox } from '../testing/sandbox.ts';

const PAIR = { kind: 'veth', ifname: 'host0', ifalias: 'owner=1234', up: true, peer: { ifname: 'eth0' } } as const;

it('makes a link with its alias, its flags, its master and a peer in another namespace', () => {
  using host = new Sandbox();
  using inside = new Sandbox();
  host.nl.links.add({ kind: 'bridge', ifname: 'br0', up: true });
  host.nl.links.add({
    ...PAIR,
    mtu: 1400,
    master: 'br0',
    peer: { ifname: 'eth0', netns: inside.ns, mtu: 1400, address: '02:00:00:00:00:07', txqlen: 9 },
  });
  expect(host.nl.links.get('host0')).toMatchObject({ ifalias: 'owner=1234', master: 'br0', mtu: 1400 });
  expect(host.nl.links.get('host0').flags).toContain('UP');
  const born = { mtu: 1400, address: '02:00:00:00:00:07', txqlen: 9 };
  expect(inside.nl.links.get('eth0')).toMatchObject(born);
  expect(host.nl.links.list().map(({ ifname }) => ifname)).toEqual(['lo', 'br0', 'host0']);
});

it('leaves nothing behind, and a link of that name alone, when the name is taken', () => {
  using host = new Sandbox();
  using inside = new Sandbox();
  host.nl.links.add({ kind: 'bridge', ifname: 'host0' });
  const add = (): void => host.nl.links.add({ ...PAIR, peer: { ifname: 'eth0', netns: inside.ns } });
  expect(add).toThrow(/RTM_NEWLINK host0: EEXIST/);
  expect(host.nl.links.get('host0').ifalias).toBeUndefined();
  expect(host.nl.links.list().map(({ ifname }) => ifname)).toEqual(['lo', 'host0']);
  expect(inside.nl.links.list().map(({ ifname }) => ifname)).toEqual(['lo']);
});

it('refuses an alias where it could not be given at once', () => {
  using host = new Sandbox();
  expect(() => host.nl.links.add({ ...PAIR, netns: { pid: 1 } })).toThrow(/ifalias: .*another namespace/);
  expect(() => host.nl.links.add({ ...PAIR, ifname: 'v%d' })).toThrow(/ifalias: .*completes/);
  expect(() => host.nl.batch((b) => b.links.add(PAIR))).toThrow(/ifalias: .*batch/);
  expect(host.nl.links.list()).toHaveLength(1);
});
