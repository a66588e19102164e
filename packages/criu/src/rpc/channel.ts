import {
  addressOf,
  errnos,
  Fd,
  invoke,
  sizeOf,
  syscallError,
  tryInvoke,
  type Watch,
  watchReadable,
} from '@nsinit/syscall';

/** A message, and the descriptor that may come beside it. */
export interface Received {
  readonly bytes: Uint8Array;
  readonly fd?: Fd | undefined;
}

/** Two ends of a SOCK_SEQPACKET connection: messages keep their borders, and a closed end reads as the end. */
export function socketPair(): readonly [here: Fd, there: Fd] {
  const sv = new Uint8Array(8);
  invoke('socketpair', { domain: 'AF_UNIX', type: ['SOCK_SEQPACKET', 'SOCK_CLOEXEC'], protocol: 0, sv });
  const view = new DataView(sv.buffer);
  return [new Fd(view.getInt32(0, true)), new Fd(view.getInt32(4, true))];
}

/** Our end of the connection to criu. One reader at a time. */
export class Channel implements Disposable {
  readonly #socket: Fd;
  #watch: Watch | undefined;

  /** Takes the socket over. */
  constructor(socket: Fd) {
    this.#socket = socket;
  }

  /**
   * Sends a message; `false` when the other end is gone already.
   *
   * @throws {SyscallError}
   */
  send(bytes: Uint8Array): boolean {
    const args = { sockfd: this.#socket, buf: bytes, flags: ['MSG_NOSIGNAL'] } as const;
    const result = tryInvoke('sendto', args);
    if (result === -errnos.EPIPE || result === -errnos.ECONNRESET) return false;
    if (result < 0) throw syscallError('sendto', args, -result);
    return true;
  }

  /** The next message, or undefined when the other end was closed. */
  receive(): Promise<Received | undefined> {
    const now = this.#tryReceive();
    if (now !== 'wait') return Promise.resolve(now);
    return new Promise((resolve, reject) => {
      const watch = watchReadable(this.#socket.fd, () => {
        try {
          const received = this.#tryReceive();
          if (received === 'wait') return;
          this.#unwatch();
          resolve(received);
        } catch (error) {
          this.#unwatch();
          reject(error as Error);
        }
      });
      this.#watch = watch;
    });
  }

  close(): void {
    this.#unwatch();
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #unwatch(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  #tryReceive(): Received | undefined | 'wait' {
    // The size first: an answer carries CRIU's words and has no fixed bound.
    const peek = {
      sockfd: this.#socket,
      buf: new Uint8Array(1),
      flags: ['MSG_PEEK', 'MSG_TRUNC', 'MSG_DONTWAIT'],
    } as const;
    const size = tryInvoke('recvfrom', peek);
    if (size === -errnos.EAGAIN || size === -errnos.EINTR) return 'wait';
    if (size === 0 || size === -errnos.ECONNRESET) return undefined;
    if (size < 0) throw syscallError('recvfrom', peek, -size);
    const data = Buffer.alloc(size);
    const control = Buffer.alloc(64);
    const iov = Buffer.alloc(sizeOf('iovec'));
    const header = Buffer.alloc(sizeOf('msghdr'));
    iov.writeBigUInt64LE(addressOf(data), 0);
    iov.writeBigUInt64LE(BigInt(size), 8);
    header.writeBigUInt64LE(addressOf(iov), 16);
    header.writeBigUInt64LE(1n, 24);
    header.writeBigUInt64LE(addressOf(control), 32);
    header.writeBigUInt64LE(BigInt(control.length), 40);
    invoke('recvmsg', { sockfd: this.#socket, msg: header, flags: ['MSG_DONTWAIT', 'MSG_CMSG_CLOEXEC'] });
    // One SCM_RIGHTS control message with one descriptor is all that CRIU sends. cmsg(3)
    const fd = header.readBigUInt64LE(40) >= 20n ? new Fd(control.readInt32LE(16)) : undefined;
    return { bytes: Uint8Array.from(data), ...(fd && { fd }) };
  }
}
