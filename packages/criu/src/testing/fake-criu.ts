import { addressOf, Fd, type FdNumber, invoke, sizeOf } from '@nsinit/syscall';
import { type RpcMessage, rpcCodec } from '../messages/rpc.ts';
import { Channel } from '../rpc/channel.ts';
import type { CriuExit, SpawnCriu } from '../rpc/process.ts';

/** The other end of the connection, as criu has it. */
export interface FakeService {
  /** What it was started with; `descriptors[3]` is the connection. */
  readonly descriptors: readonly FdNumber[];
  receive(): Promise<RpcMessage<'criu_req'> | undefined>;
  send(response: RpcMessage<'criu_resp'>, fd?: FdNumber): void;
  sendBytes(bytes: Uint8Array): void;
  /** Asks the client, and gives back what it says. */
  ask(script: string, fd?: FdNumber): Promise<boolean | undefined>;
  /** Fulfilled when the client killed it. */
  readonly killed: Promise<void>;
}

/** A criu inside of this process that does what the function says, and ends as it says. */
export function fakeCriu(serve: (service: FakeService) => Promise<CriuExit>): SpawnCriu {
  return (_argv, descriptors) => {
    const duplicate = invoke('fcntl', { fd: descriptors[3]!, op: 'F_DUPFD_CLOEXEC', arg: 0 });
    const socket = new Fd(duplicate);
    const channel = new Channel(socket);
    let kill!: () => void;
    const killed = new Promise<void>((resolve) => {
      kill = resolve;
    });
    const service: FakeService = {
      descriptors,
      killed,
      async receive() {
        const received = await channel.receive();
        return received && rpcCodec.decode('criu_req', received.bytes);
      },
      send(response, fd) {
        const bytes = rpcCodec.encode('criu_resp', response);
        if (fd) sendWithFd(socket, bytes, fd);
        else channel.send(bytes);
      },
      sendBytes(bytes) {
        channel.send(bytes);
      },
      async ask(script, fd) {
        service.send({ type: 'NOTIFY', success: true, notify: { script } }, fd);
        return (await service.receive())?.notify_success;
      },
    };
    const exited = Promise.race([serve(service), killed.then((): CriuExit => ({ code: null, signal: 'SIGKILL' }))]);
    return { pid: 0, kill, exited: exited.finally(() => channel.close()) };
  };
}

/** sendmsg(2) with one descriptor. cmsg(3) */
function sendWithFd(socket: FdNumber, bytes: Uint8Array, { fd }: FdNumber): void {
  const data = Buffer.from(bytes);
  const control = Buffer.alloc(24);
  control.writeBigUInt64LE(20n, 0);
  control.writeInt32LE(1, 8);
  control.writeInt32LE(1, 12);
  control.writeInt32LE(fd, 16);
  const iov = Buffer.alloc(sizeOf('iovec'));
  iov.writeBigUInt64LE(addressOf(data), 0);
  iov.writeBigUInt64LE(BigInt(data.length), 8);
  const header = Buffer.alloc(sizeOf('msghdr'));
  header.writeBigUInt64LE(addressOf(iov), 16);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(addressOf(control), 32);
  header.writeBigUInt64LE(BigInt(control.length), 40);
  invoke('sendmsg', { sockfd: socket, msg: header, flags: [] });
}
