#!/usr/bin/env node
/**
 * Measures filters of @nsinit/seccomp beside those that libseccomp makes of the same rules, without and with its binary tree:
 * compiling, loading, and what a call costs under them.
 *
 *   node bench/seccomp.mjs [ROUNDS]      15 rounds when not given; needs cc, libseccomp's headers and x86-64
 *
 * The ways take turns within a round, each in a process of its own. The kernel remembers which calls a filter allows whatever
 * their arguments are and does not run it for those, so read(2) costs the same under all: the others show the filter.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AUDIT_ARCH, compileFilter, defaultProfile, encodeBpf, simulate, syscallNumber } from '@nsinit/seccomp';
// The tests' own way to libseccomp.
import { compileByLibseccomp } from '../packages/seccomp/dist/fixtures/libseccomp.js';
import { quantile, table } from './lib/stats.mjs';

const ROUNDS = Number(process.argv[2] ?? 15);
const CALLS = 200_000;
const COMPILATIONS = 50;

/** What is called, with arguments with which it does nothing; a filter has to look at those of personality and clone. */
const calls = {
  read: ['read', 0xffffffff],
  personality: ['personality', 0xffffffff],
  clone: ['clone', 0x800],
  mount: ['mount'],
  'no such call': [460],
};
/** What stands in the table for instructions that are executed. */
const counted = {
  read: [],
  write: [],
  openat: [],
  futex: [],
  clone: [0x800],
  personality: [0xffffffff],
  mount: [],
  460: [],
};
const numberOf = (call) => (typeof call === 'number' ? call : syscallNumber('x86_64', call));

const work = mkdtempSync(join(tmpdir(), 'nsinit-bench-'));
const compile = (file, output, ...flags) => {
  const path = join(work, output);
  execFileSync('cc', ['-O2', '-o', path, new URL(file, import.meta.url).pathname, ...flags]);
  return path;
};

/** As libseccomp can have it: it lacks new calls, and mixes up several rules about int arguments. */
function comparable(driver) {
  const { defaultAction, rules } = defaultProfile();
  const names = [...new Set(rules.flatMap(({ syscalls }) => syscalls))];
  const alone = names.map((name) => ({
    filter: { defaultAction: { kind: 'LOG' }, rules: [{ syscalls: [name], action: { kind: 'TRAP' } }] },
    machine: 'x64',
    optimize: 1,
  }));
  const results = compileByLibseccomp(driver, alone);
  const known = new Set(names.filter((_, index) => typeof results[index] !== 'number'));
  return {
    defaultAction,
    foreignAction: { kind: 'KILL_PROCESS' },
    rules: rules
      .filter(({ field }) => field !== 'socket families')
      .map((rule) => ({ ...rule, syscalls: rule.syscalls.filter((name) => known.has(name)) })),
  };
}

const since = (begin) => Number(process.hrtime.bigint() - begin);

try {
  const runner = compile('filter.c', 'filter');
  const driver = { path: compile('../packages/seccomp/src/fixtures/libseccomp.c', 'libseccomp', '-lseccomp') };
  const filter = comparable(driver);
  const foreign = (optimize) => {
    const [program] = compileByLibseccomp(driver, [{ filter, machine: 'x64', optimize }]);
    if (typeof program === 'number') throw new Error(`libseccomp refuses with errno ${program}`);
    return program;
  };
  const ways = {
    none: [],
    this: compileFilter(filter, { machine: 'x64' }),
    libseccomp: foreign(1),
    'libseccomp, tree': foreign(2),
    'this, whole default': compileFilter(defaultProfile(), { machine: 'x64' }),
  };
  const words = Object.values(calls).map(([call, ...args]) =>
    [numberOf(call), ...args.map((value) => value.toString(16))].join(':'),
  );
  const samples = new Map();
  const note = (way, what, value) => samples.set(`${way}\0${what}`, [...(samples.get(`${way}\0${what}`) ?? []), value]);
  for (let round = 0; round < ROUNDS; round++) {
    const order = Object.entries(ways);
    for (const [way, program] of [...order.slice(round % order.length), ...order.slice(0, round % order.length)]) {
      const input = program.length > 0 ? encodeBpf(program) : Buffer.alloc(0);
      const [loading, ...spent] = execFileSync(runner, [String(CALLS), ...words], { input })
        .toString()
        .trim()
        .split(' ');
      note(way, 'load', Number(loading) / 1000);
      for (const [index, name] of Object.keys(calls).entries()) note(way, name, Number(spent[index]));
    }
    let begin = process.hrtime.bigint();
    compileFilter(filter, { machine: 'x64' });
    note('this', 'compile', since(begin) / 1000);
    for (const [way, optimize] of [
      ['libseccomp', 1],
      ['libseccomp, tree', 2],
    ]) {
      const many = Array.from({ length: COMPILATIONS }, () => ({ filter, machine: 'x64', optimize }));
      begin = process.hrtime.bigint();
      compileByLibseccomp(driver, many);
      note(way, 'compile', since(begin) / 1000 / COMPILATIONS);
    }
  }

  const median = (way, what, digits) => {
    const found = samples.get(`${way}\0${what}`);
    return found ? quantile(found, 0.5).toFixed(digits) : '-';
  };
  const executed = (program, call, args) =>
    program.length === 0
      ? '-'
      : String(simulate(program, { nr: numberOf(call), arch: AUDIT_ARCH.x86_64, args }).path.length);
  const names = Object.keys(ways);
  const row = (title, cell) => [title, ...names.map(cell)];
  console.log(`the default profile without its socket families; medians of ${ROUNDS} rounds`);
  console.log(
    table([
      ['', ...names],
      row('instructions', (way) => String(ways[way].length)),
      ...Object.entries(counted).map(([call, args]) =>
        row(`  executed for ${call}`, (way) => executed(ways[way], Number(call) || call, args)),
      ),
      row('compile, µs', (way) => median(way, 'compile', 0)),
      row('load, µs', (way) => median(way, 'load', 0)),
      ...Object.keys(calls).map((name) => row(`${name}, ns`, (way) => median(way, name, 0))),
    ]),
  );
} finally {
  rmSync(work, { recursive: true });
}
