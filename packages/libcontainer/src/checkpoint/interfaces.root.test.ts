import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { addNamespace, type Config, type Network } from '@nsinit/config';
import { mapRange } from '@nsinit/namespaces';
import { Netlink, NetworkNamespace } from '@nsinit/netlink';
import { invoke } from '@nsinit/syscall';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { aliasOf, bridgeAlias } from '../network/owner.ts';
import { Status } from '../status.ts';
import { Checkpointed } from '../testing/checkpointed.ts';
import { testCriu } from '../testing/criu.ts';
import { exec, failure, useSandbox } from '../testing/sandbox.ts';

/** Before the thread leaves the network that it comes from. */
const criu = testCriu();

// The thread's own network namespace is the host of these tests; the file has a process to itself. A cable leads from it
// to somebody who knows nothing of containers.
invoke('unshare', { flags: ['CLONE_NEWNET'] });
const host = new Netlink();
const outside = NetworkNamespace.create();
const far = new Netlink({ netns: outside });

const sandbox = useSandbox();

beforeAll(() => {
  host.links.set('lo', { up: true });
  host.links.add({ kind: 'veth', ifname: 'up0', up: true, peer: { ifname: 'far0', netns: outside } });
  host.addresses.add({ dev: 'up0', local: '192.0.2.1/24' });
  far.links.set('far0', { up: true });
  far.addresses.add({ dev: 'far0', local: '192.0.2.2/24' });
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
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
const config = (...networks: readonly Network[]): Config =>
  sandbox().config({
    networks: [{ type: 'loopback' }, ...networks],
    cgroups: { parent: `nsinit-test-criu-net-${process.pid}`, allowAllDevices: true },
  });
const ownerOf = (scene: Checkpointed) => join(sandbox().state, scene.container.id);
/** Asks until there is an answer: what is lost on the way is not what is tested. */
const reach = async (scene: Checkpointed, address: string) =>
  (
    await exec(scene.container, [
      'sh',
      '-c',
      `for i in 1 2 3 4 5; do ping -c 1 -W 2 ${address} >/dev/null && echo reached && break; done`,
    ])
  ).stdout;
const bridged = {
  type: 'veth',
  bridge: 'nsbr0',
  createBridge: true,
  address: '10.88.0.2/24',
  gateway: '10.88.0.1',
} as const;
const create = (made: Config) => Checkpointed.create(sandbox(), made, criu);

describe('the interface of a restored container', () => {
  it('is counted, on the bridge that is made for it, hidden behind the host, and leaves nothing', async () => {
    const hidden = { masquerade: true, ...bridged } as const;
    await using scene = await create(config(hidden));
    await scene.run(['cat'], { process: { stdin: new PassThrough() } });
    expect(await reach(scene, '192.0.2.2')).toBe('reached\n');
    const { imagesDirectory } = await scene.save();
    await scene.restore(imagesDirectory, { process: { stdin: new PassThrough() } });
    // Nobody out there knows the way back to the container itself.
    expect(await reach(scene, '192.0.2.2')).toBe('reached\n');
    expect(host.links.get('nsbr0')).toMatchObject({ ifalias: bridgeAlias('nsbr0') });
    const [end, ...more] = host.links.list({ master: 'nsbr0' });
    expect([end!.ifalias, more]).toEqual([aliasOf(ownerOf(scene)), []]);
    const { interfaces } = await scene.container.stats();
    expect(interfaces.map(({ name }) => name)).toEqual([end!.ifname]);
    expect(interfaces[0]!.txPackets).toBeGreaterThan(0n);
    expect(interfaces[0]!.rxPackets).toBeGreaterThan(0n);
    await scene.container.destroy({ force: true });
    expect(names()).toEqual(['lo', 'up0']);
    // The rule went with the bridge.
    const ping = ['ping', '-c', '1', '-W', '1', '192.0.2.2'];
    expect((await sandbox().runContainer(config(bridged), ping)).status).toBe(1);
  });

  it('is a macvlan again, with its address and mode', async () => {
    await using scene = await create(
      config({ type: 'macvlan', name: 'wan', link: 'up0', mode: 'vepa', address: '192.0.2.3/24' }),
    );
    const first = await scene.run(['cat'], { process: { stdin: new PassThrough() } });
    const look = (pid: number) => {
      using inside = new Netlink({ netns: { pid } });
      const { address, mtu, ifalias, linkinfo } = inside.links.get('wan');
      const addresses = inside.addresses.list({ dev: 'wan', family: 'inet' }).map(({ local }) => local);
      return { address, mtu, ifalias, mode: linkinfo?.info_data, addresses };
    };
    const before = look(first.process.pid());
    expect(before).toMatchObject({ mode: { mode: 'vepa' }, addresses: ['192.0.2.3'] });
    const { imagesDirectory } = await scene.save();
    const again = await scene.restore(imagesDirectory, { process: { stdin: new PassThrough() } });
    expect(look(again.process.pid())).toEqual(before);
    expect(await reach(scene, '192.0.2.2')).toBe('reached\n');
    expect((await scene.container.stats()).interfaces.map(({ name }) => name)).toEqual(['wan']);
  });
});

describe('an interface that criu cannot save', () => {
  const nic = () => host.links.add({ kind: 'ifb', ifname: 'nic0', up: true });

  it('is refused before anything is touched, with what helps', async () => {
    nic();
    await using scene = await create(config({ type: 'phys', link: 'nic0' }));
    await scene.run(['cat'], { process: { stdin: new PassThrough() } });
    const images = scene.images();
    expect(await failure(scene.save({ imagesDirectory: images }))).toMatchObject({
      code: 'ConfigInvalid',
      field: 'networks[1]',
      message: expect.stringContaining('borrowed from the host'),
      hint: expect.stringContaining('--empty-ns network'),
    });
    expect(existsSync(images)).toBe(false);
    expect(await scene.container.status()).toBe(Status.Running);
    expect((await exec(scene.container, ['ip', 'link', 'show', 'nic0'])).status).toBe(0);
    await scene.container.destroy({ force: true });
    expect(names()).toEqual(['lo', 'up0', 'nic0']);
    host.links.delete('nic0');
  });

  it('is made anew when the network namespace is left out, as every other one', async () => {
    nic();
    await using scene = await create(config({ type: 'phys', link: 'nic0', address: '10.9.0.2/24' }, bridged));
    await scene.run(['cat'], { process: { stdin: new PassThrough() } });
    const { imagesDirectory } = await scene.save({ emptyNetworkNamespace: true });
    const stdin = new PassThrough();
    // It is known from the images that they have no interfaces.
    const again = await scene.restore(imagesDirectory, { process: { stdin } });
    expect((await exec(scene.container, ['ip', 'addr', 'show', 'nic0'])).stdout).toContain('10.9.0.2/24');
    expect(await reach(scene, '10.88.0.1')).toBe('reached\n');
    expect(await reach(scene, '127.0.0.1')).toBe('reached\n');
    expect((await scene.container.stats()).interfaces).toHaveLength(2);
    stdin.end('through');
    expect(await again.result).toMatchObject({ status: 0, stdout: 'through' });
    await scene.container.destroy();
    expect(names()).toEqual(['lo', 'up0', 'nic0']);
    host.links.delete('nic0');
  });

  it('is a veth of a container with a user namespace, which is made anew too', async () => {
    const maps = [mapRange(0, 100_000, 65_536)];
    const base = config(bridged);
    await using scene = await create({
      ...base,
      namespaces: addNamespace(base.namespaces, 'NEWUSER'),
      uidMappings: maps,
      gidMappings: maps,
      idmapRootfs: true,
    });
    await scene.run(['cat'], { process: { stdin: new PassThrough() } });
    expect(await failure(scene.save())).toMatchObject({
      code: 'ConfigInvalid',
      field: 'networks[1]',
      message: expect.stringContaining('with a user namespace'),
      hint: expect.stringContaining('--empty-ns network'),
    });
    const { imagesDirectory } = await scene.save({ emptyNetworkNamespace: true });
    await scene.restore(imagesDirectory, { process: { stdin: new PassThrough() } });
    expect(await reach(scene, '10.88.0.1')).toBe('reached\n');
  });

  it('is one in a namespace that was joined', async () => {
    using joined = NetworkNamespace.create();
    const path = `/proc/${process.pid}/fd/${joined.fd}`;
    const base = config({ type: 'macvlan', link: 'up0' });
    const namespaces = base.namespaces!.map((one) => (one.type === 'NEWNET' ? { ...one, path } : one));
    await using scene = await create({ ...base, namespaces });
    await scene.run(['cat'], { process: { stdin: new PassThrough() } });
    expect(await failure(scene.save())).toMatchObject({
      code: 'ConfigInvalid',
      field: 'networks[1]',
      hint: `leave the interfaces of ${path} to whoever made it`,
    });
    expect(await scene.container.status()).toBe(Status.Running);
  });
});
