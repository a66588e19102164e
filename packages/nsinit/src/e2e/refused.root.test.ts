import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Cli, finished } from '../testing/cli.ts';
import { FIRST_GID, FIRST_UID, Person } from '../testing/person.ts';

/** A user id that no host has. */
const UID = 2_100_300;

let cli: Cli;
beforeAll(() => {
  cli = new Cli();
});
afterAll(() => cli[Symbol.dispose]());

let person: Person;
beforeEach(() => {
  person = new Person(cli, UID);
});
afterEach(async () => {
  expect(person.left()).toEqual([]);
  await person[Symbol.asyncDispose]();
});

/** Writes a configuration that asks for these ranges of ids, and not for those that there are. */
function ask(uids: readonly (readonly [number, number, number])[], gids = uids): void {
  const maps = (list: typeof uids) => list.map(([container_id, host_id, size]) => ({ container_id, host_id, size }));
  const namespaces = ['NEWNS', 'NEWPID', 'NEWUSER'].map((type) => ({ type }));
  person.box.config({ namespaces, uid_mappings: maps(uids), gid_mappings: maps(gids) });
}

const wide = [
  [0, UID, 1],
  [1, FIRST_UID, 100],
] as const;
const wideGids = [
  [0, UID, 1],
  [1, FIRST_GID, 100],
] as const;

/** Runs the command line as the person, under other commands. `before` is run by root, where only the person sees it. */
function exec(prefix: readonly string[] = [], before = '', command = ['exec', '/bin/true']) {
  return finished(person.spawn([...prefix, process.execPath, cli.path, ...command], { env: { BEFORE: before } }));
}

/** What `nsinit check` says of one thing beforehand, and what to do about it. */
async function checked(name: string, prefix: readonly string[] = []): Promise<string> {
  const { stdout } = await exec(prefix, '', ['check']);
  return new RegExp(`^ {2}${name} .*(?:\\n {4}.*)*`, 'm').exec(stdout)?.[0] ?? stdout;
}

/** A range in the files of the host, and what is to be there for it. */
function given(): void {
  person.giveRanges();
  ask(wide, wideGids);
}

it('starts when there is nothing to refuse', async () => {
  given();
  expect(await exec()).toMatchObject({ status: 0, stderr: '' });
});

