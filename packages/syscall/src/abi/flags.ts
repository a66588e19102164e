import { type Arch, forArch, hostArch, type PerArch } from './arch.ts';
import { type ConstantName, type ConstantTable, constants, type Flags } from './constants.ts';

const numeric = new Map<string, Readonly<Record<string, number>>>();

/** One table of constants as numbers of one architecture. */
export function constantTable<T extends ConstantTable>(
  table: T,
  arch: Arch = hostArch(),
): Readonly<Record<ConstantName<T>, number>> {
  const key = `${arch}:${table}`;
  let found = numeric.get(key);
  if (!found) {
    found = Object.fromEntries(
      Object.entries(constants[table] as Record<string, PerArch>).map(([name, value]) => [name, forArch(value, arch)]),
    );
    numeric.set(key, found);
  }
  return found as Readonly<Record<ConstantName<T>, number>>;
}

/** The value of one constant. */
export function constant<T extends ConstantTable>(table: T, name: ConstantName<T>, arch: Arch = hostArch()): number {
  return constantTable(table, arch)[name];
}

/** The flags of one table as a number; sums are exact up to 2^53, so that CLONE_INTO_CGROUP fits. */
export function flagsValue<T extends ConstantTable>(table: T, flags: Flags<T>, arch: Arch = hostArch()): number {
  if (typeof flags === 'number') return flags;
  const values: Readonly<Record<string, number>> = constantTable(table, arch);
  let low = 0;
  let high = 0;
  for (const name of flags) {
    const value = values[name];
    if (value === undefined) throw new RangeError(`${name} is not a flag of ${table}`);
    low |= value | 0;
    high |= Math.floor(value / 2 ** 32);
  }
  return high * 2 ** 32 + (low >>> 0);
}

/**
 * The flags of a number as strace writes them: `MS_NOSUID|MS_NOEXEC`, bits without a name in hex, `0` for none.
 * Composed masks such as MOUNT_ATTR__ATIME are never printed.
 */
export function formatFlags(table: ConstantTable, value: number | bigint, arch: Arch = hostArch()): string {
  let rest = BigInt(value);
  if (rest === 0n) return zeroName(table, arch) ?? '0';
  const names: string[] = [];
  for (const [name, bit] of Object.entries<number>(constantTable(table, arch))) {
    const mask = BigInt(bit);
    if (mask === 0n || name.includes('__') || (rest & mask) !== mask) continue;
    names.push(name);
    rest &= ~mask;
  }
  if (rest !== 0n) names.push(`0x${rest.toString(16)}`);
  return names.join('|');
}

/** The name of one constant by its value, or the number when none has it. */
export function formatConstant(table: ConstantTable, value: number | bigint, arch: Arch = hostArch()): string {
  for (const [name, candidate] of Object.entries<number>(constantTable(table, arch)))
    if (BigInt(candidate) === BigInt(value)) return name;
  return String(value);
}

function zeroName(table: ConstantTable, arch: Arch): string | undefined {
  if (table !== 'open') return undefined;
  return Object.entries<number>(constantTable(table, arch)).find(([, value]) => value === 0)?.[0];
}
