import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConstantName, type ConstantTable, constants } from './constants.ts';
import { constant, constantTable, flagsValue, formatConstant, formatFlags } from './flags.ts';

/** The bits of a text that formatFlags made. */
function parseFlags(table: ConstantTable, text: string): bigint {
  const values: Readonly<Record<string, number>> = constantTable(table, 'x64');
  return text
    .split('|')
    .map((part) => (/^(0x|0$)/.test(part) ? BigInt(part) : BigInt(values[part]!)))
    .reduce((sum, bits) => sum | bits, 0n);
}

describe('constant', () => {
  it('is that of the architecture', () => {
    expect(constant('open', 'O_DIRECTORY', 'x64')).toBe(0o200000);
    expect(constant('open', 'O_DIRECTORY', 'arm64')).toBe(0o40000);
    expect(constant('clone', 'CLONE_INTO_CGROUP', 'x64')).toBe(0x200000000);
  });

  it('refuses a name that the table has not, where types did not', () => {
    for (const name of ['PR_SET_NOTHING', 'constructor'])
      expect(() => constant('prctl', name as 'PR_SET_NAME')).toThrow(
        new RangeError(`${name} is not in the table prctl`),
      );
  });
});

describe('flagsValue', () => {
  it('joins flags beyond 32 bits', () => {
    expect(flagsValue('clone', ['CLONE_INTO_CGROUP', 'CLONE_NEWNET', 'CLONE_NEWPID'])).toBe(0x260000000);
    expect(flagsValue('ioctl' as 'clone', ['TIOCGPTN' as 'CLONE_VM'])).toBe(0x80045430);
    expect(flagsValue('mount', [])).toBe(0);
    expect(flagsValue('mount', 0x12345)).toBe(0x12345);
  });

  it('refuses a flag of another table, where types did not', () => {
    for (const name of ['MS_NOSUID', 'constructor'])
      expect(() => flagsValue('open', [name as 'O_PATH'])).toThrow(RangeError);
  });
});

describe('formatFlags', () => {
  it('writes them as strace does', () => {
    expect(formatFlags('mount', 0x6)).toBe('MS_NOSUID|MS_NODEV');
    expect(formatFlags('mount', 0x80000006)).toBe('MS_NOSUID|MS_NODEV|0x80000000');
    expect(formatFlags('mount', 0)).toBe('0');
    expect(formatFlags('clone', 0x200000000)).toBe('CLONE_INTO_CGROUP');
    expect(formatFlags('mount_attr', 0x70)).toBe('MOUNT_ATTR_NOATIME|MOUNT_ATTR_STRICTATIME|0x40');
  });

  it('names the access mode of open(2)', () => {
    expect(formatFlags('open', 0)).toBe('O_RDONLY');
    expect(formatFlags('open', 0o2, 'x64')).toBe('O_RDWR');
    expect(formatFlags('open', 0o100, 'x64')).toBe('O_RDONLY|O_CREAT');
    expect(formatFlags('open', 0o10200000, 'x64')).toBe('O_RDONLY|O_DIRECTORY|O_PATH');
    expect(formatFlags('open', 0o10040000, 'arm64')).toBe('O_RDONLY|O_DIRECTORY|O_PATH');
  });

  it('names a type of socket and a mask of several bits as one', () => {
    expect(formatFlags('socktype', 0o2000005)).toBe('SOCK_SEQPACKET|SOCK_CLOEXEC');
    expect(formatFlags('socktype', 3)).toBe('SOCK_RAW');
    expect(formatFlags('statx', 0x7ff)).toBe('STATX_BASIC_STATS');
  });

  it('shows a negative number as the kernel sees it', () => {
    expect(formatFlags('shut', -1)).toBe(`SHUT_WR|SHUT_RDWR|0x${(2n ** 64n - 4n).toString(16)}`);
  });

  it('says every bit of every value', () => {
    const tables = fc.constantFrom(...(Object.keys(constants) as ConstantTable[]));
    fc.assert(
      fc.property(tables, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (table, value) => {
        expect(parseFlags(table, formatFlags(table, value, 'x64'))).toBe(value);
      }),
    );
  });

  it('gives back the names of single bits that were joined', () => {
    const single = (Object.entries(constants.mount) as [ConstantName<'mount'>, number][]).map(([name]) => name);
    fc.assert(
      fc.property(fc.subarray(single, { minLength: 1 }), (names) => {
        expect(formatFlags('mount', flagsValue('mount', names))).toBe(names.join('|'));
      }),
    );
  });
});

describe('formatConstant', () => {
  it('is the name, or the number without one', () => {
    expect(formatConstant('magic', 0x01021994n)).toBe('TMPFS_MAGIC');
    expect(formatConstant('magic', 7)).toBe('7');
  });
});
