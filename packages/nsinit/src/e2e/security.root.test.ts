import { describe, expect, it } from 'vitest';
import { Person } from '../testing/person.ts';
import { useBox } from '../testing/use-box.ts';

/** A user id that no host has. */
const UID = 2_100_200;

const { cli, box } = useBox();

const landlock = {
  paths: [
    { paths: ['/'], access: ['read', 'execute'] },
    { paths: ['/dev'], access: ['read', 'write'] },
  ],
};
/** What `nsinit config` printed, with the section. */
const withSection = (config: string): object => ({ ...(JSON.parse(config) as object), landlock });

const script = 'touch /dev/shm/in; echo $?; touch /tmp/out; echo $?';

describe('the section landlock', () => {
  it('forbids root what it does not allow, and is a part of the plan', async () => {
    box().config(withSection((await cli().run(['config'], { cwd: box().rootfs })).stdout));
    const { stdout, stderr } = await cli().run(box().exec('/bin/sh', '-c', script), { cwd: box().rootfs });
    expect(stdout).toBe('0\n1\n');
    expect(stderr).toMatch(/\/tmp\/out'?: Permission denied/);
    const plan = await cli().run(['plan', '/bin/true'], { cwd: box().rootfs });
    expect(plan.stdout).toMatch(
      /landlock_create_ruleset\(.*# landlock: make a ruleset for 16 rights on files \(version \d+\)/,
    );
    expect(plan.stdout).toMatch(/landlock_restrict_self\(.*# landlock: give up what the ruleset does not allow\n/);
  });

  it.each([
    [{ ...landlock, abi: 2 }, /landlock\.handled_files: Landlock with abi 2 cannot enforce truncate \(Linux 6\.2\)/],
    [{ scopes: ['signals'] }, /landlock\.scopes\[0\]: unknown value "signals".*did you mean "signal"/],
    [{ ports: [{ port: 70000, access: ['bind_tcp'] }] }, /landlock\.ports\[0\]\.port: 70000 is out of range/],
    [{}, /landlock: it forbids nothing/],
  ])('is refused when it cannot be: %j', async (section, message) => {
    box().config({ landlock: section });
    const { status, stderr } = await cli().run(box().exec('/bin/true'), { cwd: box().rootfs });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(message) });
  });
});

it('the section landlock forbids it to a user without any privilege', async () => {
  const person = new Person(cli(), UID);
  try {
    person.box.config(withSection((await person.run(['config'])).stdout));
    const { stdout, stderr } = await person.run(['exec', '/bin/sh', '-c', script]);
    expect({ stdout, stderr }).toEqual({
      stdout: '0\n1\n',
      stderr: expect.stringMatching(/^touch: [^\n]*\/tmp\/out'?: Permission denied\n$/),
    });
    expect(person.left()).toEqual([]);
  } finally {
    await person[Symbol.asyncDispose]();
  }
});

it('a plan shows profiles and labels, on a machine without them too', async () => {
  const label = 'system_u:system_r:container_t:s0:c1,c2';
  const flags = ['--apparmor-profile', '&my-box', '--process-label', label, '--mount-label', label];
  const { stdout, stderr } = await cli().run(['plan', ...flags, '/bin/true'], { cwd: box().rootfs });
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    /openat2\(proc, "thread-self\/attr\/apparmor\/exec".*# apparmorProfile: let exec add the AppArmor profile my-box\n/,
  );
  expect(stdout).toMatch(/write\(.*stack my-box/);
  expect(stdout).toMatch(/openat2\(proc, "thread-self\/attr\/exec".*# processLabel: let exec take the SELinux label /);
  expect(stdout).toMatch(/fsconfig\(tmpfs, FSCONFIG_SET_STRING, "context", "system_u:/);
});
