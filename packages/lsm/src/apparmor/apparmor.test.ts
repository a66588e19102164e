import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProgramBuilder } from '@nsinit/syscall';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LsmError } from '../error.ts';
import { compileExecProfile } from './exec.ts';
import { loadProfiles, unloadProfiles } from './load.ts';
import { checkProfileName } from './profile-name.ts';
import { type AppArmorFiles, appArmorSupport, loadedProfiles, parseConfinement, profileOf } from './support.ts';
import { containerProfile } from './template.ts';

let dir: string;
let files: AppArmorFiles;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'nsinit-apparmor-'));
  const write = (name: string, text: string) => {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), text);
  };
  write('enabled', 'Y\n');
  write('apparmor/profiles', 'docker-default (enforce)\na b (complain)\n');
  write('proc/7/attr/apparmor/current', 'docker-default (enforce)\n');
  write('proc/7/attr/current', 'system_u:system_r:x_t:s0\0');
  write('proc/8/attr/current', 'unconfined\n');
  files = { securityfs: join(dir, 'apparmor'), enabled: join(dir, 'enabled'), proc: join(dir, 'proc'), env: {} };
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('AppArmor', () => {
  it('is in use, or not for a reason', () => {
    expect(appArmorSupport(files)).toEqual({ enabled: true });
    expect(appArmorSupport({ ...files, enabled: '/absent' }).reason).toMatch(/does not use/);
    expect(appArmorSupport({ ...files, securityfs: '/absent' }).reason).toMatch(/\/absent.*securityfs/);
    expect(appArmorSupport({ ...files, env: { container: 'lxc' } }).reason).toMatch(/container=lxc/);
  });

  it('tells its profiles', () => {
    expect(loadedProfiles(files)).toEqual([
      { name: 'docker-default', mode: 'enforce' },
      { name: 'a b', mode: 'complain' },
    ]);
    expect(loadedProfiles({ securityfs: '/absent' })).toBeUndefined();
    expect(profileOf(7, files)).toEqual({ name: 'docker-default', mode: 'enforce' });
    expect(profileOf(8, files)).toEqual({ name: 'unconfined', mode: 'unconfined' });
    expect(profileOf(9, files)).toBeUndefined();
    expect(parseConfinement('a//&b (c) (mixed)')).toEqual({ name: 'a//&b (c)', mode: 'mixed' });
  });
});

describe('the name of a profile', () => {
  it.each(['docker-default', ':ns:p', 'outer//&inner', '/usr/bin/man', 'a b', 'é'])('may be %s', (name) => {
    expect(() => checkProfileName(name)).not.toThrow();
  });
  it.each(['', ' a', 'a ', 'a\nb', 'a\0b', 'x'.repeat(4096)])('is not %j', (name) => {
    expect(() => checkProfileName(name)).toThrow(LsmError);
    expect(() => compileExecProfile(new ProgramBuilder(), name)).toThrow(LsmError);
    expect(() => containerProfile({ name })).toThrow(LsmError);
  });
});

describe('the steps to a profile', () => {
  const texts = (stack: boolean) => {
    const b = new ProgramBuilder();
    compileExecProfile(b, 'p', { stack });
    return b.build().print();
  };

  it('write to the attribute of AppArmor alone, or else to the old one', () => {
    const opened = texts(false).filter(({ text }) => text.startsWith('openat2'));
    expect(opened.map(({ text }) => /"thread-self\/([^"]*)"/.exec(text)?.[1])).toEqual([
      'attr/apparmor/exec',
      'attr/exec',
      'attr/apparmor/exec',
      'attr/exec',
    ]);
    for (const { text } of opened) expect(text).toContain('RESOLVE_NO_XDEV');
  });

  it('write the word for a profile in place or beside', () => {
    expect(texts(false).some(({ text }) => text.includes('exec p'))).toBe(true);
    expect(texts(true).some(({ text }) => text.includes('stack p'))).toBe(true);
    expect(texts(false)[0]).toMatchObject({ field: 'apparmorProfile', what: 'let exec take the AppArmor profile p' });
  });
});

describe('the template', () => {
  it('is that of the specification', () => {
    const text = containerProfile({ name: 'my-box', rules: ['deny /etc/shadow r,'], peers: ['a b'] });
    expect(text).toMatch(
      /^#include <tunables\/global>\nprofile my-box flags=\(attach_disconnected,mediate_deleted\) \{\n/,
    );
    expect(text).toContain('  deny mount,\n');
    expect(text).toContain('  signal (send,receive) peer="a b",\n');
    expect(text).toMatch(/ {2}deny \/etc\/shadow r,\n\}\n$/);
  });

  it('lets no name say anything else', () => {
    expect(containerProfile({ name: 'a" { file, } profile "b*' })).toContain(
      'profile "a\\" \\{ file, \\} profile \\"b\\*"',
    );
  });
});

describe('the parser', () => {
  const script = (text: string) => {
    const path = join(dir, `parser-${Math.random()}`);
    writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return path;
  };

  it('gets the text, and the words that replace or remove', async () => {
    const log = join(dir, 'log');
    const parser = script(`echo "$@" >>${log}; cat >>${log}`);
    await loadProfiles('profile x {}\n', { parser });
    await unloadProfiles('profile x {}\n', { parser });
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(log, 'utf8')).toBe('--replace --skip-cache\nprofile x {}\n--remove\nprofile x {}\n');
  });

  it('is quoted when it refuses', async () => {
    const parser = script('cat >/dev/null; echo "syntax error, line 3" >&2; exit 1');
    await expect(loadProfiles('nonsense', { parser })).rejects.toThrow(/ended with 1: syntax error, line 3/);
  });

  it('says so when it is not there', async () => {
    await expect(loadProfiles('x', { parser: '/absent/parser' })).rejects.toThrow(
      /could not be run.*apt-get install apparmor/,
    );
  });
});
