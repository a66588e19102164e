import { AT_FDCWD, exitCodes, format, hostArch, opcodes, ProgramBuilder } from '@nsinit/syscall';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Nsexec } from './fixtures/nsexec.ts';
import { isSound } from './fixtures/soundness.ts';

const nsexec = new Nsexec();
afterAll(() => nsexec[Symbol.dispose]());

const { header, instruction: layout } = format;
const machine = format.machines[hostArch()];
const nobody = process.getuid?.() === 0 ? 65534 : undefined;

/** One change of a program's bytes. Places are fractions, so that they lie in programs of any size. */
type Mutation =
  | { readonly kind: 'word'; readonly at: number; readonly value: number }
  | { readonly kind: 'field'; readonly step: number; readonly field: number; readonly value: bigint }
  | { readonly kind: 'bit'; readonly at: number; readonly bit: number }
  | { readonly kind: 'resize'; readonly size: number }
  | { readonly kind: 'swap'; readonly a: number; readonly b: number };

/** Numbers near the bounds that a check can get wrong. */
const edges = fc.oneof(
  fc.nat(20),
  fc.nat(600),
  fc.nat({ max: 0xffffffff }),
  fc.constantFrom(0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 0xfffffff8, 0xffff, 0x10000),
);
const edges64 = fc.oneof(
  edges.map(BigInt),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(2n ** 64n - 1n, 2n ** 64n - 8n, 2n ** 63n, 2n ** 63n - 1n),
);
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

/** Everything of an instruction but its number, as offset and size. */
const fields: readonly (readonly [offset: number, size: number])[] = [
  [layout.kinds, 4],
  ...[0, 1, 2, 3, 4, 5].map((arg) => [layout.args + arg * 8, 8] as const),
  [layout.result, 4],
  [layout.next, 4],
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((half) => [layout.handlers + half * 2, 2] as const),
];

const fieldMutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constant('field' as const),
  step: place,
  field: fc.nat(fields.length - 1),
  value: edges64,
});
const anyMutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 4, arbitrary: fieldMutation },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('word' as const), at: place, value: edges }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('bit' as const), at: place, bit: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resize' as const), size: fc.nat(2000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('swap' as const), a: place, b: place }) },
);

function mutate(program: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  let bytes = Uint8Array.from(program);
  const steps = new DataView(program.buffer, program.byteOffset).getUint32(header.instructions, true);
  const stepAt = (fraction: number): number => header.size + Math.floor(fraction * steps) * layout.size;
  for (const mutation of mutations) {
    const view = new DataView(bytes.buffer);
    // A program that was cut short has nothing left at some places.
    const writable = (at: number, size: number): boolean => at + size <= bytes.length;
    switch (mutation.kind) {
      case 'word': {
        const at = Math.floor((mutation.at * bytes.length) / 4) * 4;
        if (writable(at, 4)) view.setUint32(at, mutation.value, true);
        break;
      }
      case 'field': {
        const [offset, size] = fields[mutation.field]!;
        const at = stepAt(mutation.step) + offset;
        if (!writable(at, size)) break;
        if (size === 8) view.setBigUint64(at, mutation.value, true);
        else if (size === 4) view.setUint32(at, Number(BigInt.asUintN(32, mutation.value)), true);
        else view.setUint16(at, Number(BigInt.asUintN(16, mutation.value)), true);
        break;
      }
      case 'bit': {
        const at = Math.floor(mutation.at * bytes.length);
        if (writable(at, 1)) bytes[at] = bytes[at]! ^ (1 << mutation.bit);
        break;
      }
      case 'resize': {
        const resized = new Uint8Array(mutation.size);
        resized.set(bytes.subarray(0, mutation.size));
        bytes = resized;
        break;
      }
      case 'swap': {
        const [a, b] = [stepAt(mutation.a), stepAt(mutation.b)];
        if (!writable(a, layout.size) || !writable(b, layout.size)) break;
        const first = bytes.slice(a, a + layout.size);
        bytes.copyWithin(a, b, b + layout.size);
        bytes.set(first, b);
      }
    }
  }
  return bytes;
}

/** A program with every kind of instruction and argument, of the calls that a launcher makes. Only ever checked. */
function launcherLike(): Uint8Array {
  const b = new ProgramBuilder();
  const [child, failed] = [b.label(), b.label()];
  const pidfd = b.zeros(4, 'pidfd');
  const pid = b.call('clone3', { cl_args: { flags: ['CLONE_NEWPID', 'CLONE_PIDFD'], pidfd, exit_signal: 17 } });
  b.branch(pid, '==', 0, child);
  const info = b.out('siginfo');
  b.call(
    'waitid',
    { idtype: 'P_PIDFD', id: pidfd.cell<'fd'>(0, -4), infop: info, options: ['WEXITED'] },
    { on: { EINTR: 'retry' } },
  );
  b.call('exit_group', { status: info.field('siginfo', 'si_status') });
  b.place(child);
  const fd = b.call('openat', { dirfd: AT_FDCWD, pathname: '/', flags: ['O_PATH'] }, { on: { ENOENT: failed } });
  b.call('fchdir', { fd }, { on: { EPERM: 'ignore', EACCES: failed, EINTR: 'retry', any: failed } });
  b.assign(b.variable('copy'), info.cell(8, 4));
  b.call('execve', { pathname: '/bin/true', argv: ['true', 'x'], envp: ['A=b'] });
  b.place(failed);
  b.fail({ detail: info, value: info.field('siginfo', 'si_code') });
  return b.build().encode(-1);
}

