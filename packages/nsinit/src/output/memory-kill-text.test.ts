import { expect, it } from 'vitest';
import { memoryKillText } from './memory-kill-text.ts';

it.each([
  [
    { kills: 1n, limit: 262144n, peak: 262144n },
    'the command was killed: the memory limit is 256 KiB, at most 256 KiB were used (a start needs about 256 KiB and the pages of the program: raise --memory-limit, cgroups.memory)',
  ],
  [
    { kills: 3n, limit: 1n << 20n, peak: undefined },
    'the command was killed, with 2 more: the memory limit is 1024 KiB (a start needs about 256 KiB and the pages of the program: raise --memory-limit, cgroups.memory)',
  ],
  [
    { kills: 1n, limit: undefined, peak: 1n },
    'the command was killed: the memory of the host, or of a group above, is out',
  ],
])('%s', (kill, text) => {
  expect(memoryKillText(kill)).toBe(text);
});
