import { type AddedMount, type Config, type Mount, withDefaultMounts } from '@nsinit/config';
import type { Origin } from './origins.ts';
import { type ContainerValues, type Rule, rules } from './rules.ts';

/** A configuration and the flags that had their part in it. */
export interface FlaggedConfig {
  readonly config: Config;
  readonly origins: readonly Origin[];
  /** Mounts that neither the flags nor the configuration asked for. */
  readonly added: readonly AddedMount[];
}

/**
 * Changes a configuration by flags, then adds the mounts that it lacks. A flag that was not given changes nothing,
 * whatever its default; one that was given overrides the configuration, and a list is added to the configuration's.
 *
 * @param cwd directory from which relative paths of the host count.
 * @throws {UsageError} for a value that makes no sense.
 */
export function applyFlags(base: Config, values: ContainerValues, cwd: string): FlaggedConfig {
  let changed = base;
  const origins: Origin[] = [];
  const mountOrigins: { readonly mount: Mount; readonly flag: string }[] = [];
  for (const [name, rule] of Object.entries(rules) as [keyof ContainerValues, Rule<unknown>][]) {
    const value: unknown = values[name];
    if (value === undefined) continue;
    const flag = `--${name}`;
    if ('mounts' in rule) {
      const mounts = rule.mounts(value, cwd);
      changed = { ...changed, mounts: [...(changed.mounts ?? []), ...mounts] };
      for (const mount of mounts) mountOrigins.push({ mount, flag });
    } else {
      changed = rule.apply(changed, value, cwd);
      origins.push({ field: rule.field, flag });
    }
  }
  const { config, added } = withDefaultMounts(changed);
  // Added mounts move the others, so places are known only now.
  for (const { mount, flag } of mountOrigins) origins.push({ field: `mounts[${config.mounts?.indexOf(mount)}]`, flag });
  return { config, origins, added };
}
