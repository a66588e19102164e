import { ProgramBuilder } from '@nsinit/syscall';
import { expect, it } from 'vitest';
import { compileLandlock } from './compile.ts';
import type { Ruleset } from './ruleset.ts';

const print = (ruleset: Ruleset, abi = 7) => {
  const b = new ProgramBuilder();
  compileLandlock(b, ruleset, { support: { abi } });
  return b.build().print();
};
const steps = (ruleset: Ruleset, abi?: number) => print(ruleset, abi).map(({ text }) => text.replace(/ = .*/, ''));

it('writes a rule for a directory and one for a file, as it cannot know which there will be', () => {
  const printed = print({ paths: [{ paths: ['/srv'], access: ['read'], optional: true }] });
  expect(printed.map(({ text }) => text.split('(')[0])).toEqual([
    'landlock_create_ruleset',
    'openat',
    expect.stringContaining('statx'),
    expect.stringContaining('if '),
    expect.any(String),
    'landlock_add_rule',
    expect.stringContaining('goto'),
    expect.any(String),
    'landlock_add_rule',
    'close',
    'prctl',
    'landlock_restrict_self',
    'close',
  ]);
  expect(printed[1]).toMatchObject({
    field: 'landlock.paths[0].paths[0]',
    what: 'allow read_file, read_dir below /srv',
    errors: expect.stringContaining('ENOENT'),
  });
});

it('writes one rule where the rights are those of files anyway', () => {
  expect(
    steps({ paths: [{ paths: ['/a'], access: ['read_file'] }] }).filter((text) => /add_rule/.test(text)),
  ).toHaveLength(1);
  expect(steps({ paths: [{ paths: ['/a'], access: ['read_file'] }] }).some((text) => /statx/.test(text))).toBe(false);
});

it('says what is restricted, and what is not', () => {
  const ruleset: Ruleset = { mode: 'best_effort', ports: [{ port: 22, access: ['connect_tcp'] }], scopes: ['signal'] };
  expect(print(ruleset, 4)[0]?.what).toBe(
    'make a ruleset for bind_tcp, connect_tcp (version 4; not enforced: signal (Linux 6.12))',
  );
  expect(print(ruleset, 7)[1]?.what).toBe('allow connect_tcp of port 22');
});

it('writes nothing where nothing can be restricted', () => {
  expect(print({ mode: 'best_effort', scopes: ['signal'] }, 5)).toEqual([]);
});
