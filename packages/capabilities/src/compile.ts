import { constant, type ProgramBuilder } from '@nsinit/syscall';
import { type CheckOptions, capabilityProblems } from './check.ts';
import { CapabilityError } from './error.ts';
import type { CapabilityMask } from './mask.ts';
import { maskNames } from './mask.ts';
import { capabilityName } from './names.ts';
import type { CapabilitySets } from './sets.ts';

/** `_LINUX_CAPABILITY_VERSION_3` of linux/capability.h: two data words for 64 capabilities. */
const capabilityVersion3 = 0x20080522;

/**
 * Writes the steps that give the running thread these sets, where its user does not change in between. A launcher
 * that changes the user writes the steps one by one, since each needs what the next takes away:
 *
 * 1. {@link compileBounding}, while CAP_SETPCAP is effective;
 * 2. {@link compileKeepCaps} true, setgroups(2), setresgid(2), setresuid(2), {@link compileKeepCaps} false;
 * 3. {@link compileSets}, which the change of user would have undone;
 * 4. {@link compileAmbient}, which needs the permitted and inheritable sets in place.
 *
 * @throws {CapabilityError} when the kernel would refuse the sets.
 */
export function compileCapabilities(builder: ProgramBuilder, sets: CapabilitySets, options: CheckOptions): void {
  checkCapabilities(sets, options);
  compileBounding(builder, sets.bounding, options);
  compileSets(builder, sets);
  compileAmbient(builder, sets.ambient);
}

/**
 * Does nothing for sets that the kernel takes.
 *
 * @throws {CapabilityError} with every problem.
 */
export function checkCapabilities(sets: CapabilitySets, options: CheckOptions): void {
  const problems = capabilityProblems(sets, options);
  if (problems.length > 0) throw new CapabilityError(problems);
}

/**
 * Drops from the bounding set what is not to be kept: every capability of the kernel, or of `current.bounding` when
 * that is given. Needs CAP_SETPCAP effective, in the user namespace of the thread.
 */
export function compileBounding(builder: ProgramBuilder, bounding: CapabilityMask, options: CheckOptions): void {
  builder.because({ field: 'capabilities' }, () => {
    for (let number = 0; number <= options.lastCapability; number++) {
      const bit = 1n << BigInt(number);
      if ((bounding & bit) !== 0n || (options.current && (options.current.bounding & bit) === 0n)) continue;
      builder.call(
        'prctl',
        { op: 'PR_CAPBSET_DROP', arg2: number },
        { what: `drop ${capabilityName(number)} from the bounding set` },
      );
    }
  });
}

/** Makes the permitted set survive a change from user 0 to another, or no longer; execve(2) takes it back too. */
export function compileKeepCaps(builder: ProgramBuilder, keep: boolean): void {
  builder.call(
    'prctl',
    { op: 'PR_SET_KEEPCAPS', arg2: keep ? 1 : 0 },
    {
      field: 'capabilities',
      what: keep ? 'keep permitted capabilities while the user changes' : 'end keeping capabilities',
    },
  );
}

/** Sets the effective, permitted and inheritable sets with one capset(2). */
export function compileSets(
  builder: ProgramBuilder,
  sets: Pick<CapabilitySets, 'effective' | 'permitted' | 'inheritable'>,
): void {
  builder.call(
    'capset',
    {
      hdrp: { version: capabilityVersion3, pid: 0 },
      datap: {
        effective_low: low(sets.effective),
        permitted_low: low(sets.permitted),
        inheritable_low: low(sets.inheritable),
        effective_high: high(sets.effective),
        permitted_high: high(sets.permitted),
        inheritable_high: high(sets.inheritable),
      },
    },
    { field: 'capabilities', what: setsText(sets) },
  );
}

/** Empties the ambient set, then raises each capability of it; needs them permitted and inheritable. */
export function compileAmbient(builder: ProgramBuilder, ambient: CapabilityMask): void {
  builder.because({ field: 'capabilities' }, () => {
    builder.call(
      'prctl',
      { op: 'PR_CAP_AMBIENT', arg2: constant('ambient', 'PR_CAP_AMBIENT_CLEAR_ALL') },
      { what: 'clear the ambient set' },
    );
    for (let number = 0, rest = ambient; rest > 0n; number++, rest >>= 1n)
      if ((rest & 1n) === 1n)
        builder.call(
          'prctl',
          { op: 'PR_CAP_AMBIENT', arg2: constant('ambient', 'PR_CAP_AMBIENT_RAISE'), arg3: number },
          { what: `raise ${capabilityName(number)} in the ambient set` },
        );
  });
}

function setsText({
  effective,
  permitted,
  inheritable,
}: Pick<CapabilitySets, 'effective' | 'permitted' | 'inheritable'>): string {
  const text = (mask: CapabilityMask): string => maskNames(mask).join(' ') || 'none';
  const inherit = inheritable === 0n ? '' : `, inheritable ${text(inheritable)}`;
  if (effective === permitted) return `permit ${text(permitted)}, all effective${inherit}`;
  return `permit ${text(permitted)}, effective ${text(effective)}${inherit}`;
}

function low(mask: CapabilityMask): number {
  return Number(BigInt.asUintN(32, mask));
}

function high(mask: CapabilityMask): number {
  return Number(BigInt.asUintN(32, mask >> 32n));
}
