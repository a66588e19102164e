import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appArmorSupport, selinuxSupport } from '@nsinit/lsm';
import { beforeAll, describe, expect, it } from 'vitest';
import { Status } from '../status.ts';
import { Checkpointed } from '../testing/checkpointed.ts';
import { compile } from '../testing/compile.ts';
import { testCriu } from '../testing/criu.ts';
import { exec, failure, useSandbox } from '../testing/sandbox.ts';

const sandbox = useSandbox();
const criuPath = testCriu();
beforeAll(() =>
  compile(
    sandbox(),
    'locker',
    `#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>
int main(int argc, char **argv) { int fd = open("/tmp/lock", O_RDWR | O_CREAT, 0600); if (flock(fd, LOCK_EX | LOCK_NB)) return 9; if (argc > 1) return 0;
  puts("locked"); fflush(stdout); for (;;) pause(); }`,
  ),
);

describe('configFile', () => {
  it('has settings of criu that win, and is there and right', async () => {
    await using scene = await Checkpointed.create(sandbox(), sandbox().config(), criuPath);
    const first = await scene.run(['locker']);
    await first.stdout.until(/locked/);
    const [configFile, wrong] = ['good', 'wrong'].map((name) => join(sandbox().dir, name)) as [string, string];
    writeFileSync(configFile, '# criu(8)\nfile-locks\n');
    writeFileSync(wrong, 'no-such-setting\n');
    const absent = join(sandbox().dir, 'absent');
    expect(await failure(scene.save())).toMatchObject({ hint: 'set fileLocks' });
    expect(await failure(scene.save({ configFile: absent }))).toMatchObject({
      message: expect.stringContaining(`ENOENT: no such file or directory, access '${absent}'`),
    });
    expect(await failure(scene.save({ configFile: wrong }))).toMatchObject({
      message: expect.stringContaining("unrecognized option '--no-such-setting'"),
    });
    expect(await scene.container.status()).toBe(Status.Running);
    const { imagesDirectory } = await scene.save({ configFile });
    expect(await failure(scene.restore(imagesDirectory, { configFile: absent }))).toMatchObject({
      message: expect.stringContaining('ENOENT'),
    });
    expect(await scene.container.status()).toBe(Status.Checkpointed);
    await scene.restore(imagesDirectory, { configFile });
    expect((await exec(scene.container, ['locker', 'once'])).status).toBe(9);
  });
});

describe('another profile or label', () => {
  const hasAppArmor = appArmorSupport().reason === undefined;
  const hasSelinux = selinuxSupport().reason === undefined;
  const cases = [
    [{ lsmProfile: 'nonsense' }, 'lsmProfile', /"nonsense" names no profile/],
    [{ lsmProfile: 'yama:x' }, 'lsmProfile', /"yama:x" names no profile/],
    [{ lsmProfile: 'apparmor:' }, 'lsmProfile', /"apparmor:" names no profile/],
    [{ lsmProfile: 'selinux:x' }, 'lsmProfile', /lsmProfile: /],
    [{ lsmMountContext: 'x' }, 'lsmMountContext', /lsmMountContext: /],
    ...(hasAppArmor
      ? []
      : [[{ lsmProfile: 'apparmor:x' }, 'lsmProfile', /AppArmor profiles cannot be used here/] as const]),
    ...(hasSelinux
      ? []
      : ([
          [{ lsmProfile: 'selinux:a_u:b_r:c_t:s0' }, 'lsmProfile', /SELinux labels cannot be used here/],
          [{ lsmMountContext: 'a_u:object_r:c_t:s0' }, 'lsmMountContext', /SELinux labels cannot be used here/],
        ] as const)),
  ] as const;

  it('is refused before anything is touched when it cannot be', async () => {
    await using scene = await Checkpointed.create(sandbox(), sandbox().config(), criuPath);
    await scene.run(['sleep', '1000']);
    const { imagesDirectory } = await scene.save();
    for (const [options, field, message] of cases) {
      expect(await failure(scene.restore(imagesDirectory, options))).toMatchObject({
        code: 'ConfigInvalid',
        field,
        message: expect.stringMatching(message),
      });
      expect(await scene.container.status()).toBe(Status.Checkpointed);
    }
    await scene.restore(imagesDirectory);
    expect(await scene.container.status()).toBe(Status.Running);
  });
});
