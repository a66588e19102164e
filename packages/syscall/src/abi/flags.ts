import { type Arch, forArch, hostArch, type PerArch } from './arch.ts';
import { type ConstantName, type ConstantTable, constants, type Flags } from './constants.ts';

type Tables = { [T in ConstantTable]?: Readonly<Record<string, number>> };

const numeric: Record<Arch, Tables> = { x64: {}, arm64: {} };

/** One table of constants as numbers of one architecture. */
export function constantTable<T extends ConstantTable>(
  table: T,
  arch: Arch = hostArch(),
): Readonly<Record<ConstantName<T>, number>> {
  const tables = numeric[arch];
  let found = tables[table];
  if (!found) {
    const values: Record<string, number> = Object.create(null) as Record<string, number>;
    for (const [name, value] of Object.entries<PerArch>(constants[table])) values[name] = forArch(value, arch);
    found = values;
    tables[table] = found;
  }
  return found as Readonly<Record<ConstantName<T>, number>>;
}

/**
 * The value of one constant.
 *
 * @throws {RangeError} for a name that the table has not.
 */
export function constant<T extends ConstantTable>(table: T, name: ConstantName<T>, arch: Arch = hostArch()): number {
  const value: number | undefined = constantTable(table, arch)[name];
  if (value === undefined) throw new RangeError(`${name} is not in the table ${table}`);
  return value;
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
 * The flags of a number as strace writes them: `MS_NOSUID|MS_NOEXEC`, bits without a name in hex, `0` for none. A name
 * of several bits goes before the names of each; masks such as MOUNT_ATTR__ATIME are never printed.
 */
export function formatFlags(table: ConstantTable, value: number | bigint, arch: Arch = hostArch()): string {
  const whole = BigInt.asUintN(64, BigInt(value));
  const entries = Object.entries<number>(constantTable(table, arch))
    .filter(([name, bits]) => bits !== 0 && !name.includes('__'))
    .map(([name, bits]) => ({ name, bits: BigInt(bits) }));
  const chosen = new Set<string>();
  let rest = whole;
  for (const { name, bits } of entries.toSorted((a, b) => bitCount(b.bits) - bitCount(a.bits))) {
    if ((rest & bits) !== bits) continue;
    chosen.add(name);
    rest &= ~bits;
  }
  const names = entries.map(({ name }) => name).filter((name) => chosen.has(name));
  if (table === 'open' && (whole & accessMode) === 0n) names.unshift('O_RDONLY');
  if (rest !== 0n) names.push(`0x${rest.toString(16)}`);
  return names.join('|') || '0';
}

/** The name of one constant by its value, or the number when none has it. */
export function formatConstant(table: ConstantTable, value: number | bigint, arch: Arch = hostArch()): string {
  for (const [name, candidate] of Object.entries<number>(constantTable(table, arch)))
    if (BigInt(candidate) === BigInt(value)) return name;
  return String(value);
}

/** O_ACCMODE: two bits that are a number, in which O_RDONLY is 0. */
const accessMode = 3n;

function bitCount(bits: bigint): number {
  return bits.toString(2).replaceAll('0', '').length;
}
