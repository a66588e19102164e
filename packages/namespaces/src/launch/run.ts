import { Fd, invoke, tryInvoke, watchReadable } from '@nsinit/syscall';
import type { ExitStatus } from './exit-status.ts';
import { openNull } from './null.ts';
import { reap } from './reap.ts';
import { spawn } from './spawn.ts';

/** How a program ended that was run to its end. */
export interface ProgramEnd {
  readonly exit: ExitStatus;
  /** The first 4 KiB of what it wrote to standard error. */
  readonly stderr: string;
}

const shown = 4096;

/**
 * Runs a program of the host to its end, with no environment and nothing to read. Unlike `node:child_process` it does not copy
 * this process's memory map, which costs more than a small program takes.
 *
 * @throws {SyscallError} as posix_spawn(3) reports it.
 */
export async function runProgram(path: string, args: readonly string[]): Promise<ProgramEnd> {
  using nothing = openNull();
  using said = new Fd(invoke('memfd_create', { name: 'standard error', flags: ['MFD_CLOEXEC'] }));
  const pid = spawn(path, [path, ...args], [nothing, nothing, said]);
  await ended(pid);
  const exit = await reap(pid);
  const buf = new Uint8Array(shown);
  const size = tryInvoke('pread64', { fd: said, buf, offset: 0 });
  return { exit, stderr: Buffer.from(buf.buffer, 0, Math.max(size, 0)).toString() };
}

/** Resolves when a child has ended; it can be reaped then. */
async function ended(pid: number): Promise<void> {
  using pidfd = new Fd(invoke('pidfd_open', { pid, flags: 0 }));
  await new Promise<void>((resolve) => {
    const watch = watchReadable(pidfd.fd, () => {
      watch.close();
      resolve();
    });
  });
}
