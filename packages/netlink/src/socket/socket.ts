import { constants, errno, errnoName, Fd, invoke, libcFunction, SyscallError, tryInvoke } from '@nsinit/syscall';
import { netlinkOptions, protocols } from '../constants/netlink.ts';
import { NetlinkOverrunError } from '../errors.ts';
import { inNamespace } from '../namespace/enter.ts';

const { MSG_DONTWAIT, MSG_TRUNC, MSG_PEEK } = constants.msg;

/** How long an answer may take. The kernel answers within the system call that asks, so that this is never reached. */
const ANSWER_TIMEOUT_SECONDS = 10;

/** The kernel fills datagrams of a dump up to the largest buffer that it saw, and to 32 KiB. */
const RECEIVE_BYTES = 65_536;

/** How a netlink socket is opened. */
export interface SocketOptions {
  /** The protocol of socket(2); NETLINK_ROUTE when undefined. */
  readonly protocol?: number;
  /** The descriptor of the network namespace that the socket shall belong to; the calling thread's when undefined. */
  readonly netns?: number;
  /** How many bytes may wait to be read, 1 MiB when undefined; without CAP_NET_ADMIN at most net.core.rmem_max. */
  readonly receiveBufferBytes?: number;
  /** Multicast groups to join: RTNLGRP_LINK. */
  readonly groups?: readonly number[];
}

const AGAIN = 11;
const INTERRUPTED = 4;
const NO_BUFFERS = 105;

/**
 * A netlink socket: datagrams to and from the kernel, nothing about what they say. It is close-on-exec, bound to a port
 * that the kernel chose, takes extended acknowledgements and has the kernel check requests strictly. netlink(7)
 */
export class NetlinkSocket implements Disposable {
  readonly #fd: Fd;
  /** nlmsg_pid of the answers to this socket. */
  readonly port: number;
  #buffer = new Uint8Array(RECEIVE_BYTES);
  readonly #sender = new Uint8Array(12);
  readonly #senderLength = new Uint8Array(Uint32Array.of(12).buffer);

  constructor({
    protocol = protocols.NETLINK_ROUTE,
    netns,
    receiveBufferBytes = 1 << 20,
    groups = [],
  }: SocketOptions = {}) {
    const open = (): Fd =>
      new Fd(invoke('socket', { domain: 'AF_NETLINK', type: ['SOCK_RAW', 'SOCK_CLOEXEC'], protocol }));
    this.#fd = netns === undefined ? open() : inNamespace({ fd: netns }, open);
    try {
      this.#setReceiveBuffer(receiveBufferBytes);
      this.#option(netlinkOptions.NETLINK_EXT_ACK, 1);
      this.#option(netlinkOptions.NETLINK_CAP_ACK, 1);
      this.#option(netlinkOptions.NETLINK_GET_STRICT_CHK, 1);
      invoke('bind', { sockfd: this.#fd, addr: { nl_family: 16 } });
      this.port = this.#boundPort();
      for (const group of groups) this.#option(netlinkOptions.NETLINK_ADD_MEMBERSHIP, group);
    } catch (error) {
      this.#fd.close();
      throw error;
    }
  }

  /** The descriptor, for watching it. */
  get fd(): number {
    return this.#fd.fd;
  }

  #option(optname: number, value: number): void {
    const optval = new Uint8Array(Int32Array.of(value).buffer);
    invoke('setsockopt', { sockfd: this.#fd, level: 'SOL_NETLINK', optname, optval });
  }

  #setReceiveBuffer(bytes: number): void {
    const optval = new Uint8Array(Int32Array.of(bytes).buffer);
    const { SO_RCVBUF, SO_RCVBUFFORCE } = constants.sockopt;
    // Only CAP_NET_ADMIN of the first user namespace may go beyond net.core.rmem_max.
    const force = { sockfd: this.#fd, level: 'SOL_SOCKET', optname: SO_RCVBUFFORCE, optval } as const;
    if (tryInvoke('setsockopt', force) < 0) invoke('setsockopt', { ...force, optname: SO_RCVBUF });
  }

  #boundPort(): number {
    const addr = new Uint8Array(12);
    invoke('getsockname', { sockfd: this.#fd, addr, addrlen: new Uint8Array(Uint32Array.of(12).buffer) });
    return new DataView(addr.buffer).getUint32(4, true);
  }

  /** Sends messages to the kernel, which handles them before this returns. */
  send(datagram: Uint8Array): void {
    const send = libcFunction('int64_t send(int fd, void *buf, size_t len, int flags)');
    for (;;) {
      if (Number(send(this.fd, datagram, datagram.length, 0)) >= 0) return;
      const reason = errno();
      if (reason !== INTERRUPTED)
        throw new SyscallError('send', reason, [String(this.fd), `[${datagram.length} bytes]`]);
    }
  }

  /**
   * One datagram that is waiting, or undefined. It shares memory with the next one. Datagrams that did not come from the
   * kernel are dropped.
   *
   * @throws {NetlinkOverrunError} when messages were lost before this one.
   */
  receive(): Uint8Array | undefined {
    for (;;) {
      const length = this.#recv(MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT, 0);
      if (length === undefined) return undefined;
      if (length > this.#buffer.length) this.#buffer = new Uint8Array(length);
      const received = this.#recv(MSG_TRUNC | MSG_DONTWAIT, this.#buffer.length);
      if (received === undefined) return undefined;
      // Another process with privileges may send to our port: nl_pid of the kernel is 0.
      if (new DataView(this.#sender.buffer).getUint32(4, true) !== 0) continue;
      return this.#buffer.subarray(0, received);
    }
  }

  #recv(flags: number, length: number): number | undefined {
    const recvfrom = libcFunction(
      'int64_t recvfrom(int fd, void *buf, size_t len, int flags, void *addr, void *addrlen)',
    );
    for (;;) {
      const result = Number(recvfrom(this.fd, this.#buffer, length, flags, this.#sender, this.#senderLength));
      if (result >= 0) return result;
      const reason = errno();
      if (reason === INTERRUPTED) continue;
      if (reason === AGAIN) return undefined;
      if (reason === NO_BUFFERS)
        throw new NetlinkOverrunError('messages of the kernel were lost: the receive buffer was full');
      throw new SyscallError('recvfrom', reason, [String(this.fd)]);
    }
  }

  /** The next datagram of an answer, waiting for it a bounded time. */
  receiveAnswer(): Uint8Array {
    const datagram = this.receive();
    if (datagram) return datagram;
    this.#waitReadable();
    const late = this.receive();
    if (late) return late;
    throw new Error(`the kernel did not answer within ${ANSWER_TIMEOUT_SECONDS} seconds`);
  }

  #waitReadable(): void {
    const fds = new Uint8Array(8);
    new DataView(fds.buffer).setInt32(0, this.fd, true);
    new DataView(fds.buffer).setInt16(4, constants.poll.POLLIN, true);
    const result = tryInvoke('ppoll', { fds, nfds: 1, tmo: { tv_sec: ANSWER_TIMEOUT_SECONDS } });
    if (result < 0 && -result !== INTERRUPTED) throw new Error(`ppoll: ${errnoName(-result)}`);
  }

  close(): void {
    this.#fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
