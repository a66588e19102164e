import { describe, expect, it } from 'vitest';
import { compareVersions, formatVersion, minimumVersion, parseVersion } from './version.ts';

describe('parseVersion', () => {
  it.each([
    ['Version: 3.17.1\n', { major: 3, minor: 17, sublevel: 1 }],
    ['Version: 4.1\n', { major: 4, minor: 1, sublevel: 0 }],
    ['4.1', { major: 4, minor: 1, sublevel: 0 }],
    ['  4.2.1  \n', { major: 4, minor: 2, sublevel: 1 }],
    ['Version: 4.0\nGitID: v4.0-23-gabcdef0\n', { major: 4, minor: 0, sublevel: 0, gitId: 'v4.0-23-gabcdef0' }],
    ['Version: 4.1.1\nGitID: 0\n', { major: 4, minor: 1, sublevel: 1 }],
    ['Version: 4.2-rc1\n', { major: 4, minor: 2, sublevel: 0 }],
    ['warning: something\nVersion: 3.19\nGitID: v3.19\n', { major: 3, minor: 19, sublevel: 0, gitId: 'v3.19' }],
  ])('reads %j', (text, version) => {
    expect(parseVersion(text)).toEqual(version);
  });

  it.each(['', 'Version: \n', 'Version: four\n', 'criu: command not found', '4'])('refuses %j', (text) => {
    expect(() => parseVersion(text)).toThrow(SyntaxError);
  });
});

describe('versions', () => {
  it('are written as criu writes them', () => {
    expect(['3.17.1', '4.1'].map((text) => formatVersion(parseVersion(text)))).toEqual(['3.17.1', '4.1']);
  });

  it('are ordered by number and not by letter', () => {
    const sorted = ['4.10', '4.2', '3.17', '4.2.1', '3.9'].map(parseVersion).sort(compareVersions).map(formatVersion);
    expect(sorted).toEqual(['3.9', '3.17', '4.2', '4.2.1', '4.10']);
    expect(compareVersions(parseVersion('3.17'), minimumVersion)).toBe(0);
  });
});
