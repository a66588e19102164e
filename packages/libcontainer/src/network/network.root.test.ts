import { join } from 'node:path';
import type { Network, Route } from '@nsinit/config';
import { Netlink } from '@nsinit/netlink';
import { invoke } from '@nsinit/syscall';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createFactory } from '../factory.ts';
import { exec, failure, start, useSandbox } from '../testing/sandbox.ts';
import { aliasOf } from './owner.ts';

// The thread's own network namespace is the host of these tests; the file has a process to itself.
invoke('unshare', { flags: ['CLONE_NEWNET'] });
const host = new Netlink();

const box = useSandbox();

beforeAll(() => {
  host.links.set('lo', { up: true });
  host.links.add({ kind: 'bridge', ifname: 'br0', up: true });
  host.addresses.add({ dev: 'br0', local: '10.77.0.1/24' });
  host.addresses.add({ dev: 'br0', local: 'fd77::1/64', nodad: true });
});

afterAll(() => host.close());

const eth0: Network = {
  type: 'veth',
  name: 'eth0',
  bridge: 'br0',
  address: '10.77.0.2/24',
  gateway: '10.77.0.1',
  mtu: 1400,
  hostInterfaceName: 'vethtest0',
};
const config = (network: Partial<Network> = {}, routes: readonly Route[] = []) =>
  box().config({ networks: [{ type: 'loopback' }, { ...eth0, ...network }], routes });
const names = () => host.links.list().map(({ ifname }) => ifname);

describe('a veth', () => {
  it('reaches the bridge, and goes with the container', async () => {
    const out = await box().shell(
      'ip addr show eth0; ip route; ping -c 1 -W 2 10.77.0.1 >/dev/null && echo reached',
      config(),
    );
    expect(out).toMatch(/mtu 1400/);
    expect(out).toMatch(/inet 10\.77\.0\.2\/24/);
    expect(out).toMatch(/default via 10\.77\.0\.1 dev eth0/);
    expect(out).toMatch(/reached/);
    await vi.waitFor(() => expect(names()).toEqual(['lo', 'br0']));
  });

  it('is a port of its bridge that says whose it is', async () => {
    await box().using(config({ hairpinMode: true }), async (container) => {
      await start(container, ['sleep', '100']);
      expect(host.links.get('vethtest0')).toMatchObject({
        master: 'br0',
        ifalias: aliasOf(join(box().state, container.id)),
        mtu: 1400,
      });
    });
  });

  it('has the address that it is given, and IPv6', async () => {
    const network = { macAddress: '02:42:0a:4d:00:02', ipv6Address: 'fd77::2/64', ipv6Gateway: 'fd77::1' };
    const out = await box().shell(
      'cat /sys/class/net/eth0/address; ip -6 addr show eth0; ip -6 route',
      config(network),
    );
    expect(out).toMatch(/^02:42:0a:4d:00:02$/m);
    expect(out).toMatch(/inet6 fd77::2\/64/);
    expect(out).toMatch(/default via fd77::1 dev eth0/);
  });

  it('needs no IPv4 address, no MTU, no name of its own and no bridge', async () => {
    const out = await box().shell(
      'ip addr show eth0',
      box().config({ networks: [{ type: 'veth', ipv6Address: 'fd78::2/64', mtu: 0 }] }),
    );
    expect(out).toMatch(/mtu 1500/);
    expect(out).toMatch(/inet6 fd78::2\/64/);
  });

  it('has routes', async () => {
    const routes = [{ destination: '192.168.77.9/24', gateway: '10.77.0.1', interfaceName: 'eth0' }];
    expect(await box().shell('ip route', config({}, routes))).toMatch(/192\.168\.77\.0\/24 via 10\.77\.0\.1 dev eth0/);
  });

  it('is counted the way round that the container sees it', async () => {
    await box().using(
      { ...config(), cgroups: { parent: `nsinit-test-net-${process.pid}`, allowAllDevices: true } },
      async (container) => {
        await start(container, ['sleep', '100']);
        const { stdout } = await exec(container, [
          'sh',
          '-c',
          'ping -c 2 -s 1000 10.77.0.1 >/dev/null; cat /proc/net/dev',
        ]);
        const [, rx, tx] = /eth0:\s*(\d+)(?:\s+\d+){7}\s+(\d+)/.exec(stdout)!;
        const [counted] = (await container.stats()).interfaces;
        expect(counted).toMatchObject({ name: 'vethtest0' });
        expect(Number(counted!.rxBytes)).toBeGreaterThanOrEqual(Number(rx));
        expect(Number(counted!.txBytes)).toBeGreaterThanOrEqual(Number(tx));
        expect(Number(tx)).toBeGreaterThan(2000);
      },
    );
  });

  it('is not taken for that of a container with the same id in another root', async () => {
    const other = await createFactory(join(box().dir, 'other'));
    const unnamed = (address: string) => config({ hostInterfaceName: undefined, address });
    await box().using(unnamed('10.77.0.2/24'), async (mine) => {
      await start(mine, ['sleep', '100']);
      const theirs = await other.create(mine.id, unnamed('10.77.0.3/24'));
      await start(theirs, ['sleep', '100']);
      expect(names()).toHaveLength(4);
      await theirs.destroy({ force: true });
      expect(names()).toHaveLength(3);
      expect((await exec(mine, ['ping', '-c', '1', '-W', '2', '10.77.0.1'])).status).toBe(0);
    });
  });

  it('goes although its name was never given, as when its maker was killed', async () => {
    const container = await box().create(config());
    const ifalias = aliasOf(join(box().state, container.id));
    host.links.add({ kind: 'veth', ifname: 'nl0123456789ab', ifalias, peer: { ifname: 'peer0' } });
    await container.destroy();
    expect(names()).toEqual(['lo', 'br0']);
  });

  it('belongs to containers with the longest of ids', async () => {
    const container = await box().create(config(), 'x'.repeat(200));
    expect((await exec(container, ['true'])).status).toBe(0);
    await container.destroy();
  });

  it.each([
    ['a bridge that is not there', { bridge: 'absent0' }, [], 'networks[1]', /there is no bridge absent0/],
    ['a name that is taken', { hostInterfaceName: 'br0' }, [], 'networks[1]', /EEXIST/],
    ['a gateway that cannot be reached', { gateway: '10.99.0.1' }, [], 'networks[1]', /ENETUNREACH|gateway/],
    [
      'a route by an interface that is not there',
      {},
      [{ destination: '10.1.0.0/16', interfaceName: 'eth9' }],
      'routes[0]',
      /eth9/,
    ],
  ] as const)('%s is told by its field, and nothing is left', async (_, network, routes, field, text) => {
    const container = await box().create(config(network, routes));
    const error = await failure(start(container, ['true']));
    expect(error).toMatchObject({ code: 'SystemError', field });
    expect(error.message).toMatch(text);
    await container.destroy();
    await vi.waitFor(() => expect(names()).toEqual(['lo', 'br0']));
  });
});
