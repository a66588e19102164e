import { expect, it } from 'vitest';
import { compileAddress } from './address/compile.ts';
import { NetlinkInputError } from './errors.ts';
import { compileAdd, compileSet } from './link/compile.ts';
import type { NewLink } from './link/settings.ts';
import type { NeighbourSettings } from './neighbour/neighbours.ts';
import { NeighbourChanges } from './neighbour/neighbours.ts';
import { QdiscChanges } from './qdisc/qdiscs.ts';
import { compileRoute } from './route/compile.ts';
import type { RouteSettings } from './route/route.ts';
import { RuleChanges } from './rule/rules.ts';
import type { Device } from './session.ts';

const resolve = (dev: Device): number => (typeof dev === 'number' ? dev : 7);
const transport = { ifindex: resolve, perform: () => {} };

const link = (settings: object): void =>
  void compileAdd({ kind: 'ifb', ifname: 'i0', ...settings } as NewLink, resolve);
const address = (settings: object): void =>
  void compileAddress(20, 0, { dev: 'v0', local: '10.0.0.1/24', ...settings }, resolve);
const route = (settings: object): void =>
  void compileRoute(24, 0, { dst: '10.0.0.0/8', gateway: '10.0.0.2', ...settings } as RouteSettings, resolve, false);
const neighbour = (settings: object): void =>
  new NeighbourChanges(transport).add({ dev: 'v0', dst: '10.0.0.9', ...settings } as NeighbourSettings);

const bad: readonly (readonly [field: string, text: RegExp, call: () => void])[] = [
  ['ifname', /"sixteen-bytes-ab" has 16 bytes.*at most 15/, () => link({ ifname: 'sixteen-bytes-ab' })],
  ['ifname', /"ééééééééé" has 18 bytes/, () => link({ ifname: 'ééééééééé' })],
  ['ifname', /is no name of a link/, () => link({ ifname: 'a/b' })],
  ['ifname', /is no name of a link/, () => link({ ifname: 'a b' })],
  ['ifname', /is no name of a link/, () => link({ ifname: 'a:b' })],
  ['ifname', /is no name of a link/, () => link({ ifname: '..' })],
  ['ifname', /is empty/, () => link({ ifname: '' })],
  ['ifname', /is no name of a link/, () => void compileSet('v0', { ifname: 'a/b' }, resolve)],
  ['peer.ifname', /has 16 bytes/, () => link({ kind: 'veth', peer: { ifname: 'sixteen-bytes-ab' } })],
  ['peer.address', /multicast/, () => link({ kind: 'veth', peer: { ifname: 'p', address: '01:00:00:00:00:00' } })],
  ['peer.mtu', /-1 is not an integer/, () => link({ kind: 'veth', peer: { ifname: 'p', mtu: -1 } })],
  ['peer.up', /set it from its namespace/, () => link({ kind: 'veth', peer: { ifname: 'p', up: true } })],
  ['address', /is a multicast address/, () => link({ address: '01:00:5e:00:00:01' })],
  ['address', /is not a link-layer address/, () => link({ address: 'no' })],
  ['mtu', /1.5 is not an integer/, () => link({ mtu: 1.5 })],
  ['kind', /is empty/, () => link({ kind: '' })],
  ['ifindex', /0 is not the index/, () => link({ ifindex: 0 })],
  [
    'data.id',
    /70000 is not an integer from 0 to 65535/,
    () => link({ kind: 'vlan', link: 'v0', data: { id: 70_000 } }),
  ],
  [
    'data.mode',
    /"public" is not one of private, vepa, bridge, passthru, source/,
    () => link({ kind: 'macvlan', link: 'v0', data: { mode: 'public' } }),
  ],
  ['data.speed', /a bridge has no such setting/, () => link({ kind: 'bridge', data: { speed: 1 } })],
  ['data.speed', /a constructor has no such setting/, () => link({ kind: 'constructor', data: { speed: 1 } })],
  [
    'bridge_slave.speed',
    /a bridge has no such setting/,
    () => void compileSet('v0', { bridge_slave: { speed: 1 } as never }, resolve),
  ],
  ['data', /needs the kind/, () => void compileSet('v0', { data: { stp_state: 1 } }, resolve)],
  ['ifalias', /has 256 bytes/, () => void compileSet('v0', { ifalias: 'x'.repeat(256) }, resolve)],
  [
    'inet6_addr_gen_mode',
    /"never" is not one of/,
    () => void compileSet('v0', { inet6_addr_gen_mode: 'never' as never }, resolve),
  ],
  ['dev', /is empty/, () => void compileSet('', { mtu: 1 }, resolve)],
  ['local', /prefix length/, () => address({ local: '10.0.0.1/33' })],
  ['local', /is not an IP address/, () => address({ local: '10.0.0.256/24' })],
  ['local', /is not an IP address/, () => address({ local: 'default' })],
  ['prefixlen', /33 is not 0 to 32/, () => address({ local: '10.0.0.1', prefixlen: 33 })],
  ['address', /not of the family/, () => address({ address: 'fd00::1' })],
  ['broadcast', /IPv6 has no broadcast/, () => address({ local: 'fd00::1/64', broadcast: '+' })],
  ['dst', /a destination is needed/, () => route({ dst: '' })],
  ['dst', /is not an IP address/, () => route({ dst: '10.0.0/8' })],
  ['gateway', /a gateway, a link or next hops/, () => route({ gateway: undefined })],
  ['gateway', /10.0.0.2 is IPv4, and the route is IPv6/, () => route({ dst: 'fd00::/8' })],
  ['prefsrc', /not of the family/, () => route({ prefsrc: 'fd00::1' })],
  ['from', /not of the family/, () => route({ from: 'fd00::1' })],
  [
    'nexthops[1].weight',
    /0 is not 1 to 256/,
    () => route({ gateway: undefined, nexthops: [{ gateway: '10.0.0.2' }, { gateway: '10.0.0.3', weight: 0 }] }),
  ],
  ['table', /"mine" is not one of unspec, default, main, local/, () => route({ table: 'mine' })],
  ['dst', /is not an IP address/, () => neighbour({ dst: 'x' })],
  ['lladdr', /is not a link-layer address/, () => neighbour({ lladdr: 'x' })],
  ['dst', /not of the family inet/, () => new RuleChanges(transport).add({ src: '10.0.0.0/8', dst: 'fd00::1' })],
  [
    'options.rate',
    /not a number of bytes/,
    () => new QdiscChanges(transport).add({ dev: 'v0', kind: 'tbf', options: { rate: 0, burst: 1, limit: 1 } }),
  ],
  [
    'options.loss-random.loss',
    /2 is not 0 to 1/,
    () => new QdiscChanges(transport).add({ dev: 'v0', kind: 'netem', options: { 'loss-random': { loss: 2 } } }),
  ],
  ['handle', /is not a handle/, () => new QdiscChanges(transport).add({ dev: 'v0', kind: 'htb', handle: 'one' })],
];

it.each(bad)('%s: %s', (field, text, call) => {
  let error: unknown;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(NetlinkInputError);
  expect((error as NetlinkInputError).field).toBe(field);
  expect((error as NetlinkInputError).message).toMatch(text);
});
