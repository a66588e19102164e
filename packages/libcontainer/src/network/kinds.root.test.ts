import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, Network, Route } from '@nsinit/config';
import { Netlink, NetworkNamespace } from '@nsinit/netlink';
import { invoke } from '@nsinit/syscall';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { exec, failure, start, useSandbox } from '../testing/sandbox.ts';
import { aliasOf, borrowedAliasOf, bridgeAlias } from './owner.ts';

// The thread's own network namespace is the host of these tests; the file has a process to itself. A cable leads from it
// to somebody who knows nothing of containers.
invoke('unshare', { flags: ['CLONE_NEWNET'] });
const host = new Netlink();
const outside = NetworkNamespace.create();
const far = new Netlink({ netns: outside });

const box = useSandbox();

beforeAll(() => {
  host.links.set('lo', { up: true });
  host.links.add({ kind: 'veth', ifname: 'up0', up: true, peer: { ifname: 'far0', netns: outside } });
  host.addresses.add({ dev: 'up0', local: '192.0.2.1/24' });
  far.links.set('far0', { up: true });
  far.addresses.add({ dev: 'far0', local: '192.0.2.2/24' });
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  writeFileSync('/proc/sys/net/ipv6/conf/all/forwarding', '1');
});

afterEach(async () => {
  await vi.waitFor(() => expect(names()).toEqual(['lo', 'up0']), { timeout: 5000, interval: 5 });
});

afterAll(() => {
  far.close();
  outside.close();
  host.close();
});

const names = () => host.links.list().map(({ ifname }) => ifname);
const config = (network: Network, routes: readonly Route[] = []): Config =>
  box().config({ networks: [{ type: 'loopback' }, network], routes });
/** The same in a namespace that is there already. */
const joining = ({ fd }: NetworkNamespace, network: Network): Config => {
  const path = `/proc/${process.pid}/fd/${fd}`;
  const { namespaces = [], ...rest } = config(network);
  // Its loopback interface is the business of whom it belongs to.
  return {
    ...rest,
    networks: [network],
    namespaces: namespaces.map((one) => (one.type === 'NEWNET' ? { ...one, path } : one)),
  };
};
/** Asks until there is an answer: what is lost on the way is not what is tested. */
const reach = (address: string) =>
  `for i in 1 2 3 4 5; do ping -c 1 -W 2 ${address} >/dev/null && echo reached && break; done`;
const reached = { status: 0, stdout: 'reached\n' };
const ping = (address: string) => ['sh', '-c', reach(address)];

describe('a macvlan', () => {
  const macvlan: Network = { type: 'macvlan', link: 'up0', address: '192.0.2.3/24' };

  it('is on the same cable as its link, and goes with the container', async () => {
    const script = `ip link show eth0; ${reach('192.0.2.2')}`;
    const network = { ...macvlan, macAddress: '02:00:00:00:00:03', mtu: 1300, mode: 'private' };
    const out = await box().shell(script, config(network));
    expect(out).toMatch(/mtu 1300/);
    expect(out).toMatch(/ether 02:00:00:00:00:03/);
    expect(out).toMatch(/reached/);
  });

  it('has the mode and name that it is given, and is counted', async () => {
    const cgroups = { parent: `nsinit-test-net-${process.pid}`, allowAllDevices: true };
    const network = { ...macvlan, name: 'wan', mode: 'vepa' };
    await box().using({ ...config(network), cgroups }, async (container) => {
      const { process: init } = await start(container, ['sleep', '100']);
      using inside = new Netlink({ netns: { pid: init.pid() } });
      expect(inside.links.get('wan')).toMatchObject({
        ifalias: aliasOf(join(box().state, container.id)),
        linkinfo: { info_kind: 'macvlan', info_data: { mode: 'vepa' } },
      });
      expect(await exec(container, ping('192.0.2.2'))).toMatchObject(reached);
      const [counted] = (await container.stats()).interfaces;
      expect(counted!.name).toBe('wan');
      expect(counted!.txPackets).toBeGreaterThan(0n);
    });
  });

  it('does not stay in a namespace that was joined', async () => {
    using joined = NetworkNamespace.create();
    using inside = new Netlink({ netns: joined });
    const container = await box().create(joining(joined, macvlan));
    const { result } = await start(container, ['ip', 'addr', 'show', 'eth0']);
    expect((await result).stdout).toMatch(/192\.0\.2\.3/);
    expect(inside.links.find('eth0')).toBeDefined();
    await container.destroy();
    expect(inside.links.find('eth0')).toBe(undefined);
  });

  it('needs its link', async () => {
    const container = await box().create(config({ ...macvlan, link: 'absent0' }));
    const error = await failure(start(container, ['true']));
    expect(error).toMatchObject({ code: 'SystemError', field: 'networks[1]' });
    expect(error.message).toMatch(/there is no interface absent0 on this host/);
    expect(error.hint).toMatch(/up0/);
    await container.destroy();
  });
});

