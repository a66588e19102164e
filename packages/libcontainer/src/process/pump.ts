import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { type Fd, fdAt, tryInvoke } from '@nsinit/syscall';

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

/** Bytes that wait in a pipe or terminal; 0 when it can no longer be asked. FIONREAD, ioctl_list(2) */
export function unreadBytes(fd: number): number {
  const count = new Uint8Array(4);
  const result = tryInvoke('ioctl', { fd: fdAt(fd), op: 'FIONREAD', argp: count });
  return result < 0 ? 0 : new DataView(count.buffer).getInt32(0, true);
}

/**
 * Waits until a stream has read all that waits in its pipe. The end of the process counts, not the end of the pipe:
 * somebody who inherited the other end may keep it open for ever, but nothing that the process wrote is lost.
 */
export async function drain(fd: number, ended: () => boolean): Promise<void> {
  for (let turn = 0; !ended(); turn++) {
    if (turn < eagerTurns) await nextTurn();
    else await delay(1);
    if (unreadBytes(fd) === 0) {
      // What was read in this turn is handed on in the next.
      await nextTurn();
      if (ended() || unreadBytes(fd) === 0) return;
    }
  }
}

/** From the process to a stream. The stream is not ended: others may write to it as well. */
export class OutputPump implements Pump {
  readonly #pipe: Fd;
  readonly #target: Writable;
  #socket: Socket | undefined;
  #ended = false;

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
    // An error of the target is its owner's business; the process gets SIGPIPE at its next write, as in a shell.
    this.#target.once('error', () => socket.destroy());
    socket.pipe(this.#target, { end: false });
  }

  async finish(): Promise<void> {
    const fd = handleFd(this.#socket);
    if (fd !== undefined) await drain(fd, () => this.#ended);
    this.stop();
  }

  stop(): void {
    this.#socket?.destroy();
    if (!this.#socket) this.#pipe.close();
  }
}

/** From a stream to the process. */
export class InputPump implements Pump {
  readonly #source: Readable;
  readonly #pipe: Fd;
  #socket: Socket | undefined;

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
    this.#source.pipe(socket);
  }

  async finish(): Promise<void> {
    this.stop();
  }

  stop(): void {
    if (!this.#socket) {
      this.#pipe.close();
      return;
    }
    this.#source.unpipe(this.#socket);
    this.#socket.destroy();
  }
}

/** The descriptor behind a socket; undefined when it is closed. */
function handleFd(socket: Socket | undefined): number | undefined {
  const handle = (socket as unknown as { _handle?: { fd?: number } } | undefined)?._handle;
  return handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : undefined;
}
