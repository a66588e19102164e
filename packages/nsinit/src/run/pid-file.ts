import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { FileError } from '../config/file-error.ts';

/** A file for the id of a process that does not exist yet: whoever reads it finds all of the id, or no such file. */
export class PidFile implements Disposable {
  readonly #path: string;
  readonly #temporary: string;
  readonly #fd: number;
  #written = false;

  /** @throws {FileError} when it cannot be made, before there is a process. */
  constructor(path: string, cwd: string) {
    this.#path = resolve(cwd, path);
    this.#temporary = `${this.#path}.${process.pid}`;
    try {
      this.#fd = openSync(this.#temporary, 'wx', 0o644);
    } catch (error) {
      throw new FileError(path, error);
    }
  }

  /** Writes the id, and puts the file in its place. @throws {FileError} when that fails. */
  write(pid: number): void {
    try {
      writeSync(this.#fd, String(pid));
      renameSync(this.#temporary, this.#path);
      this.#written = true;
    } catch (error) {
      throw new FileError(this.#path, error);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
    if (!this.#written) rmSync(this.#temporary, { force: true });
  }
}