describe('an ipvlan', () => {
  it('is on the same cable as its link, or the kernel says that it has none', async () => {
    const container = await box().create(config({ type: 'ipvlan', link: 'up0', mode: 'l2', address: '192.0.2.4/24' }));
    const outcome = await exec(container, ping('192.0.2.2')).catch((error: unknown) => error);
    await container.destroy();
    if (hasIpvlan()) expect(outcome).toMatchObject(reached);
    else expect(outcome).toMatchObject({ code: 'SystemError', errno: 'EOPNOTSUPP', field: 'networks[1]' });
  });

  /** Asks the kernel, in a way of our own. */
  function hasIpvlan(): boolean {
    using place = NetworkNamespace.create();
    using nl = new Netlink({ netns: place });
    nl.links.add({ kind: 'ifb', ifname: 'below0' });
    const [made] = nl.batch((b) => b.links.add({ kind: 'ipvlan', ifname: 'above0', link: 'below0' }));
    return made!.ok;
  }
});

describe('an interface of the host', () => {
  const mac = '02:00:00:00:07:01';
  /** Makes one that looks as if somebody had set it up. */
  const makeNic = () => {
    host.links.add({
      kind: 'macvlan',
      link: 'up0',
      ifname: 'nic0',
      ifalias: 'the good one',
      address: mac,
      mtu: 1450,
      up: true,
    });
    host.addresses.add({ dev: 'nic0', local: '192.0.2.7/24', broadcast: '+' });
    host.addresses.add({ dev: 'nic0', local: 'fd07::7/64', nodad: true });
  };
  /** What it is now, without what another namespace may change. */
  const nic = (ifname = 'nic0') => {
    const { ifalias, mtu, address, flags } = host.links.get(ifname);
    const addresses = host.addresses
      .list({ dev: ifname })
      .filter(({ scope }) => scope !== 'link')
      .map(({ local, prefixlen, broadcast }) => `${local}/${prefixlen} ${broadcast ?? ''}`);
    return { ifalias, mtu, address, up: flags.includes('UP'), addresses };
  };
  const asItWas = {
    ifalias: 'the good one',
    mtu: 1450,
    address: mac,
    up: true,
    addresses: ['192.0.2.7/24 192.0.2.255', 'fd07::7/64 '],
  };
  const phys: Network = { type: 'phys', link: 'nic0' };

  afterEach(() => host.links.delete('nic0'));

  it('moves in with its addresses, and comes back as it was', async () => {
    makeNic();
    const out = await box().shell(
      `ip addr show nic0; ${reach('192.0.2.2')}; ip link set nic0 mtu 1200`,
      box().config({
        networks: [{ ...phys, mtu: 1400, gateway: '192.0.2.2' }],
        capabilities: [...(box().config().capabilities as string[]), 'CAP_NET_ADMIN'],
      }),
    );
    expect(out).toMatch(/mtu 1400/);
    expect(out).toMatch(/inet 192\.0\.2\.7\/24/);
    expect(out).toMatch(/inet6 fd07::7\/64/);
    expect(out).toMatch(/reached/);
    expect(nic()).toEqual(asItWas);
  });

  it('is not on the host meanwhile, and comes back although the container was killed', async () => {
    makeNic();
    const container = await box().create(config({ ...phys, name: 'eth0' }));
    const { process: init, result } = await start(container, ['sleep', '100']);
    expect(names()).not.toContain('nic0');
    await exec(container, ['ip', 'addr', 'show', 'eth0']);
    init.signal('SIGKILL');
    await result;
    await container.destroy();
    expect(nic()).toEqual(asItWas);
  });

  it('comes back when the start fails, and when the container is destroyed by force', async () => {
    makeNic();
    const container = await box().create(config(phys, [{ destination: '10.1.0.0/16', interfaceName: 'eth9' }]));
    expect(await failure(start(container, ['true']))).toMatchObject({ field: 'routes[0]' });
    expect(nic()).toEqual(asItWas);
    await container.destroy();
    const other = await box().create(config(phys));
    await start(other, ['sleep', '100']);
    await other.destroy({ force: true });
    expect(nic()).toEqual(asItWas);
  });

  it('comes back in the next start, for the next start', async () => {
    makeNic();
    await box().using(config(phys), async (container) => {
      for (let round = 0; round < 3; round++)
        expect(await exec(container, ['ip', 'addr', 'show', 'nic0'])).toMatchObject({ status: 0 });
    });
    expect(nic()).toEqual(asItWas);
  });

  it('gets its own name back when the kernel has put it back under another', async () => {
    makeNic();
    const container = await box().create(config({ ...phys, name: 'eth0' }));
    const { process: init, result } = await start(container, ['sleep', '100']);
    using inside = new Netlink({ netns: { pid: init.pid() } });
    using here = NetworkNamespace.current();
    inside.links.set('eth0', { netns: here, ifname: 'dev7' });
    init.signal('SIGKILL');
    await result;
    expect(host.links.get('dev7').ifalias).toBe(borrowedAliasOf(join(box().state, container.id), 1));
    await container.destroy();
    expect(nic()).toEqual(asItWas);
  });

  it('comes back under another name when its own was taken meanwhile', async () => {
    makeNic();
    const container = await box().create(config(phys));
    await start(container, ['sleep', '100']);
    host.links.add({ kind: 'ifb', ifname: 'nic0' });
    await container.destroy({ force: true });
    const other = names().find((name) => name.startsWith('dev'))!;
    expect(nic(other)).toEqual(asItWas);
    host.links.delete(other);
  });

  it('comes back out of a namespace that was joined', async () => {
    makeNic();
    using joined = NetworkNamespace.create();
    using inside = new Netlink({ netns: joined });
    const container = await box().create(joining(joined, phys));
    expect(await exec(container, ['ip', 'addr', 'show', 'nic0'])).toMatchObject({ status: 0 });
    expect(inside.links.find('nic0')).toBeDefined();
    await container.destroy();
    expect(inside.links.find('nic0')).toBe(undefined);
    expect(nic()).toEqual(asItWas);
  });

  it('is a port of its bridge again', async () => {
    host.links.add({ kind: 'bridge', ifname: 'theirs0', up: true });
    host.links.add({ kind: 'ifb', ifname: 'nic0', master: 'theirs0', up: true });
    await box().runContainer(config(phys), ['true']);
    expect(host.links.get('nic0').master).toBe('theirs0');
    host.links.delete('theirs0');
  });

  it('is not mixed up with another that the container made in its place', async () => {
    makeNic();
    const capabilities = [...(box().config().capabilities as string[]), 'CAP_NET_ADMIN'];
    const container = await box().create({ ...config({ ...phys, name: 'eth0' }), capabilities });
    const { process: init } = await start(container, ['sleep', '100']);
    using inside = new Netlink({ netns: { pid: init.pid() } });
    const { ifindex } = inside.links.get('eth0');
    inside.links.delete('eth0');
    inside.links.add({ kind: 'ifb', ifname: 'evil0', ifindex });
    await container.destroy({ force: true });
    expect(names()).toEqual(['lo', 'up0']);
    makeNic();
  });
});

