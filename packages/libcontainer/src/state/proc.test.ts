import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { allPids, childrenOf, isAlive, parentOf, procLink, startTime } from './proc.ts';

it('names a process by its id and the time of its start, whatever it calls itself', async () => {
  // The name holds what separates the fields: a bracket, blanks, a state.
  const script = 'printf ") Z 1 (" > /proc/self/comm; echo ready; read x';
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const pid = child.pid!;
  const start = startTime(pid)!;
  expect(start).toMatch(/^\d+$/);
  expect(isAlive(pid, start)).toBe(true);
  expect(isAlive(pid, `${start}0`)).toBe(false);
  expect(allPids()).toContain(pid);
  expect(childrenOf(process.pid)).toContain(pid);
  expect(parentOf(pid)).toBe(process.pid);
  expect(procLink(pid, 'ns/pid')).toBe(procLink('self', 'ns/pid'));
  child.stdin.end();
  await once(child, 'exit');
  expect(isAlive(pid, start)).toBe(false);
  expect(startTime(pid)).toBe(undefined);
  expect(childrenOf(pid)).toEqual([]);
  expect(procLink(pid, 'exe')).toBe(undefined);
});
