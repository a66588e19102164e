import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fd, invoke } from '@nsinit/syscall';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mapRange } from '../id-map.ts';
import { StepError } from './errors.ts';
import { openNull } from './null.ts';
import { type UnshareOptions, unshare } from './unshare.ts';

async function output(argv: readonly string[], options: UnshareOptions = {}): Promise<string> {
  using nothing = openNull();
  using file = new Fd(invoke('memfd_create', { name: 'output', flags: ['MFD_CLOEXEC'] }));
  const child = await unshare(argv, { stdio: [nothing, file, file], ...options });
  await child.exited;
  child.close();
  return readFileSync(`/proc/self/fd/${file.fd}`, 'utf8');
}

const maps = { uidMappings: [mapRange(0, 2_200_000, 10)], gidMappings: [mapRange(0, 2_300_000, 10)] };

describe('unshare', () => {
  it('runs a command as root of a user namespace', async () => {
    const text = await output(['sh', '-c', 'id -u; id -g; cat /proc/self/uid_map; hostname inner && hostname'], {
      namespaces: ['NEWUSER', 'NEWUTS'],
      maps,
    });
    expect(text.replace(/ +/g, ' ')).toBe('0\n0\n 0 2200000 10\ninner\n');
  });

  it('runs one without a user namespace', async () => {
    expect(await output(['ls', '/sys/class/net'], { namespaces: ['NEWNET'] })).not.toBe('');
    expect(await output(['sh', '-c', 'echo $$'], { namespaces: ['NEWPID'] })).toBe('1\n');
  });

  it('says what was wrong', async () => {
    await expect(unshare([])).rejects.toThrow(TypeError);
    await expect(unshare(['/absent'], { maps })).rejects.toBeInstanceOf(StepError);
    await expect(
      unshare(['true'], { maps: { ...maps, uidMappings: [mapRange(0, 0, 5), mapRange(5, 4, 1)] } }),
    ).rejects.toMatchObject({ name: 'IdMapError', code: 'ERR_BAD_MAP', kind: 'uid', errno: 'EINVAL' });
  });
});

describe('an ordinary user', () => {
  const home = fileURLToPath(new URL('../..', import.meta.url));
  let dir: string;
  beforeAll(() => {
    // Within the package, so that it finds the package by its name, as it was built.
    mkdirSync(join(home, '.cache'), { recursive: true });
    dir = mkdtempSync(join(home, '.cache/example-'));
    chmodSync(dir, 0o755);
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('runs the example of the README', () => {
    const readme = readFileSync(join(home, 'README.md'), 'utf8');
    const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text]) => text!.trim());
    const example = examples.find((text) => text.includes('unshare('))!;
    expect(example.split('\n').length).toBeLessThanOrEqual(10);
    writeFileSync(join(dir, 'example.mjs'), example);
    const options = { cwd: '/', uid: 2_100_200, gid: 2_100_200, encoding: 'utf8' } as const;
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(dir, 'example.mjs')], options);
    expect({ stdout, stderr, status }).toEqual({ stdout: '0\nlo\n0\n', stderr: '', status: 0 });
  });
});
