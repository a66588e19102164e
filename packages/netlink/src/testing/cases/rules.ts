import { type Case, withWire } from './common.ts';

/** Rules. */
export const rules: readonly Case[] = [
  withWire(
    'a source',
    (nl) => nl.rules.add({ src: '10.0.0.0/8', table: 100, priority: 1000 }),
    'rule add from 10.0.0.0/8 table 100 pref 1000',
  ),
  withWire(
    'a destination',
    (nl) => nl.rules.add({ dst: '10.0.0.1', table: 70_000, priority: 1000 }),
    'rule add to 10.0.0.1 table 70000 pref 1000',
  ),
  withWire(
    'IPv6',
    (nl) => nl.rules.add({ src: 'fd00::/8', dst: 'fd01::1', table: 100, priority: 1000 }),
    '-6 rule add from fd00::/8 to fd01::1 table 100 pref 1000',
  ),
  withWire(
    'IPv6 of all',
    (nl) => nl.rules.add({ family: 'inet6', table: 100, priority: 1000 }),
    '-6 rule add table 100 pref 1000',
  ),
  withWire(
    'a mark',
    (nl) => nl.rules.add({ fwmark: 16, fwmask: 255, table: 100, priority: 1000 }),
    'rule add fwmark 16/255 table 100 pref 1000',
  ),
  withWire(
    'links',
    (nl) => nl.rules.add({ iif: 'v0', oif: 'v1', table: 100, priority: 1000 }),
    'rule add iif v0 oif v1 table 100 pref 1000',
  ),
  withWire(
    'users',
    (nl) => nl.rules.add({ uid_range: { start: 1, end: 9 }, table: 100, priority: 1000 }),
    'rule add uidrange 1-9 table 100 pref 1000',
  ),
  withWire(
    'ports',
    (nl) =>
      nl.rules.add({
        ipproto: 6,
        sport: { start: 80, end: 80 },
        dport: { start: 100, end: 200 },
        table: 100,
        priority: 1000,
      }),
    'rule add ipproto tcp sport 80 dport 100-200 table 100 pref 1000',
  ),
  withWire(
    'not',
    (nl) => nl.rules.add({ not: true, src: '10.0.0.0/8', table: 100, priority: 1000 }),
    'rule add not from 10.0.0.0/8 table 100 pref 1000',
  ),
  withWire(
    'suppressed prefixes',
    (nl) => nl.rules.add({ table: 'main', suppress_prefixlen: 0, priority: 1000 }),
    'rule add table main suppress_prefixlength 0 pref 1000',
  ),
  withWire(
    'another rule',
    (nl) => nl.rules.add({ src: '10.0.0.0/8', goto: 32_766, priority: 1000 }),
    'rule add from 10.0.0.0/8 goto 32766 pref 1000',
  ),
  ...(['blackhole', 'unreachable', 'prohibit'] as const).map((action) =>
    withWire(
      action,
      (nl) => nl.rules.add({ src: '10.0.0.0/8', action, priority: 1000 }),
      `rule add from 10.0.0.0/8 ${action} pref 1000`,
    ),
  ),
  withWire(
    'the priority that the kernel picks',
    (nl) => nl.rules.add({ src: '10.0.0.0/8', table: 100 }),
    'rule add from 10.0.0.0/8 table 100',
  ),
  withWire(
    'deletion',
    (nl) => {
      nl.rules.add({ src: '10.0.0.0/8', table: 100 });
      nl.rules.delete({ src: '10.0.0.0/8', table: 100 });
    },
    'rule add from 10.0.0.0/8 table 100',
    'rule del from 10.0.0.0/8 table 100',
  ),
];
