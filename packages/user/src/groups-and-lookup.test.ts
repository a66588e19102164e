import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  currentGroup,
  currentUser,
  getAdditionalGroups,
  getAdditionalGroupsPath,
  getGroup,
  getGroupPath,
  getPasswd,
  getPasswdPath,
  lookupGid,
  lookupGroup,
  lookupUid,
  lookupUser,
  parseGroupFile,
  parsePasswdFile,
} from './index.ts';

const group = `
root:x:0:root
adm:x:43:
grp:x:1234:root,adm
adm:x:4343:root,adm-duplicate
this is just some garbage data
`;
const directory = mkdtempSync(join(tmpdir(), 'user-'));
const groupPath = join(directory, 'group');
const passwdPath = join(directory, 'passwd');
const code = (value: string) => expect.objectContaining({ name: 'UserError', code: value });

beforeAll(() => {
  writeFileSync(groupPath, group);
  writeFileSync(passwdPath, 'garbage\nadm:x:42:43:::\nadm:x:7:7:::\n');
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('getAdditionalGroupsPath', () => {
  it.each([
    [[], []],
    [['adm'], [43]],
    [
      ['adm', 'grp'],
      [43, 1234],
    ],
    [
      ['grp', 'adm', '10'],
      [1234, 43, 10],
    ],
    [['43'], [43]],
    [
      ['adm', '10001'],
      [43, 10001],
    ],
    [['adm', '43', 'adm'], [43]],
    [['0'], [0]],
  ])('turns %j into %j', (groups, expected) => {
    expect(getAdditionalGroupsPath(groups, groupPath)).toEqual(expected);
  });

  it.each([
    [['adm', 'grp', 'not-exist'], 'ERR_USER_UNKNOWN_GROUP'],
    [['this is just some garbage data'], 'ERR_USER_UNKNOWN_GROUP'],
    [[''], 'ERR_USER_UNKNOWN_GROUP'],
    [['-1'], 'ERR_USER_RANGE'],
    [['2147483648'], 'ERR_USER_RANGE'],
  ])('refuses %j with %s', (groups, expected) => {
    expect(() => getAdditionalGroupsPath(groups, groupPath)).toThrow(code(expected));
  });

  it('needs its file', () => {
    const path = join(directory, 'none');
    expect(() => getAdditionalGroupsPath([], path)).toThrow(code('ERR_USER_READ'));
    expect(() => getAdditionalGroupsPath([], path)).toThrow(path);
  });
});

describe('getAdditionalGroups', () => {
  it('takes only ids without a text', () => {
    expect(getAdditionalGroups(['5', '3'], undefined)).toEqual([5, 3]);
    expect(() => getAdditionalGroups(['adm'], undefined)).toThrow(code('ERR_USER_UNKNOWN_GROUP'));
  });

  it('keeps the order of the input and gives each id once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30 })), (ids) => {
        const names = ids.map((id) => (id % 2 === 0 ? String(id) : `g${id}`));
        const text = Array.from({ length: 31 }, (_, id) => `g${id}:x:${id}:\n`).join('');
        expect(getAdditionalGroups(names, text)).toEqual(ids.filter((id, at) => ids.indexOf(id) === at));
      }),
    );
  });
});

describe('lookups', () => {
  it('take the first complete entry of a file', () => {
    expect(lookupUser('adm', passwdPath).uid).toBe(42);
    expect(lookupUid(7, passwdPath).name).toBe('adm');
    expect(lookupGroup('adm', groupPath).gid).toBe(43);
    expect(lookupGid(4343, groupPath).members).toEqual(['root', 'adm-duplicate']);
  });

  it('say what does not match', () => {
    expect(() => lookupUser('garbage', passwdPath)).toThrow(code('ERR_USER_NOT_FOUND'));
    expect(() => lookupUid(0, passwdPath)).toThrow(`no matching entry in passwd file ${passwdPath}: user id 0`);
    expect(() => lookupGroup('none', groupPath)).toThrow(code('ERR_USER_NOT_FOUND'));
    expect(() => lookupGid(1, groupPath)).toThrow(`no matching entry in group file ${groupPath}: group id 1`);
    expect(() => lookupUid(0, directory)).toThrow(code('ERR_USER_READ'));
  });

  it('know the process and the system files', () => {
    const name = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((line) => line.split(':')[2] === '0')!
      .split(':')[0];
    const uid = vi.spyOn(process, 'getuid').mockReturnValue(0);
    const gid = vi.spyOn(process, 'getgid').mockReturnValue(0);
    try {
      expect(currentUser()).toMatchObject({ name, uid: 0 });
      expect(currentGroup().gid).toBe(0);
    } finally {
      uid.mockRestore();
      gid.mockRestore();
    }
    expect(getPasswd()).toBe(readFileSync(getPasswdPath(), 'utf8'));
    expect(getGroup()).toBe(readFileSync(getGroupPath(), 'utf8'));
  });
});

describe('file forms', () => {
  it('parse and filter', () => {
    expect(parsePasswdFile(passwdPath)).toHaveLength(3);
    expect(parsePasswdFile(passwdPath, ({ uid }) => uid === 7)).toHaveLength(1);
    expect(parseGroupFile(groupPath)).toHaveLength(5);
    expect(parseGroupFile(groupPath, ({ name }) => name === 'adm')).toHaveLength(2);
    expect(() => parseGroupFile(directory)).toThrow(code('ERR_USER_READ'));
  });
});
