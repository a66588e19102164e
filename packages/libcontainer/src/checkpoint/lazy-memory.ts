import { type Criu, CriuError, type LazyPages, lazyPagesListen } from '@nsinit/criu';
import { tryInvoke } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';
import { openPidfd } from '../program/start.ts';
import type { Directories } from './images.ts';
import type { CheckpointOptions, LazyMemory, RestoreOptions } from './options.ts';

/** @throws {ContainerError} ConfigInvalid for a checkpoint whose memory nobody could fetch. */
export function checkLazy({ lazyPages, pageServer, preDump }: CheckpointOptions): void {
  if (!lazyPages) return;
  const details = { step: 'checkpoint', field: 'lazyPages' } as const;
  if (preDump) throw new ContainerError('ConfigInvalid', 'lazyPages: a pre-dump leaves no memory behind', details);
  if (!pageServer)
    throw new ContainerError('ConfigInvalid', 'lazyPages: nobody would know where the memory is', {
      ...details,
      hint: 'name the address and port in pageServer: a lazy restore fetches the memory there',
    });
}

/** The program that hands memory over to one lazy restore, until that has succeeded or failed. */
export class LazyHandover {
  readonly #pages: LazyPages;

  private constructor(pages: LazyPages) {
    this.#pages = pages;
  }

  /**
   * Starts it; undefined: the restore is not lazy, or the caller's own waits in the work directory already.
   *
   * @throws {CriuError}
   */
  static async start(
    criu: Criu,
    { lazyPages, pageServer, configFile, signal }: RestoreOptions,
    { images, work }: Directories,
  ): Promise<LazyHandover | undefined> {
    if (!lazyPages || lazyPagesListen(work)) return undefined;
    const directories = { imagesDirectory: images, workDirectory: work };
    return new LazyHandover(await criu.lazyPages({ ...directories, pageServer, configFile, signal }));
  }

  /** The first process lives. What is lost of its memory would read as zeros: it is killed then. */
  keep(pid: number): LazyMemory {
    const pidfd = openPidfd(pid);
    const done = this.#pages.done().then(
      () => pidfd.close(),
      (error: unknown) => {
        using first = pidfd;
        tryInvoke('pidfd_send_signal', { pidfd: first, sig: SIGKILL, flags: 0 });
        throw error;
      },
    );
    done.catch(() => undefined);
    return { pid: this.#pages.pid, done: () => done };
  }

  /** Ends it. Gives back why the restore failed: mostly what that says, and not when it has lost its other half. */
  async giveUp(error: unknown): Promise<unknown> {
    const cause = error instanceof ContainerError ? error.cause : error;
    const lost = cause instanceof CriuError && cause.log.some(({ text }) => text.startsWith('uffd: Failed sending'));
    const own = lost
      ? await this.#pages.done().then(
          () => undefined,
          (problem: unknown) => problem,
        )
      : undefined;
    await this.#pages[Symbol.asyncDispose]();
    return own ?? error;
  }
}

const SIGKILL = 9;
