import { libcFunction } from '@nsinit/syscall';

/** More bytes than struct termios of any C library has; its fields are the library's business. termios(3) */
const TERMIOS_SIZE = 256;

/** Settings take effect at once, and what has been typed is kept. */
const TCSANOW = 0;

/**
 * Makes a terminal hand on every byte as it is, in both directions, until disposed. Node's own raw mode goes on to turn
 * each line feed of the output into two characters, which the process's terminal has done already.
 */
export class RawMode implements Disposable {
  readonly #fd: number;
  readonly #saved: Buffer;
  #raw = true;

  /** @param fd a terminal. */
  constructor(fd: number) {
    this.#fd = fd;
    this.#saved = Buffer.alloc(TERMIOS_SIZE);
    if (Number(libcFunction('int tcgetattr(int fd, void *termios)')(fd, this.#saved)) !== 0)
      throw new Error(`descriptor ${fd} is no terminal`);
    const raw = Buffer.from(this.#saved);
    libcFunction('void cfmakeraw(void *termios)')(raw);
    this.#set(raw);
  }

  /** Gives the terminal its settings back. A terminal that has been hung up has none any more. */
  [Symbol.dispose](): void {
    if (!this.#raw) return;
    this.#raw = false;
    this.#set(this.#saved);
  }

  #set(settings: Buffer): void {
    libcFunction('int tcsetattr(int fd, int when, const void *termios)')(this.#fd, TCSANOW, settings);
  }
}
