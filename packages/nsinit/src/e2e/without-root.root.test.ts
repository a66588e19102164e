import { chmodSync, chownSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useBox } from '../testing/use-box.ts';

const NOBODY = 65_534;
const nobody = { uid: NOBODY, gid: NOBODY };

const { cli, box } = useBox({
  prepare: ({ work }) => {
    chmodSync(work, 0o755);
    chownSync(work, NOBODY, NOBODY);
  },
});

it('prints the plan of a start to anybody', async () => {
  const { status, stdout, stderr } = await cli().run(['plan', '--tmpfs', '/scratch', '/bin/sh', '-c', 'x'], {
    cwd: box().rootfs,
    ...nobody,
  });
  expect([status, stderr]).toEqual([0, '']);
  const [calls = '', outside = ''] = stdout.trimEnd().split(/\n(?=# from outside)/);
  calls.split('\n').forEach((line, index) => {
    expect(line).toMatch(new RegExp(`^ *${index}  \\S`));
  });
  expect(outside).toMatch(/^ {3}mkdir -p \/.* {2}# cgroups: make the group of /m);
  expect(outside).toMatch(/^ {3}echo PID > \/.*\/cgroup\.procs {2}# cgroups: put the process into the group of /m);
  expect(stdout).toMatch(/fsopen\("tmpfs".*# mounts\[6\]: mount tmpfs on \/scratch/);
  expect(stdout).toMatch(/execve\("\/bin\/sh", \["\/bin\/sh", "-c", "x"\]/);
});

it('prints it as JSON, with the mounts that were added', async () => {
  box().config({ namespaces: [{ type: 'NEWNS' }], mounts: [], process: { args: ['/bin/true'] } });
  const { stdout } = await cli().run(['plan', '--format', 'json'], { cwd: box().rootfs, ...nobody });
  const plan = JSON.parse(stdout) as {
    readonly added: readonly { readonly mount: { readonly destination: string }; readonly reason: string }[];
    readonly instructions: readonly { readonly index: number; readonly text: string; readonly op: string }[];
  };
  expect(plan.added.map(({ mount }) => mount.destination)).toEqual(['/proc', '/dev', '/dev/pts']);
  expect(plan.instructions.map(({ index }) => index)).toEqual(plan.instructions.map((_one, index) => index));
  expect(plan.instructions.some(({ op }) => op === 'clone3')).toBe(true);
});

it('tells what a filter does, and on which call what', async () => {
  const args = ['plan', '--seccomp', 'low', '--explain', 'clone:0x10000011', '--explain', 'openat', '/bin/sh'];
  const { stdout } = await cli().run(args, { cwd: box().rootfs, ...nobody });
  expect(stdout).toMatch(/seccomp\(.*# seccomp: filter system calls \(\d+ instructions\)\n/);
  expect(stdout).toMatch(/\n# filter: ERRNO\(1\): create_module .* unshare\n/);
  expect(stdout).toMatch(
    /\n# filter: \w+ clone: ERRNO\(1\), by seccomp\.rules\[1\] \(argument 0 & 0x10000000 == 0x10000000\)\n/,
  );
  expect(stdout).toMatch(/\n# filter: \w+ openat: ALLOW, as no rule holds\n$/);
  const wrong = await cli().run(['plan', '--explain', 'x', '/bin/sh'], { cwd: box().rootfs, ...nobody });
  expect(wrong).toMatchObject({
    status: 1,
    stderr: 'nsinit: --explain: there is no filter (give one with --seccomp)\n',
  });
});

it('plans a terminal', async () => {
  const { stdout } = await cli().run(['plan', '-t', '/bin/sh'], { cwd: box().rootfs, ...nobody });
  expect(stdout).toMatch(/TIOCSCTTY/);
});

it('prints config, help, version and completion to anybody', async () => {
  const options = { cwd: box().rootfs, ...nobody };
  const config = await cli().run(['config', '--hostname', 'x'], options);
  expect(JSON.parse(config.stdout)).toMatchObject({ rootfs: box().rootfs, hostname: 'x' });
  expect(config.stdout).toMatch(/^\{\n\t"/);
  for (const args of [['--help'], ['help', 'exec'], ['--version'], ['completion', 'zsh'], []])
    expect(await cli().run(args, options)).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(/\S/),
    });
});

it('writes a configuration to a file, which is read back', async () => {
  const file = join(box().work, 'out.json');
  const options = { cwd: box().rootfs, ...nobody };
  expect(await cli().run(['config', '--file', file, '--read-only', '--bind', '/a:/b:ro'], options)).toMatchObject({
    status: 0,
    stdout: '',
  });
  const again = await cli().run(['config', '--config', file], options);
  expect(JSON.parse(again.stdout)).toMatchObject({ readonlyfs: true });
  const refused = await cli().run(['config', '-f', '/nonexistent/x'], options);
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('nsinit: /nonexistent/x: ENOENT') });
});

it('checks the host for root and for others', async () => {
  const root = await cli().run(['check'], { cwd: box().rootfs });
  expect(root.stdout).toMatch(/^ {2}template +ok /m);
  expect(root.stdout).toMatch(/^ {2}delegation +ok +root may make groups in \//m);
  expect(root.stdout).toMatch(/^systemd\n {2}manager /m);
  expect(root.status).toBe(0);
  const other = await cli().run(['check', '--format', 'json'], {
    cwd: box().rootfs,
    ...nobody,
    env: { ...process.env, XDG_RUNTIME_DIR: box().work, TMPDIR: box().work },
  });
  expect(other.status).toBe(0);
  const findings = JSON.parse(other.stdout) as readonly { readonly name: string; readonly detail: string }[];
  expect(findings.find(({ name }) => name === 'template')).toMatchObject({
    status: 'ok',
    detail: expect.stringContaining('in a user namespace'),
  });
  expect(findings.find(({ name }) => name === 'pid')?.detail).toMatch(/within a user namespace/);
  expect(findings.find(({ name }) => name === 'delegation')).toMatchObject({ status: 'limited' });
  expect(findings.find(({ name }) => name === 'state')?.detail).toBe(join(box().work, 'nsinit'));
});
