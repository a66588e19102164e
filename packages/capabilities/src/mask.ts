import { type CapabilityName, capabilityName, capabilityNumber } from './names.ts';
import { parseCapability } from './parse.ts';

/** A set of capabilities: bit n is the capability with the number n. Union is `|`, intersection `&`. */
export type CapabilityMask = bigint;

/**
 * The set of the capabilities named.
 *
 * @throws {CapabilityError} for an unknown name.
 */
export function capabilityMask(names: readonly string[]): CapabilityMask {
  let mask = 0n;
  for (const name of names) mask |= maskOf(parseCapability(name));
  return mask;
}

/** The set of one capability. */
export function maskOf(name: CapabilityName): CapabilityMask {
  return 1n << BigInt(capabilityNumber(name));
}

/** Whether the capability is in the set. */
export function hasCapability(mask: CapabilityMask, name: CapabilityName): boolean {
  return (mask & maskOf(name)) !== 0n;
}

/** The names of a set in the order of their numbers; `CAP_41` for a number without a name. */
export function maskNames(mask: CapabilityMask): readonly (CapabilityName | `CAP_${number}`)[] {
  const names: (CapabilityName | `CAP_${number}`)[] = [];
  for (let number = 0, rest = mask; rest > 0n; number++, rest >>= 1n)
    if ((rest & 1n) === 1n) names.push(capabilityName(number));
  return names;
}

/** The set of every capability up to the number `last`. */
export function allCapabilities(last: number): CapabilityMask {
  return (1n << BigInt(last + 1)) - 1n;
}
