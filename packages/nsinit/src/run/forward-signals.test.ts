import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { forwardedSignals, SignalForwarder } from './forward-signals.ts';

it('hands on every signal that can be, each number once', () => {
  const names = forwardedSignals();
  const numbers = names.map((name) => constants.signals[name]);
  expect(new Set(numbers).size).toBe(numbers.length);
  const kept = [
    'SIGKILL',
    'SIGSTOP',
    'SIGCHLD',
    'SIGTTIN',
    'SIGTTOU',
    'SIGPROF',
    'SIGSEGV',
    'SIGBUS',
    'SIGFPE',
    'SIGILL',
  ];
  const all = new Set(Object.values(constants.signals));
  expect(numbers.length).toBe(all.size - kept.length);
  expect(names).toEqual(expect.arrayContaining(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGWINCH']));
});

it('keeps signals until there is somebody to hand them to', async () => {
  const before = process.listeners('SIGUSR2');
  const forwarder = new SignalForwarder();
  try {
    process.emit('SIGUSR2');
    process.emit('SIGTERM');
    const got: string[] = [];
    forwarder.forwardTo((signal) => got.push(signal));
    process.emit('SIGUSR2');
    expect(got).toEqual(['SIGUSR2', 'SIGTERM', 'SIGUSR2']);
  } finally {
    for (const signal of forwardedSignals()) {
      const own = process.listeners(signal).at(-1);
      if (own && !before.includes(own)) process.off(signal, own);
    }
  }
});
