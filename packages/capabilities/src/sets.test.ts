import { describe, expect, it } from 'vitest';
import { CapabilityError } from './error.ts';
import { capabilityMask } from './mask.ts';
import { keepOnly, noCapabilities, parseCapabilitySets } from './sets.ts';

function problemsOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    expect(error).toBeInstanceOf(CapabilityError);
    return (error as CapabilityError).problems.map(({ message }) => message);
  }
}

describe('keepOnly', () => {
  it('fills the bounding, permitted and effective set and leaves inheritable and ambient empty', () => {
    const kept = capabilityMask(['CAP_CHOWN', 'CAP_KILL']);
    expect(keepOnly(['chown', 'KILL', 'CAP_KILL'])).toEqual({
      bounding: kept,
      effective: kept,
      permitted: kept,
      inheritable: 0n,
      ambient: 0n,
    });
    expect(keepOnly([])).toEqual(noCapabilities);
  });

  it('tells all unknown names at once', () => {
    expect(problemsOf(() => keepOnly(['CAP_CHOWN', 'CAP_FOWNR', 'sys_chrot']))).toEqual([
      'unknown capability "CAP_FOWNR" (did you mean CAP_FOWNER?)',
      'unknown capability "sys_chrot" (did you mean CAP_SYS_CHROOT?)',
    ]);
  });
});

describe('parseCapabilitySets', () => {
  it('takes each set by itself, and those left out as empty', () => {
    expect(parseCapabilitySets({ bounding: ['CAP_KILL', 'CAP_CHOWN'], ambient: ['chown'] })).toEqual({
      ...noCapabilities,
      bounding: capabilityMask(['CAP_KILL', 'CAP_CHOWN']),
      ambient: 1n,
    });
  });

  it('names the set of an unknown name', () => {
    expect(problemsOf(() => parseCapabilitySets({ effective: ['CAP_KIL'], ambient: ['all'] }))).toEqual([
      'effective: unknown capability "CAP_KIL" (did you mean CAP_KILL?)',
      'ambient: unknown capability "all"',
    ]);
  });
});