/** A program that does nothing to anybody, whatever its arguments are. */
function harmless(): Uint8Array {
  const b = new ProgramBuilder();
  const [middle, failed] = [b.label(), b.label()];
  const memory = b.zeros(64, 'memory');
  b.call('getpid', {}, { into: memory.cell(0, 8), on: { EPERM: failed, any: 'ignore' } });
  b.branch(memory.cell(0, 8), '>=', 2, middle, { mask: 0xffff });
  b.assign(memory.cell(8, 4), memory.cell(0, -4));
  b.jump(failed);
  b.place(middle);
  b.call('getpid', {}, { into: memory.cell(12, 4), on: { EINTR: 'retry' } });
  b.assign(memory.cell(16, 8), 7);
  b.branch(memory.cell(12, 4), '<', 0xffffffff, failed);
  b.call('getpid', {}, { next: failed });
  b.place(failed);
  b.fail({ errno: 5, value: memory.cell(0, 8), detail: memory });
  return b.build().encode(-1);
}

describe('nsexec check', () => {
  it('accepts exactly the sound among arbitrary changes of a program, and never crashes or hangs', {
    timeout: 60_000,
  }, () => {
    const programs = [launcherLike(), harmless()] as const;
    const seen = { sound: 0, unsound: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...programs),
        fc.array(anyMutation, { minLength: 1, maxLength: 4 }),
        (program, mutations) => {
          const bytes = mutate(program, mutations);
          const sound = isSound(bytes, machine);
          seen[sound ? 'sound' : 'unsound']++;
          const outcome = nsexec.run(bytes, { args: ['3', 'check'] });
          expect(outcome).toEqual({ status: sound ? 0 : exitCodes.badProgram, signal: null });
        },
      ),
      { numRuns: 400 },
    );
    // The mutations must leave both, or nothing was tried.
    expect(Math.min(seen.sound, seen.unsound)).toBeGreaterThan(20);
  });

  it('accepts exactly the sound among arbitrary bytes behind a good header', { timeout: 60_000 }, () => {
    const body = fc.uint8Array({ minLength: 96, maxLength: 400 });
    fc.assert(
      fc.property(body, fc.nat(3), (tail, count) => {
        const dataOffset = header.size + layout.size * count;
        const bytes = new Uint8Array(Math.max(dataOffset, header.size + tail.length));
        bytes.set(harmless().subarray(0, header.size));
        bytes.set(tail, header.size);
        const view = new DataView(bytes.buffer);
        view.setUint32(header.instructions, count, true);
        view.setUint32(header.dataOffset, dataOffset, true);
        view.setUint32(header.dataSize, bytes.length - dataOffset, true);
        view.setUint32(header.totalSize, bytes.length, true);
        const status = isSound(bytes, machine) ? 0 : exitCodes.badProgram;
        expect(nsexec.run(bytes, { args: ['3', 'check'] })).toEqual({ status, signal: null });
      }),
      { numRuns: 100 },
    );
  });
});

describe('nsexec', () => {
  it('runs to an end whatever the arguments, kinds, places and targets of harmless steps are', {
    timeout: 60_000,
  }, () => {
    const seen = { ran: 0, unsound: 0 };
    // Numbers of calls stay as they are, and so does the data: all zeros, which a wrong count would have run.
    const headerMutation = fc.record({
      kind: fc.constant('word' as const),
      at: fc.nat(15).map((word) => (word * 4) / harmless().length),
      value: edges,
    });
    const mutation = fc.oneof({ weight: 9, arbitrary: fieldMutation }, { weight: 1, arbitrary: headerMutation });
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        const bytes = mutate(harmless(), mutations);
        const outcome = nsexec.run(bytes, nobody === undefined ? {} : { uid: nobody });
        expect(outcome.signal).toBeNull();
        if (isSound(bytes, machine)) {
          seen.ran++;
          expect([0, exitCodes.failed]).toContain(outcome.status);
        } else {
          seen.unsound++;
          expect(outcome.status).toBe(exitCodes.badProgram);
        }
      }),
      { numRuns: 300 },
    );
    expect(Math.min(seen.ran, seen.unsound)).toBeGreaterThan(20);
  });

  it('has only harmless steps to run in these tests', () => {
    const bytes = harmless();
    const view = new DataView(bytes.buffer);
    const count = view.getUint32(header.instructions, true);
    const numbers = Array.from({ length: count }, (_, index) =>
      view.getUint32(header.size + index * layout.size + layout.nr, true),
    );
    const getpid = hostArch() === 'x64' ? 39 : 172;
    for (const nr of numbers) expect([getpid, ...Object.values(opcodes)]).toContain(nr);
    expect(bytes.subarray(view.getUint32(header.dataOffset, true)).every((byte) => byte === 0)).toBe(true);
  });
});
