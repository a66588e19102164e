import { once } from 'node:events';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../testing/box.ts';
import { Cli, finished } from '../testing/cli.ts';
import { FIRST_GID, FIRST_UID, Person } from '../testing/person.ts';

/** A user id that no host has. */
const UID = 2_100_100;

let cli: Cli;
beforeAll(() => {
  cli = new Cli();
});
afterAll(() => cli[Symbol.dispose]());

let person: Person;
afterEach(async () => {
  expect(person.left()).toEqual([]);
  await person[Symbol.asyncDispose]();
});

const sh = (script: string, ...flags: readonly string[]) => person.run(['exec', ...flags, '/bin/sh', '-c', script]);

/** Starts a container whose first process runs until it gets TERM or a file tells it to end. */
async function waiting(...flags: readonly string[]) {
  const script = 'trap "exit 9" TERM; touch /tmp/up; while :; do sleep 0.05; done';
  const child = person.start(['exec', ...flags, '/bin/sh', '-c', script]);
  const ended = finished(child);
  await until(() => existsSync(join(person.box.rootfs, 'tmp/up')) || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error((await ended).stderr);
  return { child, ended };
}

describe('a user without any privilege', () => {
  beforeEach(() => {
    person = new Person(cli, UID);
  });

  it('is root in a container of its own, and nobody else is there', async () => {
    const { stdout, stderr, status } = await sh(
      'id -u; id -g; hostname; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; echo $$',
    );
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout.replace(/ +/g, ' ')).toBe(`0\n0\nnsinit\n 0 ${UID} 1\n 0 ${UID} 1\ndeny\n1\n`);
  });

  it('has devices, a loopback interface, and file systems as any container', async () => {
    const { stdout, stderr } = await sh(
      'echo x > /dev/null; dd if=/dev/zero bs=2 count=1 2>/dev/null | wc -c; ls /sys/class/net; grep -c " lo" /proc/net/if_inet6; ls /dev/pts; touch /dev/shm/a /tmp/b; ls /dev/mqueue; grep -o " /sys ro" /proc/self/mountinfo',
    );
    expect({ stdout, stderr }).toEqual({ stdout: '2\nlo\n1\nptmx\n /sys ro\n', stderr: '' });
    expect(statSync(join(person.box.rootfs, 'tmp/b'))).toMatchObject({ uid: UID, gid: UID });
  });

  it('gets exit codes as a shell has them', async () => {
    expect((await sh('exit 3')).status).toBe(3);
    expect((await sh('kill -9 $$; kill -KILL 1; (kill -9 $$); exit 5')).status).toBe(5);
    expect((await person.run(['exec', 'absent'])).status).toBe(127);
    expect((await person.run(['exec', '/etc/passwd'])).status).toBe(126);
  });

  it('joins it, and signals it', async () => {
    const { child, ended } = await waiting();
    const second = await sh('ps; id -u; exit 6');
    expect(second).toMatchObject({ status: 6, stderr: '' });
    expect(second.stdout).toMatch(/^ +1 root .*touch \/tmp\/up/m);
    expect(second.stdout).toMatch(/^0$/m);
    const state = await person.run(['state']);
    expect(JSON.parse(state.stdout)).toMatchObject({ id: 'nsinit', cgroup_paths: {} });
    expect(readdirSync(person.runtime)).toEqual(['nsinit']);
    child.kill('SIGTERM');
    expect((await ended).status).toBe(9);
  });

  it('has a terminal in it, of a new container and of one that runs', async () => {
    const words = [
      process.execPath,
      cli.path,
      'exec',
      '--tty',
      '/bin/sh',
      '-c',
      '"tty; test -t 0 && echo yes; exit 4"',
    ];
    const inTerminal = () =>
      finished(person.spawn(['script', '--quiet', '--return', '--command', words.join(' '), '/dev/null']));
    const first = await inTerminal();
    expect(first.stdout).toContain('/dev/pts/0\r\nyes\r\n');
    expect(first.status).toBe(4);
    const { child, ended } = await waiting();
    const second = await inTerminal();
    expect(second.stdout).toContain('/dev/pts/0\r\nyes\r\n');
    expect(second.status).toBe(4);
    child.kill('SIGTERM');
    await ended;
  });

  it('is told that limits and the freezer need a group', async () => {
    const limited = await sh('true', '--memory-limit', '100000000');
    expect(limited.status).toBe(1);
    expect(limited.stderr).toMatch(/no right to limit memory.*Delegate=yes.*--memory-limit/);
    const { child, ended } = await waiting();
    const paused = await person.run(['pause']);
    expect(paused).toMatchObject({ status: 1, stderr: expect.stringMatching(/pause needs a cgroup.*Delegate=yes/) });
    child.kill('SIGTERM');
    await ended;
  });

  it('pauses it where a group was delegated', async () => {
    const group = person.giveCgroup();
    const name = basename(person.box.rootfs);
    const { child, ended } = await waiting();
    expect(readdirSync(join(group, 'nsinit'))).toContain(name);
    expect(await person.run(['pause'])).toMatchObject({ status: 0, stderr: '' });
    expect((await sh('true')).stderr).toMatch(/is paused/);
    expect(await person.run(['unpause'])).toMatchObject({ status: 0, stderr: '' });
    expect((await sh('exit 8')).status).toBe(8);
    child.kill('SIGTERM');
    expect((await ended).status).toBe(9);
    expect(readdirSync(join(group, 'nsinit'))).not.toContain(name);
  });

  it('destroys it when its starter is gone', async () => {
    const { child } = await waiting();
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    expect((await sh('exit 7')).status).toBe(7);
    expect((await person.run(['destroy'])).stderr).toMatch(/has processes that live.*--force/);
    expect(await person.run(['destroy', '--force'])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readdirSync(person.runtime)).toEqual([]);
  });

  it('shares namespaces of the host, of which it can change nothing', async () => {
    const { stdout, stderr } = await sh(
      'ls /sys/class/net | grep -c .; touch /sys/fs/cgroup/x /sys/y; echo 1 > /proc/sys/kernel/domainname; test $$ -gt 1 && echo host pid; hostname x',
      '--net=host',
      '--pid=host',
      '--ipc=host',
      '--uts=host',
    );
    expect(stdout).toMatch(/^\d+\nhost pid\n$/);
    expect(stderr.split('\n').filter(Boolean)).toHaveLength(4);
    expect(stderr).not.toMatch(/nsinit:/);
  });

  it('has the pid namespace of another container together with its user namespace, and not without', async () => {
    const { child, ended } = await waiting();
    const { init_process_pid: pid } = JSON.parse((await person.run(['state'])).stdout) as { init_process_pid: number };
    const base = JSON.parse((await person.run(['config'])).stdout) as {
      readonly namespaces: readonly { readonly type: string }[];
    };
    const second = (...kinds: readonly (readonly [string, string])[]) => {
      const joined = kinds.map(([type, name]) => ({ type, path: `/proc/${pid}/ns/${name}` }));
      const others = base.namespaces.filter(({ type }) => !joined.some((one) => one.type === type));
      const config = JSON.stringify({ ...base, namespaces: [...others, ...joined] });
      const file = join(person.box.work, 'second.json');
      writeFileSync(file, config);
      return person.run([
        'exec',
        '--id',
        'second',
        '--config',
        file,
        '/bin/sh',
        '-c',
        'ps; readlink /proc/1/exe; id -u',
      ]);
    };
    const alone = await second(['NEWPID', 'pid']);
    expect(alone.status).toBe(1);
    expect(alone.stderr).toMatch(
      /namespaces\[\d\].*in a user namespace of its own.*NEWUSER with the path \/proc\/\d+\/ns\/user/,
    );
    const both = await second(['NEWPID', 'pid'], ['NEWUSER', 'user']);
    expect(both).toMatchObject({ stderr: '', status: 0 });
    expect(both.stdout).toMatch(/^ +1 root .*touch \/tmp\/up/m);
    expect(both.stdout).toMatch(/\n\/bin\/busybox\n0\n$/);
    child.kill('SIGTERM');
    expect((await ended).status).toBe(9);
  });

  it('sees files of others as those of nobody', async () => {
    person.give('theirs', 0);
    person.give('other', 12_345);
    const { stdout } = await sh('stat -c "%u %g" /theirs /other; touch /theirs 2>/dev/null || echo no');
    expect(stdout).toBe('65534 65534\n65534 65534\nno\n');
  });

  it('keeps its containers among the temporary files without a session', async () => {
    const env = { XDG_RUNTIME_DIR: undefined, TMPDIR: person.box.work };
    const seen = await person.run(['exec', '--debug', '/bin/true'], { env });
    expect(seen.status).toBe(0);
    expect(existsSync(join(person.box.work, `nsinit-${UID}`))).toBe(false);
    // Somebody else's directory of that name is not used.
    const foreign = await person.run(['exec', '/bin/true'], {
      env: { XDG_RUNTIME_DIR: '/root', TMPDIR: '/nsinit-absent' },
    });
    expect(foreign.status).toBe(1);
  });
});

