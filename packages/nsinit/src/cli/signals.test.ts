import { expect, it } from 'vitest';
import { parseSignal } from './signals.ts';

it.each([
  ['9', 9],
  ['KILL', 9],
  ['SIGKILL', 9],
  ['sigterm', 15],
  ['0', 0],
  ['64', 64],
  ['65', undefined],
  ['', undefined],
  ['toString', undefined],
  ['-9', undefined],
])('reads %j as %j', (text, number) => {
  expect(parseSignal(text)).toBe(number);
});
