import { expect, it } from 'vitest';
import { type Cli, finished } from '../testing/cli.ts';
import { useBox } from '../testing/use-box.ts';

const { cli, box } = useBox();

/** Resolves when the child has written the word. */
const said = (child: ReturnType<Cli['start']>, word: string) =>
  new Promise<void>((resolve) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk;
      if (text.includes(word)) resolve();
    });
  });

it.each(['HUP', 'INT', 'QUIT', 'USR1', 'USR2', 'TERM', 'CONT', 'WINCH', 'PIPE', 'ALRM', 'ABRT', 'TSTP'] as const)(
  'hands on SIG%s',
  async (name) => {
    const script = `trap 'echo got ${name}; exit 9' ${name}; echo ready; while :; do sleep 0.05; done`;
    const child = cli().start(box().exec('/bin/sh', '-c', script), { cwd: box().rootfs });
    const ended = finished(child);
    await said(child, 'ready');
    child.kill(`SIG${name}`);
    const { status, stdout } = await ended;
    expect([status, stdout]).toEqual([9, `ready\ngot ${name}\n`]);
  },
);

it('hands on a signal that comes before the container is there', async () => {
  const script = "trap 'exit 9' TERM; while :; do sleep 0.05; done";
  const child = cli().start([...box().exec('--debug', '/bin/sh', '-c', script)], { cwd: box().rootfs });
  const ended = finished(child);
  // Said before anything is started. The shell may have its trap or not when the signal comes: it is sent again.
  await new Promise<void>((resolve) => child.stderr?.once('data', () => resolve()));
  const again = setInterval(() => child.kill('SIGTERM'), 20);
  const { status } = await ended;
  clearInterval(again);
  expect(status).toBe(9);
});

it('ends with 137 when the container is killed', async () => {
  const child = cli().start(box().exec('/bin/sh', '-c', 'echo ready; sleep 1000'), { cwd: box().rootfs });
  const ended = finished(child);
  await said(child, 'ready');
  const { stdout } = await cli().run(['--root', box().state, 'state'], { cwd: box().rootfs });
  process.kill((JSON.parse(stdout) as { init_process_pid: number }).init_process_pid, 'SIGKILL');
  expect((await ended).status).toBe(137);
});
