import type { Config } from '@nsinit/config';
import { compileRestrict, compileRuleset, LandlockError, negotiate, type Policy } from '@nsinit/landlock';
import {
  appArmorSupport,
  checkProfileName,
  compileExecProfile,
  compileLabel,
  LsmError,
  parseContext,
  selinuxSupport,
} from '@nsinit/lsm';
import type { ProgramBuilder } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';

/** What confines a process beside its filter of system calls; the same for init and for one that joins. */
export interface Confinement {
  /** Its AppArmor profile; undefined: that of its starter. */
  readonly profile: { readonly name: string; readonly stack: boolean } | undefined;
  /** Its SELinux label; undefined: what the policy says. */
  readonly label: string | undefined;
  /** What it gives up by Landlock; undefined: nothing. */
  readonly landlock: Policy | undefined;
}

/**
 * Decides what confines the processes of a container.
 *
 * @throws {ContainerError} ConfigInvalid for names that cannot be, and for what Landlock of this kernel cannot enforce.
 */
export function settleConfinement(config: Config): Confinement {
  const { apparmorProfile, processLabel, mountLabel, landlock } = config;
  const profile = apparmorProfile ? profileOf(apparmorProfile) : undefined;
  if (profile) named('apparmorProfile', () => checkProfileName(profile.name));
  if (processLabel) named('processLabel', () => parseContext(processLabel));
  if (mountLabel) named('mountLabel', () => parseContext(mountLabel));
  return { profile, label: processLabel || undefined, landlock: landlock && policyOf(landlock) };
}

/** `&name` is AppArmor's own way to write that a profile is put beside the one which confines already. */
function profileOf(text: string): { readonly name: string; readonly stack: boolean } {
  const stack = text.startsWith('&');
  return { name: stack ? text.slice(1) : text, stack };
}

function named(field: string, check: () => unknown): void {
  try {
    check();
  } catch (cause) {
    if (!(cause instanceof LsmError)) throw cause;
    throw new ContainerError('ConfigInvalid', `${field}: ${cause.message}`, { field, cause });
  }
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
 * Refuses a configuration that asks for a security module which this machine does not use.
 *
 * @throws {ContainerError} ConfigInvalid, naming the field.
 */
export function checkSecurityModules(config: Config): void {
  const { apparmorProfile, processLabel, mountLabel } = config;
  if (apparmorProfile) used('apparmorProfile', 'AppArmor profiles', appArmorSupport().reason);
  if (processLabel) used('processLabel', 'SELinux labels', selinuxSupport().reason);
  if (mountLabel) used('mountLabel', 'SELinux labels', selinuxSupport().reason);
}

function used(field: string, what: string, reason: string | undefined): void {
  if (reason === undefined) return;
  throw new ContainerError('ConfigInvalid', `${field}: ${what} cannot be used here: ${reason}`, {
    field,
    hint: `remove ${field} from the configuration, or see what nsinit check says`,
  });
}

/**
 * Prepares what confines the process, by the rights that it has now: its profile and its label wait for execve(2).
 *
 * @returns puts into force what does not wait for execve(2): to be called while the process has CAP_SYS_ADMIN, or after it
 * got no_new_privs, right before execve. No file can be opened after it but what the configuration allows.
 */
export function compileConfinement(b: ProgramBuilder, { profile, label, landlock }: Confinement): () => void {
  if (profile) compileExecProfile(b, profile.name, { stack: profile.stack });
  if (label) compileLabel(b, 'exec', label);
  const ruleset = landlock && compileRuleset(b, landlock);
  return () => {
    if (landlock && ruleset) compileRestrict(b, landlock, ruleset);
  };
}
