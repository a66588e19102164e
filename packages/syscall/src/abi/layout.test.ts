import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeStruct, encodeStruct, fieldOf, formatStruct, layoutOf, readInt, sizeOf, writeInt } from './layout.ts';
import { type StructInput, type StructName, structs } from './structs.ts';

const sizes = fc.constantFrom(1, 2, 4, 8);

function cut(signed: boolean, width: number, bits: bigint): bigint {
  return signed ? BigInt.asIntN(width, bits) : BigInt.asUintN(width, bits);
}

function noPointer(): never {
  throw new Error('a pointer was written');
}

function encode<S extends StructName>(name: S, value: StructInput<S, number>): DataView {
  const view = new DataView(new ArrayBuffer(sizeOf(name)));
  encodeStruct(name, value, view, 0, 'x64', (at, target) => view.setBigUint64(at, BigInt(target), true));
  return view;
}

describe('writeInt, readInt', () => {
  it('give back every integer that fits, as bigint', () => {
    fc.assert(
      fc.property(sizes, fc.boolean(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (size, signed, bits) => {
        const value = signed ? BigInt.asIntN(size * 8, bits) : BigInt.asUintN(size * 8, bits);
        const view = new DataView(new ArrayBuffer(24));
        writeInt(view, 8, size, value);
        expect(BigInt(readInt(view, 8, size, signed))).toBe(value);
      }),
    );
  });

  it('give back every safe integer, as number', () => {
    fc.assert(
      fc.property(sizes, fc.maxSafeInteger(), (size, value) => {
        const view = new DataView(new ArrayBuffer(24));
        writeInt(view, 8, size, value);
        expect(BigInt(readInt(view, 8, size, true))).toBe(BigInt.asIntN(size * 8, BigInt(value)));
      }),
    );
  });

  it('touch nothing beside the value', () => {
    fc.assert(
      fc.property(sizes, fc.maxSafeInteger(), (size, value) => {
        const bytes = new Uint8Array(24).fill(0xaa);
        writeInt(new DataView(bytes.buffer), 8, size, value);
        expect([...bytes.subarray(0, 8), ...bytes.subarray(8 + size)]).toEqual(Array(24 - size).fill(0xaa));
      }),
    );
  });
});

describe('encodeStruct, decodeStruct', () => {
  it('give back the integers of every structure', () => {
    const names = fc.constantFrom(...(Object.keys(structs) as StructName[]));
    const values = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(names, values, (name, bits) => {
        const value: Record<string, number | bigint> = {};
        const expected: Record<string, bigint> = {};
        for (const [index, field] of layoutOf(name).fields.entries()) {
          if (field.type === 'ptr' || field.type === 'char') continue;
          // Flags are numbers, exact to 2^53.
          const whole = field.flags ? bits[index]! >> 11n : cut(field.type === 's', field.size * 8, bits[index]!);
          value[field.name] = field.flags ? Number(whole) : whole;
          expected[field.name] = whole;
        }
        const view = encode(name, value as StructInput<StructName, number>);
        const decoded = Object.entries(decodeStruct(name, view)).map(([field, number]) => [field, BigInt(number)]);
        expect(Object.fromEntries(decoded)).toEqual(expected);
      }),
    );
  });

  it('write flags by name, texts with a NUL behind, and pointers by the caller', () => {
    expect(decodeStruct('open_how', encode('open_how', { flags: ['O_PATH'], resolve: ['RESOLVE_IN_ROOT'] }))).toEqual({
      flags: 0o10000000n,
      mode: 0n,
      resolve: 0x10n,
    });
    const ifreq = encode('ifreq_flags', { ifr_name: 'lo', ifr_flags: 1 });
    expect(Buffer.from(ifreq.buffer).subarray(0, 18)).toEqual(Buffer.from(`lo${'\0'.repeat(14)}\x01\0`));
    expect(encode('sock_fprog', { len: 3, filter: 0x1122 }).getBigUint64(8, true)).toBe(0x1122n);
  });

  it('refuse what does not fit', () => {
    const view = new DataView(new ArrayBuffer(64));
    const write = (name: StructName, value: object) => () =>
      encodeStruct(name, value as never, view, 0, 'x64', noPointer);
    expect(write('ifreq_flags', { ifr_name: 'a'.repeat(15) })).not.toThrow();
    expect(write('ifreq_flags', { ifr_name: 'a'.repeat(16) })).toThrow('is longer than 15 bytes');
    expect(write('open_how', { flag: 1 })).toThrow('struct open_how has no field flag');
    expect(() => fieldOf('open_how', 'constructor')).toThrow(RangeError);
  });
});

describe('formatStruct', () => {
  it('writes fields as strace does, and leaves zeros out', () => {
    expect(formatStruct('open_how', { flags: ['O_WRONLY', 'O_CREAT'], mode: 0o640, resolve: 0 }, 'x64')).toBe(
      '{flags=O_WRONLY|O_CREAT, mode=0640}',
    );
    expect(formatStruct('rlimit64', { rlim_cur: 1024, rlim_max: 2n ** 64n - 1n }, 'x64')).toBe(
      '{rlim_cur=1024, rlim_max=18446744073709551615}',
    );
    expect(formatStruct('ifreq_flags', { ifr_name: 'lo' }, 'x64')).toBe('{ifr_name="lo"}');
  });

  it('shows what a pointer points to', () => {
    expect(formatStruct('iovec', { iov_base: new Uint8Array(3), iov_len: 3 }, 'x64')).toBe(
      '{iov_base=[3 bytes], iov_len=3}',
    );
  });
});
