import { fstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fdAt, invoke } from '@nsinit/syscall';
import { expect, it } from 'vitest';
import { fakeGroup } from '../testing/fake.ts';
import { addCounts, MergingQueue } from './queue.ts';
import { v1MemoryEvents } from './v1.ts';
import { v2OomEvents } from './v2.ts';

function signalEvent(fd: number, count = 1n): void {
  invoke('write', { fd: fdAt(fd), buf: new Uint8Array(BigUint64Array.of(count).buffer) });
}

it('registers an eventfd, tells events, and ends with the group', async () => {
  const group = fakeGroup({ 'memory.oom_control': '', 'cgroup.event_control': '' });
  const events = v1MemoryEvents(group, 'memory.oom_control', '', undefined);
  const [event, watched] = readFileSync(`${group.path}/cgroup.event_control`, 'utf8').split(' ').map(Number);
  expect(fstatSync(watched!).isFile()).toBe(true);
  signalEvent(event!, 2n);
  expect(await events.next()).toEqual({ done: false, value: { count: 2n } });
  rmSync(group.path, { recursive: true });
  signalEvent(event!);
  expect(await events.next()).toEqual({ done: true, value: undefined });
  expect(() => fstatSync(event!)).toThrow('EBADF');
  expect(() => fstatSync(watched!)).toThrow('EBADF');
});

it('says that a group has no memory controller', () => {
  const group = fakeGroup();
  expect(() => v1MemoryEvents(group, 'memory.oom_control', '', undefined)).toThrow('memory.oom_control: ENOENT');
});

it('ends when it is aborted', async () => {
  const group = fakeGroup({ 'memory.oom_control': '', 'cgroup.event_control': '' });
  const abort = new AbortController();
  const events = v1MemoryEvents(group, 'memory.oom_control', '', abort.signal);
  const next = events.next();
  abort.abort();
  expect(await next).toEqual({ done: true, value: undefined });
  const late = v1MemoryEvents(group, 'memory.oom_control', '', abort.signal);
  expect(await late.next()).toEqual({ done: true, value: undefined });
});

it('counts kills of v2, and ends when the last process has', async () => {
  const group = fakeGroup({ 'memory.events': 'oom_kill 3\n', 'cgroup.events': 'populated 1\nfrozen 0\n' });
  const events = v2OomEvents(group, undefined);
  writeFileSync(`${group.path}/memory.events`, 'oom_kill 5\n');
  expect(await events.next()).toEqual({ done: false, value: { count: 2n } });
  writeFileSync(`${group.path}/memory.events`, 'oom_kill 6\n');
  writeFileSync(`${group.path}/cgroup.events`, 'populated 0\nfrozen 0\n');
  expect(await events.next()).toEqual({ done: false, value: { count: 1n } });
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

it('keeps what a slow reader has not taken as one event', async () => {
  let closed = 0;
  const queue = new MergingQueue<{ readonly count: bigint }>(addCounts, () => {
    closed += 1;
  });
  for (let n = 0; n < 1000; n += 1) queue.push({ count: 1n });
  expect(await queue.next()).toEqual({ done: false, value: { count: 1000n } });
  const waiting = [queue.next(), queue.next()];
  queue.push({ count: 1n });
  queue.end();
  queue.push({ count: 1n });
  expect(await Promise.all(waiting)).toEqual([
    { done: false, value: { count: 1n } },
    { done: true, value: undefined },
  ]);
  await queue.return();
  expect(closed).toBe(1);
});

it('can be left in the middle', async () => {
  let closed = false;
  const queue = new MergingQueue<{ readonly count: bigint }>(addCounts, () => {
    closed = true;
  });
  queue.push({ count: 1n });
  for await (const { count } of queue) {
    expect(count).toBe(1n);
    break;
  }
  expect(closed).toBe(true);
});
