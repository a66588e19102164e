import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lives, namespaceFlags, textOf, until } from '../testing/box.ts';
import { finished } from '../testing/cli.ts';
import { testCriu } from '../testing/criu.ts';
import { answer, inTerminal, outcome, quoted } from '../testing/terminal.ts';
import { useBox } from '../testing/use-box.ts';

const { cli, box } = useBox();
let criu: string;
beforeAll(() => {
  criu = testCriu();
});

const words = (...args: readonly string[]) => ['--root', box().state, '--criu', criu, ...args];
const line = (...args: readonly string[]) => quoted([process.execPath, cli().path, ...words(...args)]);
const images = () => join(box().work, 'images');

describe('nsinit restore --tty', () => {
  it('lets a shell go on at another terminal, with what was said in the first one', async () => {
    const mark = () => existsSync(join(box().rootfs, 'tmp/said'));
    const first = inTerminal(box().rootfs, line('exec', ...namespaceFlags, '--tty', '/bin/sh'));
    const over = outcome(first);
    first.stdin?.write('number=41; touch /tmp/said\n');
    await until(mark);
    const saved = await cli().run(words('checkpoint', '--image-path', images()), { cwd: box().rootfs });
    expect(saved).toMatchObject({ status: 0, stdout: '' });
    expect((await over).status).toBe(137);

    const without = await cli().run(words('restore', '--image-path', images()), { cwd: box().rootfs });
    expect(without).toMatchObject({ status: 1, stderr: expect.stringContaining('has a terminal') });

    const again = inTerminal(
      box().rootfs,
      `stty rows 33 cols 77; ${line('restore', '--tty', '--image-path', images())}`,
    );
    answer(again, [/criu took/, 'echo number $((number + 1)); tty; stty size; exit 5\n']);
    const { stdout, status } = await outcome(again);
    expect(stdout).toMatch(/restore of nsinit in [\d.]+ ms/);
    expect(stdout).toMatch(/number 42\r\n\/dev\/pts\/0\r\n33 77\r\n/);
    expect(status).toBe(5);
  });
});

describe('nsinit restore --config', () => {
  it('makes the container from that file, wherever it is called', async () => {
    const cwd = box().rootfs;
    const { stdout } = await cli().run(['config', ...namespaceFlags, '--rootfs', cwd], { cwd });
    const elsewhere = join(box().work, 'elsewhere');
    mkdirSync(elsewhere);
    box().config(JSON.parse(stdout) as object, elsewhere);
    const file = join(elsewhere, 'other.json');
    renameSync(join(elsewhere, 'container.json'), file);

    // A terminal of its own, as whose streams nothing leads out of the container.
    const script = 'echo $$ > /tmp/pid; trap "exit 7" TERM; while :; do sleep 0.05; done';
    const first = inTerminal(cwd, line('exec', '--config', file, '--tty', '/bin/sh', '-c', script));
    const over = outcome(first);
    await until(() => textOf(join(cwd, 'tmp/pid')));
    expect((await cli().run(words('checkpoint', '--image-path', images()), { cwd })).status).toBe(0);
    await over;
    expect(await cli().run(words('destroy'), { cwd })).toMatchObject({ status: 0, stderr: '' });

    const refused = await cli().run(words('restore', '--tty', '--image-path', images()), { cwd: box().work });
    expect(refused.status).toBe(1);
    const again = cli().start(words('restore', '--tty', '--config', file, '--image-path', images()), {
      cwd: box().work,
    });
    const ended = finished(again);
    const pid = Number(await until(() => textOf(join(cwd, '.nspid'))));
    expect(lives(pid)).toBe(true);
    again.kill('SIGTERM');
    expect((await ended).status).toBe(7);
  });
});
