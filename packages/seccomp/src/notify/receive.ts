import { addressOf, errnos, Fd, type FdNumber, invoke, sizeOf, syscallError, tryInvoke } from '@nsinit/syscall';
import { LISTENER_MESSAGE_MAGIC } from '../install.ts';
import { Listener } from './listener.ts';

/**
 * Takes the listener that `compileSeccomp` sends from a Unix socket, without waiting.
 *
 * @returns undefined when there is no message yet.
 * @throws {Error} for another message, or a closed socket: the process ended before it had its filter.
 */
export function receiveListener(socket: FdNumber): Listener | undefined {
  const data = Buffer.alloc(8);
  const control = Buffer.alloc(64);
  const iov = Buffer.alloc(sizeOf('iovec'));
  iov.writeBigUInt64LE(addressOf(data), 0);
  iov.writeBigUInt64LE(BigInt(data.length), 8);
  const msg = Buffer.alloc(sizeOf('msghdr'));
  msg.writeBigUInt64LE(addressOf(iov), 16);
  msg.writeBigUInt64LE(1n, 24);
  msg.writeBigUInt64LE(addressOf(control), 32);
  msg.writeBigUInt64LE(BigInt(control.length), 40);
  const args = { sockfd: socket, msg, flags: ['MSG_DONTWAIT', 'MSG_CMSG_CLOEXEC'] } as const;
  const size = tryInvoke('recvmsg', args);
  if (size === -errnos.EAGAIN || size === -errnos.EINTR) return undefined;
  if (size < 0) throw syscallError('recvmsg', args, -size);
  // One SCM_RIGHTS control message, as ours are. cmsg(3)
  const fd = Number(msg.readBigUInt64LE(40)) >= 20 ? new Fd(control.readInt32LE(16)) : undefined;
  if (fd && size === 8 && data.readUInt32LE(0) === LISTENER_MESSAGE_MAGIC) return new Listener(fd);
  fd?.close();
  throw new Error(size === 0 ? 'the process ended before it had its filter' : 'the message is not that of a listener');
}

/** Two ends of a Unix socket, for `compileSeccomp` and {@link receiveListener}. */
export function listenerSocket(): readonly [here: Fd, there: Fd] {
  const sv = Buffer.alloc(8);
  invoke('socketpair', { domain: 'AF_UNIX', type: ['SOCK_SEQPACKET', 'SOCK_CLOEXEC'], protocol: 0, sv });
  return [new Fd(sv.readInt32LE(0)), new Fd(sv.readInt32LE(4))];
}
