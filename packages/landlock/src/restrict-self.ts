import { ProgramBuilder, runProgram } from '@nsinit/syscall';
import { compileLandlock } from './compile.ts';
import type { NegotiateOptions, Policy } from './negotiate.ts';
import type { Ruleset } from './ruleset.ts';

/**
 * Restricts the calling thread, and every process and thread that it starts from now on, for good. Nothing gives it back,
 * and the thread gets no_new_privs. No privilege is needed.
 *
 * The other threads of the process are not restricted, and those of libuv do most of Node's work on files: call it in a
 * program's first lines for what it starts, not for what it does itself.
 *
 * @returns what is in force, and what a best effort left out.
 * @throws {LandlockError} as `negotiate` does. {ProgramError} for a path that cannot be opened; nothing is in force then.
 */
export function restrictSelf(ruleset: Ruleset, options: NegotiateOptions = {}): Policy {
  const b = new ProgramBuilder();
  const policy = compileLandlock(b, ruleset, options);
  runProgram(b.build());
  return policy;
}
