import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkId } from './id.ts';

it('takes letters, digits and underscores, up to 1024', () => {
  fc.assert(fc.property(fc.stringMatching(/^[A-Za-z0-9_]{1,1024}$/), (id) => checkId(id)));
});

it('refuses everything else, above all what could leave the directory', () => {
  for (const id of ['', '.', '..', 'a/b', 'a\n', '\na', 'a-b', 'x'.repeat(1025), '\u0661'])
    expect(() => checkId(id)).toThrow(expect.objectContaining({ code: 'InvalidIdFormat' }));
});
