import { Writable } from 'node:stream';

/** A stream that keeps what is written to it. */
export class Capture extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  /** All of it so far. */
  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** All of it so far, as text. */
  text(): string {
    return this.bytes().toString();
  }

  /** Settles when the text matches. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text())) await new Promise((resolve) => setTimeout(resolve, 2));
    return this.text();
  }
}
