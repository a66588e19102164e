import {
  addressOf,
  decodeStruct,
  errnos,
  Fd,
  type FdNumber,
  invoke,
  sizeOf,
  syscallError,
  tryInvoke,
} from '@nsinit/syscall';

/** First four bytes of every message but the exit status. */
export const magics = {
  /** `NSPD`: the process exists; its id, and a pidfd beside the message. */
  created: 0x4450534e,
  /** `NSER`: a step failed. */
  report: 0x5245534e,
  /** `NSCO`: the master of the process's terminal beside the message. */
  console: 0x4f43534e,
  /** `NSSC`: the listener of the process's filter of system calls beside the message. */
  listener: 0x4353534e,
} as const;

/** What the processes of a launch tell. */
export type Message =
  | { readonly type: 'created'; readonly pid: number; readonly pidfd: Fd }
  | {
      readonly type: 'report';
      readonly instruction: number;
      readonly errno: number;
      readonly value: bigint;
      readonly detail: string;
    }
  | { readonly type: 'console'; readonly master: Fd }
  | { readonly type: 'listener'; readonly listener: Fd }
  | { readonly type: 'exited'; readonly code: number; readonly status: number };

/** Two ends of a SOCK_SEQPACKET connection: messages keep their borders, and a closed end reads as the end. */
export function socketPair(): readonly [here: Fd, there: Fd] {
  const sv = new Uint8Array(8);
  invoke('socketpair', { domain: 'AF_UNIX', type: ['SOCK_SEQPACKET', 'SOCK_CLOEXEC'], protocol: 0, sv });
  const view = new DataView(sv.buffer);
  return [new Fd(view.getInt32(0, true)), new Fd(view.getInt32(4, true))];
}

/** Receives messages without waiting. One buffer serves all, as calls are synchronous. */
class Receiver {
  readonly #data = Buffer.alloc(1024);
  readonly #control = Buffer.alloc(64);
  readonly #iov = Buffer.alloc(sizeOf('iovec'));
  readonly #header = Buffer.alloc(sizeOf('msghdr'));

  /** The next message, `wait` when there is none yet, `end` when the other side is closed. */
  receive(socket: FdNumber): Message | 'wait' | 'end' {
    this.#iov.writeBigUInt64LE(addressOf(this.#data), 0);
    this.#iov.writeBigUInt64LE(BigInt(this.#data.length), 8);
    this.#header.fill(0);
    this.#header.writeBigUInt64LE(addressOf(this.#iov), 16);
    this.#header.writeBigUInt64LE(1n, 24);
    this.#header.writeBigUInt64LE(addressOf(this.#control), 32);
    this.#header.writeBigUInt64LE(BigInt(this.#control.length), 40);
    const args = { sockfd: socket, msg: this.#header, flags: ['MSG_DONTWAIT', 'MSG_CMSG_CLOEXEC'] } as const;
    const size = tryInvoke('recvmsg', args);
    if (size === -errnos.EAGAIN || size === -errnos.EINTR) return 'wait';
    if (size === 0 || size === -errnos.ECONNRESET) return 'end';
    if (size < 0) throw syscallError('recvmsg', args, -size);
    return this.#decode(this.#data.subarray(0, size), this.#descriptor());
  }

  /** The descriptor beside the message: one SCM_RIGHTS control message, as ours are. cmsg(3) */
  #descriptor(): Fd | undefined {
    const length = Number(this.#header.readBigUInt64LE(40));
    return length >= 20 ? new Fd(this.#control.readInt32LE(16)) : undefined;
  }

  #decode(bytes: Buffer, fd: Fd | undefined): Message {
    if (bytes.length === sizeOf('siginfo')) {
      const info = decodeStruct('siginfo', new DataView(bytes.buffer, bytes.byteOffset));
      return { type: 'exited', code: Number(info['si_code']), status: Number(info['si_status']) };
    }
    const magic = bytes.readUInt32LE(0);
    if (magic === magics.created && fd) return { type: 'created', pid: bytes.readInt32LE(4), pidfd: fd };
    if (magic === magics.console && fd) return { type: 'console', master: fd };
    if (magic === magics.listener && fd) return { type: 'listener', listener: fd };
    if (magic === magics.report)
      return {
        type: 'report',
        instruction: bytes.readUInt32LE(4),
        errno: bytes.readInt32LE(8),
        value: bytes.readBigInt64LE(16),
        detail: textOf(bytes.subarray(24, 24 + bytes.readUInt32LE(12))),
      };
    throw new Error(`a launched process sent a message that is not known: ${bytes.toString('hex')}`);
  }
}

/** The text of a buffer that the kernel filled in part. */
function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes
    .subarray(0, end < 0 ? bytes.length : end)
    .toString()
    .trim();
}

const receiver = new Receiver();

/** The next message of a socket, without waiting for one. */
export function receive(socket: FdNumber): Message | 'wait' | 'end' {
  return receiver.receive(socket);
}

/** Tells of a process by its id and a pidfd, as a created one is told of. The socket has room for it. */
export function sendCreated(socket: FdNumber, pid: number, pidfd: FdNumber): void {
  const data = Buffer.alloc(8);
  data.writeUInt32LE(magics.created, 0);
  data.writeInt32LE(pid, 4);
  const control = Buffer.alloc(sizeOf('cmsg_fd'));
  control.writeBigUInt64LE(20n, 0);
  control.writeInt32LE(1, 8);
  control.writeInt32LE(1, 12);
  control.writeInt32LE(pidfd.fd, 16);
  const iov = Buffer.alloc(sizeOf('iovec'));
  iov.writeBigUInt64LE(addressOf(data), 0);
  iov.writeBigUInt64LE(BigInt(data.length), 8);
  const msg = Buffer.alloc(sizeOf('msghdr'));
  msg.writeBigUInt64LE(addressOf(iov), 16);
  msg.writeBigUInt64LE(1n, 24);
  msg.writeBigUInt64LE(addressOf(control), 32);
  msg.writeBigUInt64LE(BigInt(control.length), 40);
  invoke('sendmsg', { sockfd: socket, msg, flags: ['MSG_NOSIGNAL'] });
}
