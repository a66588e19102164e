import { type Case, withWire } from './common.ts';

/** Addresses. */
export const addresses: readonly Case[] = [
  withWire('IPv4', (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16' }), 'addr add 10.1.0.1/16 dev v0'),
  withWire(
    'IPv4 without a length',
    (nl) => nl.addresses.add({ dev: 'lo', local: '127.0.1.1' }),
    'addr add 127.0.1.1 dev lo',
  ),
  withWire(
    'broadcast',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', broadcast: '+' }),
    'addr add 10.1.0.1/16 brd + dev v0',
  ),
  withWire(
    "a broadcast of one's own",
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', broadcast: '10.1.0.255' }),
    'addr add 10.1.0.1/16 brd 10.1.0.255 dev v0',
  ),
  withWire(
    'point-to-point',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1', address: '10.1.0.2', prefixlen: 32 }),
    'addr add 10.1.0.1 peer 10.1.0.2 dev v0',
  ),
  withWire(
    'IPv6 point-to-point',
    (nl) => nl.addresses.add({ dev: 'v0', local: 'fd01::1', address: 'fd01::2', prefixlen: 128, nodad: true }),
    'addr add fd01::1 peer fd01::2 dev v0 nodad',
  ),
  withWire(
    'a label',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', label: 'v0:one' }),
    'addr add 10.1.0.1/16 label v0:one dev v0',
  ),
  withWire(
    'a scope',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', scope: 'link' }),
    'addr add 10.1.0.1/16 scope link dev v0',
  ),
  withWire(
    'lifetimes',
    (nl) =>
      nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', valid_life_time: 100_000, preferred_life_time: 50_000 }),
    'addr add 10.1.0.1/16 valid_lft 100000 preferred_lft 50000 dev v0',
  ),
  withWire(
    'IPv6 lifetimes',
    (nl) =>
      nl.addresses.add({
        dev: 'v0',
        local: 'fd01::1/64',
        nodad: true,
        valid_life_time: 100_000,
        preferred_life_time: 50_000,
      }),
    'addr add fd01::1/64 nodad valid_lft 100000 preferred_lft 50000 dev v0',
  ),
  withWire(
    'a metric',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', metric: 77 }),
    'addr add 10.1.0.1/16 metric 77 dev v0',
  ),
  withWire(
    'no route',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', noprefixroute: true }),
    'addr add 10.1.0.1/16 noprefixroute dev v0',
  ),
  withWire(
    'IPv6 flags',
    (nl) => nl.addresses.add({ dev: 'v0', local: 'fd01::1/64', nodad: true, home: true, noprefixroute: true }),
    'addr add fd01::1/64 nodad home noprefixroute dev v0',
  ),
  withWire(
    'a second one',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.0.0.2/24' }),
    'addr add 10.0.0.2/24 dev v0',
  ),
  withWire(
    'IPv4 mapped',
    (nl) => nl.addresses.add({ dev: 'v0', local: 'fd01:0:0:1::/127', nodad: true }),
    'addr add fd01:0:0:1::/127 nodad dev v0',
  ),
  withWire(
    'replacing lifetimes',
    (nl) =>
      nl.addresses.replace({ dev: 'v0', local: '10.0.0.1/24', valid_life_time: 100_000, preferred_life_time: 5000 }),
    'addr replace 10.0.0.1/24 valid_lft 100000 preferred_lft 5000 dev v0',
  ),
  withWire(
    'replacing nothing',
    (nl) => nl.addresses.replace({ dev: 'v0', local: '10.7.0.1/24' }),
    'addr replace 10.7.0.1/24 dev v0',
  ),
  withWire('deletion', (nl) => nl.addresses.delete({ dev: 'v0', local: '10.0.0.1/24' }), 'addr del 10.0.0.1/24 dev v0'),
  withWire(
    'IPv6 deletion',
    (nl) => nl.addresses.delete({ dev: 'v0', local: 'fd00::1/64' }),
    'addr del fd00::1/64 dev v0',
  ),
];
