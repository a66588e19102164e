import { layoutOf, ProgramBuilder } from '@nsinit/syscall';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileAmbient, compileBounding, compileCapabilities, compileKeepCaps, compileSets } from './compile.ts';
import { CapabilityError } from './error.ts';
import { allCapabilities, capabilityMask } from './mask.ts';
import { keepOnly, noCapabilities, parseCapabilitySets } from './sets.ts';

const kernel = { lastCapability: 40 };

function printed(write: (builder: ProgramBuilder) => void): readonly (readonly [string, string | undefined])[] {
  const builder = new ProgramBuilder('x64');
  write(builder);
  const steps = builder.build().print();
  for (const step of steps) expect(step.field).toBe('capabilities');
  return steps.map(({ text, what }) => [text, what]);
}

describe('compileBounding', () => {
  it('drops each capability of the kernel that is not kept', () => {
    const kept = allCapabilities(40) & ~capabilityMask(['CAP_SYS_ADMIN', 'CAP_CHECKPOINT_RESTORE']);
    expect(printed((b) => compileBounding(b, kept, kernel))).toEqual([
      ['prctl(PR_CAPBSET_DROP, 21, 0, 0, 0)', 'drop CAP_SYS_ADMIN from the bounding set'],
      ['prctl(PR_CAPBSET_DROP, 40, 0, 0, 0)', 'drop CAP_CHECKPOINT_RESTORE from the bounding set'],
    ]);
  });

  it('drops capabilities of newer kernels, and none that older kernels lack', () => {
    expect(printed((b) => compileBounding(b, allCapabilities(40), { lastCapability: 41 }))).toEqual([
      ['prctl(PR_CAPBSET_DROP, 41, 0, 0, 0)', 'drop CAP_41 from the bounding set'],
    ]);
    expect(printed((b) => compileBounding(b, 0n, { lastCapability: 37 }))).toHaveLength(38);
  });

  it('leaves alone what the thread does not have', () => {
    const current = keepOnly(['CAP_CHOWN', 'CAP_KILL']);
    expect(printed((b) => compileBounding(b, 1n, { ...kernel, current }))).toEqual([
      ['prctl(PR_CAPBSET_DROP, 5, 0, 0, 0)', 'drop CAP_KILL from the bounding set'],
    ]);
  });
});

describe('compileKeepCaps', () => {
  it('turns it on and off', () => {
    expect(printed((b) => compileKeepCaps(b, true))).toEqual([
      ['prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)', 'keep permitted capabilities while the user changes'],
    ]);
    expect(printed((b) => compileKeepCaps(b, false))[0]?.[0]).toBe('prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0)');
  });
});

describe('compileSets', () => {
  it('says what is permitted, effective and inheritable', () => {
    const what = (sets: Parameters<typeof parseCapabilitySets>[0]): string | undefined =>
      printed((b) => compileSets(b, parseCapabilitySets(sets)))[0]?.[1];
    expect(what({})).toBe('permit none, all effective');
    expect(what({ permitted: ['chown', 'kill'], effective: ['chown', 'kill'] })).toBe(
      'permit CAP_CHOWN CAP_KILL, all effective',
    );
    expect(what({ permitted: ['chown'], inheritable: ['kill'] })).toBe(
      'permit CAP_CHOWN, effective none, inheritable CAP_KILL',
    );
  });

  it('writes header version 3 and both data words of each set', () => {
    const mask = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(mask, mask, mask, (effective, permitted, inheritable) => {
        const builder = new ProgramBuilder('x64');
        compileSets(builder, { effective, permitted, inheritable });
        const { data } = builder.build();
        const bytes = new Uint8Array(data.size);
        data.encode(bytes, 0n);
        const words = [...new Uint32Array(bytes.buffer)].map(BigInt);
        // The header's two words, then linux/capability.h: struct __user_cap_data_struct, low words first.
        expect(words.slice(0, 2)).toEqual([0x20080522n, 0n]);
        const [effectiveLow, permittedLow, inheritableLow, effectiveHigh, permittedHigh, inheritableHigh] =
          words.slice(2);
        expect(effectiveLow! | (effectiveHigh! << 32n)).toBe(effective);
        expect(permittedLow! | (permittedHigh! << 32n)).toBe(permitted);
        expect(inheritableLow! | (inheritableHigh! << 32n)).toBe(inheritable);
        expect(words).toHaveLength(2 + layoutOf('cap_data').size / 4);
      }),
    );
  });
});

describe('compileAmbient', () => {
  it('clears the set, then raises each capability', () => {
    expect(printed((b) => compileAmbient(b, capabilityMask(['kill', 'CAP_CHECKPOINT_RESTORE'])))).toEqual([
      ['prctl(PR_CAP_AMBIENT, 4, 0, 0, 0)', 'clear the ambient set'],
      ['prctl(PR_CAP_AMBIENT, 2, 5, 0, 0)', 'raise CAP_KILL in the ambient set'],
      ['prctl(PR_CAP_AMBIENT, 2, 40, 0, 0)', 'raise CAP_CHECKPOINT_RESTORE in the ambient set'],
    ]);
  });
});

describe('compileCapabilities', () => {
  it('writes the steps in the order that the kernel demands', () => {
    const sets = { ...noCapabilities, bounding: allCapabilities(40) & ~1n };
    expect(printed((b) => compileCapabilities(b, sets, kernel)).map(([text]) => text.replace(/, .*/, ''))).toEqual([
      'prctl(PR_CAPBSET_DROP',
      'capset({version=537396514}',
      'prctl(PR_CAP_AMBIENT',
    ]);
  });

  it('refuses what the kernel would refuse and writes nothing', () => {
    const builder = new ProgramBuilder('x64');
    const sets = parseCapabilitySets({ effective: ['CAP_CHOWN'] });
    expect(() => compileCapabilities(builder, sets, kernel)).toThrow(CapabilityError);
    expect(builder).toHaveLength(0);
  });
});
