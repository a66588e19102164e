import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How a run of the command line ended. */
export interface Result {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

/** A directory on a disk, which the one for temporary files need not be; nothing in it is kept in the repository. */
export function diskDirectory(): string {
  const directory = join(packageRoot, '.cache');
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** The command line, bundled from the sources as they are now, or as it was built. */
export class Cli implements Disposable {
  readonly #dir: string | undefined;
  /** Path of the bundle. */
  readonly path: string;

  constructor(from: 'sources' | 'build' = 'sources') {
    if (from === 'build') {
      this.path = join(packageRoot, 'dist/nsinit.cjs');
      return;
    }
    // Below the package, so that it finds the modules that are not bundled.
    mkdirSync(join(packageRoot, '.cache'), { recursive: true });
    this.#dir = mkdtempSync(join(packageRoot, '.cache/test-'));
    // For users that are not root as well.
    chmodSync(this.#dir, 0o755);
    execFileSync(process.execPath, [join(packageRoot, 'scripts/build.mjs'), this.#dir], { stdio: 'pipe' });
    this.path = join(this.#dir, 'dist/nsinit.cjs');
  }

  /** Starts it. */
  start(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return spawn(process.execPath, [this.path, ...args], options);
  }

  /** Runs it to its end. @param input what it reads; undefined: nothing. */
  async run(args: readonly string[], options: SpawnOptions & { readonly input?: string } = {}): Promise<Result> {
    return await finished(this.start(args, options), options.input);
  }

  [Symbol.dispose](): void {
    if (this.#dir !== undefined) rmSync(this.#dir, { recursive: true });
  }
}

/** Waits for a process with pipes, and gives what it wrote. */
export async function finished(child: ChildProcess, input = ''): Promise<Result> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  child.stdin?.on('error', () => {}); // It need not read what it is given.
  child.stdin?.end(input);
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}