it('without newuidmap says which package brings it', async () => {
  given();
  const { status, stderr } = await exec(['env', 'PATH=/nonexistent']);
  expect(status).toBe(1);
  expect(stderr).toMatch(/gidMappings: newgidmap is not installed.*\(install the package uidmap/);
  expect(await checked('newuidmap', ['env', 'PATH=/nonexistent'])).toMatch(
    /limited +not found: users other than root can map one id only\n +-> install the package uidmap$/,
  );
  // Without maps of its own the container has one id.
  person.box.config({});
  expect((await exec(['env', 'PATH=/nonexistent'])).status).toBe(0);
});

it('with a newuidmap without its bit says how to give it', async () => {
  given();
  const dir = join(person.box.work, 'bin');
  mkdirSync(dir, { mode: 0o755 });
  for (const name of ['newuidmap', 'newgidmap']) {
    copyFileSync(join('/usr/bin', name), join(dir, name));
    chmodSync(join(dir, name), 0o755);
  }
  const { status, stderr } = await exec(['env', `PATH=${dir}`]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/\/bin\/newgidmap has neither the set-user-id bit nor capabilities \(as root: chmod u\+s /);
  expect(await checked('newgidmap', ['env', `PATH=${dir}`])).toMatch(
    /limited .*\/newgidmap has neither the set-user-id bit nor capabilities\n +-> chmod u\+s /,
  );
});

it('under no_new_privs says that nothing can help, and runs with one id', async () => {
  given();
  const { status, stderr } = await exec(['setpriv', '--no-new-privs']);
  expect(status).toBe(1);
  expect(stderr).toMatch(/this process has no_new_privs, under which .*newgidmap gets no privilege \(start it without/);
  expect(await checked('newuidmap', ['setpriv', '--no-new-privs'])).toMatch(/no_new_privs\n +-> start without it/);
  person.box.config({});
  expect(await exec(['setpriv', '--no-new-privs'])).toMatchObject({ status: 0, stderr: '' });
});

it('without an entry in passwd says that newuidmap asks for one', async () => {
  ask(wide, wideGids);
  expect((await exec()).stderr).toMatch(new RegExp(`user ${UID} has no entry in /etc/passwd.*\\(make one`));
  expect(await checked('newuidmap')).toMatch(/no entry in \/etc\/passwd, which it asks for\n +-> useradd --uid/);
});

it('without a range, and with too small a one, says what there is', async () => {
  person.giveRanges('', `nsinit-test:${FIRST_GID}:65536\n`);
  ask(wide, wideGids);
  expect((await exec()).stderr).toMatch(
    /uidMappings: user nsinit-test has no range in \/etc\/subuid, and 2300000 to 2300099 is wanted \(as root: usermod --add-subuids/,
  );
  expect(await checked('subuid')).toMatch(/has no range in \/etc\/subuid\n +-> usermod --add-subuids/);
  person.giveRanges(`nsinit-test:${FIRST_UID}:5\n`);
  expect((await exec()).stderr).toMatch(
    /has 2300000 to 2300004 in \/etc\/subuid, and 2300000 to 2300099 is wanted \(as root: usermod --add-subuids/,
  );
  expect(await checked('subuid')).toMatch(/2300000 to 2300004 is less than 65536 ids\n +-> usermod --add-subuids/);
});

it('with maps that overlap, or are too large, says where', async () => {
  given();
  ask([...wide, [5, FIRST_UID + 500, 10]], wideGids);
  expect((await exec()).stderr).toMatch(
    /uid_mappings\[2\]\.container_id: overlaps uid_mappings\[1\] \(begin at 101, or shorten that one\)/,
  );
  ask([...wide, [1000, 4_294_967_000, 1000]], wideGids);
  expect((await exec()).stderr).toMatch(
    /host_id 4294967000 and size 1000 go beyond 4294967294 \(295 ids are left from there\)/,
  );
  ask(
    Array.from({ length: 341 }, (_, index) => [index, FIRST_UID + index, 1] as const),
    wideGids,
  );
  expect((await exec()).stderr).toMatch(
    /uid_mappings: more than 340 mappings, which is the limit of the kernel \(join those that follow one another\)/,
  );
});

it('without a delegated group says who delegates one', async () => {
  const { status, stderr } = await exec([], '', ['exec', '--pids-limit', '5', '/bin/true']);
  expect(status).toBe(1);
  expect(stderr).toMatch(/no right to limit pids.*Delegate=yes.*--pids-limit/);
  expect(await checked('delegation')).toMatch(/limited .*\n +-> .*Delegate=/);
});

it('with no user namespaces left names the sysctl', async () => {
  // The limit counts in each user namespace: one of our own is set to none, and left without capabilities.
  const script = 'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all --inh-caps=-all "$@"';
  const inside = ['unshare', '--user', '--map-root-user', 'sh', '-c', script, 'sh'];
  const { status, stderr } = await exec(inside);
  expect(status).toBe(1);
  expect(stderr).toMatch(/user\.max_user_namespaces is 0.*sysctl -w user\.max_user_namespaces=/);
  const check = await exec(inside, '', ['check']);
  expect(check.status).toBe(1);
  expect(check.stdout).toMatch(/user namespaces +missing +user\.max_user_namespaces is 0\n +-> sysctl -w/);
});

it.each([
  [
    'unprivileged_userns_clone',
    0,
    /for root only: kernel\.unprivileged_userns_clone is 0.*unprivileged_userns_clone=1/,
  ],
  ['apparmor_restrict_unprivileged_userns', 1, /apparmor_restrict_unprivileged_userns is 1.*the rule "userns,"/],
])('with %s at %d names it', async (name, value, message) => {
  // What the kernel of a distribution has is put where ours has nothing. What refuses is a namespace without maps.
  const before = [
    'last=$(cat /proc/sys/kernel/cap_last_cap)',
    'mount -t tmpfs tmpfs /proc/sys/kernel',
    'echo $last > /proc/sys/kernel/cap_last_cap',
    `echo ${value} > /proc/sys/kernel/${name}`,
  ].join('\n');
  const { status, stderr } = await exec(['unshare', '--user'], before);
  expect(status).toBe(1);
  expect(stderr).toMatch(message);
  const check = await exec([], before, ['check']);
  expect(check.stdout).toMatch(new RegExp(`user namespaces +limited .*kernel.${name} is ${value}\n +->`));
});

it('in a user namespace without maps says that', async () => {
  const { status, stderr } = await exec(['unshare', '--user']);
  expect(status).toBe(1);
  expect(stderr).toMatch(/a user namespace that has no maps.*--map-root-user/);
});

it('nests in a user namespace with one id', async () => {
  const result = await exec(['unshare', '--user', '--map-root-user']);
  expect(result).toMatchObject({ status: 0, stderr: '' });
});

it('with somebody else’s directory among the temporary files uses none', async () => {
  const taken = join(person.box.work, `nsinit-${UID}`);
  mkdirSync(taken);
  writeFileSync(join(taken, 'x'), '');
  const { status, stderr } = await finished(
    person.spawn([process.execPath, cli.path, 'exec', '/bin/true'], {
      env: { XDG_RUNTIME_DIR: '/nonexistent', TMPDIR: person.box.work },
    }),
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/belongs to somebody else \(set XDG_RUNTIME_DIR/);
});
