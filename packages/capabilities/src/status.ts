import type { CapabilityMask } from './mask.ts';
import { type CapabilitySetName, type CapabilitySets, capabilitySetNames, noCapabilities } from './sets.ts';

/** The lines of proc_pid_status(5). */
const lines: Readonly<Record<CapabilitySetName, string>> = {
  bounding: 'CapBnd',
  effective: 'CapEff',
  permitted: 'CapPrm',
  inheritable: 'CapInh',
  ambient: 'CapAmb',
};

/**
 * The five sets in the text of `/proc/<pid>/status`.
 *
 * @throws {SyntaxError} when a set's line is missing or does not hold 16 hexadecimal digits.
 */
export function parseProcStatus(text: string): CapabilitySets {
  const sets: Record<CapabilitySetName, CapabilityMask> = { ...noCapabilities };
  for (const set of capabilitySetNames) {
    const digits = new RegExp(`^${lines[set]}:\\t([0-9a-f]{16})$`, 'm').exec(text)?.[1];
    if (digits === undefined) throw new SyntaxError(`no line ${lines[set]} with 16 hexadecimal digits in the status`);
    sets[set] = BigInt(`0x${digits}`);
  }
  return sets;
}
