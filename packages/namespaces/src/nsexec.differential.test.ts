import {
  type Buf,
  type Cell,
  type Comparison,
  comparisons,
  type ErrorActions,
  exitCodes,
  Fd,
  fdAt,
  invoke,
  type Label,
  ProgramBuilder,
  ProgramError,
  runProgram,
  tryInvoke,
} from '@nsinit/syscall';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { Memory, Nsexec } from './fixtures/nsexec.ts';

// The two executors, that of the calling process and nsexec, must do the same with every program. Random ones are
// written with calls whose results do not depend on the process, and end by writing all of their memory to a file.

const nsexec = new Nsexec();
const [ours, theirs] = [new Memory(), new Memory()] as const;
const [reportReader, reportWriter] = socketPair();
afterAll(() => {
  for (const resource of [nsexec, ours, theirs, reportReader, reportWriter]) resource[Symbol.dispose]();
});

/** Two ends, of which the first does not write: nsexec finds an end at once when it waits for the reader to close. */
function socketPair(): readonly [Fd, Fd] {
  const sv = new Int32Array(2);
  const bytes = new Uint8Array(sv.buffer);
  invoke('socketpair', { domain: 'AF_UNIX', type: ['SOCK_SEQPACKET', 'SOCK_CLOEXEC'], protocol: 0, sv: bytes });
  const [reader, writer] = [new Fd(sv[0]!), new Fd(sv[1]!)];
  invoke('shutdown', { sockfd: reader, how: 'SHUT_WR' });
  return [reader, writer];
}

const memorySize = 40;

/** Places of the memory: two of eight bytes, and two of four that are read with and without a sign. */
const places = [
  [0, 8],
  [8, 8],
  [16, 4],
  [20, -4],
  [16, -4],
] as const;

const place = fc.nat(places.length - 1);
/** How many steps ahead. */
const ahead = fc.nat(4);
const value = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0, 1, -1, -3, -9),
);
const action = fc.oneof(fc.constantFrom('ignore' as const, 'retry' as const), ahead);
const step = fc.oneof(
  fc.record({
    op: fc.constant('assign' as const),
    to: place,
    from: fc.oneof(
      value,
      place.map((from) => ({ from })),
    ),
  }),
  fc.record({
    op: fc.constant('call' as const),
    call: fc.constantFrom('getuid', 'close', 'kill'),
    into: fc.option(place),
    next: fc.option(ahead),
    on: fc.record({ EBADF: action, ESRCH: action, EINTR: action, any: action }, { requiredKeys: [] }),
  }),
  fc.record({
    op: fc.constant('branch' as const),
    from: place,
    comparison: fc.constantFrom(...(Object.keys(comparisons) as Comparison[])),
    against: value,
    mask: fc.option(value),
    next: ahead,
  }),
  fc.record({ op: fc.constant('jump' as const), next: ahead }),
  fc.record({
    op: fc.constant('fail' as const),
    errno: fc.constantFrom(0, 0, 5, 4095),
    value: fc.oneof(
      value,
      place.map((from) => ({ from })),
    ),
    detail: fc.boolean(),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** The program of the steps, which writes its memory to a descriptor at its end. */
function build(steps: readonly Step[], out: number): { readonly builder: ProgramBuilder; readonly memory: Buf } {
  const b = new ProgramBuilder();
  const memory = b.zeros(memorySize, 'memory');
  const labels = steps.map(() => b.label()).concat(b.label());
  const cell = (index: number): Cell<'int'> => {
    const [offset, width] = places[index]!;
    return memory.cell(offset, width);
  };
  const input = (given: number | bigint | { readonly from: number }): number | bigint | Cell<'int'> =>
    typeof given === 'object' ? cell(given.from) : given;
  steps.forEach((given, index) => {
    const after = (distance: number): Label => labels[Math.min(index + 1 + distance, steps.length)]!;
    b.place(labels[index]!);
    switch (given.op) {
      case 'assign':
        b.assign(cell(given.to), input(given.from));
        break;
      case 'branch':
        b.branch(cell(given.from), given.comparison, given.against, after(given.next), {
          ...(given.mask === null ? {} : { mask: given.mask }),
        });
        break;
      case 'jump':
        b.jump(after(given.next));
        break;
      case 'fail':
        b.fail({ errno: given.errno, value: input(given.value), ...(given.detail ? { detail: memory } : {}) });
        break;
      case 'call': {
        const on: ErrorActions = Object.fromEntries(
          Object.entries(given.on).map(([name, act]) => [name, typeof act === 'number' ? after(act) : act]),
        );
        const options = {
          on,
          ...(given.into === null ? {} : { into: cell(given.into) }),
          ...(given.next === null ? {} : { next: after(given.next) }),
        };
        if (given.call === 'getuid') b.call('getuid', {}, options);
        else if (given.call === 'close') b.call('close', { fd: fdAt(0x7ffffff0) }, options);
        // No process can have this id: pid_max is 2^22 at most.
        else b.call('kill', { pid: 0x7ffffff0, sig: 0 }, options);
      }
    }
  });
  b.place(labels[steps.length]!);
  b.call('pwrite64', { fd: fdAt(out), buf: memory, offset: 0 });
  return { builder: b, memory };
}

interface Report {
  readonly index: number;
  readonly errno: number;
  readonly value: bigint;
  readonly detail: string;
}

/** The memory at the end, or what the program failed with. */
type Result = { readonly memory: string } | Report;

function runHere(steps: readonly Step[]): Result {
  ours.write(new Uint8Array());
  const { builder } = build(steps, ours.fd.fd);
  try {
    runProgram(builder.build());
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    const { index, errno, value: number, detail } = error;
    return { index, errno, value: number, detail: Buffer.from(detail).toString('hex') };
  }
  return { memory: ours.read(memorySize).toString('hex') };
}

function runThere(steps: readonly Step[]): Result {
  theirs.write(new Uint8Array());
  const { builder } = build(steps, 4);
  const outcome = nsexec.run(builder.build().encode(5), { fds: [theirs.fd, reportWriter] });
  const report = Buffer.alloc(1024);
  const size = tryInvoke('recvfrom', { sockfd: reportReader, buf: report, flags: ['MSG_DONTWAIT'] });
  expect(outcome).toEqual({ status: size > 0 ? exitCodes.failed : 0, signal: null });
  if (size <= 0) return { memory: theirs.read(memorySize).toString('hex') };
  const detailSize = report.readUInt32LE(12);
  expect(report.readUInt32LE(0)).toBe(0x5245534e);
  expect(size).toBe(24 + detailSize);
  return {
    index: report.readUInt32LE(4),
    errno: report.readInt32LE(8),
    value: report.readBigInt64LE(16),
    detail: report.subarray(24, 24 + detailSize).toString('hex'),
  };
}

it('runs every program as runProgram does', { timeout: 60_000 }, () => {
  const seen = { ended: 0, failed: 0 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const here = runHere(steps);
      seen['memory' in here ? 'ended' : 'failed']++;
      expect(runThere(steps)).toEqual(here);
    }),
    { numRuns: 400 },
  );
  expect(Math.min(seen.ended, seen.failed)).toBeGreaterThan(20);
});
