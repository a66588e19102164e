import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ProgramBuilder } from '@nsinit/syscall';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LsmError } from '../error.ts';
import { containerLabels, copyLevel, parseLabelOptions } from './container-labels.ts';
import { disableOptions, duplicateOptions, formatContext, formatMountLabel, parseContext } from './context.ts';
import { compileLabel } from './exec.ts';
import { type SelinuxFiles, settingsOf } from './files.ts';
import { levelOfId, releaseLevel, reservedLevels, reserveLevel, reserveUniqueLevel } from './levels.ts';
import {
  checkLabel,
  configuredSelinuxMode,
  processLabel,
  selinuxMode,
  selinuxSupport,
  setThreadLabel,
  threadLabel,
} from './support.ts';

let dir: string;
let files: SelinuxFiles;
const put = (name: string, text: string) => {
  mkdirSync(dirname(join(dir, name)), { recursive: true });
  writeFileSync(join(dir, name), text);
};
const mountOf = (options = 'rw') =>
  `25 30 0:22 / ${join(dir, 'selinuxfs')} ${options},relatime shared:6 - selinuxfs selinuxfs rw\n`;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nsinit-selinux-'));
  put('proc/self/mountinfo', `20 1 8:1 / / rw - ext4 /dev/sda1 rw\n${mountOf()}`);
  put('proc/thread-self/attr/current', 'system_u:system_r:init_t:s0\0');
  for (const name of ['exec', 'fscreate', 'keycreate', 'sockcreate']) put(`proc/thread-self/attr/${name}`, '');
  put('proc/42/attr/current', 'system_u:system_r:container_t:s0:c1,c2\n');
  put('selinuxfs/enforce', '1');
  put('selinuxfs/context', '');
  put('etc/config', '# SELINUX=disabled\nSELINUX=permissive\nSELINUXTYPE="targeted"\nSELINUXTYPE=later\n');
  put(
    'etc/targeted/contexts/lxc_contexts',
    'process = "system_u:system_r:container_t:s0"\ncontent = "x"\nfile = "system_u:object_r:container_file_t:s0"\n',
  );
  files = { proc: join(dir, 'proc'), etc: join(dir, 'etc'), reservations: join(dir, 'levels') };
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('SELinux', () => {
  it('is in use, or not for a reason', () => {
    expect(selinuxSupport(files)).toEqual({ enabled: true });
    put('proc/thread-self/attr/current', 'kernel\0');
    expect(selinuxSupport(files).reason).toMatch(/no policy/);
    put('proc/self/mountinfo', mountOf('ro'));
    expect(selinuxSupport(files).reason).toMatch(/read-only/);
    put('proc/self/mountinfo', '');
    expect(selinuxSupport(files).reason).toMatch(/no selinuxfs/);
  });

  it('enforces, permits, or is off', () => {
    expect(selinuxMode(files)).toBe('enforcing');
    put('selinuxfs/enforce', '0');
    expect(selinuxMode(files)).toBe('permissive');
    put('proc/self/mountinfo', '');
    expect(selinuxMode(files)).toBe('disabled');
    expect(configuredSelinuxMode(files)).toBe('permissive');
    put('etc/config', '; SELINUX=enforcing\n');
    expect(configuredSelinuxMode(files)).toBe('disabled');
  });

  it('has labels of processes and of this thread', () => {
    expect(processLabel(42, files)).toBe('system_u:system_r:container_t:s0:c1,c2');
    expect(processLabel('self', files)).toBe('system_u:system_r:init_t:s0');
    expect(processLabel(43, files)).toBeUndefined();
    for (const target of ['exec', 'keyCreate', 'fileCreate', 'socketCreate'] as const) {
      expect(threadLabel(target, files)).toBeUndefined();
      setThreadLabel(target, 'a:b:c:s0', files);
      expect(threadLabel(target, files)).toBe('a:b:c:s0');
      setThreadLabel(target, undefined, files);
      expect(threadLabel(target, files)).toBeUndefined();
      expect(() => setThreadLabel(target, 'a b', files)).toThrow(LsmError);
    }
    rmSync(join(dir, 'proc/thread-self/attr'), { recursive: true });
    expect(() => setThreadLabel('exec', 'a:b:c:s0', files)).toThrow(/attr\/exec|ENOENT/);
  });

  it('is asked for labels', () => {
    checkLabel('a:b:c:s0', files);
    expect(readFileSync(join(dir, 'selinuxfs/context'), 'utf8')).toBe('a:b:c:s0');
    put('proc/self/mountinfo', '');
    expect(() => checkLabel('a:b:c:s0', files)).toThrow(/no policy to ask/);
  });
});

