import { type Case, withWire } from './common.ts';

/** Routes. */
export const routes: readonly Case[] = [
  withWire(
    'a default',
    (nl) => nl.routes.add({ dst: 'default', gateway: '10.0.0.254' }),
    'route add default via 10.0.0.254',
  ),
  withWire(
    'an IPv6 default',
    (nl) => nl.routes.add({ dst: 'default', gateway: 'fd00::fe' }),
    'route add default via fd00::fe',
  ),
  withWire(
    'a network',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2' }),
    'route add 10.2.0.0/16 via 10.0.0.2',
  ),
  withWire(
    'a network with host bits',
    (nl) => nl.routes.add({ dst: '10.2.3.4/16', gateway: '10.0.0.2' }),
    'route add 10.2.0.0/16 via 10.0.0.2',
  ),
  withWire(
    'a host',
    (nl) => nl.routes.add({ dst: '10.2.3.4', gateway: '10.0.0.2' }),
    'route add 10.2.3.4 via 10.0.0.2',
  ),
  withWire('a link', (nl) => nl.routes.add({ dst: '10.2.0.0/16', dev: 'v0' }), 'route add 10.2.0.0/16 dev v0'),
  withWire(
    'an IPv6 network',
    (nl) => nl.routes.add({ dst: 'fd02::/48', gateway: 'fd00::2' }),
    'route add fd02::/48 via fd00::2',
  ),
  withWire('an IPv6 link', (nl) => nl.routes.add({ dst: 'fd02::/48', dev: 'v0' }), 'route add fd02::/48 dev v0'),
  withWire(
    'a source',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', prefsrc: '10.0.0.1' }),
    'route add 10.2.0.0/16 via 10.0.0.2 src 10.0.0.1',
  ),
  withWire(
    'a metric',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', metric: 50 }),
    'route add 10.2.0.0/16 via 10.0.0.2 metric 50',
  ),
  withWire(
    'a large table',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', table: 70_000 }),
    'route add 10.2.0.0/16 via 10.0.0.2 table 70000',
  ),
  withWire(
    'a small table',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', table: 100 }),
    'route add 10.2.0.0/16 via 10.0.0.2 table 100',
  ),
  withWire(
    'a scope',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', dev: 'v0', scope: 'global' }),
    'route add 10.2.0.0/16 dev v0 scope global',
  ),
  withWire(
    'a protocol',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', protocol: 'static' }),
    'route add 10.2.0.0/16 via 10.0.0.2 proto static',
  ),
  withWire(
    'a numbered protocol',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', protocol: 4 }),
    'route add 10.2.0.0/16 via 10.0.0.2 proto 4',
  ),
  withWire(
    'onlink',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '99.0.0.1', dev: 'v0', flags: ['onlink'] }),
    'route add 10.2.0.0/16 via 99.0.0.1 dev v0 onlink',
  ),
  withWire(
    'next hops',
    (nl) =>
      nl.routes.add({ dst: '10.2.0.0/16', nexthops: [{ gateway: '10.0.0.2', weight: 2 }, { gateway: '10.0.0.3' }] }),
    'route add 10.2.0.0/16 nexthop via 10.0.0.2 weight 2 nexthop via 10.0.0.3',
  ),
  withWire(
    'IPv6 next hops',
    (nl) =>
      nl.routes.add({
        dst: 'fd02::/48',
        nexthops: [
          { gateway: 'fd00::2', weight: 3 },
          { gateway: 'fd00::3', dev: 'v0' },
        ],
      }),
    'route add fd02::/48 nexthop via fd00::2 weight 3 nexthop via fd00::3 dev v0',
  ),
  withWire(
    'a next hop of the other family',
    (nl) =>
      nl.routes.add({ dst: '10.2.0.0/16', nexthops: [{ gateway: 'fe80::2', dev: 'v0' }, { gateway: '10.0.0.2' }] }),
    'route add 10.2.0.0/16 nexthop via inet6 fe80::2 dev v0 nexthop via 10.0.0.2',
  ),
  withWire(
    'IPv4 via IPv6',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: 'fd00::2', dev: 'v0' }),
    'route add 10.2.0.0/16 via inet6 fd00::2 dev v0',
  ),
  withWire(
    'an IPv4 default via IPv6',
    (nl) => nl.routes.add({ dst: 'default', via: { family: 'inet6', host: 'fd00::2' }, dev: 'v0' }),
    '-4 route add default via inet6 fd00::2 dev v0',
  ),
  ...(['blackhole', 'unreachable', 'prohibit', 'throw'] as const).flatMap((type) => [
    withWire(`of type ${type}`, (nl) => nl.routes.add({ dst: '10.2.0.0/16', type }), `route add ${type} 10.2.0.0/16`),
    withWire(`IPv6 of type ${type}`, (nl) => nl.routes.add({ dst: 'fd02::/48', type }), `route add ${type} fd02::/48`),
  ]),
  withWire(
    'of type local',
    (nl) => nl.routes.add({ dst: '10.2.0.1', type: 'local', dev: 'lo' }),
    'route add local 10.2.0.1 dev lo',
  ),
  withWire(
    'metrics',
    (nl) =>
      nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', metrics: { mtu: 1300, advmss: 1200, initcwnd: 20 } }),
    'route add 10.2.0.0/16 via 10.0.0.2 mtu 1300 advmss 1200 initcwnd 20',
  ),
  withWire(
    'congestion control',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', metrics: { congestion: 'reno' } }),
    'route add 10.2.0.0/16 via 10.0.0.2 congctl reno',
  ),
  withWire(
    'a type of service',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', tos: 0x10 }),
    'route add 10.2.0.0/16 via 10.0.0.2 tos 0x10',
  ),
  withWire(
    'a preference',
    (nl) => nl.routes.add({ dst: 'fd02::/48', gateway: 'fd00::2', pref: 'high' }),
    'route add fd02::/48 via fd00::2 pref high',
  ),
  withWire(
    'replacing',
    (nl) => {
      nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2' });
      nl.routes.replace({ dst: '10.2.0.0/16', gateway: '10.0.0.3' });
    },
    'route add 10.2.0.0/16 via 10.0.0.2',
    'route replace 10.2.0.0/16 via 10.0.0.3',
  ),
  withWire(
    'appending',
    (nl) => {
      nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2' });
      nl.routes.append({ dst: '10.2.0.0/16', gateway: '10.0.0.3' });
    },
    'route add 10.2.0.0/16 via 10.0.0.2',
    'route append 10.2.0.0/16 via 10.0.0.3',
  ),
  withWire(
    'appending in IPv6',
    (nl) => {
      nl.routes.add({ dst: 'fd02::/48', gateway: 'fd00::2' });
      nl.routes.append({ dst: 'fd02::/48', gateway: 'fd00::3' });
    },
    'route add fd02::/48 via fd00::2',
    'route append fd02::/48 via fd00::3',
  ),
  withWire(
    'changing',
    (nl) => {
      nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2' });
      nl.routes.change({ dst: '10.2.0.0/16', gateway: '10.0.0.3' });
    },
    'route add 10.2.0.0/16 via 10.0.0.2',
    'route change 10.2.0.0/16 via 10.0.0.3',
  ),
  withWire(
    'deletion',
    (nl) => {
      nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2' });
      nl.routes.delete({ dst: '10.2.0.0/16' });
    },
    'route add 10.2.0.0/16 via 10.0.0.2',
    'route del 10.2.0.0/16',
  ),
  withWire(
    'IPv6 deletion',
    (nl) => {
      nl.routes.add({ dst: 'fd02::/48', gateway: 'fd00::2' });
      nl.routes.delete({ dst: 'fd02::/48' });
    },
    'route add fd02::/48 via fd00::2',
    'route del fd02::/48',
  ),
];
