import { describe, expect, it } from 'vitest';
import { dataOf } from './link/link.ts';
import { lacksKind, Sandbox } from './testing/sandbox.ts';
import { randomMac } from './text/mac.ts';

// What the tests of libcontainer's netlink package asked of it in 2015, asked of its counterparts here.

const noDummy = lacksKind((nl) => nl.links.add({ kind: 'dummy', ifname: 'k0' }));
/** A link without anything behind it: a dummy where the kernel has them, as the original tests had it. */
const plain = noDummy ? 'ifb' : 'dummy';

function withLink(ifname = 'tstEth'): Sandbox {
  const sandbox = new Sandbox();
  sandbox.nl.links.add({ kind: plain, ifname });
  return sandbox;
}

describe('as the original package', () => {
  it.each([plain, 'bridge'] as const)('adds and deletes a %s', (kind) => {
    using sandbox = new Sandbox();
    sandbox.nl.links.add({ kind, ifname: 'tst' });
    expect(sandbox.nl.links.get('tst').linkinfo?.info_kind).toBe(kind);
    sandbox.nl.links.delete('tst');
    expect(sandbox.nl.links.find('tst')).toBeUndefined();
  });

  it('sets a link up and down', () => {
    using sandbox = withLink();
    expect(sandbox.nl.links.get('tstEth').flags).not.toContain('UP');
    sandbox.nl.links.set('tstEth', { up: true });
    expect(sandbox.nl.links.get('tstEth').flags).toContain('UP');
    sandbox.nl.links.set('tstEth', { up: false });
    expect(sandbox.nl.links.get('tstEth').flags).not.toContain('UP');
  });

  it('sets a MAC address and leaves the flags alone', () => {
    using sandbox = new Sandbox();
    sandbox.nl.links.add({ kind: 'veth', ifname: 'tstEth', peer: { ifname: 'other' } });
    sandbox.nl.links.set('tstEth', { up: true });
    sandbox.nl.links.set('tstEth', { address: '22:ce:e0:99:63:6f' });
    const { address, flags } = sandbox.nl.links.get('tstEth');
    expect(address).toBe('22:ce:e0:99:63:6f');
    expect(flags).toContain('UP');
  });

  it.each([{ mtu: 1400 }, { txqlen: 100 }])('sets $mtu $txqlen and does not set the link up', (change) => {
    using sandbox = withLink();
    sandbox.nl.links.set('tstEth', change);
    expect(sandbox.nl.links.get('tstEth')).toMatchObject(change);
    expect(sandbox.nl.links.get('tstEth').flags).not.toContain('UP');
  });

  it('sets a master and takes it away', () => {
    using sandbox = withLink();
    sandbox.nl.links.add({ kind: 'bridge', ifname: 'tstBr' });
    sandbox.nl.links.set('tstEth', { master: 'tstBr' });
    expect(sandbox.nl.links.get('tstEth').master).toBe('tstBr');
    sandbox.nl.links.set('tstEth', { master: null });
    expect(sandbox.nl.links.get('tstEth').master).toBeUndefined();
  });

  it('changes a name', () => {
    using sandbox = withLink();
    const { ifindex } = sandbox.nl.links.get('tstEth');
    sandbox.nl.links.set('tstEth', { ifname: 'newTst' });
    expect(sandbox.nl.links.get('newTst').ifindex).toBe(ifindex);
    expect(sandbox.nl.links.find('tstEth')).toBeUndefined();
  });

  it('adds a VLAN', (ctx) => {
    using sandbox = withLink();
    const make = (): void =>
      sandbox.nl.links.add({ kind: 'vlan', ifname: 'tstVlan', link: 'tstEth', data: { id: 32 } });
    const lacking = lacksKind((nl) => {
      nl.links.add({ kind: 'bridge', ifname: 'tstEth' });
      nl.links.add({ kind: 'vlan', ifname: 'tstVlan', link: 'tstEth', data: { id: 32 } });
    });
    if (lacking) ctx.skip(lacking);
    make();
    expect(dataOf(sandbox.nl.links.get('tstVlan'), 'vlan')?.id).toBe(32);
  });

  it.each(['macvlan', 'macvtap'] as const)('adds a %s', (kind) => {
    using sandbox = new Sandbox();
    sandbox.nl.links.add({ kind: 'bridge', ifname: 'tstEth' });
    sandbox.nl.links.add({ kind, ifname: 'tstMac', link: 'tstEth', data: { mode: 'private' } });
    const link = sandbox.nl.links.get('tstMac');
    expect(link.link).toBe('tstEth');
    expect(dataOf(link, kind)?.mode).toBe('private');
  });

  it('adds and deletes an address', () => {
    using sandbox = new Sandbox();
    const address = { dev: 'lo', local: '127.0.1.1/32' };
    sandbox.nl.addresses.add(address);
    expect(sandbox.nl.addresses.list({ dev: 'lo' })).toMatchObject([
      { local: '127.0.1.1', prefixlen: 32, scope: 'host' },
    ]);
    sandbox.nl.addresses.delete(address);
    expect(sandbox.nl.addresses.list({ dev: 'lo' })).toEqual([]);
  });

  it('selects a source address by a route', () => {
    using sandbox = withLink();
    sandbox.nl.addresses.add({ dev: 'tstEth', local: '127.1.1.1/32' });
    sandbox.nl.links.set('tstEth', { up: true });
    sandbox.nl.routes.add({ dst: '127.0.0.0/8', prefsrc: '127.1.1.1', dev: 'tstEth' });
    expect(sandbox.nl.routes.list({ family: 'inet' })).toMatchObject([
      { dst: '127.0.0.0/8', prefsrc: '127.1.1.1', dev: 'tstEth' },
    ]);
  });

  it('creates a veth pair', () => {
    using sandbox = new Sandbox();
    sandbox.nl.links.add({ kind: 'veth', ifname: 'veth1', txqlen: 100, peer: { ifname: 'veth2', txqlen: 100 } });
    expect(sandbox.nl.links.get('veth1')).toMatchObject({ link: 'veth2', txqlen: 100 });
    expect(sandbox.nl.links.get('veth2')).toMatchObject({ link: 'veth1', txqlen: 100 });
    expect(() => sandbox.nl.links.add({ kind: 'veth', ifname: 'veth1', peer: { ifname: 'veth3' } })).toThrow(/EEXIST/);
  });

  it('creates a bridge with a MAC address of its own and deletes it while it is up', () => {
    using sandbox = new Sandbox();
    const address = randomMac();
    sandbox.nl.links.add({ kind: 'bridge', ifname: 'tstBr', address, up: true });
    expect(sandbox.nl.links.get('tstBr').address).toBe(address);
    sandbox.nl.links.delete('tstBr');
    expect(sandbox.nl.links.find('tstBr')).toBeUndefined();
  });

  it('sets a random MAC address', () => {
    using sandbox = new Sandbox();
    sandbox.nl.links.add({ kind: 'bridge', ifname: 'tstBr' });
    const address = randomMac();
    sandbox.nl.links.set('tstBr', { address });
    expect(sandbox.nl.links.get('tstBr').address).toBe(address);
  });

  it('sets hairpin mode', () => {
    using sandbox = withLink();
    sandbox.nl.links.add({ kind: 'bridge', ifname: 'tstBr' });
    sandbox.nl.links.set('tstEth', { master: 'tstBr', bridge_slave: { hairpin: true } });
    expect(sandbox.bridge('link')).toMatchObject([{ ifname: 'tstEth', hairpin: true }]);
  });
});
