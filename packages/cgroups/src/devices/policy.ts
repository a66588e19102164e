import { CgroupError } from '../error.ts';
import type { DeviceRule, OrderedDeviceRule, Resources } from '../resources.ts';

/** Kinds of access to a device, as bits: BPF_DEVCG_ACC_* of linux/bpf.h */
export const access = { m: 1, r: 2, w: 4 } as const;

/** Kinds of devices: BPF_DEVCG_DEV_* of linux/bpf.h */
export const deviceKinds = { b: 1, c: 2 } as const;

/** `b` or `c`. */
export type DeviceKind = keyof typeof deviceKinds;

/** An exception to the default of a policy. */
export interface DeviceException {
  /** undefined: both kinds. */
  readonly kind: DeviceKind | undefined;
  /** undefined: all. */
  readonly major: number | undefined;
  /** undefined: all. */
  readonly minor: number | undefined;
  /** Bits of {@link access}. */
  readonly access: number;
}

/**
 * Which devices may be used: a default, and what differs from it. Each kind of access is judged alone: one that an
 * exception covers is as the exception says.
 */
export interface DevicePolicy {
  /** Whether a device may be used that no exception covers. */
  readonly allowByDefault: boolean;
  readonly exceptions: readonly DeviceException[];
}

const everything = access.m | access.r | access.w;

/** What the resources say about devices, in order; undefined when they say nothing. */
export function deviceRules(resources: Resources): readonly OrderedDeviceRule[] | undefined {
  const { devices, allowAllDevices, allowedDevices, deniedDevices } = resources;
  const all = (allow: boolean): OrderedDeviceRule => ({ type: 'a', major: -1, minor: -1, permissions: 'rwm', allow });
  if (devices) return [all(false), ...devices];
  if (allowAllDevices) return [all(true), ...(deniedDevices ?? []).map((rule) => ({ ...rule, allow: false }))];
  if (allowAllDevices === undefined && !allowedDevices) return undefined;
  return [all(false), ...(allowedDevices ?? []).map((rule) => ({ ...rule, allow: true }))];
}

/**
 * The policy that a list of rules comes to when a later rule wins over an earlier one.
 *
 * @throws {CgroupError} ERR_CGROUP_INVALID for a rule that is none, and for one that takes a part out of an earlier
 *   rule with wildcards: neither kernel interface can say that.
 */
export function devicePolicy(rules: readonly OrderedDeviceRule[]): DevicePolicy {
  let allowByDefault = false;
  let exceptions: readonly DeviceException[] = [];
  rules.forEach((rule, index) => {
    const exception = parseRule(rule, index);
    if (!exception) return;
    if (isEverything(exception)) {
      allowByDefault = rule.allow;
      exceptions = [];
    } else if (rule.allow === allowByDefault) exceptions = remove(exceptions, exception, index);
    else exceptions = add(exceptions, exception);
  });
  return { allowByDefault, exceptions };
}

/** undefined for a rule about no device: FIFOs are not governed. */
function parseRule(rule: DeviceRule, index: number): DeviceException | undefined {
  const field = `devices[${index}]`;
  const refuse = (what: string, hint: string): never => {
    throw new CgroupError('ERR_CGROUP_INVALID', `${formatRule(rule)}: ${what}`, { field, hint });
  };
  if (!['a', 'b', 'c', 'u', 'p'].includes(rule.type)) refuse('unknown type', 'a type is a, b, c, u or p');
  if (!/^[rwm]*$/.test(rule.permissions)) refuse('unknown permission', 'permissions are some of r, w and m');
  for (const number of [rule.major, rule.minor])
    if (!Number.isInteger(number) || number < -1 || number > 0xffffffff)
      refuse(`${number} is no device number`, 'numbers are 0 to 4294967295, or -1 for all');
  if (rule.type === 'p' || rule.permissions === '') return undefined;
  // The kernel takes `a` for every device, whatever numbers and permissions are beside it.
  if (rule.type === 'a') return { kind: undefined, major: undefined, minor: undefined, access: everything };
  return {
    kind: rule.type === 'b' ? 'b' : 'c',
    major: rule.major === -1 ? undefined : rule.major,
    minor: rule.minor === -1 ? undefined : rule.minor,
    access: accessBits(rule.permissions),
  };
}

