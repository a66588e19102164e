import { spawnSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { invoke } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { Checkpointed, eventually } from '../testing/checkpointed.ts';
import { testCriu } from '../testing/criu.ts';
import { Bridge, echoServer } from '../testing/echo-network.ts';
import { exec, useSandbox } from '../testing/sandbox.ts';

/** Older ones cannot read the options of sockets on new kernels. Before the thread leaves the network that it comes from. */
const criu = testCriu('forky');

// The thread's own network namespace is the host of these tests; the file has a process to itself.
invoke('unshare', { flags: ['CLONE_NEWNET'] });

const sandbox = useSandbox();

/** Where there is no iptables, that it is missing is told, which is another test. */
const locks = (['nftables', 'iptables'] as const).filter(
  (name) => name === 'nftables' || spawnSync('iptables-restore', ['--version']).status === 0,
);

const macOf = async (scene: Checkpointed) =>
  (await exec(scene.container, ['cat', '/sys/class/net/eth0/address'])).stdout;

describe('a container with an interface', () => {
  it.each(locks)('goes on with an open TCP connection to the host, held back by %s', async (networkLock) => {
    using bridge = new Bridge();
    await using server = await echoServer(bridge.host);
    const config = bridge.config(sandbox().config(), { hostInterfaceName: 'vethtest0', hairpinMode: true });
    await using scene = await Checkpointed.create(sandbox(), config, criu);
    const owner = `${sandbox().state}/${scene.container.id}`;
    const stdin = new PassThrough();
    const first = await scene.run(['nc', bridge.host, String(server.port)], { process: { stdin } });
    stdin.write('before\n');
    await first.stdout.until(/before/);
    const mac = await macOf(scene);

    const { imagesDirectory } = await scene.save({ tcpEstablished: true, networkLock });
    await first.result;
    const input = new PassThrough();
    const again = await scene.restore(imagesDirectory, { tcpEstablished: true, process: { stdin: input } });
    expect(await macOf(scene)).toEqual(mac);
    expect(bridge.end(owner)).toMatchObject({ ifname: 'vethtest0', master: bridge.name });
    input.write('after\n');
    await again.stdout.until(/after/);
    expect(server.connections.map(({ destroyed }) => destroyed)).toEqual([false]);
    input.end();
    server.connections[0]!.end();
    expect(await again.result).toMatchObject({ status: 0 });
    await eventually(() => expect(bridge.end(owner)).toBe(undefined));
  });

  it('is told how to keep its connections, and has them as before when a checkpoint fails', async () => {
    using bridge = new Bridge();
    await using server = await echoServer(bridge.host);
    await using scene = await Checkpointed.create(sandbox(), bridge.config(sandbox().config()), criu);
    const stdin = new PassThrough();
    const first = await scene.run(['nc', bridge.host, String(server.port)], { process: { stdin } });
    stdin.write('before\n');
    await first.stdout.until(/before/);
    await expect(scene.save()).rejects.toMatchObject({ message: /Connected TCP socket/, hint: /tcpEstablished/ });
    expect(bridge.end(`${sandbox().state}/${scene.container.id}`)).toMatchObject({ master: bridge.name });
    stdin.write('after\n');
    await first.stdout.until(/after/);
  });

  it('goes on in a network namespace that it has joined', async () => {
    using bridge = new Bridge();
    await using server = await echoServer(bridge.host);
    const config = sandbox().config();
    const path = `/proc/${process.pid}/ns/net`;
    const namespaces = config.namespaces!.map((one) => (one.type === 'NEWNET' ? { ...one, path } : one));
    await using scene = await Checkpointed.create(sandbox(), { ...config, networks: [], namespaces }, criu);
    const stdin = new PassThrough();
    await scene.run(['cat'], { process: { stdin } });
    const { imagesDirectory } = await scene.save();
    await scene.restore(imagesDirectory, { process: { stdin: new PassThrough() } });
    expect((await exec(scene.container, ['cat', `/sys/class/net/${bridge.name}/address`])).status).toBe(0);
    expect(server.connections).toEqual([]);
  });
});