describe('a label', () => {
  it.each([
    [
      'system_u:system_r:container_t:s0:c1,c2',
      { user: 'system_u', role: 'system_r', type: 'container_t', level: 's0:c1,c2' },
    ],
    ['u:r:t', { user: 'u', role: 'r', type: 't' }],
    ['u:r:t:s0-s15:c0.c1023', { user: 'u', role: 'r', type: 't', level: 's0-s15:c0.c1023' }],
  ])('%s has its parts', (label, parts) => {
    expect(parseContext(label)).toEqual(parts);
    expect(formatContext(parts)).toBe(label);
  });

  it.each(['', 'a', 'a:b', 'a::c:s0', 'a:b:c:', 'a:b:c d:s0', 'a:b:c:s0\0'])('is not %j', (label) => {
    expect(() => parseContext(label)).toThrow(LsmError);
    expect(() => compileLabel(new ProgramBuilder(), 'exec', label)).toThrow(LsmError);
  });

  it('goes into the options of mounts and of other containers', () => {
    expect(formatMountLabel('', '')).toBe('');
    expect(formatMountLabel('mode=755', '')).toBe('mode=755');
    expect(formatMountLabel('', 'a:b:c:s0:c1,c2')).toBe('context="a:b:c:s0:c1,c2"');
    expect(formatMountLabel('mode=755', 'a:b')).toBe('mode=755,context="a:b"');
    expect(duplicateOptions('system_u:system_r:svirt_lxc_net_t:s0:c1,c2')).toEqual([
      'label:user:system_u',
      'label:role:system_r',
      'label:type:svirt_lxc_net_t',
      'label:level:s0:c1,c2',
    ]);
    expect(duplicateOptions('')).toEqual([]);
    expect(duplicateOptions('a:b:c')).toEqual([]);
    expect(disableOptions()).toEqual(['label:disable']);
  });

  it('is written to the attribute that it is for', () => {
    const b = new ProgramBuilder();
    compileLabel(b, 'keyCreate', 'a:b:c:s0', { field: 'mountLabel' });
    const printed = b.build().print();
    expect(printed.some(({ text }) => text.includes('"thread-self/attr/keycreate"'))).toBe(true);
    expect(printed[0]).toMatchObject({ field: 'mountLabel', what: 'make keys with the SELinux label a:b:c:s0' });
  });
});

