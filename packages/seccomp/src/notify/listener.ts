import { constant, type Fd, invoke, watchReadable } from '@nsinit/syscall';
import { NOTIFY_SIZES, notifyError, notifyIoctl, notifySizes } from './abi.ts';
import { NotifyRequest } from './request.ts';

const ENOENT = 2;

/** The end of a filter with NOTIFY that is told of calls, and answers them. */
export class Listener implements Disposable {
  readonly #fd: Fd;

  /** Takes over a descriptor that seccomp(2) made with SECCOMP_FILTER_FLAG_NEW_LISTENER. */
  constructor(fd: Fd) {
    this.#fd = fd;
  }

  /** The descriptor. */
  get fd(): number {
    return this.#fd.fd;
  }

  /**
   * The calls that wait for an answer, as they come. Ends when no process has the filter any more. Only one iteration at a
   * time: a descriptor has one watch.
   *
   * @throws the signal's reason when it is aborted, at once or while waiting.
   */
  async *requests(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<NotifyRequest, void, void> {
    for (;;) {
      options.signal?.throwIfAborted();
      const state = this.#poll();
      if (state === 'request') {
        const request = this.#receive();
        if (request) yield request;
      } else if (state === 'end') {
        return;
      } else {
        await this.#readable(options.signal);
      }
    }
  }

  /** Closes it: calls that wait get ENOSYS, as do those to come. */
  close(): void {
    this.#fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Without a look first, the ioctl would wait: for a request that is there no more, or for ever. */
  #poll(): 'request' | 'end' | 'wait' {
    const fds = Buffer.alloc(8);
    fds.writeInt32LE(this.#fd.fd, 0);
    fds.writeInt16LE(constant('poll', 'POLLIN'), 4);
    invoke('ppoll', { fds, nfds: 1, tmo: { tv_sec: 0, tv_nsec: 0 } });
    const events = fds.readInt16LE(6);
    if (events & constant('poll', 'POLLIN')) return 'request';
    return events & constant('poll', 'POLLHUP') ? 'end' : 'wait';
  }

  #receive(): NotifyRequest | undefined {
    const bytes = Buffer.alloc(Math.max(NOTIFY_SIZES.seccomp_notif, notifySizes().request));
    const result = notifyIoctl(this.#fd, 'SECCOMP_IOCTL_NOTIF_RECV', bytes);
    // Its caller was killed meanwhile.
    if (result === -ENOENT) return undefined;
    if (result < 0) throw notifyError('SECCOMP_IOCTL_NOTIF_RECV', this.#fd, -result);
    return new NotifyRequest(this.#fd, bytes);
  }

  #readable(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const watch = watchReadable(this.#fd.fd, () => {
        stop();
        resolve();
      });
      const abort = () => {
        stop();
        reject(signal!.reason);
      };
      const stop = () => {
        watch.close();
        signal?.removeEventListener('abort', abort);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}
