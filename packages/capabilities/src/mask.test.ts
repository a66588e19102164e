import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CapabilityError } from './error.ts';
import { allCapabilities, capabilityMask, hasCapability, maskNames } from './mask.ts';
import { capabilityNames } from './names.ts';

const names = fc.uniqueArray(fc.constantFrom(...capabilityNames));

describe('capabilityMask', () => {
  it('sets the bit of each number', () => {
    expect(capabilityMask(['chown', 'CAP_SYS_ADMIN', 'CAP_CHECKPOINT_RESTORE'])).toBe(1n | (1n << 21n) | (1n << 40n));
    expect(capabilityMask([])).toBe(0n);
  });

  it('refuses an unknown name', () => {
    expect(() => capabilityMask(['CAP_CHOWN', 'CAP_CHOWM'])).toThrow(CapabilityError);
  });

  it('is undone by maskNames, in the order of the numbers', () => {
    fc.assert(
      fc.property(names, (some) => {
        const sorted = capabilityNames.filter((name) => some.includes(name));
        expect(maskNames(capabilityMask(some))).toEqual(sorted);
      }),
    );
  });

  it('joins as sets do', () => {
    fc.assert(
      fc.property(names, names, (some, others) => {
        const both = capabilityMask(some) | capabilityMask(others);
        expect(both).toBe(capabilityMask([...some, ...others]));
        for (const name of capabilityNames)
          expect(hasCapability(both, name)).toBe(some.includes(name) || others.includes(name));
      }),
    );
  });
});

describe('maskNames', () => {
  it('names a capability that a newer kernel brings by its number', () => {
    expect(maskNames((1n << 41n) | 1n)).toEqual(['CAP_CHOWN', 'CAP_41']);
  });
});

describe('allCapabilities', () => {
  it('reaches to the last', () => {
    expect(maskNames(allCapabilities(40))).toEqual([...capabilityNames]);
    expect(maskNames(allCapabilities(2))).toEqual(['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH']);
  });
});
