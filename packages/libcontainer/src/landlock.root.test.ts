import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, Landlock } from '@nsinit/config';
import { describe, expect, it } from 'vitest';
import { Process } from './process/process.ts';
import { planStart } from './program/start.ts';
import { exec, failure, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

/** Programs run, and the tmpfs on /dev/shm can be written. */
const below: Landlock = {
  paths: [
    { paths: ['/'], access: ['read', 'execute'] },
    { paths: ['/dev/shm', '/dev/null'], access: ['read', 'write'] },
  ],
};
const config = (landlock: Landlock = below, more: Partial<Config> = {}) => box().config({ landlock, ...more });

const script = [
  'touch /dev/shm/in && echo inside',
  'touch /tmp/out; echo $?',
  'echo x > /etc/out; echo $?',
  'mkdir /out; echo $?',
  'grep NoNewPrivs /proc/self/status',
].join('\n');
const expected = 'inside\n1\n1\n1\nNoNewPrivs:\t';

describe.each([
  ['root', '0:0'],
  ['an ordinary user', '1000:1000'],
])('what %s gives up by Landlock', (_, user) => {
  const openRoot = () => {
    mkdirSync(join(box().rootfs, 'tmp'), { recursive: true, mode: 0o777 });
    return config(below, { process: { user } });
  };

  it('cannot be done by the first process', async () => {
    const { stdout, stderr, status } = await box().runContainer(openRoot(), ['sh', '-c', script]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${expected}0\n` });
    expect(stderr.match(/Permission denied/gi)).toHaveLength(3);
  });

  it('cannot be done by a process that joins', async () => {
    await box().using(openRoot(), async (container) => {
      await start(container, ['sleep', '100']);
      const { stdout, stderr, status } = await exec(container, ['sh', '-c', script]);
      expect({ status, stdout }).toEqual({ status: 0, stdout: `${expected}0\n` });
      expect(stderr.match(/Permission denied/gi)).toHaveLength(3);
    });
  });

  it('can, with no_new_privs, be no more than before', async () => {
    const { stdout } = await box().runContainer({ ...openRoot(), noNewPrivileges: true }, ['sh', '-c', script]);
    expect(stdout).toBe(`${expected}1\n`);
  });
});

describe('the section landlock', () => {
  it('allows TCP ports, and no others', async () => {
    const landlock: Landlock = { ports: [{ port: 4000, access: ['bind_tcp', 'connect_tcp'] }] };
    const { stdout, stderr } = await box().runContainer(config(landlock), [
      'sh',
      '-c',
      `nc -l -p 4001; echo $?; nc 127.0.0.1 4001; echo $?
       nc -l -p 4000 &
       until nc 127.0.0.1 4000 </dev/null 2>/dev/null; do kill -0 $! 2>/dev/null || break; done
       wait $!; echo $?`,
    ]);
    expect(stdout).toBe('1\n1\n0\n');
    expect(stderr.match(/Permission denied/gi)).toHaveLength(2);
  });

  it('keeps signals inside', async () => {
    const shared = { namespaces: box().configWithout('NEWPID').namespaces! };
    const victim = process.pid;
    const { stdout, stderr } = await box().runContainer(config({ scopes: ['signal'] }, shared), [
      'sh',
      '-c',
      `kill -0 ${victim}; echo $?; sleep 100 & kill $!; echo $?`,
    ]);
    expect(stdout).toBe('1\n0\n');
    expect(stderr).toMatch(/not permitted/i);
  });

  it('passes over a path that is not there only where it is optional', async () => {
    const absent = (optional: boolean): Landlock => ({
      paths: [...below.paths!, { paths: ['/absent'], access: ['read'], optional }],
    });
    expect(await box().runContainer(config(absent(true)), ['true'])).toMatchObject({ status: 0 });
    const container = await box().create(config(absent(false)));
    expect(await failure(start(container, ['true']))).toMatchObject({
      code: 'SystemError',
      errno: 'ENOENT',
      field: 'landlock.paths[2].paths[0]',
    });
    await container.destroy();
  });

  it('tells of a program that may not be executed', async () => {
    const container = await box().create(config({ paths: [{ paths: ['/'], access: ['read'] }] }));
    expect(await failure(start(container, ['true']))).toMatchObject({
      errno: 'EACCES',
      exitCode: 126,
      hint: expect.stringMatching(/landlock.*execute/),
    });
    await container.destroy();
  });

  it('holds in a user namespace', async () => {
    const mappings = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
    const { stdout } = await box().runContainer({ ...box().mapped(mappings), landlock: below }, ['sh', '-c', script]);
    expect(stdout).toBe(`${expected}0\n`);
  });

  it('is refused as a whole where the kernel is too old, unless it is a best effort', async () => {
    const old: Landlock = { ...below, abi: 2 };
    const container = await box().create(config(old));
    const error = await failure(start(container, ['true']));
    expect(error).toMatchObject({ code: 'ConfigInvalid', field: 'landlock.handled_files' });
    expect(error.message).toMatch(/cannot enforce truncate \(Linux 6\.2\), ioctl_dev \(Linux 6\.10\)/);
    await container.destroy();

    const best: Landlock = { ...old, mode: 'best_effort' };
    const printed = await planStart(config(best), new Process({ args: ['true'] }));
    const step = printed.find(({ text }) => text.startsWith('landlock_create_ruleset'));
    expect(step?.what).toMatch(/not enforced: truncate \(Linux 6\.2\), ioctl_dev \(Linux 6\.10\)/);
    const { stdout } = await box().runContainer(config(best), ['sh', '-c', script]);
    expect(stdout).toBe(`${expected}0\n`);
  });
});