describe('levels', () => {
  it.each([
    [1, 's0:c0,c1'],
    [1023, 's0:c0,c1023'],
    [1024, 's0:c1,c2'],
    [523776, 's0:c1022,c1023'],
  ])('id %d is %s', (id, level) => {
    expect(levelOfId(id)).toBe(level);
  });

  it('differ from id to id, and have two different categories', () => {
    const all = Array.from({ length: 45 }, (_, index) => levelOfId(index + 1, 10));
    expect(new Set(all).size).toBe(45);
    for (const id of [0, -1, 1.5, 523777]) expect(() => levelOfId(id)).toThrow(RangeError);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 523776 }), (id) => {
        const [first, second] = /^s0:c(\d+),c(\d+)$/.exec(levelOfId(id))!.slice(1).map(Number);
        return first! < second! && second! < 1024;
      }),
    );
  });

  it('are reserved once, by whatever spelling, and given back', () => {
    expect(reserveLevel('s0:c1,c2', 'one', files)).toBe(true);
    expect(reserveLevel('s0:c2,c1', 'two', files)).toBe(false);
    expect(reservedLevels(files)).toEqual([{ level: 's0:c1,c2', owner: 'one' }]);
    expect(releaseLevel('s0:c2,c1', files)).toBe(true);
    expect(releaseLevel('s0:c1,c2', files)).toBe(false);
    expect(reservedLevels({ reservations: join(dir, 'absent') })).toEqual([]);
    for (const level of ['', '..', '../x', 's0:', 's0:c1/..', 'c1', 's0:c1,c2\n'])
      expect(() => reserveLevel(level, '', files)).toThrow(LsmError);
  });

  it('run out', () => {
    const options = { categories: 3 };
    const taken = [1, 2, 3].map(() => reserveUniqueLevel('', files, options));
    expect(new Set(taken)).toEqual(new Set(['s0:c0,c1', 's0:c0,c2', 's0:c1,c2']));
    expect(() => reserveUniqueLevel('', files, options)).toThrow(/all 3 levels are reserved.*release/);
  });

  it('are given to one process each, when several ask at once', () => {
    const source = `
      const { reserveUniqueLevel } = await import(${JSON.stringify(import.meta.resolve('../../dist/index.js'))});
      const files = { reservations: ${JSON.stringify(files.reservations)} };
      const own = [];
      for (let i = 0; i < 20; i++) own.push(reserveUniqueLevel(String(process.pid), files, { categories: 14 }));
      console.log(own.join(' '));`;
    const script = join(dir, 'reserve.mjs');
    writeFileSync(script, source);
    // 4 × 20 of the 91 levels: hardly any is found at the first try.
    const run = `for i in 1 2 3 4; do ${process.execPath} ${script} & done; wait`;
    const { stdout, stderr } = spawnSync('sh', ['-c', run], { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
    const levels = stdout.trim().split(/\s/);
    expect(stderr).toBe('');
    expect(levels).toHaveLength(80);
    expect(new Set(levels).size).toBe(80);
    expect(readdirSync(files.reservations!)).toHaveLength(80);
  });
});

describe('the labels of a container', () => {
  it('have a level of its own, the same for both', () => {
    const first = containerLabels({}, 'box', files);
    const second = containerLabels({}, 'box', files);
    expect(first.process).toBe(`system_u:system_r:container_t:${first.reserved}`);
    expect(first.mount).toBe(`system_u:object_r:container_file_t:${first.reserved}`);
    expect(second.reserved).not.toBe(first.reserved);
    expect(reservedLevels(files).map(({ owner }) => owner)).toEqual(['box', 'box']);
  });

  it('follow what is asked for', () => {
    const request = parseLabelOptions(['user:user_u', 'label:role:user_r', 'type:user_t', 'level:s0:c1,c15']);
    expect(containerLabels(request, '', files)).toEqual({
      process: 'user_u:user_r:user_t:s0:c1,c15',
      mount: 'user_u:object_r:container_file_t:s0:c1,c15',
    });
    expect(reservedLevels(files)).toEqual([]);
  });

  it('are empty when they are not wanted, or there are none', () => {
    const none = { process: '', mount: '' };
    expect(containerLabels(parseLabelOptions(['disable']), '', files)).toEqual(none);
    put('etc/targeted/contexts/lxc_contexts', 'process = "a:b:c:s0"\n');
    expect(containerLabels({}, '', files)).toEqual(none);
    put('proc/self/mountinfo', '');
    expect(containerLabels({}, '', files)).toEqual(none);
  });

  it.each(['user', 'users:x', 'level:', ''])('refuse the option %j', (option) => {
    expect(() => parseLabelOptions([option])).toThrow(/Bad SELinux Option/);
  });

  it('take the level of another, with its reservation', () => {
    reserveLevel('s0:c3,c4', 'x', files);
    expect(copyLevel('a:b:c:s0:c1,c2', 'd:e:f:s0:c3,c4', files)).toBe('d:e:f:s0:c1,c2');
    expect(reservedLevels(files).map(({ level }) => level)).toEqual(['s0:c1,c2']);
    expect(copyLevel('', 'd:e:f:s0', files)).toBe('');
  });
});

it('settings are read as selinux_config(5) has them', () => {
  expect(settingsOf(' a = "b" \n#c=d\n;e=f\nnothing\n = x\ng=\n')).toEqual({ a: 'b', g: '' });
});
