import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Config, Network } from '@nsinit/config';
import { type Link, Netlink } from '@nsinit/netlink';
import { aliasOf } from '../network/owner.ts';

/** A bridge of the host with an address, for one test. */
export class Bridge implements Disposable {
  readonly name = 'br0';
  readonly host = '10.231.77.1';
  readonly netlink = new Netlink();

  constructor() {
    // criu tries what the kernel can do on it.
    this.netlink.links.set('lo', { up: true });
    this.netlink.links.add({ kind: 'bridge', ifname: this.name, up: true });
    this.netlink.addresses.add({ dev: this.name, local: `${this.host}/24` });
  }

  /** A configuration with an interface on this bridge. */
  config(config: Config, network: Partial<Network> = {}): Config {
    const eth0 = { type: 'veth', name: 'eth0', bridge: this.name, address: '10.231.77.2/24', ...network } as const;
    return { ...config, networks: [...config.networks!, eth0] };
  }

  /** The host's end of the container's interface. */
  end(owner: string): Link | undefined {
    return this.netlink.links.list({ kind: 'veth' }).find(({ ifalias }) => ifalias === aliasOf(owner));
  }

  [Symbol.dispose](): void {
    this.netlink.links.delete(this.name);
    this.netlink[Symbol.dispose]();
  }
}

/** A server that sends back what it is sent. */
export interface EchoServer extends AsyncDisposable {
  readonly port: number;
  /** Every connection that was ever made. */
  readonly connections: readonly Socket[];
}

/** Starts one at an address. */
export async function echoServer(host: string): Promise<EchoServer> {
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

/** A connection to somebody, with what it was sent. */
export async function connection(host: string, port: number): Promise<{ readonly socket: Socket; received(): string }> {
  const socket = connect(port, host);
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, received: () => text };
}
