import { expect, it } from 'vitest';
import { NetlinkError, NetlinkInputError } from './errors.ts';
import type { Netlink } from './netlink.ts';
import { Sandbox } from './testing/sandbox.ts';

function failureOf(sandbox: Sandbox, call: (nl: Netlink) => void): NetlinkError {
  try {
    call(sandbox.nl);
  } catch (error) {
    if (error instanceof NetlinkError) return error;
    throw error;
  }
  throw new Error('it succeeded');
}

const refused: readonly (readonly [string, string, string | undefined, (nl: Netlink) => void])[] = [
  [
    'an unknown kind',
    'EOPNOTSUPP',
    'Unknown device type',
    (nl) => nl.links.add({ kind: 'no-such-kind', ifname: 'k0' }),
  ],
  ['a missing bridge', 'ENODEV', undefined, (nl) => nl.links.set('v0', { master: 'br9' })],
  ['a missing link', 'ENODEV', undefined, (nl) => nl.addresses.add({ dev: 'nope', local: '10.0.0.1/24' })],
  ['a name that is taken', 'EEXIST', undefined, (nl) => nl.links.add({ kind: 'bridge', ifname: 'v0' })],
  [
    'an MTU that is too large',
    'EINVAL',
    'mtu greater than device maximum',
    (nl) => nl.links.set('v0', { mtu: 99_999 }),
  ],
  ['an MTU that is too small', 'EINVAL', 'mtu less than device minimum', (nl) => nl.links.set('v0', { mtu: 3 })],
  ['an address that is there', 'EEXIST', undefined, (nl) => nl.addresses.add({ dev: 'v0', local: '10.0.0.1/24' })],
  [
    'a gateway elsewhere',
    'ENETUNREACH',
    'Nexthop has invalid gateway',
    (nl) => nl.routes.add({ dst: '10.9.0.0/16', gateway: '99.9.9.9' }),
  ],
  ['a route that is not there', 'ESRCH', undefined, (nl) => nl.routes.delete({ dst: '10.9.0.0/16' })],
  ['a port of nothing', 'EOPNOTSUPP', undefined, (nl) => nl.links.set('v0', { bridge_slave: { hairpin: true } })],
  [
    'a VLAN number of a VXLAN',
    'ERANGE',
    undefined,
    (nl) => nl.links.add({ kind: 'vxlan', ifname: 'x0', data: { id: 2 ** 24 } }),
  ],
];

it.each(refused)('%s: the kernel says %s', (_, code, extack, call) => {
  using sandbox = new Sandbox();
  sandbox.nl.links.add({ kind: 'veth', ifname: 'v0', up: true, peer: { ifname: 'v1' } });
  sandbox.nl.addresses.add({ dev: 'v0', local: '10.0.0.1/24' });
  const error = failureOf(sandbox, call);
  expect(error.code).toBe(code);
  if (extack !== undefined) {
    // Some kernels end it with a period.
    expect(error.extack?.replace(/\.$/, '')).toBe(extack);
    expect(error.message).toContain(extack);
  }
});

it('names the attribute that the kernel points at', () => {
  using sandbox = new Sandbox();
  const error = failureOf(sandbox, (nl) =>
    nl.links.add({ kind: 'vxlan', ifname: 'x0', mtu: 1400, address: '02:00', data: { id: 1 } }),
  );
  expect(error).toMatchObject({ code: 'EINVAL', attribute: 'address' });
  expect(error.offset).toBeGreaterThan(16);
  expect(error.message).toMatch(/: EINVAL \(invalid argument\): .* \(at address\)$/);
});

it('changes nothing when a value is none', () => {
  using sandbox = new Sandbox();
  const before = sandbox.nl.links.list().length;
  expect(() =>
    sandbox.nl.batch((b) => {
      b.links.add({ kind: 'bridge', ifname: 'br0' });
      b.links.add({ kind: 'bridge', ifname: 'a name' });
    }),
  ).toThrow(NetlinkInputError);
  expect(sandbox.nl.links.list()).toHaveLength(before);
});

it('says EPERM without privileges', () => {
  using sandbox = new Sandbox();
  const uid = process.geteuid!();
  process.seteuid!(65_534);
  try {
    const error = failureOf(sandbox, (nl) => nl.links.add({ kind: 'bridge', ifname: 'br0' }));
    expect(error.code).toBe('EPERM');
  } finally {
    process.seteuid!(uid);
  }
});
