import { describe, expect, it } from 'vitest';
import { CAPABILITIES, capabilitySets, isCapability, normaliseCapability } from './capability.ts';

describe('capabilities', () => {
  it('are numbered as in linux/capability.h', () => {
    expect(CAPABILITIES).toHaveLength(41);
    expect(CAPABILITIES.indexOf('CAP_SYS_ADMIN')).toBe(21);
    expect(CAPABILITIES.indexOf('CAP_SETFCAP')).toBe(31);
    expect(CAPABILITIES.indexOf('CAP_CHECKPOINT_RESTORE')).toBe(40);
  });

  it.each(['chown', 'CHOWN', 'cap_chown', 'CAP_CHOWN', 'Cap_Chown'])('%s is CAP_CHOWN', (name) => {
    expect(normaliseCapability(name)).toBe('CAP_CHOWN');
  });

  it('knows its names only', () => {
    expect(isCapability('CAP_KILL')).toBe(true);
    expect(isCapability('CAP_TOSTRING')).toBe(false);
  });

  it('puts a list in bounding, effective and permitted, never in inheritable', () => {
    const kept = ['CAP_KILL', 'CAP_CHOWN'];
    expect(capabilitySets(['kill', 'CHOWN', 'CAP_KILL'])).toEqual({
      bounding: kept,
      effective: kept,
      permitted: kept,
      inheritable: [],
      ambient: [],
    });
  });

  it('keeps nothing when nothing is said', () => {
    const none = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] };
    expect(capabilitySets(undefined)).toEqual(none);
    expect(capabilitySets({})).toEqual(none);
    expect(capabilitySets({ ambient: ['kill'] })).toEqual({ ...none, ambient: ['CAP_KILL'] });
  });
});
