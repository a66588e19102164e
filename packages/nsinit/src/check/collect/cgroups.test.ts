import { expect, it } from 'vitest';
import { usableControllers } from './cgroups.ts';

const level = (enabled: string, writable = false) => ({
  offered: ['cpu', 'memory', 'pids'],
  enabled: enabled.split(' '),
  writable,
});

it('finds the controllers that every level hands on, or can be told to', () => {
  expect(usableControllers([])).toEqual([]);
  expect(usableControllers([level('', true)])).toEqual(['cpu', 'memory', 'pids']);
  expect(usableControllers([level('cpu memory pids'), level('memory pids'), level('', true)])).toEqual([
    'memory',
    'pids',
  ]);
  expect(usableControllers([level('cpu memory'), level('memory')])).toEqual(['memory']);
});
