import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inUserNamespace, namespaceFlags } from '../testing/box.ts';
import { useBox } from '../testing/use-box.ts';

const { cli, box } = useBox();

const shell = (script: string, ...flags: readonly string[]) =>
  cli().run(box().exec(...flags, '/bin/sh', '-c', script), { cwd: box().rootfs });

describe('nsinit exec', () => {
  it('shows a container of its own: first process, host name, processes, groups, limits, mounts, devices, descriptors', async () => {
    box().config({
      hostname: 'koye',
      namespaces: ['NEWNS', 'NEWUTS', 'NEWIPC', 'NEWPID', 'NEWNET'].map((type) => ({ type })),
      capabilities: ['CHOWN', 'KILL'],
      additional_groups: ['29'],
      rlimits: [{ type: 7, soft: 1025, hard: 1025 }],
      mounts: [{ source: 'tmpfs', destination: '/tmp', device: 'tmpfs', flags: 14, data: 'size=64k' }],
      devices: [{ type: 99, path: '/dev/null', major: 1, minor: 3, permissions: 'rwm', file_mode: 438 }],
    });
    const { stdout, stderr, status } = await shell(
      [
        'echo pid=$$',
        'echo host=$(hostname)',
        'echo ps=$(ps | wc -l)',
        'echo groups=$(id -G)',
        'echo files=$(ulimit -n)',
        'echo mounts=$(while read a b c; do echo $b; done < /proc/mounts)',
        'echo dev=$(ls /dev)',
        'echo fds=$(ls /proc/self/fd)',
        'grep ^Cap /proc/self/status',
      ].join('; '),
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const lines = stdout.split('\n');
    // The heading, the shell, the subshell of the pipe, ps and wc.
    expect(lines.slice(0, 5)).toEqual([
      'pid=1',
      'host=koye',
      expect.stringMatching(/^ps=[3-5]$/),
      'groups=0 29',
      'files=1025',
    ]);
    // Devices of a user namespace are those of the host.
    expect(lines[5]).toBe(`mounts=/ /proc /dev /dev/pts /tmp${inUserNamespace ? ' /dev/null' : ''}`);
    const core = existsSync('/proc/kcore') ? 'core ' : '';
    expect(lines[6]).toBe(`dev=${core}fd null ptmx pts stderr stdin stdout`);
    // The last one is the directory that ls reads.
    expect(lines[7]).toBe('fds=0 1 2 3');
    const kept = '0000000000000021';
    const none = '0000000000000000';
    expect(lines.slice(8, 13)).toEqual([
      `CapInh:\t${none}`,
      `CapPrm:\t${kept}`,
      `CapEff:\t${kept}`,
      `CapBnd:\t${kept}`,
      `CapAmb:\t${none}`,
    ]);
  });

  it('uses the template without a container.json, and flags on top of it', async () => {
    const { stdout } = await shell(
      'hostname; echo $HOSTNAME $TERM; pwd; id -u',
      '--hostname',
      'flagged',
      '--cwd',
      '/etc',
      '-u',
      'daemon',
    );
    expect(stdout).toBe('flagged\nflagged xterm\n/etc\n1\n');
  });

  it('lets flags override the file', async () => {
    box().config({
      hostname: 'file',
      namespaces: [{ type: 'NEWUTS' }, { type: 'NEWNS' }],
      process: { env: ['PATH=/bin', 'A=file'] },
    });
    expect((await shell('hostname; echo $A$B')).stdout).toBe('file\nfile\n');
    expect((await shell('hostname; echo $A$B', '--hostname', 'flag', '--env', 'B=more')).stdout).toBe(
      'flag\nfilemore\n',
    );
  });

  it.each([
    ['exit 7', 7],
    ['exit 0', 0],
    ['kill -TERM $$; exit 3', 3],
    ['sh -c "kill -9 \\$\\$"; exit $?', 137],
  ])('ends as %j does', async (script, status) => {
    expect((await shell(script)).status).toBe(status);
  });

  it('ends with 128 and the number of the signal', async () => {
    // With the host's pid namespace the first process is not protected from its own signals.
    expect((await shell('kill -TERM $$', '--pid', 'host')).status).toBe(143);
  });

  it('passes input and output on whole', async () => {
    const text = 'x'.repeat(300_000);
    const { stdout, stderr, status } = await cli().run(
      box().exec('/bin/sh', '-c', 'cat; echo end; echo err >&2; exit 5'),
      {
        cwd: box().rootfs,
        input: text,
      },
    );
    expect(stdout === `${text}end\n`).toBe(true);
    expect(stderr.endsWith('err\n')).toBe(true);
    expect(status).toBe(5);
  });

  it('leaves options behind the command to the command', async () => {
    expect((await cli().run(box().exec('echo', '--id', '-t', '--'), { cwd: box().rootfs })).stdout).toBe(
      '--id -t --\n',
    );
  });

  it('reads container.json and keeps its state in the directory of --root', async () => {
    const place = join(box().work, 'place');
    mkdirSync(place);
    box().config(
      { hostname: 'placed', namespaces: [{ type: 'NEWUTS' }, { type: 'NEWNS' }, { type: 'NEWPID' }] },
      place,
    );
    const { stdout } = await cli().run(
      ['--root', place, 'exec', ...namespaceFlags, '/bin/sh', '-c', 'hostname; ls /'],
      {
        cwd: box().rootfs,
      },
    );
    expect(stdout.split('\n')[0]).toBe('placed');
    expect(readdirSync(place)).toEqual(['container.json']);
  });

  it('runs the command of a file that has one', async () => {
    box().config({ process: { args: ['/bin/echo', 'from the file'] }, namespaces: [{ type: 'NEWNS' }] });
    expect((await cli().run(box().exec(), { cwd: box().rootfs })).stdout).toBe('from the file\n');
  });

  it('prints steps with times for --debug, and writes them to a log', async () => {
    const log = join(box().work, 'log');
    writeFileSync(log, 'old');
    const { stderr, status } = await cli().run(
      ['--debug', '--log-file', log, '--log-format', 'json', ...box().exec('true')],
      {
        cwd: box().rootfs,
      },
    );
    expect(status).toBe(0);
    expect(stderr).toMatch(/\d+\.\d{3} ms {2}executed\n/);
    const lines = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; msg: string });
    expect(lines.some(({ level, msg }) => level === 'debug' && msg.includes('executed'))).toBe(true);
  });
});
