import { chmodSync, chownSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Box } from '../testing/box.ts';
import { Cli } from '../testing/cli.ts';
import { Person } from '../testing/person.ts';

/** A user id that no host has. */
const UID = 2_100_300;

let cli: Cli;
beforeAll(() => {
  cli = new Cli();
});
afterAll(() => cli[Symbol.dispose]());

let box: Box;
let data: string;
beforeEach(() => {
  box = new Box();
  data = join(box.work, 'data');
  chmodSync(box.work, 0o755);
  mkdirSync(data);
  writeFileSync(join(data, 'theirs'), 'x');
  chownSync(join(data, 'theirs'), 0, 33);
});
afterEach(() => {
  expect(box.left()).toEqual([]);
  box[Symbol.dispose]();
});

/** Runs a script where root is user 1000 of the host, and user 0 of the host is nobody. */
const sh = (script: string, bind: string) =>
  cli.run(
    box.exec('--userns-root-uid', '1000', '--idmap-rootfs', '--bind', `${data}:/tmp${bind}`, '/bin/sh', '-c', script),
    { cwd: box.rootfs },
  );

it('shows the owners that files have on disk when --bind says so', async () => {
  const script = 'busybox stat -c %u:%g /tmp/theirs; touch /tmp/ours 2>/dev/null || echo no';
  expect(await sh(script, '')).toMatchObject({ stdout: '65534:33\nno\n', stderr: '', status: 0 });
  expect(await sh(script, ':ro,idmap')).toMatchObject({ stdout: '0:33\nno\n', stderr: '', status: 0 });
  for (const mode of ['idmap', 'rw,ridmap']) {
    expect(await sh(script, `:${mode}`)).toMatchObject({ stdout: '0:33\n', stderr: '', status: 0 });
    expect(statSync(join(data, 'ours'))).toMatchObject({ uid: 0, gid: 0 });
    rmSync(join(data, 'ours'));
  }
});

it('names the file system that cannot, and the flag', async () => {
  const flags = ['--userns-root-uid', '1000', '--idmap-rootfs', '--bind', '/sys/kernel:/tmp:idmap'];
  const { stderr, status } = await cli.run(box.exec(...flags, 'true'), { cwd: box.rootfs });
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/cannot make an id-mapped mount of \/sys\/kernel: sysfs has no id-mapped.*--bind.*ext4/),
  ]);
});

it('needs a user namespace, and the right to map owners', async () => {
  const plain = await cli.run(box.exec('--bind', `${data}:/tmp:idmap`, 'true'), { cwd: box.rootfs });
  expect([plain.status, plain.stderr]).toEqual([1, expect.stringMatching(/a user namespace of the container itself/)]);
  const person = new Person(cli, UID);
  try {
    const refused = await person.run(['exec', '--bind', `${person.box.rootfs}/etc:/tmp:idmap`, 'true']);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/needs CAP_SYS_ADMIN.*run as root/)]);
    expect(person.left()).toEqual([]);
  } finally {
    await person[Symbol.asyncDispose]();
  }
});
