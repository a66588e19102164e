import { invoke } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { CapabilityError } from './error.ts';
import { allCapabilities } from './mask.ts';
import { getThreadCapabilities, setThreadCapabilities } from './thread.ts';

describe('getThreadCapabilities', () => {
  it('agrees with capget(2)', () => {
    const data = new Uint32Array(6);
    invoke('capget', { hdrp: { version: 0x20080522 }, datap: new Uint8Array(data.buffer) });
    const word = (index: number): bigint => BigInt(data[index]!) | (BigInt(data[index + 3]!) << 32n);
    const { effective, permitted, inheritable } = getThreadCapabilities();
    expect({ effective, permitted, inheritable }).toEqual({
      effective: word(0),
      permitted: word(1),
      inheritable: word(2),
    });
  });
});

describe('setThreadCapabilities', () => {
  it('takes what the thread has', () => {
    const before = getThreadCapabilities();
    setThreadCapabilities(before);
    expect(getThreadCapabilities()).toEqual(before);
  });

  it('refuses a capability that no kernel has, and changes nothing', () => {
    const before = getThreadCapabilities();
    const sets = { ...before, permitted: allCapabilities(63) };
    expect(() => setThreadCapabilities(sets)).toThrow(CapabilityError);
    expect(getThreadCapabilities()).toEqual(before);
  });
});
