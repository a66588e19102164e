import { addressOf, errno, Fd, type FdNumber, invoke, libcFunction, SyscallError, sizeOf } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';

/** Of which process an agent gets the listener. */
export interface NotifyingProcess {
  /** The container's id. */
  readonly id: string;
  /** The process whose filter asks, in this process's pid namespace. */
  readonly pid: number;
  /** The container's first process; the same for its own filter. */
  readonly init: number;
  /** The container's root file system. */
  readonly rootfs: string;
}

/** The version of the runtime specification whose state this is. */
const ociVersion = '1.0.2';

/**
 * Sends a listener to the agent behind a Unix socket, over a connection of its own, with the process's state as JSON: the
 * runtime specification's "container process state".
 *
 * @throws {ContainerError} SystemError when there is no agent, or one that takes no more connections now.
 */
export function sendToAgent(
  path: string,
  metadata: string | undefined,
  listener: FdNumber,
  { id, pid, init, rootfs }: NotifyingProcess,
): void {
  const status = pid === init ? 'creating' : 'running';
  const state = {
    ociVersion,
    fds: ['seccompFd'],
    pid,
    metadata: metadata ?? '',
    state: { ociVersion, id, status, pid: init, bundle: rootfs, annotations: {} },
  };
  try {
    using socket = connect(path);
    send(socket, Buffer.from(JSON.stringify(state)), listener);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    throw new ContainerError('SystemError', `the agent for system calls cannot be told: ${error.message}`, {
      step: 'send the listener to the agent',
      field: 'seccomp.listenerPath',
      path,
      errno: error.code,
      hint: 'start the agent first: it must listen on this socket',
      cause: error,
    });
  }
}

/** sockaddr_un: the family and 108 bytes, of which the last is NUL. unix(7) */
const longestPath = 107;

function connect(path: string): Fd {
  const bytes = Buffer.from(path);
  if (bytes.length > longestPath)
    throw new ContainerError(
      'ConfigInvalid',
      `seccomp.listenerPath: longer than the ${longestPath} bytes of a socket's path`,
      {
        field: 'seccomp.listenerPath',
        path,
      },
    );
  const address = Buffer.alloc(2 + longestPath + 1);
  address.writeUInt16LE(1, 0); // AF_UNIX
  bytes.copy(address, 2);
  // Not to wait for an agent that accepts no connections.
  const type = ['SOCK_STREAM', 'SOCK_CLOEXEC', 'SOCK_NONBLOCK'] as const;
  const socket = new Fd(invoke('socket', { domain: 'AF_UNIX', type, protocol: 0 }));
  const call = libcFunction('int connect(int sockfd, void *addr, unsigned int addrlen)');
  if (call(socket.fd, address, address.length) === 0) return socket;
  const number = errno();
  socket.close();
  throw new SyscallError('connect', number, [JSON.stringify(path)]);
}

function send(socket: FdNumber, text: Buffer, listener: FdNumber): void {
  const iov = Buffer.alloc(sizeOf('iovec'));
  iov.writeBigUInt64LE(addressOf(text), 0);
  iov.writeBigUInt64LE(BigInt(text.length), 8);
  // One SCM_RIGHTS control message. cmsg(3)
  const rights = Buffer.alloc(24);
  rights.writeBigUInt64LE(20n, 0);
  rights.writeInt32LE(1, 8);
  rights.writeInt32LE(1, 12);
  rights.writeInt32LE(listener.fd, 16);
  const msg = Buffer.alloc(sizeOf('msghdr'));
  msg.writeBigUInt64LE(addressOf(iov), 16);
  msg.writeBigUInt64LE(1n, 24);
  msg.writeBigUInt64LE(addressOf(rights), 32);
  msg.writeBigUInt64LE(BigInt(rights.length), 40);
  invoke('sendmsg', { sockfd: socket, msg, flags: ['MSG_NOSIGNAL'] });
}
