import type { Controller, GroupView } from '../controller.ts';
import type { Write } from '../fs/write.ts';
import type { Resources } from '../resources.ts';
import { lines } from '../text/parse.ts';
import { type DevicePolicy, devicePolicy, deviceRules, formatException } from './policy.ts';

/** The devices controller of v1: Documentation/admin-guide/cgroup-v1/devices.rst */
export const devices: Controller = {
  name: 'devices',
  writes: (resources, view, previous = {}) => {
    const rules = deviceRules(resources);
    if (!rules) return [];
    const [first, ...rest] = policyWrites(devicePolicy(rules), deviceField(resources), view);
    return first ? [{ ...first, undoWrites: restore(view, previous) }, ...rest] : [];
  },
};

/** The field that device rules come from. */
export function deviceField(resources: Resources): string {
  if (resources.devices) return 'devices';
  return resources.allowAllDevices ? 'deniedDevices' : 'allowedDevices';
}

/**
 * A group that already denies by default gets what is new before it loses what is old, so that no process in it is
 * ever without a device that it may use before and after.
 */
function policyWrites(policy: DevicePolicy, field: string, view: GroupView): readonly Write[] {
  const wanted = policy.exceptions.map(formatException);
  const current = lines(view.tryRead('devices.list') ?? '');
  if (policy.allowByDefault) return [allow('a', field), ...wanted.map((line) => deny(line, field))];
  const allows = wanted.map((line) => allow(line, field));
  if (current.length === 0 || current.includes('a *:* rwm')) return [deny('a', field), ...allows];
  return [...allows, ...leftovers(current, policy).map((line) => deny(line, field))];
}

/** devices.list shows what a group may use, but not what it may not when it may use everything else. */
function restore(view: GroupView, previous: Resources): readonly { readonly file: string; readonly value: string }[] {
  const before = deviceRules(previous);
  const list = lines(view.tryRead('devices.list') ?? '');
  const denies = { file: 'devices.deny', value: 'a' };
  if (list.length > 0 && !list.includes('a *:* rwm'))
    return [denies, ...list.map((value) => ({ file: 'devices.allow', value }))];
  const policy = before && devicePolicy(before);
  const exceptions = policy?.allowByDefault ? policy.exceptions : [];
  return [
    { file: 'devices.allow', value: 'a' },
    ...exceptions.map((exception) => ({ file: 'devices.deny', value: formatException(exception) })),
  ];
}

/** What the group allows beyond the policy: whole lines, or letters of a line. */
function leftovers(current: readonly string[], policy: DevicePolicy): readonly string[] {
  const keep = new Map(
    policy.exceptions.map((exception) => {
      const [kind, numbers, letters] = formatException(exception).split(' ');
      return [`${kind} ${numbers}`, letters ?? ''];
    }),
  );
  return current.flatMap((line) => {
    const [kind, numbers, letters = ''] = line.split(' ');
    const kept = keep.get(`${kind} ${numbers}`) ?? '';
    const rest = letters.replace(/./g, (letter) => (kept.includes(letter) ? '' : letter));
    return rest === '' ? [] : [`${kind} ${numbers} ${rest}`];
  });
}

function allow(value: string, field: string): Write {
  return { file: 'devices.allow', value, field };
}

function deny(value: string, field: string): Write {
  return { file: 'devices.deny', value, field };
}
