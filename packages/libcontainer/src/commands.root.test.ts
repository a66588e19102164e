import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { failure, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

const shared = () => join(box().dir, 'shared');
beforeAll(() => {
  mkdirSync(shared());
  // In a user namespace they are run by its root, who is somebody else out here.
  chmodSync(shared(), 0o777);
});

const sh = (script: string, extra: { readonly env?: readonly string[]; readonly dir?: string } = {}) => ({
  path: '/bin/sh',
  args: ['-c', script],
  ...extra,
});

/** A tmpfs on /tmp with commands before and after. */
const withCommands = (before: readonly ReturnType<typeof sh>[], after: readonly ReturnType<typeof sh>[]) =>
  box().config({
    mounts: [
      ...box().config().mounts!,
      {
        source: shared(),
        destination: '/tmp',
        device: 'bind',
        flags: 4096,
        premountCmds: before,
        postmountCmds: after,
      },
    ],
  });

describe('commands of a mount', () => {
  it('run before and after it, outside of the container', async () => {
    const source = shared();
    const config = withCommands(
      [sh(`touch ${source}/hello; touch ${source}/world`)],
      [
        sh(
          `cp ${box().rootfs}/tmp/hello ${box().rootfs}/tmp/hello-backup; cp ${box().rootfs}/tmp/world ${box().rootfs}/tmp/world-backup`,
        ),
      ],
    );
    expect(await box().shell('ls /tmp', config)).toBe('hello\nhello-backup\nworld\nworld-backup\n');
  });

  it('have their own environment and directory', async () => {
    const file = join(shared(), 'seen');
    const config = withCommands(
      [sh(`env > ${file}; pwd >> ${file}`, { env: ['ONLY=this', 'PATH=/bin'], dir: box().dir })],
      [],
    );
    await box().runContainer(config, ['true']);
    const seen = readFileSync(file, 'utf8').trim().split('\n');
    expect(seen).toContain('ONLY=this');
    expect(seen.some((line) => line.startsWith('HOME='))).toBe(false);
    expect(seen.at(-1)).toBe(box().dir);
  });

  it('keep the container from starting when they fail, with what they said', async () => {
    const error = await failure(box().runContainer(withCommands([sh('echo went wrong >&2; exit 3')], []), ['true']));
    expect(error).toMatchObject({ code: 'SystemError', field: 'mounts[6].premountCmds[0]' });
    expect(error.message).toMatch(/went wrong/);
    expect(error.message).toMatch(/3/);
    const absent = withCommands([], [{ path: '/absent/command', args: [] }]);
    expect(await failure(box().runContainer(absent, ['true']))).toMatchObject({
      errno: 'ENOENT',
      field: 'mounts[6].postmountCmds[0]',
    });
  });

  it('leave no process behind when they outlive the start', async () => {
    const config = withCommands([sh('sleep 0.2 & echo started')], []);
    expect(await box().runContainer(config, ['true'])).toMatchObject({ status: 0 });
  });
});
