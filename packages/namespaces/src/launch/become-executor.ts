import { addressOf, errno, type FdNumber, fdAt, invoke, libcFunction, SyscallError, tryInvoke } from '@nsinit/syscall';
import { sealedExecutor } from '../native.ts';

/**
 * Turns this process into the executor that a launch with `initCommand` waits for. Never returns.
 *
 * @param argv the process's arguments, of which the last two are the launch's.
 * @param executor path of another executor than the one of this package.
 * @throws {RangeError} when the process was not started by a launch.
 * @throws {SyscallError} when the executor cannot be executed.
 */
export function becomeExecutor(argv: readonly string[], executor?: string): never {
  const [count = '', program = ''] = argv.slice(-2);
  if (!/^\d+$/.test(count) || !/^\d+$/.test(program) || Number(program) >= Number(count))
    throw new RangeError('this process was not started by a launch: it was not told its descriptors');
  // Node marks all that it inherits close-on-exec.
  for (let fd = 0; fd < Number(count); fd++) tryInvoke('fcntl', { fd: fdAt(fd), op: 'F_SETFD', arg: 0 });
  return execute(sealedExecutor(executor), ['nsexec', program]);
}

/** Replaces this process, with no environment; Node's threads end with it. execve(2) */
function execute(image: FdNumber, argv: readonly string[]): never {
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