describe('a bridge that the configuration has made', () => {
  const eth0: Network = {
    type: 'veth',
    bridge: 'nsbr0',
    createBridge: true,
    address: '10.88.0.2/24',
    gateway: '10.88.0.1',
    ipv6Address: 'fd88::2/64',
    ipv6Gateway: 'fd88::1',
  };
  const second: Network = { ...eth0, address: '10.88.0.3/24', ipv6Address: 'fd88::3/64' };

  it('has the gateways as its addresses, and goes with the last container', async () => {
    await box().using(config(eth0), async (first) => {
      await start(first, ['sleep', '100']);
      await box().using(config(second), async (other) => {
        await start(other, ['sleep', '100']);
        expect(host.links.get('nsbr0')).toMatchObject({ ifalias: bridgeAlias('nsbr0') });
        expect(host.links.list({ master: 'nsbr0' })).toHaveLength(2);
        for (const address of ['10.88.0.1', '10.88.0.3', 'fd88::1', 'fd88::3'])
          expect([address, await exec(first, ping(address))]).toEqual([address, expect.objectContaining(reached)]);
      });
      expect(names()).toContain('nsbr0');
    });
    expect(names()).toEqual(['lo', 'up0']);
  });

  it('is made once by many who start at the same time', async () => {
    const containers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        box().create(config({ ...eth0, address: `10.88.0.${i + 10}/24`, ipv6Address: `fd88::${i + 10}/64` })),
      ),
    );
    for (let round = 0; round < 3; round++)
      expect(await Promise.all(containers.map((one) => exec(one, ping('10.88.0.1'))))).toEqual(
        containers.map(() => expect.objectContaining(reached)),
      );
    await Promise.all(containers.map((one) => one.destroy()));
  });

  it('hides its containers behind the host when asked', async () => {
    const unanswered = async () =>
      expect((await box().runContainer(config(eth0), ['ping', '-c', '1', '-W', '1', '192.0.2.2'])).status).toBe(1);
    // Nobody out there knows the way back.
    await unanswered();
    expect(await box().shell(reach('192.0.2.2'), config({ ...eth0, masquerade: true }))).toBe('reached\n');
    // The rule went with the bridge.
    await unanswered();
  });

  it('says what stands in the way of that', async () => {
    const masquerading = config({ ...eth0, masquerade: true });
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '0');
    const container = await box().create(masquerading);
    expect(await failure(start(container, ['true']))).toMatchObject({
      field: 'networks[1].create_bridge',
      hint: 'allow it: sysctl -w net.ipv4.ip_forward=1',
    });
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
    host.links.add({ kind: 'bridge', ifname: 'nsbr0' });
    const error = await failure(start(container, ['true']));
    expect(error.message).toMatch(/the bridge nsbr0 is not ours/);
    await container.destroy();
    host.links.delete('nsbr0');
  });

  it('is left alone when somebody else made it', async () => {
    host.links.add({ kind: 'bridge', ifname: 'nsbr0', up: true });
    host.addresses.add({ dev: 'nsbr0', local: '10.88.0.254/24' });
    expect(await box().shell(reach('10.88.0.254'), config(eth0))).toBe('reached\n');
    expect(host.addresses.list({ dev: 'nsbr0', family: 'inet' }).map(({ local }) => local)).toEqual(['10.88.0.254']);
    host.links.delete('nsbr0');
  });
});

