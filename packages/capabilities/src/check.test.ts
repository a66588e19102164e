import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capabilityProblems } from './check.ts';
import { allCapabilities, capabilityMask } from './mask.ts';
import { type CapabilitySets, keepOnly, noCapabilities } from './sets.ts';

const chown = capabilityMask(['CAP_CHOWN']);
const kill = capabilityMask(['CAP_KILL']);
const kernel = { lastCapability: 40 };

function messages(sets: Partial<CapabilitySets>, current?: CapabilitySets): readonly string[] {
  const options = current ? { ...kernel, current } : kernel;
  return capabilityProblems({ ...noCapabilities, ...sets }, options).map(({ message }) => message);
}

describe('capabilityProblems', () => {
  it('finds none in what keepOnly gives', () => {
    expect(capabilityProblems(keepOnly(['CAP_CHOWN', 'CAP_KILL']), kernel)).toEqual([]);
  });

  it('wants effective within permitted', () => {
    expect(messages({ effective: chown | kill, permitted: kill })).toEqual([
      'effective: CAP_CHOWN not permitted: add it to the permitted set',
    ]);
  });

  it('wants ambient within permitted and inheritable', () => {
    const sets = { bounding: chown | kill, permitted: chown, inheritable: kill, ambient: chown | kill };
    expect(messages(sets)).toEqual([
      'ambient: CAP_KILL not permitted: add it to the permitted set',
      'ambient: CAP_CHOWN not inheritable: add it to the inheritable set',
    ]);
    expect(messages({ bounding: chown, permitted: chown, inheritable: chown, ambient: chown })).toEqual([]);
  });

  it('wants inheritable within bounding, but for what the thread inherited already', () => {
    expect(messages({ inheritable: chown })).toEqual([
      'inheritable: CAP_CHOWN not in the bounding set: add it there, or it cannot become inheritable',
    ]);
    expect(messages({ inheritable: chown }, { ...noCapabilities, inheritable: chown })).toEqual([]);
  });

  it('wants no gain over what the thread has', () => {
    expect(messages({ bounding: kill, permitted: chown }, noCapabilities)).toEqual([
      'bounding: CAP_KILL not in the bounding set of the thread: it cannot come back',
      'permitted: CAP_CHOWN not permitted to the thread: it cannot be gained',
    ]);
  });

  it('reports what the kernel does not know yet, in every set', () => {
    const sets = keepOnly(['CAP_CHOWN', 'CAP_BPF', 'CAP_CHECKPOINT_RESTORE']);
    const problems = capabilityProblems(sets, { lastCapability: 37 });
    expect(problems.map(({ rule, set }) => [rule, set])).toEqual([
      ['unsupported', 'bounding'],
      ['unsupported', 'effective'],
      ['unsupported', 'permitted'],
    ]);
    expect(problems[0]?.message).toBe(
      'bounding: CAP_BPF, CAP_CHECKPOINT_RESTORE not supported by this kernel, whose last capability is CAP_AUDIT_READ',
    );
  });

  it('finds nothing in the sets that a thread already has, whatever they are', () => {
    const mask = fc.bigInt({ min: 0n, max: allCapabilities(40) });
    fc.assert(
      fc.property(mask, mask, mask, mask, mask, (bounding, permitted, some, inheritable, others) => {
        const sets = {
          bounding,
          permitted,
          effective: permitted & some,
          inheritable,
          ambient: permitted & inheritable & others,
        };
        expect(capabilityProblems(sets, { ...kernel, current: sets })).toEqual([]);
      }),
    );
  });
});
