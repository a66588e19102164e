import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGroup, isUser, parseGroup, parsePasswd, UserError } from './index.ts';

const emptyUser = { name: '', password: '', uid: undefined, gid: undefined, gecos: '', home: '', shell: '' };

describe('parsePasswd', () => {
  it('reads entries and keeps a garbage line, which is nobody', () => {
    const entries = parsePasswd(`
root:x:0:0:root:/root:/bin/bash
adm:x:3:4:adm:/var/adm:/bin/false
this is just some garbage data
`);
    expect(entries).toEqual([
      { name: 'root', password: 'x', uid: 0, gid: 0, gecos: 'root', home: '/root', shell: '/bin/bash' },
      { name: 'adm', password: 'x', uid: 3, gid: 4, gecos: 'adm', home: '/var/adm', shell: '/bin/false' },
      { ...emptyUser, name: 'this is just some garbage data' },
    ]);
    expect(entries.map(isUser)).toEqual([true, true, false]);
  });

  it.each([
    ['no line', '', []],
    ['a name alone', 'a', [{ ...emptyUser, name: 'a' }]],
    ['two fields', 'bad boys:corny cows', [{ ...emptyUser, name: 'bad boys', password: 'corny cows' }]],
    ['colons alone, more than there are fields', '::::::::::', [emptyUser]],
    ['ids that are no numbers', 'b:x:not a number:0x0', [{ ...emptyUser, name: 'b', password: 'x' }]],
    ['ids with a sign', 'b:x:-1:+5', [{ ...emptyUser, name: 'b', password: 'x' }]],
    ['an id and too few fields', 'b:x:12', [{ ...emptyUser, name: 'b', password: 'x', uid: 12 }]],
    [
      'surplus fields',
      'b:x:1:2:g:h:s:more',
      [{ name: 'b', password: 'x', uid: 1, gid: 2, gecos: 'g', home: 'h', shell: 's' }],
    ],
    [
      'white space around a line',
      ' \t b:x:1:2:g:h:s\r',
      [{ name: 'b', password: 'x', uid: 1, gid: 2, gecos: 'g', home: 'h', shell: 's' }],
    ],
    ['blank lines and comments', '\n  \n# root:x:0:0\n', []],
    ['an NIS inclusion', '+::::::', [{ ...emptyUser, name: '+' }]],
  ])('is tolerant: %s', (_, text, expected) => {
    expect(parsePasswd(text)).toEqual(expected);
  });

  it('reads ids up to the greatest uid_t', () => {
    expect(parsePasswd('a:x:4294967294:4294967295\n')[0]).toMatchObject({ uid: 4294967294, gid: undefined });
  });

  it('filters', () => {
    expect(parsePasswd('a:x:1:1\nb:x:2:2\n', ({ uid }) => uid === 2).map(({ name }) => name)).toEqual(['b']);
  });

  it('refuses no text at all', () => {
    expect(() => parsePasswd(undefined)).toThrow(expect.objectContaining({ code: 'ERR_USER_NO_SOURCE' }));
  });
});

describe('parseGroup', () => {
  it('reads entries and keeps a garbage line, which is no group', () => {
    const entries = parseGroup(`
root:x:0:root
adm:x:4:root,adm,daemon
this is just some garbage data
`);
    expect(entries).toEqual([
      { name: 'root', password: 'x', gid: 0, members: ['root'] },
      { name: 'adm', password: 'x', gid: 4, members: ['root', 'adm', 'daemon'] },
      { name: 'this is just some garbage data', password: '', gid: undefined, members: [] },
    ]);
    expect(entries.map(isGroup)).toEqual([true, true, false]);
  });

  it('filters, and refuses no text at all', () => {
    expect(parseGroup('a:x:1:\nb:x:2:\n', ({ gid }) => gid === 2).map(({ name }) => name)).toEqual(['b']);
    expect(() => parseGroup(undefined)).toThrow(UserError);
  });

  it('reads back what was written', () => {
    const word = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,8}$/);
    const group = fc.record({
      name: word,
      password: fc.constantFrom('', 'x', '!'),
      gid: fc.nat(),
      members: fc.array(word),
    });
    fc.assert(
      fc.property(fc.array(group), (groups) => {
        const text = groups.map((g) => `${g.name}:${g.password}:${g.gid}:${g.members.join(',')}\n`).join('');
        expect(parseGroup(text)).toEqual(groups);
      }),
    );
  });
});
