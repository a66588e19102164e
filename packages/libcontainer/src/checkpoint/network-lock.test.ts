import { expect, it } from 'vitest';
import { isIsolated } from './network-lock.ts';

const head = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

it.each([
  [
    '    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n',
    true,
  ],
  ['    lo: 1 0\n  eth0: 1 0\n', false],
  ['eth0:12345 0\n', false],
  ['', true],
])('tells whether anything leads out: %j', (lines, isolated) => {
  expect(isIsolated(head + lines)).toBe(isolated);
});
