import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProcStatus } from './status.ts';

const head = 'Name:\tcat\nUmask:\t0022\nState:\tR (running)\nGroups:\t0 \nSigCgt:\t0000000000000000\n';
const tail = 'NoNewPrivs:\t0\nSeccomp:\t0\nCpus_allowed:\t3\n';

function status(inh: string, prm: string, eff: string, bnd: string, amb: string): string {
  return `${head}CapInh:\t${inh}\nCapPrm:\t${prm}\nCapEff:\t${eff}\nCapBnd:\t${bnd}\nCapAmb:\t${amb}\n${tail}`;
}

describe('parseProcStatus', () => {
  it('reads the five sets', () => {
    const text = status(
      '0000000000000001',
      '000001ffffffffff',
      '0000000000200000',
      '00000000a80425fb',
      '0000000000000020',
    );
    expect(parseProcStatus(text)).toEqual({
      bounding: 0xa80425fbn,
      effective: 1n << 21n,
      permitted: (1n << 41n) - 1n,
      inheritable: 1n,
      ambient: 32n,
    });
  });

  it('refuses a text without one of them', () => {
    const zero = '0'.repeat(16);
    const text = status(zero, zero, zero, zero, zero);
    for (const line of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      expect(() => parseProcStatus(text.replace(line, 'CapOld'))).toThrow(`no line ${line}`);
      expect(() => parseProcStatus(text.replace(`${line}:\t0`, `${line}:\t`))).toThrow(SyntaxError);
    }
  });

  it('reads back what the kernel prints', () => {
    const mask = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const hex = (value: bigint): string => value.toString(16).padStart(16, '0');
    fc.assert(
      fc.property(mask, mask, mask, mask, mask, (inheritable, permitted, effective, bounding, ambient) => {
        const text = status(hex(inheritable), hex(permitted), hex(effective), hex(bounding), hex(ambient));
        expect(parseProcStatus(text)).toEqual({ inheritable, permitted, effective, bounding, ambient });
      }),
    );
  });
});
