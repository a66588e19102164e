import { CapabilityError, type CapabilityProblem } from './error.ts';
import { type CapabilityName, capabilityNames, isCapabilityName } from './names.ts';

/**
 * The capability that a name means: in any case, with or without `CAP_`.
 *
 * @throws {CapabilityError} when there is none, with the nearest name.
 */
export function parseCapability(name: string): CapabilityName {
  const canonical = canonicalName(name);
  if (isCapabilityName(canonical)) return canonical;
  throw new CapabilityError([unknownCapability(name)]);
}

/** `sys_admin` and `Cap_Sys_Admin` as `CAP_SYS_ADMIN`, whether or not a capability has that name. */
export function canonicalName(name: string): string {
  const upper = name.toUpperCase();
  return upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}

/** The problem that an unknown name is. */
export function unknownCapability(name: string): CapabilityProblem {
  const suggestion = nearestName(bareName(name));
  const message = `unknown capability ${JSON.stringify(name)}`;
  if (suggestion === undefined) return { rule: 'unknown', capabilities: [name], message };
  return {
    rule: 'unknown',
    capabilities: [name],
    message: `${message} (did you mean ${suggestion}?)`,
    suggestion,
  };
}

function bareName(name: string): string {
  return canonicalName(name).slice('CAP_'.length);
}

/** The name with the fewest edits, when it is near enough to have been meant; the prefix says nothing. */
function nearestName(name: string): CapabilityName | undefined {
  // The distance grows with the square of the length, and a long text was not meant to be any of them.
  if (name.length > 64) return undefined;
  let nearest: CapabilityName | undefined;
  let fewest = Math.ceil(name.length / 4) + 1;
  for (const candidate of capabilityNames) {
    const edits = distance(name, bareName(candidate));
    if (edits < fewest) {
      fewest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    previous = row;
  }
  return previous[b.length]!;
}
