import type { Console } from '@nsinit/libcontainer';
import { RawMode } from './raw-mode.ts';

/** The byte that means end of input in a terminal, Ctrl-D. termios(3), VEOF */
const END_OF_INPUT = '\u0004';

/** Standard streams as they are used here; each may be a terminal or not. */
export interface LocalStreams {
  readonly stdin: NodeJS.ReadStream & { readonly fd: number };
  readonly stdout: NodeJS.WriteStream;
}

/**
 * Connects the terminal in front of which the user sits with that of a process: keys go there unchanged, output comes
 * here, and the size follows. Disposing gives the user's terminal back as it was.
 */
export class TerminalBridge implements AsyncDisposable {
  readonly #console: Console;
  readonly #streams: LocalStreams;
  #raw: RawMode | undefined;
  #disposed = false;
  #printed: Promise<void> | undefined;

  /** Takes the size over; nothing else happens before {@link connect}. */
  constructor(console: Console, streams: LocalStreams) {
    this.#console = console;
    this.#streams = streams;
    this.#resize();
  }

  /** Begins, when the process runs. */
  connect(): void {
    const { stdin, stdout } = this.#streams;
    // Whatever ends this process by its own doing, also an exception, passes here.
    process.on('exit', this.#restore);
    if (stdin.isTTY) this.#raw = new RawMode(stdin.fd);
    stdout.on('resize', this.#resize);
    this.#printed = new Promise((resolve) => this.#console.once('end', resolve));
    this.#console.pipe(stdout, { end: false });
    // Nobody reads any more: the process is not to wait for that.
    stdout.on('error', this.#discard);
    let last = '';
    stdin.on('data', (chunk: Buffer) => {
      last = chunk.toString('latin1').at(-1) ?? '';
    });
    stdin.pipe(this.#console, { end: false });
    stdin.on('end', () => {
      // A first one only ends a line that has begun.
      if (!this.#disposed) this.#console.write(last === '\n' || last === '' ? END_OF_INPUT : END_OF_INPUT.repeat(2));
    });
    // A terminal that is hung up: its SIGHUP says the rest.
    stdin.on('error', () => stdin.unpipe(this.#console));
  }

  /** To be called when the process has ended: settles when all that it printed has been handed to the user's terminal. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#printed;
    const { stdin, stdout } = this.#streams;
    this.#restore();
    process.off('exit', this.#restore);
    stdout.off('resize', this.#resize);
    stdin.unpipe(this.#console);
    stdin.destroy();
    // A pipe takes what it is given later; an error means that nobody waits for it.
    await new Promise<void>((resolve) => stdout.write('', () => resolve()));
  }

  readonly #resize = (): void => {
    const { stdout } = this.#streams;
    if (!stdout.isTTY) return;
    const [columns, rows] = stdout.getWindowSize();
    // A terminal that does not know its size says 0.
    if (rows > 0 && columns > 0) this.#console.resize({ rows, columns });
  };

  readonly #discard = (): void => {
    this.#console.unpipe(this.#streams.stdout);
    this.#console.resume();
  };

  readonly #restore = (): void => this.#raw?.[Symbol.dispose]();
}
