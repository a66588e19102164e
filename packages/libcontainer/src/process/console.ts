import { Duplex } from 'node:stream';
import {
  constant,
  duplicate,
  errnos,
  type Fd,
  fdAt,
  invoke,
  sizeOf,
  structs,
  tryInvoke,
  type Watch,
  watchReadable,
  watchWritable,
} from '@nsinit/syscall';

/** A terminal's size in characters. */
export interface WindowSize {
  /** 1 to 65535. */
  readonly rows: number;
  /** 1 to 65535. */
  readonly columns: number;
}

/** What the kernel hands out at once: N_TTY_BUF_SIZE. */
const largestRead = 4096;

/** Reads in one turn of the event loop: others have their turn too. */
const readsPerTurn = 16;

/** More than the kernel keeps of what a process printed before its end: 64 KiB and what is read at once. */
const largestRest = 32 * largestRead;

/**
 * The terminal of a process, as seen from here: what is written is typed, what is read was printed. It comes to life
 * when the process starts; until then writes wait and the size is kept.
 *
 * It does its own reading and writing: the streams of node:tty take the hang-up of a terminal for the end although more
 * is to be read, and block this whole process when the other does not read what is typed.
 */
export class Console extends Duplex {
  readonly #rootUid: number;
  #master: Fd | undefined;
  #size: WindowSize | undefined;
  #path: string | undefined;
  #reading: Watch | undefined;
  /** Waits until the terminal takes more, with a descriptor of its own. */
  #writing: { readonly fd: Fd; readonly watch: Watch } | undefined;
  /** A write that cannot go on yet. */
  #waiting: (() => void) | undefined;
  #over = false;

  /** Use `Process.newConsole`. */
  constructor(rootUid: number) {
    super({ allowHalfOpen: true });
    this.#rootUid = rootUid;
  }

  /** The user that owns the terminal inside the container. */
  get rootUid(): number {
    return this.#rootUid;
  }

  /** The terminal's path inside the container: `/dev/pts/0`. Undefined until the process runs. */
  get path(): string | undefined {
    return this.#path;
  }

  /** The descriptor of the master side. Undefined until the process runs and after its end. */
  get fd(): number | undefined {
    return this.#master?.fd;
  }

  /** The size that was asked for last; undefined: none, and the terminal has no rows and columns. */
  get size(): WindowSize | undefined {
    return this.#size;
  }

  /** Tells the process the size of its window; it gets SIGWINCH when that changes. */
  resize(size: WindowSize): void {
    this.#size = size;
    if (this.#master) setWindowSize(this.#master.fd, size);
  }

  /** Takes over the master side; called once, by the container. */
  attach(master: Fd): void {
    this.#master = master;
    invoke('fcntl', { fd: master, op: 'F_SETFL', arg: constant('open', 'O_RDWR') | constant('open', 'O_NONBLOCK') });
    const number = new Uint8Array(4);
    invoke('ioctl', { fd: master, op: 'TIOCGPTN', argp: number });
    this.#path = `/dev/pts/${new DataView(number.buffer).getUint32(0, true)}`;
    // The program starts with the size that was asked for before; it may have changed since.
    if (this.#size) setWindowSize(master.fd, this.#size);
    this.#goOn();
    this._read();
  }

  /** Takes what the process has printed last; called after its end. */
  async finish(): Promise<void> {
    // Nobody has to read it for the process to be over, and it is not much.
    for (let size = 1, sum = 0; size > 0 && sum < largestRest; sum += size) size = this.#readOnce();
    this.#end();
  }

  override _read(): void {
    if (this.#reading || !this.#master) return;
    this.#reading = watchReadable(this.#master.fd, () => {
      for (let turn = 0; turn < readsPerTurn && this.#reading; turn++) {
        if (this.#readOnce() > 0) continue;
        return;
      }
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    for (let rest = chunk; rest.length > 0 && !this.#over; ) {
      const written = this.#master ? tryInvoke('write', { fd: this.#master, buf: rest }) : -errnos.EAGAIN;
      if (written === -errnos.EAGAIN) {
        const left = rest;
        this.#waiting = () => this._write(left, _encoding, done);
        this.#awaitRoom();
        return;
      }
      // EIO: nobody has the terminal open, and what is typed is lost, as on a real one.
      if (written < 0 && written !== -errnos.EINTR) break;
      rest = rest.subarray(Math.max(written, 0));
    }
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#end();
    done(error);
  }

  /** Reads what is there, at most once. Returns its size; 0 when there is nothing now, or never again. */
  #readOnce(): number {
    if (!this.#master) return 0;
    const buf = Buffer.allocUnsafe(largestRead);
    const size = tryInvoke('read', { fd: this.#master, buf });
    if (size === -errnos.EAGAIN || size === -errnos.EINTR) return 0;
    // EIO is how a terminal says that nobody has it open any more: the end.
    if (size <= 0) this.#end();
    else if (!this.push(buf.subarray(0, size))) this.#pauseReading();
    return Math.max(size, 0);
  }

  #pauseReading(): void {
    this.#reading?.close();
    this.#reading = undefined;
  }

  #awaitRoom(): void {
    if (!this.#master) return;
    const fd = duplicate(this.#master);
    this.#writing = { fd, watch: watchWritable(fd.fd, () => this.#goOn()) };
  }

  /** Goes on with a write that had to wait. */
  #goOn(): void {
    this.#writing?.watch.close();
    this.#writing?.fd.close();
    this.#writing = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#pauseReading();
    this.#master?.close();
    this.#master = undefined;
    this.push(null);
    this.#goOn();
  }
}

function setWindowSize(fd: number, { rows, columns }: WindowSize): void {
  const size = new Uint8Array(sizeOf('winsize'));
  const view = new DataView(size.buffer);
  view.setUint16(0, rows, true);
  view.setUint16(2, columns, true);
  invoke('ioctl', { fd: fdAt(fd), op: 'TIOCSWINSZ', argp: size });
}

// The layout above relies on the order of these fields.
structs.winsize satisfies { readonly ws_row: 'u16'; readonly ws_col: 'u16' };
