import type { Config } from '@nsinit/config';
import type { LaunchPlan } from '@nsinit/namespaces';

/** Plans kept for one configuration; the oldest goes when another comes. */
const keptPlans = 8;

const plans = new WeakMap<Config, Map<string, LaunchPlan>>();

/**
 * A plan that was made before from the same configuration (frozen, so that it is what it was) and the same settings, or
 * a new one. Writing one takes longer than all else that this process does for a start.
 */
export function remembered(config: Config, settings: readonly unknown[], make: () => LaunchPlan): LaunchPlan {
  if (!Object.isFrozen(config)) return make();
  let kept = plans.get(config);
  if (!kept) {
    kept = new Map();
    plans.set(config, kept);
  }
  const key = JSON.stringify(settings, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  let plan = kept.get(key);
  if (!plan) {
    plan = make();
    kept.set(key, plan);
    if (kept.size > keptPlans) kept.delete(kept.keys().next().value as string);
  }
  return plan;
}

/** Freezes a configuration with all that is in it. */
export function freezeConfig(config: Config): Config {
  return freeze(config) as Config;
}

function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
  return value;
}
