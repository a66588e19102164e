import type { Resources } from '../resources.ts';
import { BusVariant } from './bus.ts';
import type { UnitProperty } from './client.ts';
import { cpuBits } from './cpu-bits.ts';
import { infinity, type PropertyContext, unsigned } from './properties.ts';

/** Files of `unified` that have a property of their own. */
const plain: Readonly<Record<string, string>> = {
  'memory.max': 'MemoryMax',
  'memory.high': 'MemoryHigh',
  'memory.low': 'MemoryLow',
  'memory.min': 'MemoryMin',
  'memory.swap.max': 'MemorySwapMax',
  'pids.max': 'TasksMax',
  'cpu.weight': 'CPUWeight',
};

/** The values of `unified` as properties, after those of the other fields so that they win; the rest is for the files. */
export function unifiedProperties({ unified }: Resources, { systemd }: PropertyContext): readonly UnitProperty[] {
  return Object.entries(unified ?? {}).flatMap(([file, text]) => {
    const value = text.trim();
    const name = plain[file];
    if (name)
      return /^\d+$/.test(value) || value === 'max' ? [unsigned(name, value === 'max' ? -1n : BigInt(value))] : [];
    if (file === 'cpu.max') return cpuMax(value, systemd);
    if (systemd < 244 || value === '') return [];
    if (file === 'cpuset.cpus')
      return [['AllowedCPUs', new BusVariant('ay', cpuBits(value, 'unified["cpuset.cpus"]'))]];
    if (file === 'cpuset.mems')
      return [['AllowedMemoryNodes', new BusVariant('ay', cpuBits(value, 'unified["cpuset.mems"]'))]];
    return [];
  });
}

function cpuMax(value: string, systemd: number): readonly UnitProperty[] {
  const [quota = 'max', period = '100000'] = value.split(/\s+/);
  if (!/^(max|\d+)$/.test(quota) || !/^\d+$/.test(period) || period === '0') return [];
  const perSecond = quota === 'max' ? infinity : (BigInt(quota) * 1_000_000n) / BigInt(period);
  const periods = systemd >= 242 ? [unsigned('CPUQuotaPeriodUSec', BigInt(period))] : [];
  return [...periods, ['CPUQuotaPerSecUSec', new BusVariant('t', perSecond)]];
}
