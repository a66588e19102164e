import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandCandidates, processEnvironment } from './environment.ts';

describe('processEnvironment', () => {
  it('keeps the last value of a name, and its first place', () => {
    expect(processEnvironment(['A=1', 'B=2', 'A=3=4'], '/home')).toEqual(['A=3=4', 'B=2', 'HOME=/home']);
  });

  it('gives HOME where there is none or an empty one', () => {
    expect(processEnvironment(['HOME='], '/home')).toEqual(['HOME=/home']);
    expect(processEnvironment(['HOME=/mine'], '/home')).toEqual(['HOME=/mine']);
  });

  it('has each name once, whatever it was given', () => {
    const name = fc.stringMatching(/^[A-Z]{1,2}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), (entries) => {
        const result = processEnvironment(
          entries.map(([key, value]) => `${key}=${value}`),
          '/',
        );
        const names = result.map((entry) => entry.slice(0, entry.indexOf('=')));
        expect(new Set(names).size).toBe(names.length);
        for (const [key, value] of new Map(entries)) expect(result).toContain(`${key}=${value}`);
      }),
    );
  });
});

describe('commandCandidates', () => {
  it('is the path itself when the name holds a slash', () => {
    expect(commandCandidates('./x', ['PATH=/bin'])).toEqual(['./x']);
  });

  it('is one file in each directory of PATH, an empty one being the current', () => {
    expect(commandCandidates('x', ['PATH=/a::/b:'])).toEqual(['/a/x', './x', '/b/x', './x']);
  });

  it('is nothing without a PATH', () => {
    expect(commandCandidates('x', [])).toEqual([]);
    expect(commandCandidates('x', ['PATH='])).toEqual([]);
  });
});
