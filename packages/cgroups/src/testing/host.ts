import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { CgroupfsManager } from '../cgroupfs/manager.ts';
import type { Resources } from '../resources.ts';

let number = 0;

/** A name that no other test has. */
export function testName(): string {
  number += 1;
  return `nsinit-test-${process.pid}-${number}`;
}

/** A manager of a group below this process's own, which is removed with all its processes when the scope ends. */
export function testManager(resources: Resources = {}, path = testName()): CgroupfsManager & AsyncDisposable {
  const manager = new CgroupfsManager({ path, resources });
  return Object.assign(manager, {
    [Symbol.asyncDispose]: async () => {
      await manager.thaw();
      await manager.kill();
      await manager.destroy();
    },
  });
}

/** A shell that waits for a line, as a container's first process does, and then runs a script. */
export class WaitingShell implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** Settles with how it ended: the signal's name or the exit status. */
  readonly ended: Promise<string | number>;
  output = '';

  constructor(script: string) {
    this.#child = spawn('sh', ['-c', `read _; ${script}`], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.ended = once(this.#child, 'close').then(([code, signal]) => (signal ?? code) as string | number);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (data: Buffer) => {
        this.output += data.toString();
      });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Lets it run its script. */
  go(): void {
    this.#child.stdin?.end('\n');
  }

  /** Gives it one more line, of several that it reads. */
  next(): void {
    this.#child.stdin?.write('\n');
  }

  /** Waits until it has printed a text. */
  async printed(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if (this.#child.exitCode !== null) throw new Error(`ended without ${text}: ${this.output}`);
      await once(this.#child.stdout!, 'data');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    this.#child.stdin?.destroy();
    await this.ended;
  }
}

/** The text of a file of one of a manager's groups, trimmed. */
export function readIn(manager: CgroupfsManager, controller: string, file: string): string {
  return readFileSync(`${manager.paths()[controller]}/${file}`, 'utf8').trim();
}
