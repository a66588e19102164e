import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CapabilityError } from './error.ts';
import { capabilityNames } from './names.ts';
import { parseCapability } from './parse.ts';

function problemOf(name: string): unknown {
  try {
    return parseCapability(name);
  } catch (error) {
    expect(error).toBeInstanceOf(CapabilityError);
    return (error as CapabilityError).problems[0];
  }
}

describe('parseCapability', () => {
  it('takes every capability in any case, with or without CAP_', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...capabilityNames),
        fc.boolean(),
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        (name, prefixed, upper) => {
          const written = (prefixed ? name : name.slice(4))
            .split('')
            .map((letter, index) => (upper[index] ? letter : letter.toLowerCase()))
            .join('');
          expect(parseCapability(written)).toBe(name);
        },
      ),
    );
  });

  it('suggests the name that was probably meant', () => {
    expect(problemOf('CAP_SYS_ADMN')).toEqual({
      rule: 'unknown',
      capabilities: ['CAP_SYS_ADMN'],
      message: 'unknown capability "CAP_SYS_ADMN" (did you mean CAP_SYS_ADMIN?)',
      suggestion: 'CAP_SYS_ADMIN',
    });
    expect(problemOf('net_bind_servce')).toMatchObject({ suggestion: 'CAP_NET_BIND_SERVICE' });
    expect(problemOf('checkpoint-restore')).toMatchObject({ suggestion: 'CAP_CHECKPOINT_RESTORE' });
  });

  it('suggests nothing where nothing is near', () => {
    expect(problemOf('everything at all')).toEqual({
      rule: 'unknown',
      capabilities: ['everything at all'],
      message: 'unknown capability "everything at all"',
    });
    expect(problemOf('X'.repeat(100_000))).not.toHaveProperty('suggestion');
  });

  it('takes a known name or throws a CapabilityError, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const result = problemOf(text);
        if (typeof result === 'string') expect(capabilityNames).toContain(result);
        else expect(result).toMatchObject({ rule: 'unknown', capabilities: [text] });
      }),
    );
  });
});
