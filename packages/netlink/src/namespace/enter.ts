import { AT_FDCWD, Fd, type FdNumber, invoke, SyscallError } from '@nsinit/syscall';

/** The network namespace of the calling thread, which need not be the process's. */
const OWN = '/proc/thread-self/ns/net';

/** Opens a namespace file for setns(2). */
export function openNamespaceFile(path: string): Fd {
  return new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: path, flags: ['O_RDONLY', 'O_CLOEXEC'] }));
}

/**
 * The calling thread could not go back to its network namespace. It must not go on: whatever it opens from now on is in
 * the wrong one. Nobody has seen this happen: it takes the loss of CAP_SYS_ADMIN between two system calls.
 */
export class NamespaceReturnError extends Error {
  override readonly name = 'NamespaceReturnError';
  readonly code = 'ERR_NETLINK_NAMESPACE_RETURN';
}

/**
 * Runs a function with the calling thread in another network namespace, and brings the thread back whether it returns or
 * throws. Everything happens before this returns, so no other JavaScript of the thread ever runs there, and other threads
 * (libuv's pool, workers) never move at all.
 *
 * @param change takes the thread there: setns(2) or unshare(2).
 * @throws {NamespaceReturnError} when the way back fails: end the process, or the worker.
 */
export function awayFromHome<T>(change: () => void, call: () => T): T {
  using home = openNamespaceFile(OWN);
  change();
  let result: T;
  try {
    result = call();
  } finally {
    goBack(home);
  }
  if (result instanceof Promise)
    throw new TypeError('the function returned a promise: what it does later would happen in the wrong namespace');
  return result;
}

function goBack(home: FdNumber): void {
  try {
    invoke('setns', { fd: home, nstype: ['CLONE_NEWNET'] });
  } catch (error) {
    const reason = error instanceof SyscallError ? error.code : String(error);
    throw new NamespaceReturnError(`the thread is stuck in another network namespace: ${reason}`, { cause: error });
  }
}

/** Runs a function in the namespace of a descriptor; see {@link awayFromHome}. CAP_SYS_ADMIN is needed. */
export function inNamespace<T>(fd: FdNumber, call: () => T): T {
  return awayFromHome(() => invoke('setns', { fd, nstype: ['CLONE_NEWNET'] }), call);
}

/** A new network namespace without a name: it lives as long as its descriptor or a process in it. */
export function newNamespaceFile(): Fd {
  return awayFromHome(
    () => invoke('unshare', { flags: ['CLONE_NEWNET'] }),
    () => openNamespaceFile(OWN),
  );
}

/** The calling thread's own namespace. */
export function ownNamespaceFile(): Fd {
  return openNamespaceFile(OWN);
}
