import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Fd, invoke, tryInvoke } from '@nsinit/syscall';
import { criuError } from './failure.ts';
import { compileOptions, type ImageOptions, type PageServerAddress, portNumber } from './options.ts';
import { openDirectory } from './rpc/directory.ts';
import { type Command, firstInherited, Session } from './rpc/session.ts';

const name = 'page-server';

/** What a page server needs. */
export interface PageServerOptions extends Omit<ImageOptions, 'abortGraceMs'>, Partial<PageServerAddress> {
  /** Remove pages from the parent images that are newer here. */
  readonly autoDedup?: boolean | undefined;
}

/** Receives the pages of one dump over the network, and writes them into images here. */
export class PageServer implements AsyncDisposable {
  readonly address: string;
  /** The one that was asked for, or the one that the kernel chose for 0. */
  readonly port: number;
  readonly pid: number;
  readonly #session: Session;
  readonly #pidfd: Fd;
  readonly #logPath: string;
  readonly #done: Promise<void>;
  #left = false;

  /** @internal */
  constructor(
    session: Session,
    server: { readonly address: string; readonly port: number; readonly pid: number },
    logPath: string,
    signal: AbortSignal | undefined,
  ) {
    this.address = server.address;
    this.port = server.port;
    this.pid = server.pid;
    this.#session = session;
    this.#logPath = logPath;
    // criu reaps its child only when it is asked to wait for it: the id is still the server's.
    this.#pidfd = new Fd(invoke('pidfd_open', { pid: server.pid, flags: 0 }));
    session.send({ type: 'WAIT_PID', pid: server.pid });
    this.#done = this.#wait(signal);
    this.#done.catch(() => undefined);
  }

  /**
   * Fulfilled when a dump was received whole, or the server was closed.
   *
   * @throws {CriuError} when the server failed.
   */
  done(): Promise<void> {
    return this.#done;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#left = true;
    this.#kill();
    await this.#done.catch(() => undefined);
  }

  #kill(): void {
    if (!this.#pidfd.closed) tryInvoke('pidfd_send_signal', { pidfd: this.#pidfd, sig: 9, flags: 0 });
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    const kill = (): void => this.#kill();
    signal?.addEventListener('abort', kill, { once: true });
    if (signal?.aborted) kill();
    try {
      const answer = await this.#session.receive();
      const { exit, output } = await this.#session.end();
      const status = answer?.response.status;
      if (this.#left || (answer?.response.success && status === 0)) return;
      if (signal?.aborted) throw await criuError(name, { kind: 'aborted', cause: signal.reason }, undefined);
      const death = status === undefined ? this.#session.describeDeath(exit, output) : `its wait status is ${status}`;
      throw await criuError(name, { kind: 'died', death }, this.#logPath);
    } finally {
      signal?.removeEventListener('abort', kill);
      this.#pidfd.close();
    }
  }
}

/**
 * Starts one, and comes back when it listens.
 *
 * @throws {CriuError}
 */
export async function startPageServer(command: Command, options: PageServerOptions): Promise<PageServer> {
  const { address = '127.0.0.1', port = 0, signal } = options;
  const workDirectory = options.workDirectory ?? options.imagesDirectory;
  const logPath = join(workDirectory, options.logFile ?? `${name}.log`);
  signal?.throwIfAborted();
  using images = openDirectory(options.imagesDirectory);
  using work = openDirectory(workDirectory);
  const fds = { imagesDirectory: images.fd, workDirectory: work.fd, firstInherited };
  const opts = {
    ...compileOptions(options, `${name}.log`, fds),
    notify_scripts: false,
    ps: { address, port: portNumber(port) },
  };
  rmSync(logPath, { force: true });
  const session = await Session.start(name, command);
  try {
    session.send({ type: 'PAGE_SERVER_CHLD', keep_open: true, opts });
    const answer = await session.receive();
    const server = answer?.response.ps;
    if (answer?.response.success && server?.pid !== undefined)
      return new PageServer(session, { address, port: server.port ?? port, pid: server.pid }, logPath, signal);
    const { exit, output } = await session.end();
    const failure = answer
      ? ({ kind: 'failed', response: answer.response } as const)
      : ({ kind: 'died', death: session.describeDeath(exit, output) } as const);
    throw await criuError(name, failure, logPath);
  } catch (error) {
    session.process.kill();
    await session.end();
    throw error;
  }
}
