import { expect, test } from 'vitest';
import { errnoAction } from './model/action.ts';
import { defaultProfile } from './profiles/default.ts';
import { LEVELS } from './profiles/levels.ts';
import { summarize } from './summary.ts';

test('says of a level what it denies', () => {
  expect(summarize(LEVELS.low, 'x64')).toEqual([
    'for x86_64, x86, x32',
    'ERRNO(1) or ALLOW by arguments: clone',
    'ERRNO(1): create_module delete_module kexec_load mount setns umount2 unshare',
    'ERRNO(38): clone3',
    'ALLOW: every other call',
  ]);
});

test('says of the default profile how many calls it allows, and what becomes of those that it cannot know', () => {
  const lines = summarize(defaultProfile(), 'arm64');
  expect(lines[0]).toBe('for arm64, others get KILL_PROCESS');
  expect(lines).toContainEqual(expect.stringMatching(/^ALLOW: \d{3} calls$/));
  expect(lines).toContain('ERRNO(97) or ALLOW by arguments: socket');
  expect(lines.at(-1)).toBe('ERRNO(1): every other call, ERRNO(38) if newer than the filter');
});

test('numbers are named, and a rule that changes nothing is left out', () => {
  const rules = [
    { syscalls: [92, 1000], action: errnoAction(13) },
    { syscalls: ['getpid'], action: { kind: 'ALLOW' } as const },
  ];
  expect(summarize({ defaultAction: { kind: 'ALLOW' }, rules }, 'x64')).toEqual([
    'for x86_64, others get KILL_PROCESS',
    'ERRNO(13): call 1000 chown',
    'ALLOW: every other call',
  ]);
});
