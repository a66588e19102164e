import { describe, expect, it } from 'vitest';
import { finished } from '../testing/cli.ts';
import { answer, inTerminal, outcome, quoted } from '../testing/terminal.ts';
import { useBox } from '../testing/use-box.ts';

const { cli, box } = useBox();

/** The words of `nsinit exec --tty` for a shell. */
const words = (...args: readonly string[]): string =>
  quoted([process.execPath, cli().path, ...box().exec('--tty', ...args)]);

describe('nsinit exec --tty', () => {
  it('gives the process a terminal of the size of the own one, and its exit code', async () => {
    const child = inTerminal(box().rootfs, `stty rows 33 cols 77; ${words('/bin/sh', '-c', 'tty; stty size; exit 4')}`);
    const { stdout, status } = await outcome(child);
    expect(stdout).toContain('/dev/pts/0\r\n33 77\r\n');
    expect(status).toBe(4);
  });

  it('hands keys on unchanged: Ctrl-C is for the process, Ctrl-D ends its input', async () => {
    const script = "trap 'echo interrupted' INT; echo ready; cat; echo done; cat; exit 6";
    const child = inTerminal(box().rootfs, words('/bin/sh', '-c', script));
    answer(child, [/ready/, '\u0003'], [/interrupted[\s\S]*done/, 'a line\n'], [/a line\s+a line/, '\u0004']);
    const { stdout, status } = await outcome(child);
    expect(stdout).toContain('interrupted');
    expect(status).toBe(6);
  });

  it('gives the own terminal back as it was: after an end, a failure and a signal', async () => {
    const settings = 'stty -a | tr "\\n" " "';
    const lines = [
      `before=$(${settings})`,
      words('true'),
      `[ "$before" = "$(${settings})" ] && echo same1`,
      words('/nope'),
      `[ "$before" = "$(${settings})" ] && echo same2`,
      `${words('/bin/sh', '-c', 'kill -9 -$$; sleep 1; exit 1', '--')} `,
      `[ "$before" = "$(${settings})" ] && echo same3`,
      // A signal that nsinit cannot hand on and does not survive.
      `(sleep 0.6; kill -HUP $(cat ${box().rootfs}/.nspid)) & ${words('/bin/sh', '-c', "trap 'exit 3' HUP; while :; do sleep 0.1; done")}`,
      `[ "$before" = "$(${settings})" ] && echo same4`,
    ];
    const { stdout } = await outcome(inTerminal(box().rootfs, lines.join('\n')));
    for (const same of ['same1', 'same2', 'same3', 'same4']) expect(stdout).toContain(same);
  });

  it('loses nothing of the output', async () => {
    const script = 'i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done';
    const { stdout, status } = await outcome(inTerminal(box().rootfs, words('/bin/sh', '-c', script)));
    expect(status).toBe(0);
    const numbers = stdout.split('\r\n').filter((line) => /^\d+$/.test(line));
    expect(numbers).toHaveLength(20000);
    expect(numbers.at(-1)).toBe('19999');
  });

  it('works without a terminal of its own, where the end of the input is told', async () => {
    const child = cli().start(box().exec('--tty', '/bin/sh', '-c', 'stty -echo; cat; exit 5'), { cwd: box().rootfs });
    const { stdout, status } = await finished(child, 'a line\nhalf');
    expect(stdout).toContain('a line\r\nhalf');
    expect(status).toBe(5);
  });

  it('follows the size', async () => {
    const script = "trap 'stty size; exit 8' WINCH; echo ready; while :; do sleep 0.05; done";
    const child = inTerminal(
      box().rootfs,
      `stty rows 20 cols 40; t=$(tty); (sleep 1; stty -F "$t" rows 21 cols 41) & ${words('/bin/sh', '-c', script)}`,
    );
    const { stdout, status } = await outcome(child);
    expect(stdout).toContain('21 41');
    expect(status).toBe(8);
  });
});
