import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fd, invoke, tryInvoke } from '@nsinit/syscall';

/** Polls until something is there, for at most 20 seconds. */
export async function until<T>(what: string, get: () => T | undefined | false): Promise<T> {
  for (let tries = 0; tries < 2000; tries++) {
    const value = get();
    if (value !== undefined && value !== false) return value;
    await sleep(10);
  }
  throw new Error(`waited in vain: ${what}`);
}

/** A directory for images and for the files of a tree; disposing removes it and kills what runs in the pid namespaces. */
export class Scene implements Disposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'criu-test-'));
  readonly #roots: Fd[] = [];
  #images = 0;

  /** A new empty directory. */
  images(name = `images-${this.#images++}`): string {
    const path = join(this.directory, name);
    mkdirSync(path);
    return path;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** The last number that the counter wrote, or undefined before the first. */
  count(): number | undefined {
    const path = this.path('count');
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    return text.endsWith('\n') ? Number(text.trim().split('\n').at(-1)) : undefined;
  }

  /**
   * Starts a program as the first process of a pid namespace and of a session; gives back its id out here.
   *
   * @param stdio its standard input and output.
   */
  async start(argv: readonly string[], stdio: readonly (number | 'ignore')[] = ['ignore', 'ignore']): Promise<number> {
    const child = spawn('unshare', ['--pid', '--fork', 'setsid', ...argv], {
      stdio: [...stdio, 'ignore'],
      cwd: '/',
      detached: true,
    });
    await once(child, 'spawn');
    const children = `/proc/${child.pid}/task/${child.pid}/children`;
    const pid = await until(`the child of ${child.pid}`, () => Number(readFileSync(children, 'utf8')) || undefined);
    this.adopt(pid);
    await until(`the program of ${pid}`, () => {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      return name !== 'unshare' && name !== 'setsid';
    });
    return pid;
  }

  /** Makes a process one that is killed at the end. */
  adopt(pid: number): void {
    this.#roots.push(new Fd(invoke('pidfd_open', { pid, flags: 0 })));
  }

  /** Counts in memory and writes each number as a line; about `megabytes` of other memory stay as they are. */
  counter(megabytes = 0): Promise<number> {
    const program = `$| = 1; my $memory = 'x' x ${megabytes << 20};
      open(my $out, '>>', '${this.path('count')}'); $out->autoflush(1);
      for (my $i = 1; ; $i++) { print $out "$i\\n"; select(undef, undef, undef, 0.02); }`;
    return this.start(['perl', '-MIO::Handle', '-e', program]);
  }

  [Symbol.dispose](): void {
    for (const pidfd of this.#roots) {
      tryInvoke('pidfd_send_signal', { pidfd, sig: 9, flags: 0 });
      pidfd.close();
    }
    rmSync(this.directory, { recursive: true });
  }
}

/** Whether a process with this id exists and is no zombie. */
export function runs(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH')
      return false;
    throw error;
  }
}
