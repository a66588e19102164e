import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CapabilityError } from './error.ts';
import { capabilityMask } from './mask.ts';
import { keepOnly, parseCapabilitySets } from './sets.ts';
import { parseProcStatus } from './status.ts';
import { getThreadCapabilities, setThreadCapabilities } from './thread.ts';

// Vitest runs each file in a process of its own, and the steps below are for its main thread alone. They only ever
// go down, so they are in one order.
const before = getThreadCapabilities();
const threads = (): readonly string[] => readdirSync('/proc/self/task');
const capabilitiesOf = (thread: string) => parseProcStatus(readFileSync(`/proc/self/task/${thread}/status`, 'utf8'));

it('starts with the capabilities that the steps need', () => {
  const needed = capabilityMask(['chown', 'kill', 'setpcap', 'sys_admin', 'net_raw', 'bpf', 'checkpoint_restore']);
  for (const set of [before.bounding, before.permitted, before.effective]) expect(set & needed).toBe(needed);
});

it('raises inheritable and ambient, and takes them back', () => {
  const ambient = ['CAP_KILL', 'CAP_CHECKPOINT_RESTORE'];
  const sets = { ...before, inheritable: capabilityMask([...ambient, 'CAP_CHOWN']), ambient: capabilityMask(ambient) };
  setThreadCapabilities(sets);
  expect(getThreadCapabilities()).toEqual(sets);
  setThreadCapabilities({ ...before, inheritable: 0n, ambient: 0n });
  expect(getThreadCapabilities()).toEqual({ ...before, inheritable: 0n, ambient: 0n });
});

it('sets five different sets', () => {
  const sets = parseCapabilitySets({
    bounding: ['chown', 'kill', 'setpcap', 'sys_admin', 'bpf'],
    permitted: ['chown', 'kill', 'setpcap', 'net_raw'],
    effective: ['setpcap', 'net_raw'],
    inheritable: ['chown', 'bpf'],
    ambient: ['chown'],
  });
  setThreadCapabilities(sets);
  expect(getThreadCapabilities()).toEqual(sets);
});

it('leaves the other threads of the process alone', () => {
  const others = threads().filter((thread) => thread !== String(process.pid));
  expect(others.length).toBeGreaterThan(0);
  for (const thread of others) expect(capabilitiesOf(thread)).toEqual(before);
});

it('refuses what was given up', () => {
  const now = getThreadCapabilities();
  expect(() => setThreadCapabilities(keepOnly(['CAP_CHOWN', 'CAP_SYS_TIME']))).toThrow(CapabilityError);
  expect(() => setThreadCapabilities(before)).toThrow(/bounding set of the thread: it cannot come back/);
  expect(getThreadCapabilities()).toEqual(now);
});

it('keeps only a list', () => {
  setThreadCapabilities(keepOnly(['CAP_CHOWN', 'CAP_KILL']));
  expect(getThreadCapabilities()).toEqual(keepOnly(['CAP_CHOWN', 'CAP_KILL']));
});

it('says which step the kernel refused', () => {
  // CAP_SETPCAP is gone by now, so nothing can leave the bounding set.
  expect(() => setThreadCapabilities(keepOnly(['CAP_KILL']))).toThrow(
    'capabilities: drop CAP_CHOWN from the bounding set: prctl(PR_CAPBSET_DROP, 0, 0, 0, 0): EPERM (operation not permitted)',
  );
});
