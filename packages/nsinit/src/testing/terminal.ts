import { type ChildProcess, spawn } from 'node:child_process';

/** Words as a shell wants them. */
export const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');

/** Runs a command line in a directory and in a terminal of its own, made by script(1). */
export function inTerminal(cwd: string, line: string): ChildProcess {
  return spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], { cwd });
}

/** Writes text when the output shows that it is expected. */
export function answer(child: ChildProcess, ...exchange: readonly (readonly [RegExp, string])[]): void {
  let seen = '';
  let next = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    seen += chunk;
    const wanted = exchange[next];
    if (!wanted?.[0].test(seen)) return;
    seen = '';
    next += 1;
    child.stdin?.write(wanted[1]);
  });
}

/** Waits without ending the input, which would end the terminal. */
export async function outcome(child: ChildProcess) {
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  return { stdout, status };
}
