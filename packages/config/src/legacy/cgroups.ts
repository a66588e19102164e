import type { Cgroup } from '../cgroup.ts';
import { DEFAULT_ALLOWED_DEVICES } from '../device-defaults.ts';
import type { Dialect } from '../dialect.ts';
import { defined } from './networks.ts';
import type { LegacyConfig } from './types.ts';

/** The control groups, from `cgroups` or from the flat keys that were used for some hours of 2014-02-20. */
export function convertCgroups(raw: LegacyConfig, dialect: Dialect): Cgroup | undefined {
  const flat = defined<Cgroup>({
    name: raw.cgroupName,
    parent: raw.cgroupParent,
    memory: raw.memory,
    memorySwap: raw.memorySwap,
    cpuShares: raw.cpuShares,
  });
  const { deviceAccess, ...limits } = raw.cgroups ?? {};
  if (raw.cgroups === undefined && Object.keys(flat).length === 0 && raw.deviceAccess === undefined) return undefined;
  const allowAllDevices = limits.allowAllDevices ?? deviceAccess ?? raw.deviceAccess ?? false;
  // Until the files could list devices, those that every container had were allowed.
  const implied = dialect === '2014-07' || allowAllDevices ? undefined : DEFAULT_ALLOWED_DEVICES;
  return defined<Cgroup>({ ...flat, ...limits, allowAllDevices, allowedDevices: limits.allowedDevices ?? implied });
}
