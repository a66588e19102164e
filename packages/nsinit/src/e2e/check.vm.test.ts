import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from '../testing/cli.ts';

let cli: Cli;
beforeAll(() => {
  cli = new Cli('build');
});
afterAll(() => cli[Symbol.dispose]());

interface Found {
  readonly group: string;
  readonly name: string;
  readonly status: string;
  readonly detail: string;
  readonly remedy?: string;
}

/** What `nsinit check` finds, by group and name. */
async function check(options: Parameters<Cli['run']>[1] = {}): Promise<(group: string, name: string) => Found> {
  const { stdout, stderr } = await cli.run(['check', '--format', 'json'], { cwd: '/', ...options });
  expect(stderr).toBe('');
  const findings = JSON.parse(stdout) as readonly Found[];
  return (group, name) => findings.find((finding) => finding.group === group && finding.name === name)!;
}

const version = () => /^systemd (\d+)/.exec(execFileSync('systemctl', ['--version'], { encoding: 'utf8' }))![1];

describe('nsinit check where systemd and cgroup v2 are', () => {
  it('tells root of the layout, the controllers, systemd, its version and its bus', async () => {
    const found = await check();
    expect(found('cgroups', 'layout')).toMatchObject({ status: 'ok', detail: 'v2, /sys/fs/cgroup' });
    expect(found('cgroups', 'delegation')).toMatchObject({
      status: 'ok',
      detail: expect.stringMatching(/root may make groups .*, with .*cpu.*memory.*pids/),
    });
    expect(found('systemd', 'manager')).toMatchObject({ status: 'ok', detail: `systemd ${version()}` });
    expect(found('systemd', 'bus')).toMatchObject({ status: 'ok', detail: 'systemd answers on the system bus' });
  });

  it('says what does not answer, and still the version', async () => {
    const found = await check({
      env: { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent/bus' },
    });
    expect(found('systemd', 'bus')).toMatchObject({
      status: 'missing',
      detail: expect.stringContaining('/nonexistent/bus'),
      remedy: expect.stringContaining('dbus'),
    });
    expect(found('systemd', 'manager').detail).toBe(`systemd ${version()}`);
  });

  it('tells a user with a manager what was delegated to it, and one without what to do', async () => {
    const name = 'nsinit-vm-check';
    execFileSync('useradd', ['--create-home', name]);
    const uid = Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }));
    const user = { uid, gid: uid, env: { PATH: process.env['PATH'], XDG_RUNTIME_DIR: `/run/user/${uid}` } };
    try {
      const alone = await check(user);
      expect(alone('cgroups', 'delegation')).toMatchObject({ status: 'limited' });
      expect(alone('systemd', 'bus')).toMatchObject({
        status: 'missing',
        remedy: expect.stringContaining(`loginctl enable-linger ${uid}`),
      });
      execFileSync('loginctl', ['enable-linger', name]);
      execFileSync('systemctl', ['start', `user@${uid}.service`]);
      const found = await check(user);
      expect(found('systemd', 'bus')).toMatchObject({ status: 'ok', detail: expect.stringContaining(`user ${uid}`) });
      expect(found('systemd', 'manager').detail).toBe(`systemd ${version()}`);
      expect(found('systemd', 'delegation').detail).toMatch(new RegExp(`^user@${uid}\\.service has .*memory.*pids`));
    } finally {
      execFileSync('loginctl', ['disable-linger', name]);
      execFileSync('systemctl', ['stop', `user@${uid}.service`, `user-runtime-dir@${uid}.service`]);
      execFileSync('userdel', ['--remove', name], { stdio: 'ignore' });
    }
  });
});
