import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type ExecUser, getExecUser, getExecUserPath, MAX_ID, UserError } from './index.ts';

const passwd = `
root:x:0:0:root user:/root:/bin/bash
adm:x:42:43:adm:/var/adm:/bin/false
this is just some garbage data
`;
const group = `
root:x:0:root
adm:x:43:
grp:x:1234:root,adm
this is just some garbage data
`;
const defaults = { uid: 8888, gid: 8888, sgids: [8888], home: '/8888' };
const root = { uid: 0, gid: 0, home: '/root', name: 'root', shell: '/bin/bash' };
const adm = { uid: 42, gid: 43, home: '/var/adm', name: 'adm', shell: '/bin/false' };

describe('getExecUser', () => {
  it.each<[string, ExecUser]>([
    ['root', { ...root, sgids: [0, 1234] }],
    ['adm', { ...adm, sgids: [1234] }],
    ['42', { ...adm, sgids: [1234] }],
    ['adm:', { ...adm, sgids: [1234] }],
    ['root:adm', { ...root, gid: 43, sgids: [8888] }],
    ['adm:1234', { ...adm, gid: 1234, sgids: [8888] }],
    ['42:1234', { ...adm, gid: 1234, sgids: [8888] }],
    ['1337:1234', { ...defaults, uid: 1337, gid: 1234 }],
    ['1337:adm', { ...defaults, uid: 1337, gid: 43 }],
    ['1337', { ...defaults, uid: 1337 }],
    [`${MAX_ID}:${MAX_ID}`, { ...defaults, uid: MAX_ID, gid: MAX_ID }],
    ['', defaults],
    [':adm', { ...defaults, gid: 43 }],
  ])('understands %j', (spec, expected) => {
    expect(getExecUser(spec, { passwd, group }, defaults)).toEqual(expected);
  });

  it.each([
    ['notuser', 'ERR_USER_UNKNOWN_USER'],
    ['notuser:notgroup', 'ERR_USER_UNKNOWN_USER'],
    ['root:notgroup', 'ERR_USER_UNKNOWN_GROUP'],
    ['notuser:adm', 'ERR_USER_UNKNOWN_USER'],
    ['8888:notgroup', 'ERR_USER_UNKNOWN_GROUP'],
    ['notuser:8888', 'ERR_USER_UNKNOWN_USER'],
    ['-1:0', 'ERR_USER_RANGE'],
    ['0:-3', 'ERR_USER_RANGE'],
    ['-5:-2', 'ERR_USER_RANGE'],
    ['-0', 'ERR_USER_RANGE'],
    ['2147483648', 'ERR_USER_RANGE'],
    ['0:2147483648', 'ERR_USER_RANGE'],
    ['99999999999999999999', 'ERR_USER_RANGE'],
    ['1000:x', 'ERR_USER_UNKNOWN_GROUP'],
    ['1000 ', 'ERR_USER_UNKNOWN_USER'],
    ['+0', 'ERR_USER_UNKNOWN_USER'],
    ['0x0', 'ERR_USER_UNKNOWN_USER'],
    ['1e3', 'ERR_USER_UNKNOWN_USER'],
    ['root:0:0', 'ERR_USER_SPEC'],
    ['this is just some garbage data', 'ERR_USER_UNKNOWN_USER'],
    ['root:this is just some garbage data', 'ERR_USER_UNKNOWN_GROUP'],
  ])('refuses %j with %s', (spec, code) => {
    expect(() => getExecUser(spec, { passwd, group }, defaults)).toThrow(
      expect.objectContaining({ name: 'UserError', code }),
    );
  });

  it.each<[string, { passwd?: string }, ExecUser]>([
    ['', {}, defaults],
    ['root', { passwd }, { ...root, sgids: [8888] }],
    ['0', {}, { ...defaults, uid: 0 }],
    ['0:0', {}, { ...defaults, uid: 0, gid: 0 }],
  ])('understands %j without some sources', (spec, sources, expected) => {
    expect(getExecUser(spec, sources, defaults)).toEqual(expected);
  });

  it('needs no defaults', () => {
    expect(getExecUser('', {})).toEqual({ uid: 0, gid: 0, sgids: [], home: '/' });
    expect(getExecUser('7', {}, { gid: 9, home: undefined })).toEqual({ uid: 7, gid: 9, sgids: [], home: '/' });
    expect(() => getExecUser('', {}, { uid: -1 })).toThrow(UserError);
    expect(() => getExecUser('7', {}, { sgids: [MAX_ID + 1] })).toThrow(UserError);
  });

  it('takes the empty user for the default user id', () => {
    expect(getExecUser('', { passwd, group }, { ...defaults, uid: 42 })).toEqual({ ...adm, sgids: [1234] });
  });

  it('never takes a garbage line for user 0 or group 0', () => {
    const sources = {
      passwd: `garbage\nnobody:x::\nhalf:x:0\n:x:0:0::/evil:\n${passwd}`,
      group: `garbage\n::0:adm\n${group}`,
    };
    expect(getExecUser('0', sources)).toEqual({ ...root, sgids: [0, 1234] });
    expect(getExecUser('', sources)).toEqual({ ...root, sgids: [0, 1234] });
    expect(getExecUser('adm', sources).sgids).toEqual([1234]);
    for (const spec of ['garbage', 'nobody', 'half', '0:garbage'])
      expect(() => getExecUser(spec, sources)).toThrow(UserError);
  });

  it('never takes digits for a name', () => {
    const sources = { passwd: '1000:x:0:0:sly:/root:/bin/sh\n', group: '1000:x:0:\n' };
    expect(getExecUser('1000:1000', sources)).toEqual({ uid: 1000, gid: 1000, sgids: [], home: '/' });
  });

  it('takes the first of several entries and gives each group once', () => {
    const sources = { passwd: `${passwd}adm:x:7:7:::\n`, group: `${group}again:x:1234:adm\ngrp:x:99:adm\n` };
    expect(getExecUser('adm', sources)).toEqual({ ...adm, sgids: [1234, 99] });
    expect(getExecUser('adm:grp', sources).gid).toBe(1234);
  });

  it('refuses an entry with an id that no process can get', () => {
    const sources = { passwd: 'big:x:4294967294:1::/:\nsmall:x:1:1::/:', group: 'big:x:4294967294:small\n' };
    for (const spec of ['big', 'small', '1:big'])
      expect(() => getExecUser(spec, sources)).toThrow(expect.objectContaining({ code: 'ERR_USER_RANGE' }));
  });

  it('gives the default home to an entry without one', () => {
    expect(getExecUser('a', { passwd: 'a:x:1:1' }, defaults)).toEqual({ ...defaults, uid: 1, gid: 1, name: 'a' });
  });

  it('never makes user 0 of a text that names nobody, whatever the files hold', () => {
    const field = fc.constantFrom(
      '',
      'x',
      'a',
      'root',
      '0',
      '00',
      '-0',
      '-1',
      ' ',
      '1000',
      '4294967296',
      'garbage',
      '#',
    );
    const line = fc.array(field, { maxLength: 8 }).map((fields) => fields.join(':'));
    const text = fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n'));
    const spec = fc.oneof(
      fc.tuple(field, field).map((parts) => parts.join(':')),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(spec, text, text, (wanted, passwdText, groupText) => {
        let user: ExecUser;
        try {
          user = getExecUser(wanted, { passwd: passwdText, group: groupText }, defaults);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          return;
        }
        for (const id of [user.uid, user.gid, ...user.sgids])
          expect(Number.isInteger(id) && id >= 0 && id <= MAX_ID).toBe(true);
        if (user.uid !== 0) return;
        const name = wanted.split(':')[0]!;
        const entry = passwdText.split('\n').map((one) => one.trim().split(':'));
        const isZero = (digits?: string) => digits !== undefined && /^0+$/.test(digits);
        expect(isZero(name) || entry.some((fields) => name !== '' && fields[0] === name && isZero(fields[2]))).toBe(
          true,
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('getExecUserPath', () => {
  const directory = mkdtempSync(join(tmpdir(), 'user-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('reads files, and takes one that it cannot read for absent', () => {
    const paths = { passwd: join(directory, 'passwd'), group: join(directory, 'group') };
    writeFileSync(paths.passwd, passwd);
    expect(getExecUserPath('root', paths, defaults)).toEqual({ ...root, sgids: [8888] });
    writeFileSync(paths.group, group);
    expect(getExecUserPath('root', paths, defaults)).toEqual({ ...root, sgids: [0, 1234] });
    expect(getExecUserPath('0', { passwd: directory }, defaults)).toEqual({ ...defaults, uid: 0 });
    expect(() => getExecUserPath('root', {}, defaults)).toThrow(UserError);
  });
});
