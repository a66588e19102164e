import { accessLetters, type DeviceException, devicePolicy, deviceRules } from '../devices/policy.ts';
import type { Resources } from '../resources.ts';
import { BusVariant } from './bus.ts';
import type { UnitProperty } from './client.ts';
import type { PropertyContext } from './properties.ts';

/**
 * Device rules as properties: systemd puts the filter of a unit up again whenever it reloads, and what it was not told
 * of would be gone then. Rules that allow everything but some devices have no such form: those only the kernel is told.
 */
export function deviceProperties(resources: Resources, context: PropertyContext): readonly UnitProperty[] {
  const rules = deviceRules(resources);
  if (!rules) return [];
  const { allowByDefault, exceptions } = devicePolicy(rules);
  // An empty list takes back what was there before.
  const cleared: UnitProperty = ['DeviceAllow', new BusVariant('a(ss)', [])];
  if (allowByDefault) return [['DevicePolicy', new BusVariant('s', 'auto')], cleared];
  const entries = exceptions.flatMap((exception) => allowEntries(exception, context));
  const allowed: UnitProperty = ['DeviceAllow', new BusVariant('a(ss)', entries)];
  return [['DevicePolicy', new BusVariant('s', 'strict')], cleared, ...(entries.length > 0 ? [allowed] : [])];
}

function allowEntries(
  { kind, major, minor, access }: DeviceException,
  context: PropertyContext,
): readonly (readonly [string, string])[] {
  const letters = accessLetters(access);
  const kinds = kind ? [kind] : (['b', 'c'] as const);
  return kinds.flatMap((each): readonly (readonly [string, string])[] => {
    const word = each === 'b' ? 'block' : 'char';
    if (major === undefined) return minor === undefined ? [[`${word}-*`, letters]] : [];
    if (minor !== undefined) return [[`/dev/${word}/${major}:${minor}`, letters]];
    const groups = context.systemd >= 240 ? [String(major)] : deviceGroups(context.procDevices, word, major);
    return groups.map((group): readonly [string, string] => [`${word}-${group}`, letters]);
  });
}

/** The names that /proc/devices gives a major number: older versions of systemd know no numbers. */
export function deviceGroups(procDevices: string, kind: 'block' | 'char', major: number): readonly string[] {
  const [characters = '', blocks = ''] = procDevices.split(/^Block devices:$/m);
  const part = kind === 'block' ? blocks : characters;
  return part
    .split('\n')
    .map((line) => /^\s*(\d+) (.+)$/.exec(line))
    .filter((match) => match !== null && Number(match[1]) === major)
    .map((match) => match?.[2] ?? '');
}
