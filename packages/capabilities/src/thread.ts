import { readFileSync } from 'node:fs';
import { ProgramBuilder, runProgram } from '@nsinit/syscall';
import { compileCapabilities } from './compile.ts';
import { lastCapability } from './last.ts';
import type { CapabilitySets } from './sets.ts';
import { parseProcStatus } from './status.ts';

/**
 * The five sets of the calling thread.
 *
 * @throws {Error} when /proc is not mounted.
 */
export function getThreadCapabilities(): CapabilitySets {
  return parseProcStatus(readFileSync('/proc/thread-self/status', 'utf8'));
}

/**
 * Gives the calling thread these sets. Capabilities belong to threads: the others of the process, those of Node's
 * pool for file system calls among them, keep theirs. So this is for a worker thread, or for what the main thread
 * does synchronously; a process that must be confined is started with fewer capabilities.
 *
 * What is dropped from the bounding or permitted set cannot be had again. Dropping from the bounding set needs
 * CAP_SETPCAP effective.
 *
 * @throws {CapabilityError} when the kernel would refuse the sets; nothing has changed then.
 * @throws {ProgramError} when the kernel refuses a step; steps before it hold.
 */
export function setThreadCapabilities(sets: CapabilitySets): void {
  const builder = new ProgramBuilder();
  compileCapabilities(builder, sets, { lastCapability: lastCapability(), current: getThreadCapabilities() });
  runProgram(builder.build());
}
