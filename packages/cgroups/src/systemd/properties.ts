import { given } from '../controller.ts';
import { checkCpuShares, clampCpuShares } from '../cpu-shares.ts';
import type { Int64, Resources } from '../resources.ts';
import { cpuWeightOf } from '../v2/cpu-weight.ts';
import { ioWeightOf } from '../v2/io.ts';
import { BusVariant } from './bus.ts';
import type { UnitProperty } from './client.ts';
import { cpuBits } from './cpu-bits.ts';
import { deviceProperties } from './devices.ts';
import { unifiedProperties } from './unified.ts';

/** How systemd writes "no limit". */
export const infinity = 0xffff_ffff_ffff_ffffn;

/** A number of 64 bits; -1 is no limit. */
export function unsigned(name: string, value: Int64): UnitProperty {
  const number = BigInt(value);
  return [name, new BusVariant('t', number < 0n ? infinity : number)];
}

/** A truth value. */
export function flag(name: string, value: boolean): UnitProperty {
  return [name, new BusVariant('b', value)];
}

/** What the properties depend on beside the limits. */
export interface PropertyContext {
  /** Which cgroups systemd itself keeps. */
  readonly version: 1 | 2;
  /** The number of systemd's version: properties that it does not know yet are left to the files. */
  readonly systemd: number;
  /** The text of /proc/devices, for device rules. */
  readonly procDevices: string;
}

/**
 * The limits as properties of a unit, so that systemd knows them: what it does not know it may take back when it
 * reloads. Not everything has one; the rest is for the files alone. systemd.resource-control(5)
 *
 * @throws {CgroupError} for a limit that cannot be meant.
 */
export function resourceProperties(resources: Resources, context: PropertyContext): readonly UnitProperty[] {
  return [
    ...deviceProperties(resources, context),
    ...(context.version === 2 ? v2Limits(resources, context) : v1Limits(resources)),
    ...quota(resources, context),
    ...tasks(resources),
    ...(context.version === 2 ? unifiedProperties(resources, context) : []),
  ];
}

/** What a property has that nobody has set; those not here have no limit. */
const unset: Readonly<Record<string, BusVariant>> = {
  MemoryLow: new BusVariant('t', 0n),
  MemoryMin: new BusVariant('t', 0n),
  AllowedCPUs: new BusVariant('ay', new Uint8Array()),
  AllowedMemoryNodes: new BusVariant('ay', new Uint8Array()),
  DevicePolicy: new BusVariant('s', 'auto'),
  DeviceAllow: new BusVariant('a(ss)', []),
};

/** The properties that take changes back: the old ones of the same names, or what stands for none. */
export function propertiesBefore(
  changed: readonly UnitProperty[],
  before: readonly UnitProperty[],
): readonly UnitProperty[] {
  const names = [...new Set(changed.map(([name]) => name))];
  return names.flatMap((name): readonly UnitProperty[] => {
    const old = before.filter(([other]) => other === name);
    return old.length > 0 ? old : [[name, unset[name] ?? new BusVariant('t', infinity)]];
  });
}

function v2Limits(resources: Resources, { systemd }: PropertyContext): readonly UnitProperty[] {
  const { memory, memoryReservation, memorySwap, cpuShares, cpuIdle, cpusetCpus, cpusetMems, blkioWeight } = resources;
  const properties: UnitProperty[] = [];
  if (given(memory)) properties.push(unsigned('MemoryMax', memory));
  if (given(memoryReservation)) properties.push(unsigned('MemoryLow', memoryReservation));
  const swap = swapAlone(memory, memorySwap);
  if (swap !== undefined) properties.push(unsigned('MemorySwapMax', swap));
  // A weight of 0 means idle since 252.
  if (cpuIdle !== undefined && given(cpuIdle) && systemd >= 252) properties.push(unsigned('CPUWeight', 0));
  else if (given(cpuShares)) {
    checkCpuShares(resources, clampCpuShares(cpuShares));
    properties.push(unsigned('CPUWeight', cpuWeightOf(cpuShares)));
  }
  if (cpusetCpus && systemd >= 244)
    properties.push(['AllowedCPUs', new BusVariant('ay', cpuBits(cpusetCpus, 'cpusetCpus'))]);
  if (cpusetMems && systemd >= 244)
    properties.push(['AllowedMemoryNodes', new BusVariant('ay', cpuBits(cpusetMems, 'cpusetMems'))]);
  if (given(blkioWeight)) properties.push(unsigned('IOWeight', ioWeightOf(blkioWeight)));
  return properties;
}

/** The limit of both is checked where it becomes a file. */
function swapAlone(memory: Int64 | undefined, memorySwap: Int64 | undefined): Int64 | undefined {
  if (!given(memorySwap)) return given(memory) && BigInt(memory) < 0n ? -1 : undefined;
  if (BigInt(memorySwap) < 0n) return -1;
  if (!given(memory) || BigInt(memory) < 0n || BigInt(memorySwap) < BigInt(memory)) return undefined;
  return BigInt(memorySwap) - BigInt(memory);
}

function v1Limits({ memory, cpuShares, blkioWeight }: Resources): readonly UnitProperty[] {
  const properties: UnitProperty[] = [];
  if (given(memory)) properties.push(unsigned('MemoryLimit', memory));
  if (given(cpuShares)) properties.push(unsigned('CPUShares', clampCpuShares(cpuShares)));
  if (given(blkioWeight)) properties.push(unsigned('BlockIOWeight', blkioWeight));
  return properties;
}

/** systemd has the quota in microseconds a second, in steps of 10 ms. */
function quota({ cpuQuota, cpuPeriod }: Resources, { systemd }: PropertyContext): readonly UnitProperty[] {
  const properties: UnitProperty[] = [];
  if (given(cpuPeriod) && systemd >= 242) properties.push(unsigned('CPUQuotaPeriodUSec', cpuPeriod));
  if (!given(cpuQuota)) return properties;
  if (BigInt(cpuQuota) < 0n) return [...properties, unsigned('CPUQuotaPerSecUSec', -1)];
  const period = given(cpuPeriod) ? BigInt(cpuPeriod) : 100_000n;
  const perSecond = (BigInt(cpuQuota) * 1_000_000n) / period;
  const step = 10_000n;
  return [...properties, unsigned('CPUQuotaPerSecUSec', ((perSecond + step - 1n) / step) * step)];
}

/** systemd takes no limit of 0: one process is already there. */
function tasks({ pidsLimit }: Resources): readonly UnitProperty[] {
  if (pidsLimit === undefined) return [];
  return [unsigned('TasksMax', BigInt(pidsLimit) === 0n ? 1 : pidsLimit)];
}
