import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useBox } from '../testing/use-box.ts';

const { cli, box } = useBox({
  prepare: ({ rootfs, work }) => {
    const at = (name: string) => join(rootfs, name);
    writeFileSync(at('plain'), '#!/bin/sh\n', { mode: 0o644 });
    writeFileSync(at('script'), '#!/no/interpreter\n', { mode: 0o755 });
    writeFileSync(at('noise'), '\u0001\u0002', { mode: 0o755 });
    chmodSync(at('noise'), 0o755);
    symlinkSync(rootfs, join(work, 'link'));
    writeFileSync(join(work, 'bad.json'), '{\n  "hostname": "x",\n}');
    writeFileSync(join(work, 'key.json'), '{\n  "hostnam": "x"\n}');
    writeFileSync(join(work, 'cap.json'), '{"capabilities": ["CHWON"]}');
  },
});

/** The flags and the command, the exit code, and what the last line says; `WORK` stands for the box's directory. */
it.each<[string, readonly string[], number, readonly string[]]>([
  ['a command that is not there', ['/bin/nope'], 127, ['/bin/nope', 'no such file']],
  ['a command that is not in PATH', ['nope'], 127, ['"nope"', 'not found', 'PATH is /usr/local/sbin']],
  ['a file that is not executable', ['/plain'], 126, ['/plain', 'permission denied', '0644']],
  ['a directory', ['/etc'], 126, ['/etc', 'directory']],
  ['a script without its interpreter', ['/script'], 127, ['/script', '/no/interpreter']],
  ['a file of no known form', ['/noise'], 126, ['/noise']],
  [
    'a root file system that is not there',
    ['--rootfs', 'WORK/gone', 'true'],
    1,
    ['rootfs', 'WORK/gone', '(asked for by --rootfs'],
  ],
  ['a root file system that is a link', ['--rootfs', 'WORK/link', 'true'], 1, ['rootfs', 'WORK/link', 'symlink']],
  ['a user that is not there', ['--user', 'nobody', 'true'], 1, ['user', '"nobody"']],
  [
    'a source that is not there',
    ['--bind', 'WORK/gone:/mnt', 'true'],
    1,
    ['mounts[6]', 'WORK/gone', 'does not exist', '--bind'],
  ],
  ['a file onto a directory', ['--bind', 'WORK/bad.json:/etc', 'true'], 1, ['mounts[6]', '/etc', '--bind']],
  ['a namespace that is not there', ['--net', 'WORK/gone', 'true'], 1, ['WORK/gone', '--net']],
  ['a file that is no namespace', ['--net', 'WORK/bad.json', 'true'], 1, ['WORK/bad.json', '--net']],
  ['an id with other letters', ['--id', '../x', 'true'], 1, ['../x', 'letters, digits and underscores']],
  [
    'a capability that is not known',
    ['--config', 'WORK/cap.json', '--rootfs', '.', 'true'],
    1,
    ['capabilities', 'CHWON', 'CHOWN'],
  ],
  [
    'malformed JSON',
    ['--config', 'WORK/bad.json', 'true'],
    1,
    ['WORK/bad.json: line 2, column 18: a comma after the last member'],
  ],
  [
    'an unknown key',
    ['--config', 'WORK/key.json', 'true'],
    1,
    ['line 2, column 3: hostnam: unknown key (did you mean "hostname"?)'],
  ],
  ['a file that is not there', ['--config', 'WORK/gone.json', 'true'], 1, ['WORK/gone.json', 'ENOENT']],
  ['a limit', ['--cpuset-cpus', '4000', 'true'], 1, ['cpuset', '4000', '(asked for by --cpuset-cpus']],
  ['a bridge that is not there', ['--veth-bridge', 'nobridge', 'true'], 1, ['nobridge', '--veth-bridge']],
  ['a profile', ['--apparmor-profile', 'p', 'true'], 1, ['--apparmor-profile']],
  ['a label', ['--process-label', 'a:b:c:d', 'true'], 1, ['--process-label']],
  ['systemd', ['--systemd', 'true'], 1, ['no bus at ', 'use the cgroupfs driver']],
  ['a sysctl of the host', ['--sysctl', 'kernel.panic=1', 'true'], 1, ['kernel.panic', '--sysctl']],
  ['no command', [], 1, ['no command is given']],
])('names what is wrong with %s, and leaves nothing', async (_what, args, status, parts) => {
  mkdirSync(join(box().rootfs, 'mnt'));
  const given = args.map((arg) => arg.replace('WORK', box().work));
  const result = await cli().run(box().exec(...given), { cwd: box().rootfs });
  const last = result.stderr.trimEnd().split('\n').at(-1)!;
  expect(last).toMatch(/^nsinit: /);
  for (const part of parts) expect(last).toContain(part.replace('WORK', box().work));
  expect(result.status).toBe(status);
  expect(result.stdout).toBe('');
});

it('tells everything for --debug', async () => {
  const { stderr } = await cli().run(['--debug', ...box().exec('--bind', '/gone:/mnt', 'true')], { cwd: box().rootfs });
  expect(stderr).toContain('Step: mount /gone on /mnt');
  expect(stderr).toContain('Caused by: StepError');
  expect(stderr).toContain('open_tree(');
});

it('says that an unknown command is one', async () => {
  const { status, stderr } = await cli().run(['exex']);
  expect(stderr).toBe('nsinit: unknown command "exex" (did you mean exec?)\n');
  expect(status).toBe(1);
});
