import type { CriuError } from '../errors.ts';
import type { RpcMessage } from '../messages/rpc.ts';
import { CriuNotification } from './notification.ts';
import type { Answer, Session } from './session.ts';

/** What an operation does beside talking to criu. */
export interface OperationHooks<R> {
  /** The session, with the request sent. */
  readonly start: () => Promise<Session>;
  /** What the successful answer means. */
  readonly finish: (response: RpcMessage<'criu_resp'>) => Promise<R>;
  /** The error for a failure: the log is read here. */
  readonly fail: (failure: Failure) => Promise<CriuError>;
  /** Frees what the operation holds; called once, at its end. */
  readonly release: () => void;
}

/** How an operation failed. */
export interface Failure {
  readonly kind: 'failed' | 'refused' | 'aborted' | 'died';
  readonly response?: RpcMessage<'criu_resp'> | undefined;
  /** The words for a criu that died. */
  readonly death?: string | undefined;
  /** What criu printed: its log is elsewhere. */
  readonly output?: string | undefined;
  readonly cause?: unknown;
}

/** What criu asks while it puts things back: refusing that helps nobody. */
const undoing = 'network-unlock';

/**
 * A dump, pre-dump or restore under way. It runs to its end with {@link result}, which accepts every notification, or
 * the notifications are iterated:
 *
 * ```ts
 * await using operation = criu.dump({ pid, imagesDirectory });
 * for await (const notification of operation) {
 *   if (notification.script === 'network-lock') detach();
 *   notification.accept();
 * }
 * await operation.result();
 * ```
 *
 * A notification that the loop passes without an answer, and an error or a `break` in it, refuse: criu puts everything
 * back, and {@link result} throws. After a refusal or an abort the loop still gets `network-unlock`, to undo what it did
 * at `network-lock`; a loop that is left does not, and its caller undoes that when {@link result} throws.
 */
export class CriuOperation<R> implements AsyncIterable<CriuNotification>, AsyncDisposable {
  readonly #hooks: OperationHooks<R>;
  readonly #session: Promise<Session>;
  readonly #graceMs: number;
  #settle!: { readonly resolve: (result: R) => void; readonly reject: (error: unknown) => void };
  readonly #result: Promise<R>;
  /** The question that the caller has, answered or not. */
  #pending: CriuNotification | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #consumed = false;
  #settled = false;
  #refused = false;
  #left = false;
  #refusal: unknown;
  #aborted = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#abort(this.#signal!.reason);

  /** @internal */
  constructor(hooks: OperationHooks<R>, signal: AbortSignal | undefined, graceMs: number) {
    this.#hooks = hooks;
    this.#signal = signal;
    this.#graceMs = graceMs;
    this.#result = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Who never asks for the result is told nothing, as with an unread stream.
    this.#result.catch(() => undefined);
    this.#session = this.#start();
    this.#session.catch(() => undefined);
  }

  /**
   * How it ended. Accepts every notification, unless they are iterated.
   *
   * @throws {CriuError}
   */
  result(): Promise<R> {
    if (!this.#consumed) {
      this.#consumed = true;
      void this.#acceptAll();
    }
    return this.#result;
  }

  /** Its first step throws when the notifications are taken already, by another loop or by {@link result}. */
  [Symbol.asyncIterator](): AsyncIterator<CriuNotification, undefined, undefined> {
    return this.#iterate();
  }

  /** Ends what still runs, as the AbortSignal does, and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#settled) {
      this.#abort(new Error('the operation was left before its end'));
      await this.#leave();
    }
  }

  /** Nobody answers any more: the question that waits is refused, and so are those that follow. */
  async #leave(): Promise<void> {
    this.#left = true;
    if (this.#pending?.answered === false) this.#pending.refuse();
    await this.#next();
  }

  async #start(): Promise<Session> {
    this.#signal?.throwIfAborted();
    const session = await this.#hooks.start();
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (this.#signal?.aborted) this.#onAbort();
    return session;
  }

  /** criu is refused at its next question, so that it can put things back; one that asks nothing is killed. */
  #abort(reason: unknown): void {
    if (this.#aborted || this.#settled) return;
    this.#aborted = true;
    this.#refusal = reason;
    const kill = (): void => {
      this.#session.then(
        (session) => session.process.kill(),
        () => undefined,
      );
    };
    if (this.#graceMs === 0) kill();
    else this.#timer = setTimeout(kill, this.#graceMs);
  }

  async #acceptAll(): Promise<void> {
    for (;;) {
      const notification = await this.#next();
      if (!notification) return;
      notification.accept();
    }
  }

  async *#iterate(): AsyncGenerator<CriuNotification, undefined, undefined> {
    if (this.#consumed) throw new Error('the notifications of an operation can be taken once');
    this.#consumed = true;
    try {
      for (;;) {
        const notification = await this.#next();
        if (!notification) return undefined;
        yield notification;
        if (!notification.answered) throw new Error(`the notification ${notification.script} was not answered`);
      }
    } catch (error) {
      this.#refusal ??= error;
      throw error;
    } finally {
      await this.#leave();
    }
  }

  /** The next question that is the caller's, or undefined after the end. One after the other, whoever asks. */
  #next(): Promise<CriuNotification | undefined> {
    const next = this.#last.then(() => this.#advance());
    this.#last = next;
    return next;
  }

  async #advance(): Promise<CriuNotification | undefined> {
    this.#pending = undefined;
    if (this.#settled) return undefined;
    try {
      const session = await this.#session;
      for (;;) {
        const answer = await session.receive();
        if (answer?.response.type !== 'NOTIFY') {
          await this.#end(session, answer);
          return undefined;
        }
        const { notify } = answer.response;
        const script = notify?.script ?? '';
        const respond = (success: boolean, external: readonly string[]): void =>
          this.#respond(session, script, success, external);
        const notification = new CriuNotification(script, notify?.pid, answer.fd, respond);
        if (script !== undoing && (this.#aborted || this.#left)) notification.refuse();
        else if (this.#left) notification.accept();
        else {
          this.#pending = notification;
          return notification;
        }
      }
    } catch (error) {
      await this.#fail(error);
      return undefined;
    }
  }

  #respond(session: Session, script: string, success: boolean, external: readonly string[]): void {
    if (!success) this.#refused = true;
    session.send({
      type: 'NOTIFY',
      notify_success: success && (script === undoing || !this.#aborted),
      // The directory is a required field, which nothing reads here.
      ...(external.length > 0 && { opts: { images_dir_fd: -1, external } }),
    });
  }

  async #end(session: Session, answer: Answer | undefined): Promise<void> {
    answer?.fd?.close();
    const { exit, output } = await session.end();
    const response = answer?.response;
    if (response?.success && exit.code === 0) {
      const result = await this.#hooks.finish(response);
      this.#close();
      this.#settle.resolve(result);
      return;
    }
    const kind = this.#aborted
      ? 'aborted'
      : this.#refused
        ? 'refused'
        : response && !response.success
          ? 'failed'
          : 'died';
    const death = response && !response.success ? undefined : session.describeDeath(exit, output);
    throw await this.#hooks.fail({ kind, response, death, output, cause: this.#refusal });
  }

  /** An error of ours or of the protocol: criu must not outlive it. */
  async #fail(error: unknown): Promise<void> {
    const session = await this.#session.catch(() => undefined);
    session?.process.kill();
    await session?.end();
    this.#close();
    const reason = this.#signal?.aborted && error === this.#signal.reason;
    this.#settle.reject(reason ? await this.#hooks.fail({ kind: 'aborted', cause: error }) : error);
  }

  #close(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#hooks.release();
  }
}
