import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { Netlink } from '@nsinit/netlink';
import { invoke } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { aliasOf } from '../network/owner.ts';
import { Checkpointed, eventually } from '../testing/checkpointed.ts';
import { testCriu } from '../testing/criu.ts';
import { exec, useSandbox } from '../testing/sandbox.ts';

// The thread's own network namespace is the host of these tests; the file has a process to itself.
invoke('unshare', { flags: ['CLONE_NEWNET'] });

const sandbox = useSandbox();

/** A bridge of the host with an address, for one test. */
class Bridge implements Disposable {
  readonly name = 'br0';
  readonly host = '10.231.77.1';
  readonly container = '10.231.77.2';
  readonly netlink = new Netlink();

  constructor() {
    // criu tries what the kernel can do on it.
    this.netlink.links.set('lo', { up: true });
    this.netlink.links.add({ kind: 'bridge', ifname: this.name, up: true });
    this.netlink.addresses.add({ dev: this.name, local: `${this.host}/24` });
  }

  /** The host's end of the container's interface. */
  end(owner: string) {
    return this.netlink.links.list({ kind: 'veth' }).find(({ ifalias }) => ifalias === aliasOf(owner));
  }

  [Symbol.dispose](): void {
    this.netlink.links.delete(this.name);
    this.netlink[Symbol.dispose]();
  }
}

/** A server that says everything twice; it keeps its connections. */
async function echoServer(host: string) {
  const connections: Socket[] = [];
  const server = createServer((socket) => {
    connections.push(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  return {
    port,
    connections,
    [Symbol.asyncDispose]: async () => {
      for (const socket of connections) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a container with an interface', () => {
  it('goes on with an open TCP connection to the host', async () => {
    using bridge = new Bridge();
    await using server = await echoServer(bridge.host);
    const config = sandbox().config();
    const network = {
      type: 'veth',
      name: 'eth0',
      bridge: bridge.name,
      address: `${bridge.container}/24`,
      hostInterfaceName: 'vethtest0',
    } as const;
    // Older ones cannot read the options of sockets on new kernels.
    const criu = process.env['NSINIT_TEST_CRIU'] ?? testCriu('forky');
    const changed = { ...config, networks: [...config.networks!, network] };
    await using scene = await Checkpointed.create(sandbox(), changed, criu);
    const owner = `${sandbox().state}/${scene.container.id}`;
    const stdin = new PassThrough();
    const first = await scene.run(['nc', bridge.host, String(server.port)], { process: { stdin } });
    stdin.write('before\n');
    await first.stdout.until(/before/);
    const { macAddress } = await interfaceOf(scene);

    const { imagesDirectory } = await scene.save({ tcpEstablished: true });
    await first.result;
    const input = new PassThrough();
    const again = await scene.restore(imagesDirectory, { tcpEstablished: true, process: { stdin: input } });
    expect(await interfaceOf(scene)).toEqual({ macAddress });
    expect(bridge.end(owner)).toMatchObject({ ifname: network.hostInterfaceName, master: bridge.name });
    input.write('after\n');
    await again.stdout.until(/after/);
    expect(server.connections.map(({ destroyed }) => destroyed)).toEqual([false]);
    input.end();
    server.connections[0]!.end();
    expect(await again.result).toMatchObject({ status: 0 });
    await eventually(() => expect(bridge.end(owner)).toBe(undefined));
  });

  it('is told how when it is not to keep its connections', async () => {
    using bridge = new Bridge();
    await using server = await echoServer(bridge.host);
    const config = sandbox().config();
    const network = { type: 'veth', bridge: bridge.name, address: `${bridge.container}/24` } as const;
    const criu = process.env['NSINIT_TEST_CRIU'] ?? testCriu('forky');
    const changed = { ...config, networks: [...config.networks!, network] };
    await using scene = await Checkpointed.create(sandbox(), changed, criu);
    const stdin = new PassThrough();
    const first = await scene.run(['nc', bridge.host, String(server.port)], { process: { stdin } });
    stdin.write('before\n');
    await first.stdout.until(/before/);
    await expect(scene.save()).rejects.toMatchObject({ message: /Connected TCP socket/, hint: /tcpEstablished/ });
    // On its bridge as before.
    expect(bridge.end(`${sandbox().state}/${scene.container.id}`)).toMatchObject({ master: bridge.name });
    stdin.write('after\n');
    await first.stdout.until(/after/);
  });
});

async function interfaceOf(scene: Checkpointed): Promise<{ readonly macAddress: string }> {
  const { stdout } = await exec(scene.container, ['cat', '/sys/class/net/eth0/address']);
  return { macAddress: stdout.trim() };
}
