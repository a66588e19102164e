import { Duplex } from 'node:stream';
import { ReadStream } from 'node:tty';
import { type Fd, fdAt, invoke, sizeOf, structs } from '@nsinit/syscall';
import { drain } from './pump.ts';

/** A terminal's size in characters. */
export interface WindowSize {
  /** 1 to 65535. */
  readonly rows: number;
  /** 1 to 65535. */
  readonly columns: number;
}

/**
 * The terminal of a process, as seen from here: what is written is typed, what is read was printed. It comes to life
 * when the process starts; until then writes wait and the size is kept.
 */
export class Console extends Duplex {
  readonly #rootUid: number;
  #terminal: ReadStream | undefined;
  #fd: number | undefined;
  #size: WindowSize | undefined;
  #path: string | undefined;
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
    return this.#fd;
  }

  /** Tells the process the size of its window; it gets SIGWINCH when that changes. */
  resize(size: WindowSize): void {
    this.#size = size;
    if (this.#fd !== undefined) setWindowSize(this.#fd, size);
  }

  /** Takes over the master side; called once, by the container. */
  attach(master: Fd): void {
    const fd = master.release();
    this.#fd = fd;
    const number = new Uint8Array(4);
    invoke('ioctl', { fd: fdAt(fd), op: 'TIOCGPTN', argp: number });
    this.#path = `/dev/pts/${new DataView(number.buffer).getUint32(0, true)}`;
    if (this.#size) setWindowSize(fd, this.#size);
    const terminal = new ReadStream(fd);
    this.#terminal = terminal;
    terminal.on('data', (chunk) => {
      if (!this.push(chunk)) terminal.pause();
    });
    // EIO is how a terminal says that nobody has it open any more: the end.
    terminal.on('error', () => this.#end());
    terminal.on('end', () => this.#end());
    terminal.on('close', () => this.#end());
    this.#waiting?.();
    this.#waiting = undefined;
  }

  /** Settles when everything that the process printed has been read; called after its end. */
  async finish(): Promise<void> {
    if (this.#fd !== undefined) await drain(this.#fd, () => this.#over);
    this.#end();
  }

  override _read(): void {
    this.#terminal?.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#over) done();
    else if (this.#terminal) this.#terminal.write(chunk, () => done());
    else this.#waiting = () => this._write(chunk, encoding, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#end();
    done(error);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#fd = undefined;
    this.#terminal?.destroy();
    this.push(null);
    this.#waiting?.();
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
