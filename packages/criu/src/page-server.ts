import { Fd, invoke, tryInvoke } from '@nsinit/syscall';
import type { CriuError } from './errors.ts';
import { criuError } from './failure.ts';
import type { Session } from './rpc/session.ts';

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
  #closed = false;

  /** @internal */
  constructor(
    session: Session,
    server: { readonly address: string; readonly port: number; readonly pid: number },
    logPath: string,
  ) {
    this.address = server.address;
    this.port = server.port;
    this.pid = server.pid;
    this.#session = session;
    this.#logPath = logPath;
    // criu reaps its child only when it is asked to wait for it: the id is still the server's.
    this.#pidfd = new Fd(invoke('pidfd_open', { pid: server.pid, flags: 0 }));
    session.send({ type: 'WAIT_PID', pid: server.pid });
    this.#done = this.#wait();
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
    this.#closed = true;
    if (!this.#pidfd.closed) tryInvoke('pidfd_send_signal', { pidfd: this.#pidfd, sig: 9, flags: 0 });
    await this.#done.catch(() => undefined);
  }

  async #wait(): Promise<void> {
    try {
      const answer = await this.#session.receive();
      const { exit, output } = await this.#session.end();
      if (this.#closed) return;
      const status = answer?.response.status;
      if (answer?.response.success && status === 0) return;
      throw await this.#failure(status, this.#session.describeDeath(exit, output));
    } finally {
      this.#pidfd.close();
    }
  }

  #failure(status: number | undefined, death: string): Promise<CriuError> {
    const words = status === undefined ? death : `the server ended with wait status 0x${status.toString(16)}`;
    return criuError('page-server', { kind: 'died', death: words }, this.#logPath);
  }
}
