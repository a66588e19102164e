import { addressOf, errno, type FdNumber, fdAt, invoke, libcFunction, SyscallError, tryInvoke } from '@nsinit/syscall';

/**
 * Replaces this process by another program, with no environment. Node's threads end with it; its descriptors 0 to 2,
 * which Node marks close-on-exec, and those that are not marked stay open. execve(2)
 *
 * @throws {SyscallError} when the program cannot be executed.
 */
export function executeInPlace(image: FdNumber, argv: readonly string[]): never {
  for (const fd of [0, 1, 2]) tryInvoke('fcntl', { fd: fdAt(fd), op: 'F_SETFD', arg: 0 });
  invoke('fcntl', { fd: image, op: 'F_SETFD', arg: 0 });
  const path = Buffer.from(`/proc/self/fd/${image.fd}\0`);
  const strings = argv.map((arg) => Buffer.from(`${arg}\0`));
  const vector = Buffer.alloc((strings.length + 1) * 8);
  for (const [index, string] of strings.entries()) vector.writeBigUInt64LE(addressOf(string), index * 8);
  libcFunction('int execve(void *path, void *argv, void *envp)')(path, vector, Buffer.alloc(8));
  throw new SyscallError('execve', errno(), [
    path.toString('utf8', 0, path.length - 1),
    JSON.stringify(strings.map(String)),
  ]);
}
