import {
  CapabilityError,
  type CapabilityMask,
  type CapabilitySets as CapabilityMasks,
  checkCapabilities,
  compileAmbient,
  compileBounding,
  compileKeepCaps,
  compileSets,
  lastCapability,
  parseCapabilitySets,
} from '@nsinit/capabilities';
import { type Capabilities, capabilitySets } from '@nsinit/config';
import type { ProgramBuilder } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';
import type { ProcessUser } from './user.ts';

/**
 * The capability sets of a process.
 *
 * @throws {ContainerError} ConfigInvalid for names that the kernel does not know and sets that it would refuse.
 */
export function capabilityMasks(capabilities: Capabilities | undefined): CapabilityMasks {
  try {
    const sets = parseCapabilitySets(capabilitySets(capabilities));
    checkCapabilities(sets, { lastCapability: lastCapability() });
    return sets;
  } catch (error) {
    if (!(error instanceof CapabilityError)) throw error;
    throw new ContainerError('ConfigInvalid', error.message.replaceAll('\n', '; '), {
      field: 'capabilities',
      cause: error,
    });
  }
}

/**
 * Becomes the user, with these capabilities and no others. capabilities(7), credentials(7)
 *
 * @param until what is kept beside them up to execve(2), for the steps between: nothing but ambient capabilities, and of
 * root the bounding set, comes through that.
 */
export function compileCredentials(
  b: ProgramBuilder,
  user: ProcessUser,
  sets: CapabilityMasks,
  until: CapabilityMask = 0n,
): void {
  compileBounding(b, sets.bounding, { lastCapability: lastCapability() });
  const staysRoot = user.uid === 0;
  if (!staysRoot) compileKeepCaps(b, true);
  b.because({ field: 'user' }, () => {
    if (!user.keepsGroups)
      b.call('setgroups', { list: user.groups }, { what: `take the groups ${user.groups.join(', ') || '(none)'}` });
    b.call('setresgid', { rgid: user.gid, egid: user.gid, sgid: user.gid }, { what: `become group ${user.gid}` });
    b.call('setresuid', { ruid: user.uid, euid: user.uid, suid: user.uid }, { what: `become user ${user.uid}` });
  });
  if (!staysRoot) compileKeepCaps(b, false);
  // Of another user execve(2) leaves effective only what is ambient. To have no more before it lets the kernel judge the
  // program file by the user's own rights, and changes nothing after it.
  const effective = staysRoot ? sets.effective : sets.ambient;
  compileSets(b, { ...sets, permitted: sets.permitted | until, effective: effective | until });
  compileAmbient(b, sets.ambient);
}
