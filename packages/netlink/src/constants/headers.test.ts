import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import * as address from './address.ts';
import * as bridge from './bridge.ts';
import * as kinds from './kinds.ts';
import * as link from './link.ts';
import * as names from './names.ts';
import * as netlink from './netlink.ts';
import * as qdisc from './qdisc.ts';
import * as rtnetlink from './rtnetlink.ts';

// The C compiler compares: one static assertion a value. None of these differs between architectures.

const headers = [
  'sys/socket.h',
  'netinet/in.h',
  'linux/netlink.h',
  'linux/rtnetlink.h',
  'linux/if.h',
  'linux/if_addr.h',
  'linux/if_bridge.h',
  'linux/if_link.h',
  'linux/if_tun.h',
  'linux/if_vlan.h',
  'linux/fib_rules.h',
  'linux/neighbour.h',
  'linux/pkt_sched.h',
  'linux/veth.h',
];

const files: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>> = {
  address,
  bridge,
  kinds,
  link,
  names,
  netlink,
  qdisc,
  rtnetlink,
};

const tables = Object.entries(files).flatMap(([file, own]) =>
  Object.entries(own).map(([table, values]) => ({ name: `${file}.${table}`, values })),
);

function complaints(values: Readonly<Record<string, number>>): string {
  const source = [
    ...headers.map((header) => `#include <${header}>`),
    ...Object.entries(values).map(
      ([name, value]) => `_Static_assert((unsigned long long)(${name}) == ${value}ull, "${name} is not ${value}");`,
    ),
    '',
  ].join('\n');
  const result = spawnSync('cc', ['-std=gnu11', '-fsyntax-only', '-x', 'c', '-'], { input: source, encoding: 'utf8' });
  if (result.error) throw result.error;
  return result.stderr + (result.status === 0 ? '' : `cc ended with ${result.status ?? result.signal}`);
}

it('would notice a wrong value', () => {
  expect(complaints({ IFLA_MTU: 5 })).toContain('IFLA_MTU is not 5');
});

it.each(tables)('$name is as in the headers of the kernel', ({ values }) => {
  expect(complaints(values)).toBe('');
});
