import { fstatSync } from 'node:fs';
import { PassThrough, Writable } from 'node:stream';
import type { ProcessOptions } from '@nsinit/libcontainer';

/**
 * The standard streams of nsinit for a restored process. A pipe or a file is handed over; criu cannot open a socket once
 * more, as node:child_process makes them, so that what goes through one is copied.
 */
export class RestoredStreams implements AsyncDisposable {
  readonly options: Pick<ProcessOptions, 'stdin' | 'stdout' | 'stderr'>;
  readonly #copiesInput = isSocket(0);
  readonly #writers: readonly (Writable | undefined)[];

  constructor() {
    const [stdout, stderr] = [process.stdout, process.stderr].map((to, at) =>
      isSocket(at + 1) ? writer(to) : undefined,
    );
    this.#writers = [stdout, stderr];
    this.options = {
      stdin: this.#copiesInput ? process.stdin.pipe(new PassThrough()) : 'inherit',
      stdout: stdout ?? 'inherit',
      stderr: stderr ?? 'inherit',
    };
  }

  /** Reads no more, and waits until all that was copied is written. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#copiesInput) process.stdin.destroy();
    for (const one of this.#writers) if (one) await new Promise<void>((resolve) => one.end(resolve));
  }
}

/** The same stream without its descriptor, which would be handed over. */
function writer(target: NodeJS.WriteStream): Writable {
  return new Writable({ write: (chunk: Buffer, _encoding, done) => void target.write(chunk, () => done()) });
}

function isSocket(fd: number): boolean {
  return fstatSync(fd).isSocket();
}
