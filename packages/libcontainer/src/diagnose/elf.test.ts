import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ElfError, parseElf } from './elf.ts';
import { makeElf } from './fixtures/elf-file.ts';

const over = (bytes: Uint8Array) => (offset: number, length: number) => bytes.subarray(offset, offset + length);

it('reads what the running program is', () => {
  const bytes = readFileSync(process.execPath);
  const elf = parseElf(over(bytes));
  expect(elf).toMatchObject({ bits: 64, littleEndian: true, machine: process.arch === 'x64' ? 62 : 183 });
  expect([2, 3]).toContain(elf.type);
  expect(elf.interpreter ?? '/').toMatch(/^\//);
});

it.each([32, 64] as const)('reads machine and loader of %d-bit files of both byte orders', (bits) => {
  for (const littleEndian of [true, false]) {
    const file = makeElf({ bits, littleEndian, machine: 40, type: 3, interpreter: '/lib/ld-test.so.1' });
    expect(parseElf(over(file))).toEqual({
      bits,
      littleEndian,
      machine: 40,
      type: 3,
      interpreter: '/lib/ld-test.so.1',
    });
  }
});

it('knows a static program', () => {
  const file = makeElf({ bits: 64, littleEndian: true, machine: 62, type: 2 });
  expect(parseElf(over(file)).interpreter).toBeUndefined();
});

it('says what is missing from a file that is cut off', () => {
  const file = makeElf({ bits: 64, littleEndian: true, machine: 62, type: 2, interpreter: '/lib/ld.so' });
  expect(() => parseElf(over(file.subarray(0, 40)))).toThrow('it is cut off before the end of its header');
  expect(() => parseElf(over(file.subarray(0, 80)))).toThrow('it is cut off before the end of its program headers');
  expect(() => parseElf(over(file.subarray(0, file.length - 4)))).toThrow(
    'it is cut off before the end of the name of its loader',
  );
});

it('throws nothing but its own error for mutated files', () => {
  const whole = makeElf({ bits: 64, littleEndian: true, machine: 62, type: 3, interpreter: '/lib64/ld-linux.so' });
  const small = makeElf({ bits: 32, littleEndian: false, machine: 8, type: 2, interpreter: '/lib/ld.so.1' });
  const change = fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 255 }));
  fc.assert(
    fc.property(
      fc.constantFrom(whole, small),
      fc.array(change, { maxLength: 12 }),
      fc.nat(300),
      (base, changes, cut) => {
        const bytes = Uint8Array.from(base);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        try {
          const { interpreter } = parseElf(over(bytes.subarray(0, cut)));
          expect(interpreter?.length ?? 1).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(ElfError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

it('throws nothing but its own error for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 128 }), (bytes) => {
      try {
        parseElf(over(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(ElfError);
      }
    }),
  );
});
