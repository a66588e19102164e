import type { Config } from '@nsinit/config';
import { compileRestrict, compileRuleset, LandlockError, negotiate, type Policy } from '@nsinit/landlock';
import type { ProgramBuilder } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';

/** What confines a process beside its filter of system calls; the same for init and for one that joins. */
export interface Confinement {
  /** What it gives up by Landlock; undefined: nothing. */
  readonly landlock: Policy | undefined;
}

/**
 * Decides what confines the processes of a container.
 *
 * @throws {ContainerError} ConfigInvalid for what the kernel cannot enforce.
 */
export function settleConfinement(config: Config): Confinement {
  return { landlock: config.landlock && policyOf(config.landlock) };
}

function policyOf(landlock: NonNullable<Config['landlock']>): Policy {
  try {
    return negotiate(landlock);
  } catch (error) {
    if (!(error instanceof LandlockError)) throw error;
    const field = ['landlock', error.field].filter(Boolean).join('.');
    const { hint } = error;
    throw new ContainerError('ConfigInvalid', `${field}: ${error.reason}`, {
      field,
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/**
 * Prepares what confines the process, by the rights that it has now.
 *
 * @returns puts into force what does not wait for execve(2): to be called while the process has CAP_SYS_ADMIN, or after it
 * got no_new_privs, right before execve. No file can be opened after it but what the configuration allows.
 */
export function compileConfinement(b: ProgramBuilder, { landlock }: Confinement): () => void {
  const ruleset = landlock && compileRuleset(b, landlock);
  return () => {
    if (landlock && ruleset) compileRestrict(b, landlock, ruleset);
  };
}
