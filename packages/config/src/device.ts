/** Kinds of device nodes of mknod(1): character, block, unbuffered character (same as `c`), FIFO. */
export const DEVICE_TYPES = ['c', 'b', 'u', 'p'] as const;

/** One of {@link DEVICE_TYPES}. */
export type DeviceType = (typeof DEVICE_TYPES)[number];

/** The major or minor number that stands for all numbers in a rule; written `*` in the cgroup file. */
export const WILDCARD = -1;

/** A rule of the devices cgroup. A {@link Device} is one as well. */
export interface DeviceRule {
  /** Kind of device; `a` (every device) is for rules only. */
  readonly type: DeviceType | 'a';
  /** Major number, or {@link WILDCARD}. */
  readonly major: number;
  /** Minor number, or {@link WILDCARD}. */
  readonly minor: number;
  /** Some of `r`, `w` and `m` (mknod). */
  readonly permissions: string;
  /** For people only: the rule is about numbers. */
  readonly path?: string;
  /** Not used by a rule. */
  readonly fileMode?: number;
  /** Not used by a rule. */
  readonly uid?: number;
  /** Not used by a rule. */
  readonly gid?: number;
}

/** A device node that is made inside the container. */
export interface Device extends DeviceRule {
  readonly type: DeviceType;
  /** Absolute path inside the container. */
  readonly path: string;
  /** Permission bits; undefined: 0o666. */
  readonly fileMode?: number;
  /** Owner inside the container; undefined: 0. */
  readonly uid?: number;
  /** Group inside the container; undefined: 0. */
  readonly gid?: number;
}

/** The line of `devices.allow`: `c 1:5 rwm`, with `*` for a wildcard. */
export function deviceRuleText(rule: DeviceRule): string {
  const part = (value: number): string => (value === WILDCARD ? '*' : String(value));
  return `${rule.type} ${part(rule.major)}:${part(rule.minor)} ${rule.permissions}`;
}