describe('a user with subordinate ids', () => {
  beforeEach(() => {
    person = new Person(cli, UID, { ranges: true });
  });

  it('has 65536 more, and files can be given to them', async () => {
    const { stdout, stderr } = await sh(
      'id -u; cat /proc/self/uid_map /proc/self/gid_map; touch /tmp/a; chown 1000:33 /tmp/a; stat -c "%u %g" /tmp/a',
    );
    expect(stderr).toBe('');
    expect(stdout.replace(/ +/g, ' ')).toBe(
      `0\n 0 ${UID} 1\n 1 ${FIRST_UID} 65536\n 0 ${UID} 1\n 1 ${FIRST_GID} 65536\n1000 33\n`,
    );
    expect(statSync(join(person.box.rootfs, 'tmp/a'))).toMatchObject({ uid: FIRST_UID + 999, gid: FIRST_GID + 32 });
  });

  it('runs processes as other users, with groups, and ends them', async () => {
    const { stdout, stderr } = await sh('id', '--user', 'daemon', '--groups', 'audio');
    expect({ stdout, stderr }).toEqual({ stdout: 'uid=1(daemon) gid=1(daemon) groups=29(audio)\n', stderr: '' });
    const { child, ended } = await waiting('--user', 'daemon');
    expect((await sh('id -u', '--user', '77')).stdout).toBe('77\n');
    child.kill('SIGTERM');
    expect((await ended).status).toBe(9);
  });
});