function accessBits(permissions: string): number {
  let bits = 0;
  for (const letter of permissions) bits |= access[letter as keyof typeof access];
  return bits;
}

/** `rwm` for the bits of an access, in the order of the kernel. */
export function accessLetters(bits: number): string {
  return (['r', 'w', 'm'] as const).filter((letter) => bits & access[letter]).join('');
}

function isEverything({ kind, major, minor, access: bits }: DeviceException): boolean {
  return kind === undefined && major === undefined && minor === undefined && bits === everything;
}

function sameDevices(a: DeviceException, b: DeviceException): boolean {
  return a.kind === b.kind && a.major === b.major && a.minor === b.minor;
}

function add(exceptions: readonly DeviceException[], added: DeviceException): readonly DeviceException[] {
  const at = exceptions.findIndex((exception) => sameDevices(exception, added));
  if (at < 0) return [...exceptions, added];
  return exceptions.map((exception, index) =>
    index === at ? { ...exception, access: exception.access | added.access } : exception,
  );
}

/** Takes the devices of `removed` out of the exceptions. */
function remove(
  exceptions: readonly DeviceException[],
  removed: DeviceException,
  index: number,
): readonly DeviceException[] {
  return exceptions.flatMap((exception) => {
    if (!overlaps(exception, removed) || (exception.access & removed.access) === 0) return [exception];
    if (!covers(removed, exception))
      throw new CgroupError(
        'ERR_CGROUP_INVALID',
        `${formatException(removed)} would take a part out of ${formatException(exception)}`,
        { field: `devices[${index}]`, hint: 'write the rule with wildcards as one for each device that is meant' },
      );
    const rest = exception.access & ~removed.access;
    return rest === 0 ? [] : [{ ...exception, access: rest }];
  });
}

function covers(a: DeviceException, b: DeviceException): boolean {
  const part = <T>(outer: T | undefined, inner: T | undefined) => outer === undefined || outer === inner;
  return part(a.kind, b.kind) && part(a.major, b.major) && part(a.minor, b.minor);
}

function overlaps(a: DeviceException, b: DeviceException): boolean {
  const meet = <T>(one: T | undefined, other: T | undefined) =>
    one === undefined || other === undefined || one === other;
  return meet(a.kind, b.kind) && meet(a.major, b.major) && meet(a.minor, b.minor);
}

/** The line of devices.list: `c 1:5 rwm`, with `*` for all. */
export function formatException({ kind, major, minor, access: bits }: DeviceException): string {
  return `${kind ?? 'a'} ${major ?? '*'}:${minor ?? '*'} ${accessLetters(bits)}`;
}

function formatRule({ type, major, minor, permissions }: DeviceRule): string {
  return `${type} ${major === -1 ? '*' : major}:${minor === -1 ? '*' : minor} ${permissions}`;
}

/** One access to a device: whether it is allowed is the question. */
export interface DeviceRequest {
  readonly kind: DeviceKind;
  readonly major: number;
  readonly minor: number;
  /** Bits of {@link access}; at least one. */
  readonly access: number;
}

/** Whether a policy allows a request: each kind of access that it asks for has to be allowed. */
export function isAllowed(policy: DevicePolicy, request: DeviceRequest): boolean {
  const { kind, major, minor } = request;
  let excepted = 0;
  for (const exception of policy.exceptions)
    if (covers(exception, { kind, major, minor, access: 0 })) excepted |= exception.access;
  const matched = request.access & excepted;
  return policy.allowByDefault ? matched === 0 : matched === request.access;
}
