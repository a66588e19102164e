import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { constant, type Fd, sizeOf, tryInvoke } from '@nsinit/syscall';

/** A copy between a stream of this process and a pipe of another. */
export interface Pump {
  /** Begins. */
  start(): void;
  /** Called when the process has ended: settles when all that it wrote has been handed on. */
  finish(): Promise<void>;
  /** Ends at once and closes the pipe. */
  stop(): void;
}

/** How many turns of the event loop an output may stand still before looking once a millisecond. */
const eagerTurns = 16;

/**
 * Whether bytes wait in a pipe or terminal; false when it can no longer be asked. poll(2) and not FIONREAD: of a
 * terminal that tells only what its line discipline has got round to.
 */
export function hasUnread(fd: number): boolean {
  const fds = new Uint8Array(sizeOf('pollfd'));
  const view = new DataView(fds.buffer);
  view.setInt32(0, fd, true);
  view.setInt16(4, constant('poll', 'POLLIN'), true);
  const result = tryInvoke('ppoll', { fds, nfds: 1, tmo: { tv_sec: 0, tv_nsec: 0 } });
  return result > 0 && (view.getInt16(6, true) & constant('poll', 'POLLIN')) !== 0;
}

/**
 * Waits until a stream has handed on all that waits in its pipe and in its own buffer. The end of the process counts,
 * not the end of the pipe: somebody who inherited the other end may keep it open for ever, but nothing that the process
 * wrote is lost.
 */
export async function drain(fd: number, stream: Readable, ended: () => boolean): Promise<void> {
  const unread = () => stream.readableLength > 0 || hasUnread(fd);
  for (let turn = 0; !ended(); turn++) {
    if (turn < eagerTurns) await nextTurn();
    else await delay(1);
    if (!unread()) {
      // What was read in this turn is handed on in the next.
      await nextTurn();
      if (ended() || !unread()) return;
    }
  }
}

/** From the process to a stream. The stream is not ended: others may write to it as well. */
export class OutputPump implements Pump {
  readonly #pipe: Fd;
  readonly #target: Writable;
  #socket: Socket | undefined;
  #ended = false;
  readonly #lost = () => this.stop();

  constructor(pipe: Fd, target: Writable) {
    this.#pipe = pipe;
    this.#target = target;
  }

  start(): void {
    const socket = new Socket({ fd: this.#pipe.fd, readable: true, writable: false });
    this.#pipe.release();
    this.#socket = socket;
    socket.on('close', () => {
      this.#ended = true;
    });
    socket.on('end', () => {
      this.#ended = true;
    });
    // What becomes of the target is its owner's business; the process gets SIGPIPE at its next write, as in a shell.
    this.#target.once('error', this.#lost);
    this.#target.once('close', this.#lost);
    if (this.#target.destroyed) this.stop();
    else socket.pipe(this.#target, { end: false });
  }

  async finish(): Promise<void> {
    const fd = handleFd(this.#socket);
    if (fd !== undefined) await drain(fd, this.#socket!, () => this.#ended);
    this.stop();
  }

  stop(): void {
    if (!this.#socket) {
      this.#pipe.close();
      return;
    }
    this.#socket.unpipe(this.#target);
    this.#target.off('error', this.#lost);
    this.#target.off('close', this.#lost);
    this.#socket.destroy();
  }
}

/** From a stream to the process. */
export class InputPump implements Pump {
  readonly #source: Readable;
  readonly #pipe: Fd;
  #socket: Socket | undefined;
  /** A source that breaks off ends as well: pipe alone would leave the process waiting for more. */
  readonly #brokenOff = () => this.#socket?.end();

  constructor(source: Readable, pipe: Fd) {
    this.#source = source;
    this.#pipe = pipe;
  }

  start(): void {
    const socket = new Socket({ fd: this.#pipe.fd, readable: false, writable: true });
    this.#pipe.release();
    this.#socket = socket;
    // EPIPE: the process does not want more. Reading on for nobody would hold up the source.
    socket.on('error', () => this.stop());
    this.#source.once('close', this.#brokenOff);
    if (this.#source.destroyed) this.#brokenOff();
    else this.#source.pipe(socket);
  }

  async finish(): Promise<void> {
    this.stop();
  }

  stop(): void {
    if (!this.#socket) {
      this.#pipe.close();
      return;
    }
    this.#source.off('close', this.#brokenOff);
    this.#source.unpipe(this.#socket);
    this.#socket.destroy();
  }
}

/** The descriptor behind a socket; undefined when it is closed. */
function handleFd(socket: Socket | undefined): number | undefined {
  const handle = (socket as unknown as { _handle?: { fd?: number } } | undefined)?._handle;
  return handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : undefined;
}