describe('starts and ends again and again', () => {
  /** Of four starts each: 250 by hand. */
  const cycles = Number(process.env['NSINIT_TEST_CYCLES'] ?? 6);

  it('leave nothing', async () => {
    host.links.add({ kind: 'ifb', ifname: 'nic0', up: true });
    const all = box().config({
      networks: [
        { type: 'veth', bridge: 'nsbr0', createBridge: true, address: '10.88.0.2/24', gateway: '10.88.0.1' },
        { type: 'macvlan', name: 'eth1', link: 'up0' },
        { type: 'phys', name: 'eth2', link: 'nic0' },
      ],
    });
    const broken = { ...all, routes: [{ destination: '10.1.0.0/16', interfaceName: 'eth9' }] };
    for (let cycle = 0; cycle < cycles; cycle++) {
      await box().using(all, (container) => exec(container, ['true']));
      // Those that fail at the last step of the network and of all, and one that is running when it is destroyed.
      await box().using(broken, (container) => failure(start(container, ['true'])));
      await box().using(all, (container) => failure(start(container, ['/absent'])));
      await box().using(all, (container) => start(container, ['sleep', '100']));
    }
    expect(names()).toEqual(['lo', 'up0', 'nic0']);
    host.links.delete('nic0');
  }, 600_000);
});
